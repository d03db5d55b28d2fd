package main

import (
	"strings"
	"time"

	"gengfu"
	"gengfu/ops/triage"
)

// freshFor is how many intervals old the latest run of another location may be
// for its verdict to count.
const freshFor = 3

// quorate lets the locations of a scenario decide together: what too few of
// them say is the trouble of the location, and what enough of them still say is
// not over because one has recovered. The only location decides for itself.
func quorate(signals []gengfu.Signal, own gengfu.CheckState, elsewhere []gengfu.CheckState, every time.Duration, now time.Time) []gengfu.Signal {
	if len(elsewhere) == 0 {
		return signals
	}
	votes := []triage.Vote{{Location: own.Location, Says: own.State, Fresh: true}}
	for _, c := range elsewhere {
		votes = append(votes, triage.Vote{Location: c.Location, Says: c.State, Fresh: every > 0 && now.Sub(c.LastStart) <= freshFor*every})
	}
	ruling := triage.Quorum(votes)
	var out []gengfu.Signal
	for _, s := range signals {
		if !strings.HasPrefix(s.Key, gengfu.ScenarioKey("")) {
			out = append(out, s)
			continue
		}
		alone := s
		alone.Key, alone.Title, alone.Target = gengfu.LocationKey(own.Location), own.Location+" · "+s.Title, ""
		switch {
		case s.Firing && ruling == triage.RuleLocation:
			out = append(out, over(s), alone)
		case s.Firing:
			out = append(out, s, over(alone))
		case s.Flapping:
			out = append(out, s)
		case ruling == triage.RuleDown:
			out = append(out, over(alone))
		default:
			out = append(out, s, over(alone))
		}
	}
	return out
}

// over is the signal that what s says has ended.
func over(s gengfu.Signal) gengfu.Signal {
	s.Firing, s.Failure = false, nil
	if s.ImpactEnd.IsZero() {
		s.ImpactEnd = s.At
	}
	return s
}
