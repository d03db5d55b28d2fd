package scenarios

import (
	"time"

	"gengfu"
)

// Maintenance is when work on the target is planned: once, or from each time of
// a cron for a while. Runs inside are excluded.
type Maintenance struct {
	Title  string
	Window gengfu.Window // unless Cron is given
	Cron   *Cron
	For    time.Duration
}

// Covers reports whether t lies inside. The end is not part of it.
func (m Maintenance) Covers(t time.Time) bool {
	if m.Cron == nil {
		return m.Window.Covers(t)
	}
	began := m.Cron.Next(t.Add(-m.For))
	return !began.IsZero() && !began.After(t)
}

// Maintained reports whether t lies in a maintenance of the scenario.
func (s Schedule) Maintained(t time.Time) bool {
	for _, m := range s.Upkeep {
		if m.Covers(t) {
			return true
		}
	}
	return false
}
