package prober

import (
	"time"

	"gengfu"
	"gengfu/scenarios"
)

const (
	// flapWindow and flapCount: a check that changes between up and down so
	// often within the window is flapping, until it keeps still for as long.
	flapWindow = 30 * time.Minute
	flapCount  = 4
	// maxAttempts bounds the runs that follow from one planned time.
	maxAttempts = 5
	// passesNeeded is how many passes in a row end a trouble when the scenario
	// does not say.
	passesNeeded = 2
	// recoverWait is the least time between the two passes that end a trouble.
	recoverWait = 5 * time.Second
	// errorsInRow is how many errored runs in a row make a prober incident.
	errorsInRow = 2
)

// Judge is the state machine of a check: it returns the state after a run and
// what people may have to hear of. It is pure.
//
// Nothing fires before a failure was confirmed by confirm.Retries re-runs, and
// nothing is resolved before two passes. An errored run is no data: it leaves
// the state as it is and speaks only of the account or the prober. A check
// that stays down fires again with each failed run; the reducer of incidents
// makes an event of that only if there is something new in it.
func Judge(c gengfu.CheckState, r gengfu.Run, confirm scenarios.Confirm) (gengfu.CheckState, []gengfu.Signal) {
	c.Check, c.Location = r.Slot.Scenario, r.Slot.Location
	if c.State == "" {
		c.State = gengfu.StateUnknown
	}
	if r.Slot.Kind == gengfu.SlotMaintenance { // no data: what fails on after it is told by the first run then
		return c, nil
	}
	v := verdict{c: c, r: r, end: r.Started.Add(r.Duration)}
	v.settle()
	switch r.Outcome {
	case gengfu.Errored:
		v.errored()
		v.stale(confirm.Every)
	case gengfu.Failed:
		v.c.ErrorStreak = 0
		v.c.StaleSince = time.Time{}
		v.failed(confirm.Retries)
	default:
		v.c.ErrorStreak = 0
		v.c.StaleSince = time.Time{}
		v.passed(passes(confirm))
		v.c.LastPassed = r.Started
	}
	v.flutter()
	v.c.LastRun, v.c.LastOutcome, v.c.LastStart, v.c.LastTook = r.Slot.ID(), r.Outcome, r.Started, r.Duration
	return v.c, v.signals
}

// verdict is a judgement in the making.
type verdict struct {
	c       gengfu.CheckState
	r       gengfu.Run
	end     time.Time
	signals []gengfu.Signal
	began   bool // to flap
}

func (v *verdict) enter(s gengfu.State, streak int) {
	v.c.State, v.c.Since, v.c.Streak = s, v.end, streak
}

func (v *verdict) failed(retries int) {
	switch v.c.State {
	case gengfu.StateDown:
		v.c.Streak++
	case gengfu.StateRecovering:
		v.enter(gengfu.StateDown, 1)
	case gengfu.StateSuspect:
		if v.c.Streak++; v.c.Streak <= retries {
			return
		}
		v.down()
	case gengfu.StateUnknown:
		if !v.c.ImpactStart.IsZero() { // it was down when nothing more was known of it
			v.enter(gengfu.StateDown, 1)
			break
		}
		fallthrough
	default:
		if !v.flapping() { // the trouble goes on: it was never said to be over
			v.c.ImpactStart = v.r.Started
		}
		v.enter(gengfu.StateSuspect, 1)
		if retries > 0 {
			return
		}
		v.down()
	}
	v.fire(gengfu.ScenarioKey(v.c.Check), v.c.ImpactStart)
}

func (v *verdict) down() {
	v.enter(gengfu.StateDown, v.c.Streak)
	v.flip()
}

func (v *verdict) passed(needed int) {
	switch v.c.State {
	case gengfu.StateDown:
		v.recovering(needed)
	case gengfu.StateRecovering:
		if v.c.Streak++; v.c.Streak >= needed {
			v.up(needed)
		}
	case gengfu.StateSuspect, gengfu.StateUnknown:
		if v.c.State == gengfu.StateUnknown && !v.c.ImpactStart.IsZero() {
			v.recovering(needed)
			break
		}
		v.enter(gengfu.StateUp, 0)
		if !v.flapping() {
			v.c.ImpactStart = time.Time{}
		}
	}
	loc := v.c.Location
	for _, key := range []string{gengfu.AccountKey(v.c.Check), gengfu.ProberKey(loc + "/" + v.c.Check), gengfu.ProberKey(loc)} {
		v.clear(key, v.r.Started)
	}
}

func (v *verdict) recovered(at time.Time) {
	v.clear(gengfu.ScenarioKey(v.c.Check), at)
	v.c.ImpactStart = time.Time{}
}

func (v *verdict) flapping() bool { return v.c.Flips >= flapCount }

// settle ends flapping after a quiet time. If the check is up by then, the
// recovery that was held back is told now.
func (v *verdict) settle() {
	if !v.flapping() || v.r.Outcome == gengfu.Errored || v.end.Sub(v.c.Since) < flapWindow {
		return
	}
	switch {
	case v.c.State == gengfu.StateDown:
		v.still()
	case v.c.State == gengfu.StateUp && v.r.Outcome != gengfu.Failed:
		v.still()
		v.recovered(v.c.Since)
	}
}

// errored speaks of the account at once, because each further try may lock it,
// and of the prober when it is not a single mishap.
func (v *verdict) errored() {
	if frozen(v.r) { // that is told of the prober as a whole
		return
	}
	fault := faultOf(v.r)
	if fault.Account() {
		v.c.ErrorStreak = 0 // the browser did its work
		v.fire(gengfu.AccountKey(v.c.Check), v.r.Started)
		return
	}
	if v.c.ErrorStreak++; v.c.ErrorStreak < errorsInRow {
		return
	}
	if own(fault) {
		v.fire(gengfu.ProberKey(v.c.Location+"/"+v.c.Check), v.r.Started)
		return
	}
	v.fire(gengfu.ProberKey(v.c.Location), v.r.Started)
	s := &v.signals[len(v.signals)-1] // of the machine, not of this scenario
	s.Title, s.Grade = "Gengfu @ "+v.c.Location, gengfu.GradeOrdinary
	s.Target, s.Tags, s.Owner, s.Runbook, s.Notify = "", nil, "", "", ""
}

// frozen reports a run that says nothing because the prober found something
// wrong with itself. The next planned one says more than one more now.
func frozen(r gengfu.Run) bool {
	return r.Outcome == gengfu.Errored && r.Failure != nil && r.Failure.Reason == gengfu.ReasonSelfCheck
}

// own reports faults that lie in the scenario itself.
func own(f gengfu.Fault) bool { return f == gengfu.FaultScenario || f == gengfu.FaultPolicy }

func faultOf(r gengfu.Run) gengfu.Fault {
	if r.Failure == nil {
		return ""
	}
	return r.Failure.Fault
}

func (v *verdict) fire(key string, impact time.Time) {
	s := v.signal(key)
	s.Firing, s.ImpactStart, s.Failure = true, impact, v.r.Failure
	v.signals = append(v.signals, s)
}

func (v *verdict) clear(key string, end time.Time) {
	s := v.signal(key)
	s.ImpactEnd = end
	v.signals = append(v.signals, s)
}

func (v *verdict) signal(key string) gengfu.Signal {
	r := v.r
	s := gengfu.Signal{
		Key: key, At: v.end, Grade: r.Severity, Title: r.Title, Target: r.Target, Member: r.Slot.Scenario, Run: r.Slot.ID(),
		Tags: r.Tags, Owner: r.Owner, Runbook: r.Runbook, Notify: r.Notify,
	}
	if s.Grade == "" {
		s.Grade = gengfu.GradeOrdinary
	}
	if s.Title == "" {
		s.Title = r.Slot.Scenario
	}
	return s
}

// Again says which re-run a recorded run asks for, and after what wait: one
// that confirms a failure or a recovery, or a second try in a new browser when
// the first was lost. An account that was refused is never tried again, nor a
// scenario that is wrong. ok is false when no re-run is needed, or when this
// planned time has had its share of them.
func Again(r gengfu.Run, c gengfu.CheckState, confirm scenarios.Confirm) (slot gengfu.Slot, wait time.Duration, ok bool) {
	slot = r.Slot
	slot.Attempt++
	if slot.Attempt > maxAttempts || r.Slot.Kind == gengfu.SlotMaintenance || frozen(r) {
		return gengfu.Slot{}, 0, false
	}
	if r.Outcome == gengfu.Errored {
		fault := faultOf(r)
		if fault.Account() || own(fault) {
			return gengfu.Slot{}, 0, false
		}
		if r.Slot.Attempt == 1 && (fault == gengfu.FaultBrowser || fault == gengfu.FaultMachine) {
			slot.Kind = gengfu.SlotRecovery
			return slot, 0, true
		}
	}
	slot.Kind = gengfu.SlotConfirm
	switch c.State {
	case gengfu.StateSuspect:
		return slot, confirm.Wait, true
	case gengfu.StateRecovering:
		return slot, max(confirm.Wait, recoverWait), true
	}
	return gengfu.Slot{}, 0, false
}
