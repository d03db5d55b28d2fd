package clocks

import "gengfu"

// Written is the clock as the ledger keeps it.
func (c Clock) Written() gengfu.Clock {
	w := gengfu.Clock{
		Kind: string(c.Kind), State: string(c.State), Within: c.Target.Within, Days: c.Target.Days, Reading: string(c.Target.Reading),
		Budget: c.Budget, Start: c.Start, Since: c.Since, Carried: c.Carried, WallUsed: c.WallUsed, Due: c.Due.UTC(), WallDue: c.WallDue.UTC(),
		Reason: c.Reason, Warned: c.Warned, BreachAt: c.BreachAt, Ended: c.Ended, Spans: windows(c.Spans), Holds: windows(c.Holds),
	}
	if cal := c.Target.Calendar; cal != nil {
		w.Calendar, w.Unsure = cal.Name(), !c.Due.IsZero() && c.Firm() != gengfu.HolidaysOfficial
	}
	return w
}

// Read is the inverse of [Clock.Written] under the calendar that the name
// stands for by now.
func Read(w gengfu.Clock, cal *gengfu.Calendar) Clock {
	return Clock{
		Kind: Kind(w.Kind), State: State(w.State), Target: Target{Within: w.Within, Days: w.Days, Calendar: cal, Reading: Reading(w.Reading)},
		Budget: w.Budget, Start: w.Start, Since: w.Since, Carried: w.Carried, WallUsed: w.WallUsed, Due: w.Due, WallDue: w.WallDue,
		Reason: w.Reason, Warned: w.Warned, BreachAt: w.BreachAt, Ended: w.Ended, Spans: spans(w.Spans), Holds: spans(w.Holds),
	}
}

func windows(list []Span) []gengfu.Window {
	var out []gengfu.Window
	for _, s := range list {
		out = append(out, gengfu.Window{From: s.From, To: s.To})
	}
	return out
}

func spans(list []gengfu.Window) []Span {
	var out []Span
	for _, w := range list {
		out = append(out, Span{w.From, w.To})
	}
	return out
}
