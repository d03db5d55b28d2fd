package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"gengfu"
)

// beats is the number of runs in a heartbeat bar.
const beats = 50

// overviewView is the first page: is everything well, and is the watchman
// himself awake?
type overviewView struct {
	Frame
	Verdict   gengfu.State // the worst of all
	Troubled  int          // scenarios that are not up
	Blind     int          // scenarios whose latest run says nothing about them
	Total     int
	Trouble   int // open incidents that are not over yet
	Groups    []group
	Incidents []gengfu.Incident
	Health    Health
	Suspended []gengfu.Suspension // identities whose log-ins are suspended
	Lagging   []string            // ids of scenarios that have not run for three intervals
}

// group is the scenarios of one target, with the worst of their states.
type group struct {
	Target string
	State  gengfu.State
	Rows   []scenarioRow
}

// scenarioRow is one scenario on the overview.
type scenarioRow struct {
	Card    gengfu.ScenarioCard
	State   gengfu.State
	Since   time.Time
	Beats   []gengfu.Run // newest first
	Last    *gengfu.Run
	Late    bool
	Blind   bool            // the latest run errored: nothing is known of the target
	Failure *gengfu.Failure // when it is not up and the run is known
	Day     Availability
	Week    Availability
}

func (s *Server) overview(w http.ResponseWriter, r *http.Request) error {
	lang, _ := s.language(r)
	v, err := s.survey(r.Context())
	if err != nil {
		return err
	}
	v.Frame = s.frame(w, r, "overview", say(lang, "nav.overview"), "run,incident,delivery")
	return s.render(w, http.StatusOK, v.Lang, "overview", v)
}

// survey gathers what the overview shows.
func (s *Server) survey(ctx context.Context) (v overviewView, err error) {
	cards, err := s.cfg.Scenarios.Scenarios(ctx)
	if err != nil {
		return v, err
	}
	states, err := s.cfg.Scenarios.States(ctx)
	if err != nil {
		return v, err
	}
	latest, err := s.cfg.Runs.LastRuns(ctx, beats)
	if err != nil {
		return v, err
	}
	if v.Incidents, err = s.cfg.Incidents.Incidents(ctx, true, 0); err != nil {
		return v, err
	}
	slices.SortStableFunc(v.Incidents, func(a, b gengfu.Incident) int { return gradeRank(b.Grade) - gradeRank(a.Grade) })
	if s.cfg.Suspended != nil {
		v.Suspended = s.cfg.Suspended()
	}
	for _, inc := range v.Incidents {
		if !inc.Recovered() {
			v.Trouble++
		}
	}
	v.Health, v.Total = s.cfg.Health(ctx), len(cards)
	worst := worstStates(states)
	for _, card := range cards {
		row, err := s.row(ctx, card, worst[card.ID], latest[card.ID])
		if err != nil {
			return v, err
		}
		v.add(row)
	}
	if v.Trouble > 0 { // nothing fails, yet not all is well
		v.Verdict = worse(v.Verdict, gengfu.StateSuspect)
	}
	return v, nil
}

// row gathers what is shown of one scenario.
func (s *Server) row(ctx context.Context, card gengfu.ScenarioCard, check gengfu.CheckState, runs []gengfu.Run) (row scenarioRow, err error) {
	now := s.cfg.Now()
	row = scenarioRow{Card: card, State: check.State, Since: check.Since, Beats: runs}
	if row.State == "" {
		row.State = gengfu.StateUnknown
	}
	if len(runs) > 0 {
		row.Last = &runs[0]
		row.Late = card.Interval > 0 && now.Sub(runs[0].Started) > 3*card.Interval
		if runs[0].Outcome == gengfu.Errored && row.State == gengfu.StateUp { // what was so before is not known to be so now
			row.State, row.Since, row.Blind = gengfu.StateUnknown, time.Time{}, true
		}
	}
	if row.State == gengfu.StateDown || row.State == gengfu.StateSuspect || row.Blind {
		if row.Failure, err = s.lastFailure(ctx, runs); err != nil {
			return row, err
		}
	}
	if row.Day, err = s.cfg.History.Availability(ctx, card.ID, now.Add(-24*time.Hour)); err != nil {
		return row, err
	}
	row.Week, err = s.cfg.History.Availability(ctx, card.ID, now.AddDate(0, 0, -7))
	return row, err
}

// lastFailure is why the latest run that failed or errored did.
func (s *Server) lastFailure(ctx context.Context, runs []gengfu.Run) (*gengfu.Failure, error) {
	for _, b := range runs {
		if b.Outcome != gengfu.Failed && b.Outcome != gengfu.Errored {
			continue
		}
		full, err := s.cfg.Runs.Run(ctx, b.Slot.ID())
		if errors.Is(err, gengfu.ErrNotFound) {
			return nil, nil //nolint:nilnil // pruned meanwhile: there is no cause to show
		}
		return full.Failure, err
	}
	return nil, nil //nolint:nilnil // no failed run among them
}

func (v *overviewView) add(row scenarioRow) {
	if row.State == gengfu.StateDown || row.State == gengfu.StateSuspect {
		v.Troubled++
	}
	if row.Blind {
		v.Blind++
	}
	if row.Late {
		v.Lagging = append(v.Lagging, row.Card.ID)
	}
	v.Verdict = worse(v.Verdict, row.State)
	i := slices.IndexFunc(v.Groups, func(g group) bool { return g.Target == row.Card.Target })
	if i < 0 {
		i = len(v.Groups)
		v.Groups = append(v.Groups, group{Target: row.Card.Target})
	}
	g := &v.Groups[i]
	g.State = worse(g.State, row.State)
	g.Rows = append(g.Rows, row)
}

// worstStates is, for each check, the state of the location where it is worst.
func worstStates(states []gengfu.CheckState) map[string]gengfu.CheckState {
	worst := map[string]gengfu.CheckState{}
	for _, c := range states {
		old, ok := worst[c.Check]
		if !ok || stateRank(c.State) > stateRank(old.State) {
			worst[c.Check] = c
		}
	}
	return worst
}

func worse(a, b gengfu.State) gengfu.State {
	if stateRank(b) > stateRank(a) {
		return b
	}
	return a
}

func stateRank(s gengfu.State) int {
	return 1 + slices.Index([]gengfu.State{
		gengfu.StateUp, gengfu.StateUnknown, gengfu.StateRecovering, gengfu.StateSuspect, gengfu.StateDown,
	}, s)
}

func gradeRank(g gengfu.Grade) int {
	return slices.Index([]gengfu.Grade{gengfu.GradeNotice, gengfu.GradeOrdinary, gengfu.GradeMajor}, g)
}
