package clocks

import (
	"fmt"
	"slices"
	"time"

	"gengfu"
)

// Rules are what the clocks of incidents go by.
type Rules struct {
	// Targets are those of an incident of this grade at a time; none without a
	// contract.
	Targets func(inc gengfu.Incident, at time.Time) map[Kind]Target
	// Calendar is nil for a name that is not known any more: its clocks stand
	// still.
	Calendar func(name string) *gengfu.Calendar
}

// course is the fold of what happens to an incident into its clocks.
type course struct {
	rules   Rules
	inc     gengfu.Incident
	targets map[Kind]Target
	clocks  []Clock
	now     time.Time
	events  []Event
}

// Keep starts, stops, holds and resumes the clocks of an incident by events of
// a change, and adds the warnings and breaches that show by that. before is the
// zero value for an incident that is new.
func Keep(r Rules, before, inc gengfu.Incident, events []gengfu.Event, now time.Time) (gengfu.Incident, []gengfu.Event) {
	c := course{rules: r, inc: inc, targets: r.Targets(inc, now), now: now}
	if len(c.targets) == 0 && len(inc.Clocks) == 0 {
		return inc, events
	}
	c.read()
	if before.Number != "" && before.Grade != inc.Grade {
		c.regrade()
	}
	for _, ev := range events {
		c.follow(ev)
	}
	return c.end(events)
}

// Due warns and breaches as time goes by; no events when nothing is due.
func Due(r Rules, inc gengfu.Incident, now time.Time) (gengfu.Incident, []gengfu.Event) {
	c := course{rules: r, inc: inc, now: now}
	c.read()
	for i, clock := range c.clocks {
		if clock.Target.Calendar != nil {
			c.set(i)(clock.Tick(now))
		}
	}
	if len(c.events) == 0 {
		return inc, nil
	}
	return c.end(nil)
}

// Timer is when a clock of the incident has something to say by itself.
func Timer(r Rules, inc gengfu.Incident) (gengfu.Timer, bool) {
	c := course{rules: r, inc: inc}
	c.read()
	t := gengfu.Timer{Incident: inc.Number, Kind: gengfu.TimerClock}
	for i, clock := range c.clocks {
		if clock.Target.Calendar == nil {
			continue
		}
		if at, err := clock.Next(); err == nil && !at.IsZero() && (t.Due.IsZero() || at.Before(t.Due)) {
			t.Step, t.Due = i, at.UTC()
		}
	}
	return t, !t.Due.IsZero()
}

func (c *course) read() {
	for _, w := range c.inc.Clocks {
		c.clocks = append(c.clocks, Read(w, c.rules.Calendar(w.Calendar)))
	}
}

// set takes over what became of a clock. What cannot be counted, because the
// calendar does not reach far enough, stays as it was.
func (c *course) set(i int) func(Clock, []Event, error) {
	return func(clock Clock, events []Event, err error) {
		if err == nil {
			c.clocks[i], c.events = clock, append(c.events, events...)
		}
	}
}

// each does something to the live clocks of some kinds.
func (c *course) each(do func(Clock) (Clock, []Event, error), kinds ...Kind) {
	for i, clock := range c.clocks {
		if clock.live() && clock.Target.Calendar != nil && slices.Contains(kinds, clock.Kind) {
			c.set(i)(do(clock))
		}
	}
}

func (c *course) start(kind Kind, at time.Time) {
	target, ok := c.targets[kind]
	if !ok || slices.ContainsFunc(c.clocks, func(clock Clock) bool { return clock.Kind == kind && clock.live() }) {
		return
	}
	if clock, _, err := Start(kind, target, at); err == nil {
		c.clocks = append(c.clocks, clock)
	}
}

func (c *course) stop(kinds ...Kind) {
	c.each(func(clock Clock) (Clock, []Event, error) { return clock.Stop(c.now) }, kinds...)
}

// cancel ends clocks that nothing is waited for by; a breach stays one.
func (c *course) cancel(reason string, kinds ...Kind) {
	c.each(func(clock Clock) (Clock, []Event, error) {
		if clock.State == Breached {
			return clock.Stop(c.now)
		}
		return clock.Cancel(c.now, reason)
	}, kinds...)
}

// follow does what one event means for the clocks.
func (c *course) follow(ev gengfu.Event) {
	if ev.Actor != gengfu.Machine && ev.Kind != gengfu.EventOpened {
		c.stop(Respond)
	}
	switch ev.Kind {
	case gengfu.EventOpened:
		at := c.inc.Opened
		if c.inc.Report != nil && !c.inc.Report.At.IsZero() {
			at = c.inc.Report.At
		}
		c.start(Respond, at)
		c.start(Resolve, at)
	case gengfu.EventAcked, gengfu.EventAssigned:
		if c.inc.ETASaid.IsZero() {
			c.start(Announce, c.now)
		}
	case gengfu.EventOnSiteAsked:
		c.start(OnSite, c.now)
	case gengfu.EventOnSite:
		c.stop(OnSite)
	case gengfu.EventETA:
		c.stop(Announce)
	case gengfu.EventHeld:
		c.each(func(clock Clock) (Clock, []Event, error) { return clock.Pause(c.now, c.inc.HoldReason) }, Resolve)
	case gengfu.EventReleased:
		c.each(func(clock Clock) (Clock, []Event, error) { return clock.Resume(c.now) }, Resolve)
	default:
		c.over(ev)
	}
}

// over follows what ends an incident, or begins it anew.
func (c *course) over(ev gengfu.Event) {
	switch ev.Kind {
	case gengfu.EventMitigated:
		if !c.inc.StillDown {
			c.stop(Resolve)
		}
	case gengfu.EventResolved:
		c.stop(Resolve)
		c.cancel(string(ev.Kind), Respond, OnSite, Announce)
		c.start(Report, c.now)
	case gengfu.EventReviewed:
		c.stop(Report)
	case gengfu.EventClosed, gengfu.EventDeclined, gengfu.EventMerged:
		c.cancel(string(ev.Kind), Respond, OnSite, Announce, Resolve, Report)
	case gengfu.EventReopened:
		c.cancel(string(ev.Kind), Report)
		for i, clock := range c.clocks {
			if clock.Kind == Resolve && !clock.live() && clock.Target.Calendar != nil {
				c.set(i)(clock.Reopen(c.now))
			}
		}
	}
}

// regrade counts the live clocks by the targets of another grade, from when they
// began; those that the grade does not know end.
func (c *course) regrade() {
	for i, clock := range c.clocks {
		target, ok := c.targets[clock.Kind]
		switch {
		case !clock.live() || clock.Target.Calendar == nil:
		case ok:
			c.set(i)(clock.Retarget(target, c.now, "grade"))
		default:
			c.set(i)(clock.Cancel(c.now, "grade"))
		}
	}
	if c.inc.Active() {
		c.start(Resolve, c.inc.Opened)
	}
}

// end writes the clocks down and tells of warnings and breaches.
func (c *course) end(events []gengfu.Event) (gengfu.Incident, []gengfu.Event) {
	var written []gengfu.Clock
	for i, clock := range c.clocks {
		if clock.Target.Calendar == nil { // its calendar is gone: it stays as it was written
			written = append(written, c.inc.Clocks[i])
			continue
		}
		written = append(written, clock.Written())
	}
	c.inc.Clocks = written
	for _, ev := range c.events {
		told := gengfu.Event{Incident: c.inc.Number, At: c.now, Actor: gengfu.Machine}
		w := gengfu.Clock{Kind: string(ev.Kind)}
		switch ev.What {
		case Warning:
			told.Kind, told.Text = gengfu.EventClockWarned, fmt.Sprintf("%s %d%%", gengfu.Both(w.KindIn(gengfu.Chinese), w.KindIn(gengfu.English)), ev.Percent)
		case Breach:
			told.Kind, told.Text = gengfu.EventClockBreached, gengfu.Both(w.KindIn(gengfu.Chinese), w.KindIn(gengfu.English))
		default:
			continue
		}
		c.inc.Seq++
		told.Seq = c.inc.Seq
		events = append(events[:len(events):len(events)], told)
	}
	return c.inc, events
}
