package clocks

import (
	"time"

	"gengfu"
)

// Heed goes on under another calendar with the clocks for which another one
// counts by now, because a heightened period began or ended: what was counted
// stays counted. It reports whether a clock changed; those of working days do
// not.
func Heed(r Rules, inc gengfu.Incident, now time.Time) (gengfu.Incident, []gengfu.Event, bool) {
	c := course{rules: r, inc: inc, targets: r.Targets(inc, now), now: now}
	c.read()
	changed := false
	for i, clock := range c.clocks {
		target, ok := c.targets[clock.Kind]
		if !ok || !clock.live() || clock.Target.Calendar == nil || clock.Target.Days > 0 || target.Calendar.Name() == clock.Target.Calendar.Name() {
			continue
		}
		to := clock.Target
		to.Calendar = target.Calendar
		c.set(i)(clock.Switch(to, now, "period"))
		changed = true
	}
	if !changed {
		return inc, nil, false
	}
	after, events := c.end(nil)
	return after, events, true
}
