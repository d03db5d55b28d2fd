package prober

import (
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// staleAfter is how many intervals without a verdict leave nothing known of a
// check.
const staleAfter = 3

// passes is how many in a row end a trouble.
func passes(confirm scenarios.Confirm) int {
	if confirm.Passes > 0 {
		return confirm.Passes
	}
	return passesNeeded
}

// recovering is the first pass after a trouble.
func (v *verdict) recovering(needed int) {
	v.enter(gengfu.StateRecovering, 1)
	if needed <= 1 {
		v.up(needed)
	}
}

// up ends a trouble, and says so unless it may be back in a moment. The impact
// ended with the start of the first pass.
func (v *verdict) up(needed int) {
	first := v.c.LastPassed
	switch {
	case needed <= 1:
		first = v.r.Started
	case needed > 2:
		first = v.c.Since
	}
	v.enter(gengfu.StateUp, 0)
	v.flip()
	if !v.flapping() {
		v.recovered(first)
	}
}

// flip counts a change between up and down: within any window of flapWindow
// until the check flaps, and on from there until it keeps still.
func (v *verdict) flip() {
	before := v.flapping()
	copy(v.c.Flipped[1:], v.c.Flipped[:])
	v.c.Flipped[0] = v.end
	if before {
		v.c.Flips++
		return
	}
	v.c.Flips = 0
	for _, t := range v.c.Flipped {
		if !t.IsZero() && v.end.Sub(t) <= flapWindow {
			v.c.Flips, v.c.FlipsSince = v.c.Flips+1, t
		}
	}
	v.began = v.flapping()
}

// flutter says that flapping began, after what else there is to say.
func (v *verdict) flutter() {
	if v.began {
		s := v.signal(gengfu.ScenarioKey(v.c.Check))
		s.Flapping, s.Failure = true, v.r.Failure
		v.signals = append(v.signals, s)
	}
}

// still ends flapping.
func (v *verdict) still() {
	v.c.Flips, v.c.FlipsSince, v.c.Flipped = 0, time.Time{}, [4]time.Time{}
}

// stale notes a run without a verdict. When there has been none for several
// intervals, nothing is known any more of a check, whatever it was; a trouble
// that was going on stays told until a run passes.
func (v *verdict) stale(every time.Duration) {
	if v.c.StaleSince.IsZero() {
		v.c.StaleSince = v.r.Started
	}
	if every <= 0 || v.c.State == gengfu.StateUnknown || v.r.Started.Sub(v.c.StaleSince) <= staleAfter*every {
		return
	}
	if v.c.State == gengfu.StateSuspect && !v.flapping() {
		v.c.ImpactStart = time.Time{} // nobody was told of it
	}
	v.enter(gengfu.StateUnknown, 0)
}
