package scenarios

import (
	"time"
)

// cronHorizon bounds the search: 29 February can be eight years away.
const cronHorizon = 9 * 366

const everyHour = 1<<24 - 1

// Next is the first slot after a moment, in the schedule's zone; the zero time
// when none comes within nine years.
func (c Cron) Next(after time.Time) time.Time {
	day := after.In(c.loc)
	y, m, d := day.Date()
	for i := -1; i < cronHorizon; i++ {
		noon := time.Date(y, m, d+i, 12, 0, 0, 0, time.UTC)
		if !c.day(noon) {
			continue
		}
		next := c.onDay(noon, after)
		if !next.IsZero() {
			return next
		}
	}
	return time.Time{}
}

// day reports whether the calendar day of t is one of the schedule's.
func (c Cron) day(t time.Time) bool {
	if c.month&(1<<uint(t.Month())) == 0 {
		return false
	}
	dom := c.dom&(1<<uint(t.Day())) != 0
	dow := c.dow&(1<<uint(t.Weekday())) != 0
	if c.anyDom || c.anyDow {
		return dom && dow
	}
	return dom || dow
}

// onDay is the first slot of a calendar day after a moment, zero if none is.
func (c Cron) onDay(day, after time.Time) time.Time {
	if c.hour == everyHour {
		return c.realTime(day, after)
	}
	for h := range 24 {
		if c.hour&(1<<h) == 0 {
			continue
		}
		for m := range 60 {
			if c.minute&(1<<m) == 0 {
				continue
			}
			wall := time.Date(day.Year(), day.Month(), day.Day(), h, m, 0, 0, time.UTC)
			if t := instant(wall, c.loc); t.After(after) {
				return t
			}
		}
	}
	return time.Time{}
}

// realTime walks the minutes that really pass on a day.
func (c Cron) realTime(day, after time.Time) time.Time {
	start := instant(time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC), c.loc)
	t := start
	if after.After(start) {
		t = after.In(c.loc).Truncate(time.Minute).Add(time.Minute)
	}
	for t.Day() == day.Day() && t.Month() == day.Month() {
		if c.minute&(1<<uint(t.Minute())) != 0 && t.After(after) {
			return t
		}
		t = t.Add(time.Minute)
	}
	return time.Time{}
}

// instant is the moment at which the clocks of a zone show the fields of wall:
// the first when they do so twice, the end of the gap when they never do.
func instant(wall time.Time, loc *time.Location) time.Time {
	_, before := wall.Add(-24 * time.Hour).In(loc).Zone()
	_, behind := wall.Add(24 * time.Hour).In(loc).Zone()
	early := wall.Add(-time.Duration(max(before, behind)) * time.Second).In(loc)
	late := wall.Add(-time.Duration(min(before, behind)) * time.Second).In(loc)
	for _, t := range []time.Time{early, late} {
		if t.Hour() == wall.Hour() && t.Minute() == wall.Minute() && t.Day() == wall.Day() {
			return t
		}
	}
	start, _ := late.ZoneBounds()
	return start.In(loc)
}

// intervalSample is how many slots are looked at for the usual distance.
const intervalSample = 60

// interval is the most frequent distance of slots, the shorter of two equally
// frequent ones.
func (c Cron) interval() time.Duration {
	count := map[time.Duration]int{}
	t := c.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
	var best time.Duration
	for range intervalSample {
		next := c.Next(t)
		if next.IsZero() {
			break
		}
		d := next.Sub(t)
		count[d]++
		if n := count[d]; n > count[best] || (n == count[best] && d < best) {
			best = d
		}
		t = next
	}
	return best
}
