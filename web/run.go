package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"gengfu"
)

// runView answers why a run ended as it did.
type runView struct {
	Frame
	Run        gengfu.Run
	ID         string
	Steps      []stepLine
	Screenshot *gengfu.Evidence
	Good       *goodRun // the latest run before it that worked, nil when it worked itself
	Beside     *beside  // the good picture, nil when there is none
	Artefacts  []gengfu.Evidence
	Stills     []gengfu.Evidence // of the steps of a run that is remembered
	seen
	Previous  string
	Next      string
	Incidents []gengfu.Incident
	Thin      bool // the detail was pruned
	Network   *waterfall
	Resumable string // the identity whose suspended log-ins ended the run
}

// stepLine is a step with its place in the waterfall.
type stepLine struct {
	gengfu.StepResult
	Offset, Length float64 // shares of the run
	Delta          time.Duration
	Compared       bool // Delta is against the same step of the good run
}

// goodRun is what a run is compared with.
type goodRun struct {
	ID         string
	Started    time.Time
	Duration   time.Duration
	Screenshot *gengfu.Evidence
	steps      []gengfu.StepResult
}

// pendingView stands in for a run that was asked for and has no result yet.
type pendingView struct {
	Frame
	ID   string
	Card gengfu.ScenarioCard
}

func (s *Server) run(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	run, err := s.cfg.Runs.Run(ctx, id)
	if errors.Is(err, gengfu.ErrNotFound) && s.mayBeRunning(id) {
		return s.pending(w, r, id)
	}
	if err != nil {
		return err
	}
	v := runView{Run: run, ID: id, Thin: len(run.Steps) > 0 && len(run.Evidence) == 0 && run.Browser == "" && !measured(run)}
	v.Frame = s.frame(w, r, "overview", run.Title, "")
	if v.Title == "" {
		v.Title = run.Slot.Scenario
	}
	if run.Outcome == gengfu.Failed || run.Outcome == gengfu.Errored {
		if v.Good, err = s.lastGood(ctx, run); err != nil {
			return err
		}
	}
	v.arrange()
	v.Resumable = s.resumable(&run)
	if v.seen, err = s.seenOf(run); err != nil {
		return err
	}
	if v.Network, err = s.waterfallOf(run); err != nil {
		return err
	}
	if v.Previous, v.Next, err = s.neighbours(ctx, run); err != nil {
		return err
	}
	if v.Incidents, err = s.incidentsOf(ctx, run); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, v.Lang, "run", v)
}

// arrange lays the steps out along the run's time and sorts the evidence.
func (v *runView) arrange() {
	total := v.Run.Duration
	for _, st := range v.Run.Steps {
		total = max(total, st.Start+st.Duration)
	}
	for _, st := range v.Run.Steps {
		line := stepLine{StepResult: st}
		if total > 0 {
			line.Offset, line.Length = float64(st.Start)/float64(total), float64(st.Duration)/float64(total)
		}
		if g := v.Good.step(st); g != nil && st.Status != gengfu.StepSkipped {
			line.Delta, line.Compared = st.Duration-g.Duration, true
		}
		v.Steps = append(v.Steps, line)
	}
	v.Screenshot, v.Beside = screenshotOf(v.Run), besideOf(v.Run, v.Good)
	for _, ev := range v.Run.Evidence {
		if !ev.Kind.Picture() {
			v.Artefacts = append(v.Artefacts, ev)
		}
		if ev.Kind == gengfu.EvidenceStill {
			v.Stills = append(v.Stills, ev)
		}
	}
}

// step finds the same step in the good run, nil when it has none.
func (g *goodRun) step(like gengfu.StepResult) *gengfu.StepResult {
	if g == nil {
		return nil
	}
	i := slices.IndexFunc(g.steps, func(st gengfu.StepResult) bool {
		return st.Index == like.Index && st.Name == like.Name && st.Status != gengfu.StepSkipped
	})
	if i < 0 {
		return nil
	}
	return &g.steps[i]
}

func screenshotOf(r gengfu.Run) *gengfu.Evidence {
	for i := range r.Evidence {
		if r.Evidence[i].Kind == gengfu.EvidenceScreenshot {
			return &r.Evidence[i]
		}
	}
	return nil
}

func (s *Server) lastGood(ctx context.Context, r gengfu.Run) (*goodRun, error) {
	id, err := s.cfg.Runs.LastPassed(ctx, r.Slot.Scenario, r.Slot.Due)
	if err != nil || id == "" {
		return nil, err
	}
	good, err := s.cfg.Runs.Run(ctx, id)
	if errors.Is(err, gengfu.ErrNotFound) {
		return nil, nil //nolint:nilnil // pruned meanwhile: nothing to compare with
	}
	return &goodRun{ID: id, Started: good.Started, Duration: good.Duration, Screenshot: screenshotOf(good), steps: good.Steps}, err
}

// neighbours are the runs of the scenario just before and just after.
func (s *Server) neighbours(ctx context.Context, r gengfu.Run) (previous, next string, err error) {
	reach := time.Hour
	if card, err := s.cfg.Scenarios.Scenario(ctx, r.Slot.Scenario); err == nil {
		reach = max(reach, 12*card.Interval)
	}
	around, err := s.cfg.Runs.Runs(ctx, r.Slot.Scenario, r.Slot.Due.Add(reach), 100)
	if err != nil {
		return "", "", err
	}
	i := slices.IndexFunc(around, func(o gengfu.Run) bool { return o.Slot.ID() == r.Slot.ID() })
	if i > 0 {
		next = around[i-1].Slot.ID()
	}
	if i >= 0 && i+1 < len(around) {
		return around[i+1].Slot.ID(), next, nil
	}
	earlier, err := s.cfg.Runs.Runs(ctx, r.Slot.Scenario, r.Slot.Due, 1)
	if len(earlier) > 0 {
		previous = earlier[0].Slot.ID()
	}
	return previous, next, err
}

// incidentsOf are the active incidents that the run belongs to.
func (s *Server) incidentsOf(ctx context.Context, r gengfu.Run) ([]gengfu.Incident, error) {
	active, err := s.cfg.Incidents.Incidents(ctx, false, 50)
	return slices.DeleteFunc(active, func(inc gengfu.Incident) bool {
		id := r.Slot.ID()
		during := slices.Contains(inc.Members, r.Slot.Scenario) && !r.Started.Before(inc.ImpactStart) && inc.Active() && r.Outcome == gengfu.Failed
		return inc.FirstRun != id && inc.LastRun != id && !during
	}), err
}

// pendingFor is how long a run that was asked for may stay without a result
// before its page says that there is none.
const pendingFor = 30 * time.Minute

func (s *Server) mayBeRunning(id string) bool {
	slot, err := gengfu.ParseSlotID(id)
	return err == nil && s.cfg.Now().Sub(slot.Due).Abs() < pendingFor
}

func (s *Server) pending(w http.ResponseWriter, r *http.Request, id string) error {
	slot, err := gengfu.ParseSlotID(id)
	if err != nil {
		return err
	}
	card, err := s.cfg.Scenarios.Scenario(r.Context(), slot.Scenario)
	if err != nil {
		return err
	}
	v := pendingView{ID: id, Card: card, Frame: s.frame(w, r, "overview", card.Title, "run")}
	v.Refresh = 3
	return s.render(w, http.StatusOK, v.Lang, "pending", v)
}
