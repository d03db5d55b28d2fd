package escalation

import (
	"hash/fnv"
	"strconv"
	"time"

	"gengfu"
)

// intervals are how long after the opening people are reminded on the first
// day; later it is every working morning.
func intervals() []time.Duration {
	return []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}
}

const (
	jitter  = 3 * time.Minute
	morning = 9 // o'clock, where no calendar says when the day begins
)

// remind finds the next reminder after now. Those that were slept through are
// left out.
func (r Rules) remind(e *gengfu.Escalation, inc gengfu.Incident, now time.Time) {
	for {
		planned := inc.Opened
		if n := e.Reminded; n < len(intervals()) {
			planned = planned.Add(intervals()[n])
		} else {
			planned = r.morning(now.Add(2 * jitter))
		}
		e.Reminded++
		if e.Remind = shake(planned, inc.Number, e.Reminded); e.Remind.After(now) {
			return
		}
	}
}

// morning is when the next working day begins.
func (r Rules) morning(now time.Time) time.Time {
	if r.Mornings != "" && r.Calendar != nil {
		if cal := r.Calendar(r.Mornings); cal != nil {
			tomorrow := gengfu.DateOf(now, cal.Zone()).Start(cal.Zone()).AddDate(0, 0, 1)
			if open := cal.NextOpen(tomorrow); !open.IsZero() {
				return open.UTC()
			}
		}
	}
	zone := r.Zone
	if zone == nil {
		zone = time.UTC
	}
	day := now.In(zone)
	return time.Date(day.Year(), day.Month(), day.Day()+1, morning, 0, 0, 0, zone).UTC()
}

// shake moves a time by up to three minutes, always in the same way for the same
// incident, so that a storm's reminders do not come all at once, and off the
// full and the half hour, at which everything else is due.
func shake(t time.Time, number string, n int) time.Time {
	h := fnv.New32a()
	_, _ = h.Write([]byte(number + "#" + strconv.Itoa(n)))
	t = t.Add(time.Duration(h.Sum32()%uint32(2*jitter/time.Second+1))*time.Second - jitter)
	return offTheHour(t)
}

func offTheHour(t time.Time) time.Time {
	if t.Minute()%30 == 0 {
		t = t.Add(time.Minute)
	}
	return t
}
