package escalation

import (
	"slices"
	"strings"
	"time"

	"gengfu"
)

const (
	// Grace is how long after a reminder whoever took an incident has to be
	// heard of, before others are told.
	Grace = 10 * time.Minute
	// late is from when on a message says that it comes late.
	late = 2 * time.Minute
	// catchUp is what a reminder that was slept through is put off by: the runs
	// in between may find everything well.
	catchUp = 5 * time.Minute
)

// Due is what time alone makes of an incident's escalation; no events when
// nothing is due. Steps that were slept through come as one, the latest;
// reminders that were come some minutes later.
func Due(r Rules, inc gengfu.Incident, now time.Time) (gengfu.Incident, []gengfu.Event) {
	if inc.Escalation == nil {
		return inc, nil
	}
	e := *inc.Escalation
	d := due{r: r, e: &e, inc: inc, now: now}
	d.inc.Escalation = &e
	switch stageOf(inc) {
	case paging:
		d.steps()
	case tending:
		d.silence()
	case still:
		return inc, nil
	}
	if len(d.events) == 0 { // whoever was told just now need not be reminded
		d.reminder()
	} else if !e.Remind.IsZero() && !e.Remind.After(now) {
		r.remind(&e, d.inc, now)
	}
	if len(d.events) == 0 && !d.moved {
		return inc, nil
	}
	return d.inc, d.events
}

// due is a fold in the making.
type due struct {
	r      Rules
	e      *gengfu.Escalation
	inc    gengfu.Incident
	now    time.Time
	events []gengfu.Event
	moved  bool // a reminder was put off
}

func (d *due) event(kind gengfu.EventKind, text string, to []string) {
	d.inc.Seq++
	d.events = append(d.events, gengfu.Event{
		Incident: d.inc.Number, Seq: d.inc.Seq, At: d.now, Actor: gengfu.Machine, Kind: kind, Text: text, To: to,
	})
}

// steps takes the latest step that is due.
func (d *due) steps() {
	var taken gengfu.EscalationStep
	var planned time.Time
	for d.e.Next < len(d.e.Steps) && !d.e.Due.IsZero() && !d.e.Due.After(d.now) {
		taken, planned = d.r.step(d.e, d.now), d.e.Due
		d.r.advance(d.e, d.inc.Grade)
	}
	switch {
	case !planned.IsZero():
		d.event(gengfu.EventEscalated, strings.Join(names(taken), ", ")+d.lateness(planned), taken.Endpoints)
		if !d.e.Due.IsZero() && !d.e.Due.After(d.now) { // those who were told late get their time, too
			d.e.Due = d.now.Add(pause(d.e.Steps))
		}
	case !d.e.Due.IsZero() && !d.e.Due.After(d.now):
		d.e.Due, d.e.Exhausted = time.Time{}, true
		d.event(gengfu.EventExhausted, "", nil)
	}
}

// names are whom a step tells, for people to read.
func names(s gengfu.EscalationStep) []string {
	if len(s.People) > 0 {
		return s.People
	}
	return s.Tell
}

func (d *due) lateness(planned time.Time) string {
	by := d.now.Sub(planned)
	if by < late {
		return ""
	}
	took := gengfu.Span(by.Round(time.Minute))
	return gengfu.Both("（延迟 "+took+"）", " ("+took+" late)")
}

// silence asks whoever took the incident how it goes, and tells others when
// there is no answer.
func (d *due) silence() {
	switch {
	case d.e.AckDue.IsZero() || d.e.AckDue.After(d.now):
	case d.putOff(&d.e.AckDue):
	case !d.e.Asked:
		d.e.Asked, d.e.AckDue = true, d.now.Add(Grace)
		d.event(gengfu.EventReminded, d.inc.Assignee, d.keeper())
	default:
		who := d.inc.Assignee
		if who == "" {
			who = d.inc.AckedBy
		}
		d.inc.State, d.inc.Acked, d.inc.AckedBy, d.inc.Assignee = gengfu.IncidentOpen, time.Time{}, "", ""
		d.event(gengfu.EventUnacked, who, nil)
		d.e.Generation++
		d.r.enter(d.e, d.inc, paging, d.now)
		last := d.events[len(d.events)-1:]
		copy(last, d.r.first(d.e, d.inc, last, d.now))
	}
}

// keeper is where whoever works on the incident is reached, else those of the
// first step; none means everybody who knows of it.
func (d *due) keeper() []string {
	for _, name := range []string{d.inc.Assignee, d.inc.AckedBy} {
		if name == "" {
			continue
		}
		if _, endpoints := d.r.Reach(name, d.now); len(endpoints) > 0 {
			return endpoints
		}
	}
	if len(d.e.Steps) > 0 {
		return d.e.Steps[0].Endpoints
	}
	return nil
}

func (d *due) reminder() {
	if d.e.Remind.IsZero() || d.e.Remind.After(d.now) {
		return
	}
	if d.putOff(&d.e.Remind) {
		return
	}
	d.r.remind(d.e, d.inc, d.now)
	d.event(gengfu.EventReminded, "", d.keeper())
}

// putOff moves a time that was slept through, and reports whether it did.
func (d *due) putOff(t *time.Time) bool {
	if d.now.Sub(*t) < late {
		return false
	}
	*t, d.moved = offTheHour(d.now.Add(catchUp)), true
	return true
}

// Timers are what the ledger has to wake up for.
func Timers(inc gengfu.Incident) []gengfu.Timer {
	e := inc.Escalation
	if e == nil || stageOf(inc) == still {
		return nil
	}
	var list []gengfu.Timer
	for _, t := range []gengfu.Timer{
		{Kind: gengfu.TimerStep, Step: e.Next, Due: e.Due}, {Kind: gengfu.TimerAck, Due: e.AckDue}, {Kind: gengfu.TimerRemind, Step: e.Reminded, Due: e.Remind},
	} {
		t.Incident, t.Generation = inc.Number, e.Generation
		if !t.Due.IsZero() {
			list = append(list, t)
		}
	}
	return slices.Clip(list)
}
