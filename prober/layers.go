package prober

import (
	"fmt"
	"strings"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// layers is a plan made of others, of which one holds at any time: a dense one
// in heightened periods, else one for working time and one for the rest.
type layers struct {
	inside, outside, dense Plan // outside and dense may be zero, which is never due
	cal                    *gengfu.Calendar
	shift                  bool // what is due in closed time waits for its end
	heightened             []gengfu.Window
}

// layered wraps the plan of the schedule's every or cron in what else it says.
func layered(base Plan, s scenarios.Schedule, key string) (Plan, error) {
	if s.During == "" && (s.Heightened == 0 || len(s.Windows) == 0) {
		return base, nil
	}
	l := layers{inside: base, cal: s.Calendar, shift: s.Shift}
	spec := []string{base.spec}
	if s.During != "" {
		if s.Calendar == nil {
			return Plan{}, fmt.Errorf("plan %s: calendar %q is not known: %w", key, s.During, gengfu.ErrInvalid)
		}
		spec = append(spec, fmt.Sprintf("during %s, shift %v", s.Calendar.Revision(), s.Shift))
	}
	usual := base.usual
	for _, part := range []struct {
		every time.Duration
		to    *Plan
	}{{s.Otherwise, &l.outside}, {s.Heightened, &l.dense}} {
		if part.every == 0 {
			continue
		}
		var err error
		if *part.to, err = everyPlan(part.every, key); err != nil {
			return Plan{}, err
		}
		spec = append(spec, part.to.spec)
	}
	if s.Heightened > 0 {
		l.heightened = s.Windows
		for _, w := range s.Windows {
			spec = append(spec, w.From.UTC().String(), w.To.UTC().String())
		}
	}
	return Plan{layers: &l, loc: base.loc, usual: usual, spec: strings.Join(spec, "; ")}, nil
}

// holds is the plan that is in force at t, and until when.
func (l *layers) holds(t time.Time) (Plan, time.Time) {
	until := never()
	for _, w := range l.heightened {
		switch {
		case w.Covers(t):
			return l.dense, w.To
		case w.From.After(t):
			until = earlier(until, w.From)
		}
	}
	if l.cal == nil {
		return l.inside, until
	}
	if change := l.cal.Change(t); !change.IsZero() {
		until = earlier(until, change)
	}
	switch {
	case l.shift:
		return Plan{layers: &layers{inside: l.inside, cal: l.cal, shift: true}, usual: l.inside.usual}, until
	case l.cal.Open(t):
		return l.inside, until
	}
	return l.outside, until
}

const tick = time.Millisecond // what planned times are counted in

func (l *layers) next(after time.Time) time.Time {
	if l.shift && len(l.heightened) == 0 {
		return l.shifted(after)
	}
	for t := after.Truncate(tick).Add(tick); ; {
		plan, until := l.holds(t)
		if due := plan.Next(t.Add(-tick)); due.Before(until) {
			return due
		}
		if !until.Before(never()) {
			return never()
		}
		t = until
	}
}

// shifted is the next time of a plan whose times in closed time move to its
// end. Those that meet there are one.
func (l *layers) shifted(after time.Time) time.Time {
	from := l.cal.ClosedSince(after)
	for due := l.inside.Next(from.Add(-tick)); due.Before(never()); due = l.inside.Next(due) {
		moved := l.cal.NextOpen(due)
		if moved.IsZero() {
			return never()
		}
		if moved.After(after) {
			return moved.UTC()
		}
	}
	return never()
}

func (l *layers) count(from, to time.Time) int {
	total := 0
	for t := from.Truncate(tick).Add(tick); !t.After(to); {
		plan, until := l.holds(t)
		if l.shift && plan.layers != nil {
			for due := plan.Next(t.Add(-tick)); due.Before(until) && !due.After(to); due = plan.Next(due) {
				total++
			}
		} else {
			total += plan.Count(t.Add(-tick), earlier(to, until.Add(-tick)))
		}
		t = until
	}
	return total
}

// reason says in lang why the plan is as it is at t; empty when nothing but the
// interval or cron decides.
func (l *layers) reason(lang gengfu.Lang, t time.Time) string {
	for _, w := range l.heightened {
		if w.Covers(t) {
			text := "heightened period"
			if lang != gengfu.English {
				text = "重点保障期"
			}
			return strings.TrimSpace(text + " " + w.Title)
		}
	}
	if l.cal == nil {
		return ""
	}
	return l.cal.Reason(lang, t)
}

// Reason says in lang by which rule the plan has a time; empty when only the
// interval or cron decides.
func (p Plan) Reason(lang gengfu.Lang, due time.Time) string {
	if p.layers == nil {
		return ""
	}
	return p.layers.reason(lang, due)
}
