package clocks

import (
	"fmt"
	"time"

	"gengfu"
)

// Decides is the due time that counts: by working time, unless the contract is
// settled to mean the clock on the wall. Zero while paused.
func (c Clock) Decides() time.Time {
	if c.Target.Reading == Wall {
		return c.WallDue
	}
	return c.Due
}

// At is when so many percent of the time are used up.
func (c Clock) At(percent int) (time.Time, error) {
	part := c.Budget * time.Duration(percent) / 100
	if c.Target.Reading == Wall {
		return c.wall(part), nil
	}
	return c.worked(part)
}

// measure computes the budget and the due times anew from the spans.
func (c *Clock) measure() error {
	t := c.Target
	if t.Calendar == nil || t.Within <= 0 && t.Days <= 0 {
		return fmt.Errorf("clock %s has no calendar or no time: %w", c.Kind, gengfu.ErrInvalid)
	}
	c.Budget = t.Within
	if t.Days > 0 {
		due, err := t.Calendar.AddDays(c.Start, t.Days)
		if err != nil {
			return fmt.Errorf("clock %s: %w", c.Kind, err)
		}
		if c.Budget, err = t.Calendar.Between(c.Start, due); err != nil {
			return fmt.Errorf("clock %s: %w", c.Kind, err)
		}
	}
	if c.Since.IsZero() {
		return nil
	}
	due, err := c.worked(c.Budget)
	if err != nil {
		return fmt.Errorf("clock %s: %w", c.Kind, err)
	}
	c.Due, c.WallDue = due, c.wall(c.Budget)
	return nil
}

// worked is the moment by which the clock has counted so much working time,
// which may lie in a span that is over.
func (c Clock) worked(want time.Duration) (time.Time, error) {
	cal, left := c.Target.Calendar, want-c.Carried
	if left <= 0 {
		return c.begin(), nil
	}
	for _, s := range c.Spans {
		ran, err := cal.Between(s.From, s.To)
		if err != nil {
			return time.Time{}, err
		}
		if ran >= left {
			return cal.Add(s.From, left)
		}
		left -= ran
	}
	return cal.Add(c.Since, left)
}

// wall is the same for the clock on the wall.
func (c Clock) wall(want time.Duration) time.Time {
	left := want - c.WallUsed
	if left <= 0 {
		return c.begin()
	}
	for _, s := range c.Spans {
		ran := s.To.Sub(s.From)
		if ran >= left {
			return s.From.Add(left)
		}
		left -= ran
	}
	return c.Since.Add(left)
}

// begin is when the spans begin that are still counted.
func (c Clock) begin() time.Time {
	if len(c.Spans) > 0 {
		return c.Spans[0].From
	}
	return c.Since
}

// Used is the working time and the time on the wall that the clock has counted.
func (c Clock) Used(now time.Time) (working, wall time.Duration, err error) {
	working, wall = c.Carried, c.WallUsed
	spans := c.Spans
	if !c.Since.IsZero() {
		spans = append(spans[:len(spans):len(spans)], Span{c.Since, now})
	}
	for _, s := range spans {
		ran, err := c.Target.Calendar.Between(s.From, s.To)
		if err != nil {
			return 0, 0, err
		}
		working, wall = working+ran, wall+s.To.Sub(s.From)
	}
	return working, wall, nil
}

// Held is how long the clock was paused, by the clock on the wall. It is told
// beside the time that counted, never hidden in it.
func (c Clock) Held(now time.Time) time.Duration {
	var held time.Duration
	for _, h := range c.Holds {
		if h.To.IsZero() {
			h.To = now
		}
		held += h.To.Sub(h.From)
	}
	return held
}

// Retarget counts the clock anew from its start, because the grade or the
// calendar turned out to be another. When the new due time has passed, the
// breach is now, not then; a breach that happened stays. A clock that has ended
// does not change.
func (c Clock) Retarget(target Target, now time.Time, reason string) (Clock, []Event, error) {
	return c.change(target, now, reason)
}

// Switch goes on under another target from now: what was counted so far stays
// counted as it was, such as when a heightened period begins.
func (c Clock) Switch(target Target, now time.Time, reason string) (Clock, []Event, error) {
	if !c.live() {
		return c, nil, nil
	}
	working, wall, err := c.Used(now)
	if err != nil {
		return c, nil, err
	}
	c.Carried, c.WallUsed, c.Spans = working, wall, nil
	if !c.Since.IsZero() {
		c.Since = now
	}
	return c.change(target, now, reason)
}

func (c Clock) change(target Target, now time.Time, reason string) (Clock, []Event, error) {
	if !c.live() {
		return c, nil, nil
	}
	old := c.Decides()
	c.Target = target
	if err := c.measure(); err != nil {
		return c, nil, err
	}
	due := c.Decides()
	events := []Event{{Kind: c.Kind, What: Recomputed, At: now, Old: old, New: due, Reason: reason}}
	if due.Equal(old) {
		events = nil
	}
	if c.State == Running && !now.Before(due) {
		c = c.breach(now)
		events = append(events, Event{Kind: c.Kind, What: Breach, At: now, New: due, Reason: reason})
	}
	return c, events, nil
}

// Firm says how sure the due time is: provisional when it touches a year whose
// holidays are not announced.
func (c Clock) Firm() gengfu.HolidayStatus {
	return c.Target.Calendar.Certainty(c.Start, c.Due)
}
