package escalation

import (
	"slices"
	"time"

	"gengfu"
)

// Rules are what the escalation of incidents goes by, besides the incidents.
type Rules struct {
	// Policy is the one for an incident that was opened just now.
	Policy func(inc gengfu.Incident) Policy
	Reach  Reach
	// Calendar is nil for a name that is not known: then the clock on the wall
	// decides.
	Calendar  func(name string) *gengfu.Calendar
	Mornings  string // calendar whose mornings bring reminders, empty for nine o'clock every day
	Zone      *time.Location
	Reminders bool
}

// Stage is what is waited for.
type stage int

const (
	still   stage = iota // nothing: it is over, on hold, kept quiet, or works again
	paging               // somebody to take it
	tending              // news from whoever took it
)

func stageOf(inc gengfu.Incident) stage {
	switch {
	case !inc.Active() || !inc.HoldUntil.IsZero() || inc.Silence != 0 || inc.State == gengfu.IncidentMitigated:
		return still
	case inc.State == gengfu.IncidentOpen:
		return paging
	}
	return tending
}

// Keep sets the timers of an incident anew after the events that a change has
// for it, and says on the opening whom besides the routes to tell. before is the
// incident as it was, the zero value for one that was opened by the change.
func Keep(r Rules, before, inc gengfu.Incident, events []gengfu.Event, now time.Time) (gengfu.Incident, []gengfu.Event) {
	var e gengfu.Escalation
	if inc.Escalation != nil {
		e = *inc.Escalation
	}
	opened := slices.ContainsFunc(events, begins)
	again := slices.ContainsFunc(events, resumes)
	if opened || inc.Escalation == nil {
		generation := e.Generation
		e = *Copy(r.Policy(inc), inc.Grade, r.Reach, now)
		e.Generation = generation
	}
	switch is := stageOf(inc); {
	case opened || again || inc.Escalation == nil || is != stageOf(before):
		e.Generation++
		r.enter(&e, inc, is, now)
	case is == tending && spoke(events):
		e.Generation++
		r.await(&e, inc, now)
	}
	inc.Escalation = &e
	if opened || again {
		events = r.first(&e, inc, events, now)
	}
	return inc, events
}

// begins reports whether people hear of an incident for the first time, or
// after a silence as if it were: whoever is on duty by then is told.
func begins(ev gengfu.Event) bool {
	return ev.Kind == gengfu.EventOpened || ev.Kind == gengfu.EventUnmuted
}

// resumes reports whether an incident waits anew for somebody to take it.
func resumes(ev gengfu.Event) bool {
	return ev.Kind == gengfu.EventReopened || ev.Kind == gengfu.EventUnacked
}

// enter begins a stage.
func (r Rules) enter(e *gengfu.Escalation, inc gengfu.Incident, is stage, now time.Time) {
	e.Due, e.AckDue, e.Asked, e.Exhausted, e.Round, e.Next, e.Began = time.Time{}, time.Time{}, false, false, 0, 0, time.Time{}
	switch is {
	case paging:
		r.begin(e, inc.Grade, now)
	case tending:
		r.await(e, inc, now)
	case still:
		e.Remind = time.Time{}
		return
	}
	if e.Remind.IsZero() && r.Reminders {
		r.remind(e, inc, now)
	}
}

// begin starts a round of steps.
func (r Rules) begin(e *gengfu.Escalation, g gengfu.Grade, now time.Time) {
	e.Began = now
	if cal := r.calendar(*e); cal != nil && !cal.Open(now) && !e.Page {
		e.Began = cal.NextOpen(now)
	}
	e.Next, e.Due = -1, time.Time{}
	r.advance(e, g)
}

// advance makes the next step that the grade takes the one to wait for; after
// the last one of the last round it is the end, which comes as long after it as
// another round would.
func (r Rules) advance(e *gengfu.Escalation, g gengfu.Grade) {
	for next := e.Next + 1; next < len(e.Steps); next++ {
		if e.Steps[next].Takes(g) {
			e.Next, e.Due = next, r.add(*e, e.Began, e.Steps[next].After)
			return
		}
	}
	e.Next, e.Due = len(e.Steps), time.Time{}
	if !slices.ContainsFunc(e.Steps, func(s gengfu.EscalationStep) bool { return s.Takes(g) }) {
		return
	}
	over := r.add(*e, e.Began, e.Steps[len(e.Steps)-1].After+pause(e.Steps))
	if e.Round >= e.Repeat {
		e.Due = over
		return
	}
	e.Round++
	e.Began, e.Next = over, -1
	r.advance(e, g)
}

// pause is how long after the last step the next round begins: as long as the
// last step let the one before wait.
func pause(steps []gengfu.EscalationStep) time.Duration {
	const least = 10 * time.Minute
	last := steps[len(steps)-1].After
	if len(steps) > 1 {
		last -= steps[len(steps)-2].After
	}
	return max(last, least)
}

// await waits for news from whoever took the incident, at least until the time
// that was announced.
func (r Rules) await(e *gengfu.Escalation, inc gengfu.Incident, now time.Time) {
	e.AckDue, e.Asked = time.Time{}, false
	if e.AckWithin <= 0 {
		return
	}
	e.AckDue = r.add(*e, now, e.AckWithin)
	if inc.ETA.After(e.AckDue) {
		e.AckDue = inc.ETA
	}
}

// first tells those of a first step that waits for nothing together with the
// routes, by the same message.
func (r Rules) first(e *gengfu.Escalation, inc gengfu.Incident, events []gengfu.Event, now time.Time) []gengfu.Event {
	if e.Due.IsZero() || e.Due.After(now) || e.Next >= len(e.Steps) {
		return events
	}
	to := r.step(e, now).Endpoints
	r.advance(e, inc.Grade)
	events = slices.Clone(events)
	for i, ev := range events {
		if begins(ev) || resumes(ev) {
			events[i].To = to
		}
	}
	return events
}

// step is the one to be taken now, with those who are on duty now if the policy
// wants that.
func (r Rules) step(e *gengfu.Escalation, now time.Time) gengfu.EscalationStep {
	s := e.Steps[e.Next]
	if !e.Dynamic {
		return s
	}
	if fresh := resolve(s, r.Reach, now); len(fresh.Endpoints) > 0 {
		return fresh
	}
	return s
}

func (r Rules) calendar(e gengfu.Escalation) *gengfu.Calendar {
	if e.Calendar == "" || r.Calendar == nil {
		return nil
	}
	return r.Calendar(e.Calendar)
}

// add counts by the calendar of the escalation. Outside its hours a policy that
// pages counts by the clock on the wall, and so does everything when the
// calendar does not reach far enough.
func (r Rules) add(e gengfu.Escalation, from time.Time, d time.Duration) time.Time {
	cal := r.calendar(e)
	if cal == nil || d == 0 || e.Page && !cal.Open(from) {
		return from.Add(d)
	}
	if due, err := cal.Add(from, d); err == nil {
		return due.UTC()
	}
	return from.Add(d)
}

// spoke reports whether a person was heard of.
func spoke(events []gengfu.Event) bool {
	return slices.ContainsFunc(events, func(ev gengfu.Event) bool { return ev.Actor != gengfu.Machine })
}
