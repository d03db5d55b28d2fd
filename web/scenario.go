package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"gengfu"
)

// listed is how many runs a page of the run list has.
const listed = 30

// scenarioView answers how one scenario does, now and over time.
type scenarioView struct {
	Frame
	Card      gengfu.ScenarioCard
	State     gengfu.State
	Since     time.Time
	Spans     []spanRow
	Window    string // of the chart: 24h, 7d or 30d
	Windows   []choice
	Points    []point
	Steps     []stepRow
	Runs      []gengfu.Run
	Before    string // cursor of the next page of runs, empty at the end
	Paged     bool   // this is not the first page
	Incidents []gengfu.Incident
	CanRun    bool
}

// spanRow sums up one span of time.
type spanRow struct {
	Key string
	Availability
}

// stepRow sums up one step over the last day.
type stepRow struct {
	Index         int
	Name          string
	N, Failed     int
	P50, P95, Max time.Duration
	Share         float64 // of the slowest step's p95, for the bar
}

// point is one bucket of a chart.
type point struct {
	At       time.Time
	Width    time.Duration
	P50, P95 time.Duration
	N        int
	Failed   int
	Errored  int
}

func (s *Server) scenario(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	card, err := s.cfg.Scenarios.Scenario(ctx, id)
	if err != nil {
		return err
	}
	v := scenarioView{Card: card, CanRun: s.cfg.RunNow != nil}
	v.Frame = s.frame(w, r, "overview", card.Title, "run,incident")
	for _, fill := range []func(context.Context, *http.Request) error{v.standing(s), v.spans(s), v.chart(s), v.steps(s), v.runs(s), v.troubles(s)} {
		if err := fill(ctx, r); err != nil {
			return err
		}
	}
	return s.render(w, http.StatusOK, v.Lang, "scenario", v)
}

func (v *scenarioView) standing(s *Server) func(context.Context, *http.Request) error {
	return func(ctx context.Context, _ *http.Request) error {
		states, err := s.cfg.Scenarios.States(ctx)
		check := worstStates(states)[v.Card.ID]
		v.State, v.Since = check.State, check.Since
		if v.State == "" {
			v.State = gengfu.StateUnknown
		}
		return err
	}
}

func (v *scenarioView) spans(s *Server) func(context.Context, *http.Request) error {
	return func(ctx context.Context, _ *http.Request) error {
		for _, w := range windows() {
			a, err := s.cfg.History.Availability(ctx, v.Card.ID, s.cfg.Now().Add(-w.length))
			if err != nil {
				return err
			}
			v.Spans = append(v.Spans, spanRow{Key: w.name, Availability: a})
		}
		return nil
	}
}

// window is a span of time that a chart can show.
type window struct {
	name   string
	length time.Duration
	days   bool // made of day buckets
}

func windows() []window {
	return []window{{"24h", 24 * time.Hour, false}, {"7d", 7 * 24 * time.Hour, false}, {"30d", 30 * 24 * time.Hour, true}}
}

func (v *scenarioView) chart(s *Server) func(context.Context, *http.Request) error {
	return func(ctx context.Context, r *http.Request) error {
		all, asked := windows(), r.URL.Query().Get("window")
		i := max(slices.IndexFunc(all, func(w window) bool { return w.name == asked }), 0)
		v.Window = all[i].name
		for _, w := range all {
			v.Windows = append(v.Windows, choice{Value: w.name, Label: say(v.Lang, "window."+w.name), URL: with(r.URL, "window", w.name) + "#chart", Chosen: w.name == v.Window})
		}
		now := s.cfg.Now()
		read, width := s.cfg.History.Hours, time.Hour
		if all[i].days {
			read, width = s.cfg.History.Days, 24*time.Hour
		}
		rolls, err := read(ctx, v.Card.ID, 0, now.Add(-all[i].length), now.Add(time.Hour))
		v.Points = points(rolls, width)
		return err
	}
}

// points joins the locations of each bucket.
func points(rolls []Rollup, width time.Duration) []point {
	var out []point
	var hist gengfu.Histogram
	for i, ru := range rolls {
		if i == 0 || !ru.Bucket.Equal(rolls[i-1].Bucket) {
			out = append(out, point{At: ru.Bucket, Width: width})
			hist = gengfu.Histogram{}
		}
		p := &out[len(out)-1]
		p.N, p.Failed, p.Errored = p.N+ru.N, p.Failed+ru.Failed, p.Errored+ru.Errored
		hist.Merge(ru.Durations)
		p.P50, p.P95 = hist.Quantile(0.5), hist.Quantile(0.95)
	}
	return out
}

func (v *scenarioView) steps(s *Server) func(context.Context, *http.Request) error {
	return func(ctx context.Context, _ *http.Request) error {
		now := s.cfg.Now()
		var slowest time.Duration
		for i, name := range v.Card.Steps {
			rolls, err := s.cfg.History.Hours(ctx, v.Card.ID, i+1, now.Add(-24*time.Hour), now.Add(time.Hour))
			if err != nil {
				return err
			}
			row := stepRow{Index: i + 1, Name: name}
			var hist gengfu.Histogram
			for _, ru := range rolls {
				row.N, row.Failed, row.Max = row.N+ru.N, row.Failed+ru.Failed, max(row.Max, ru.Max)
				hist.Merge(ru.Durations)
			}
			row.P50, row.P95 = hist.Quantile(0.5), hist.Quantile(0.95)
			slowest = max(slowest, row.P95)
			v.Steps = append(v.Steps, row)
		}
		for i := range v.Steps {
			if slowest > 0 {
				v.Steps[i].Share = float64(v.Steps[i].P95) / float64(slowest)
			}
		}
		return nil
	}
}

func (v *scenarioView) runs(s *Server) func(context.Context, *http.Request) error {
	return func(ctx context.Context, r *http.Request) error {
		before, err := cursor(r)
		if err != nil {
			return err
		}
		v.Paged = !before.IsZero()
		if v.Runs, err = s.cfg.Runs.Runs(ctx, v.Card.ID, before, listed); err != nil {
			return err
		}
		if n := len(v.Runs); n >= listed {
			v.Before = v.Runs[n-1].Slot.Due.UTC().Format(time.RFC3339Nano)
		}
		return nil
	}
}

// cursor is the planned time before which a list goes on, zero for its start.
func cursor(r *http.Request) (time.Time, error) {
	text := r.URL.Query().Get("before")
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return at, fmt.Errorf("before=%q is not an RFC 3339 time: %w", text, gengfu.ErrInvalid)
	}
	return at, nil
}

func (v *scenarioView) troubles(s *Server) func(context.Context, *http.Request) error {
	return func(ctx context.Context, _ *http.Request) error {
		active, err := s.cfg.Incidents.Incidents(ctx, true, 0)
		for _, inc := range active {
			if slices.Contains(inc.Members, v.Card.ID) {
				v.Incidents = append(v.Incidents, inc)
			}
		}
		return err
	}
}

// runNow queues a run and shows its page, which waits for the result.
func (s *Server) runNow(w http.ResponseWriter, r *http.Request) error {
	id, err := s.queueRun(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, runURL(id), http.StatusSeeOther)
	return nil
}

func (s *Server) queueRun(ctx context.Context, scenario string) (string, error) {
	if s.cfg.RunNow == nil {
		return "", fmt.Errorf("run now: %w", errUnavailable)
	}
	return s.cfg.RunNow(ctx, scenario)
}
