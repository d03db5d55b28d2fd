package prober

import (
	"fmt"
	"hash/fnv"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// minEvery is the shortest interval; the result of a browser run takes longer.
const minEvery = time.Second

// Plan says when a scenario is due. It is a pure value: the same plan answers
// the timer, the preview, and the account of what was missed. The zero Plan is
// never due. Times it returns are in UTC, whole milliseconds, and without a
// monotonic reading, so that they follow the wall clock.
type Plan struct {
	every, phase int64           // milliseconds since 1970, for interval plans
	cron         *scenarios.Cron // nil for interval plans
	layers       *layers         // nil unless calendars or heightened periods decide
	loc          *time.Location
	usual        time.Duration
	spec         string // equal for equal plans
}

// NewPlan makes the plan of a schedule. zone is the site's, for cron schedules
// without one of their own. key, by custom scenario@location, shifts an
// interval plan: its phase is a hash of the key, so that scenarios with one
// interval are spread over it instead of hitting a platform all at once, and
// so that neither restarts nor other scenarios move it.
func NewPlan(s scenarios.Schedule, zone *time.Location, key string) (Plan, error) {
	base, err := basePlan(s, zone, key)
	if err != nil {
		return Plan{}, err
	}
	return layered(base, s, key)
}

// basePlan is the plan of every or cron alone.
func basePlan(s scenarios.Schedule, zone *time.Location, key string) (Plan, error) {
	if s.Cron == "" {
		return everyPlan(s.Every, key)
	}
	loc := zone
	if s.Timezone != "" {
		var err error
		if loc, err = time.LoadLocation(s.Timezone); err != nil {
			return Plan{}, fmt.Errorf("plan %s: %w", key, err)
		}
	}
	if loc == nil {
		loc = time.UTC
	}
	cron, bad := scenarios.ParseCron(s.Cron, loc)
	if bad != nil {
		return Plan{}, fmt.Errorf("plan %s: cron %q: %w", key, s.Cron, bad)
	}
	return Plan{cron: &cron, loc: loc, usual: s.Interval(), spec: "cron " + s.Cron + " " + loc.String()}, nil
}

func everyPlan(every time.Duration, key string) (Plan, error) {
	every = every.Truncate(time.Millisecond)
	if every < minEvery {
		return Plan{}, fmt.Errorf("plan %s: every %v is shorter than %v: %w", key, every, minEvery, gengfu.ErrInvalid)
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(key)) // never fails
	ms := every.Milliseconds()
	phase := int64(h.Sum64() % uint64(ms))
	return Plan{every: ms, phase: phase, loc: time.UTC, usual: every, spec: every.String() + " " + key}, nil
}

// never is the answer of plans with nothing left to do. It is not the zero
// time, because timers take that for "at once".
func never() time.Time { return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }

// Next is the first planned time after a moment; the year 9999 when there is
// none.
func (p Plan) Next(after time.Time) time.Time {
	switch {
	case p.layers != nil:
		return p.layers.next(after.Round(0))
	case p.cron != nil:
		next := p.cron.Next(after.Round(0))
		if next.IsZero() {
			return never()
		}
		return next.Round(0).UTC()
	case p.every > 0:
		n := floorDiv(after.UnixMilli()-p.phase, p.every)
		return time.UnixMilli(p.phase + (n+1)*p.every).UTC()
	}
	return never()
}

// Last is the latest planned time that is not after a moment; the zero time
// when there was none in nine years.
func (p Plan) Last(until time.Time) time.Time {
	switch {
	case p.cron != nil || p.layers != nil:
		return p.lastCron(until.Round(0))
	case p.every > 0:
		return time.UnixMilli(p.phase + floorDiv(until.UnixMilli()-p.phase, p.every)*p.every).UTC()
	}
	return time.Time{}
}

// lastCron looks back in doubling steps, because cron and calendars only know
// what is next.
func (p Plan) lastCron(until time.Time) time.Time {
	const horizon = 9 * 366 * 24 * time.Hour
	for back := max(p.usual, time.Minute); back < horizon; back *= 2 {
		t := p.Next(until.Add(-back))
		if t.After(until) {
			continue
		}
		for next := p.Next(t); !next.After(until); next = p.Next(t) {
			t = next
		}
		return t
	}
	return time.Time{}
}

// Slots are the planned times after from, up to and including to; at most
// limit of them.
func (p Plan) Slots(from, to time.Time, limit int) []time.Time {
	var out []time.Time
	for t := p.Next(from); !t.After(to) && len(out) < limit; t = p.Next(t) {
		out = append(out, t)
	}
	return out
}

// Count is how many planned times lie after from, up to and including to. It
// does not walk through them: it looks at each day once.
func (p Plan) Count(from, to time.Time) int {
	switch {
	case !from.Before(to):
		return 0
	case p.layers != nil:
		return p.layers.count(from.Round(0), to.Round(0))
	case p.cron != nil:
		return p.countCron(from, to)
	case p.every > 0:
		return int(floorDiv(to.UnixMilli()-p.phase, p.every) - floorDiv(from.UnixMilli()-p.phase, p.every))
	}
	return 0
}

// countCron walks through the first day, the last day and days on which the
// clocks change; on all others that have any, as many times are planned.
func (p Plan) countCron(from, to time.Time) int {
	total, usual := 0, 0
	for t := p.Next(from); !t.After(to); t = p.Next(from) {
		start, end := p.day(t)
		whole := !from.After(start.Add(-1)) && !end.After(to) && end.Sub(start) == 24*time.Hour
		end = earlier(end.Add(-1), to)
		n := usual
		if n == 0 || !whole {
			n = p.walk(t, end)
		}
		if whole {
			usual = n
		}
		total += n
		from = end
	}
	return total
}

func (p Plan) walk(t, end time.Time) int {
	n := 0
	for ; !t.After(end); t = p.Next(t) {
		n++
	}
	return n
}

// day is the calendar day of a moment in the plan's zone.
func (p Plan) day(t time.Time) (start, end time.Time) {
	y, m, d := t.In(p.loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, p.loc), time.Date(y, m, d+1, 0, 0, 0, 0, p.loc)
}

// Interval is the usual distance of two planned times.
func (p Plan) Interval() time.Duration { return p.usual }

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// floorDiv rounds towards the past, also before 1970.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
