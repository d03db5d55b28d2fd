// Package clocks counts the times that a contract allows for an incident: to
// respond, to be on site, to announce a repair time, to resolve, to report. A
// clock is a value; every change is a pure function of it and the time, and
// says what happened. The caller stores both.
package clocks

import (
	"fmt"
	"slices"
	"time"

	"gengfu"
)

// Kind names what a clock allows time for.
type Kind string

// The kinds of clocks.
const (
	Respond  Kind = "respond"  // until the first human action
	OnSite   Kind = "onsite"   // until somebody is there
	Announce Kind = "announce" // until the repair time is announced
	Resolve  Kind = "resolve"  // until the service is back
	Report   Kind = "report"   // until the report is handed in
)

// State is where a clock stands.
type State string

// The states of clocks. A breached clock goes on counting until it is stopped
// and stays breached then.
const (
	Running   State = "running"
	Paused    State = "paused"
	Met       State = "met"
	Breached  State = "breached"
	Cancelled State = "cancelled"
)

// Reading says which time a contract means by "4 h".
type Reading string

// The readings. While a contract is not settled, working time decides and both
// are shown.
const (
	Unsettled Reading = ""
	Working   Reading = "working"
	Wall      Reading = "wall"
)

// Target is how much time there is.
type Target struct {
	Within   time.Duration
	Days     int // working days, instead of Within
	Calendar *gengfu.Calendar
	Reading  Reading
}

// Span is a stretch in which a clock ran.
type Span struct{ From, To time.Time }

// Clock counts the time of one target. The spans are kept, not their sum, so
// that it can be counted anew when the calendar turns out to be another.
type Clock struct {
	Kind     Kind
	Target   Target
	Budget   time.Duration // Within, or the working time of Days
	Start    time.Time
	Spans    []Span        // closed ones, in order
	Since    time.Time     // of the open span, zero while none is
	Carried  time.Duration // counted under an earlier calendar
	WallUsed time.Duration // the same by the clock on the wall
	Due      time.Time     // zero while paused
	WallDue  time.Time
	State    State
	Reason   string // of the pause
	Holds    []Span // pauses; the last is open while paused
	Warned   int    // percent
	BreachAt time.Time
	Ended    time.Time
}

// What names an event of a clock.
type What string

// The events.
const (
	Started    What = "clock_started"
	Warning    What = "clock_warned"
	Breach     What = "clock_breached"
	Pausing    What = "clock_paused"
	Resuming   What = "clock_resumed"
	Reached    What = "clock_met"
	Recomputed What = "clock_recomputed"
	Dropped    What = "clock_cancelled"
	Reopened   What = "clock_reopened"
)

// Event is something that happened to a clock.
type Event struct {
	Kind     Kind
	What     What
	At       time.Time
	Percent  int       // of a warning
	Old, New time.Time // due times of what was recomputed
	Reason   string
}

// Warnings are the shares of its time, in percent, at which a clock warns.
func Warnings() []int { return []int{75, 90} }

// Start lets a clock run. An error says that the calendar does not reach far
// enough, or that the target is none.
func Start(kind Kind, target Target, at time.Time) (Clock, []Event, error) {
	c := Clock{Kind: kind, Target: target, Start: at, Since: at, State: Running}
	if err := c.measure(); err != nil {
		return Clock{}, nil, err
	}
	return c, []Event{{Kind: kind, What: Started, At: at, New: c.Decides()}}, nil
}

// live reports whether the clock may still change by itself.
func (c Clock) live() bool { return c.Ended.IsZero() }

func (c Clock) refuse(what string) error {
	return fmt.Errorf("%s clock %s that is %s: %w", what, c.Kind, c.State, gengfu.ErrConflict)
}

// Tick warns and breaches as time goes by. Warnings that were slept through
// come as one, the highest.
func (c Clock) Tick(now time.Time) (Clock, []Event, error) {
	if c.State != Running {
		return c, nil, nil
	}
	if due := c.Decides(); !now.Before(due) {
		return c.breach(due), []Event{{Kind: c.Kind, What: Breach, At: due, New: due}}, nil
	}
	reached := 0
	for _, percent := range Warnings() {
		at, err := c.At(percent)
		if err != nil {
			return c, nil, err
		}
		if percent > c.Warned && !now.Before(at) {
			reached = percent
		}
	}
	if reached == 0 {
		return c, nil, nil
	}
	c.Warned = reached
	return c, []Event{{Kind: c.Kind, What: Warning, At: now, Percent: reached, New: c.Decides()}}, nil
}

func (c Clock) breach(at time.Time) Clock {
	c.State, c.BreachAt = Breached, at
	return c
}

// Next is when the clock has something to say by itself: the one timer that
// must be kept for it. Zero when there is nothing to wait for.
func (c Clock) Next() (time.Time, error) {
	if c.State != Running {
		return time.Time{}, nil
	}
	for _, percent := range Warnings() {
		if percent > c.Warned {
			return c.At(percent)
		}
	}
	return c.Decides(), nil
}

// Pause holds the clock for a reason, which is needed. A breached clock counts
// no more, so it cannot be held.
func (c Clock) Pause(at time.Time, reason string) (Clock, []Event, error) {
	c, events, err := c.Tick(at)
	switch {
	case err != nil:
		return c, nil, err
	case c.State != Running:
		return c, events, c.refuse("pause")
	case reason == "":
		return c, events, fmt.Errorf("pause clock %s without a reason: %w", c.Kind, gengfu.ErrInvalid)
	}
	c = c.close(at)
	c.State, c.Reason, c.Due, c.WallDue = Paused, reason, time.Time{}, time.Time{}
	c.Holds = append(slices.Clone(c.Holds), Span{From: at})
	return c, append(events, Event{Kind: c.Kind, What: Pausing, At: at, Reason: reason}), nil
}

// close ends the open span.
func (c Clock) close(at time.Time) Clock {
	c.Spans = append(slices.Clone(c.Spans), Span{c.Since, at})
	c.Since = time.Time{}
	return c
}

// Resume ends a pause; the time that was left is what is left.
func (c Clock) Resume(at time.Time) (Clock, []Event, error) {
	if c.State != Paused {
		return c, nil, c.refuse("resume")
	}
	reason := c.Reason
	c.Holds = slices.Clone(c.Holds)
	c.Holds[len(c.Holds)-1].To = at
	c.State, c.Reason, c.Since = Running, "", at
	if err := c.measure(); err != nil {
		return c, nil, err
	}
	return c, []Event{{Kind: c.Kind, What: Resuming, At: at, New: c.Decides(), Reason: reason}}, nil
}

// Stop ends the clock because what it waits for was done. Done at the due time
// is in time.
func (c Clock) Stop(at time.Time) (Clock, []Event, error) {
	if !c.live() {
		return c, nil, c.refuse("stop")
	}
	var events []Event
	if c.State == Running {
		if due := c.Decides(); at.After(due) {
			c = c.breach(due)
			events = append(events, Event{Kind: c.Kind, What: Breach, At: due, New: due})
		}
	}
	if !c.Since.IsZero() {
		c = c.close(at)
	}
	c = c.unhold(at)
	c.Ended = at
	if c.State != Breached {
		c.State = Met
		events = append(events, Event{Kind: c.Kind, What: Reached, At: at})
	}
	return c, events, nil
}

// unhold ends an open pause.
func (c Clock) unhold(at time.Time) Clock {
	if c.State == Paused {
		c.Holds = slices.Clone(c.Holds)
		c.Holds[len(c.Holds)-1].To = at
	}
	return c
}

// Cancel ends the clock because nothing is to be waited for any more.
func (c Clock) Cancel(at time.Time, reason string) (Clock, []Event, error) {
	if !c.live() {
		return c, nil, c.refuse("cancel")
	}
	if !c.Since.IsZero() {
		c = c.close(at)
	}
	c = c.unhold(at)
	c.Ended, c.State = at, Cancelled
	return c, []Event{{Kind: c.Kind, What: Dropped, At: at, Reason: reason}}, nil
}

// Reopen lets a clock go on that was met, with the time that was left then and
// no fresh one. A breach stays.
func (c Clock) Reopen(at time.Time) (Clock, []Event, error) {
	if c.State != Met && c.State != Breached || c.live() {
		return c, nil, c.refuse("reopen")
	}
	c.Ended, c.Since = time.Time{}, at
	if c.State == Met {
		c.State = Running
	}
	if err := c.measure(); err != nil {
		return c, nil, err
	}
	return c, []Event{{Kind: c.Kind, What: Reopened, At: at, New: c.Decides()}}, nil
}
