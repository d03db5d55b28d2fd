package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"gengfu"
	"gengfu/ops/clocks"
	"gengfu/scenarios/strict"
)

// contract is what the instance file says of the time that there is for
// incidents.
type contract struct {
	allowed  map[string]clocks.Policy // by target, "" for the others
	allHours *gengfu.Calendar         // that never closes
}

// allHoursName is the calendar that is always there.
const allHoursName = "always"

func (in *instance) readContract(m strict.Map) {
	in.allowed = map[string]clocks.Policy{}
	cfg := gengfu.CalendarConfig{Name: allHoursName, Zone: in.zone}
	for day := range cfg.Week {
		cfg.Week[day] = []gengfu.Segment{{From: 0, To: 24 * 60}}
	}
	var err error
	n, ok := m.Lookup("clocks")
	if in.allHours, err = gengfu.NewCalendar(cfg); err != nil {
		n.Problem(err.Error(), "")
		return
	}
	if !ok {
		return
	}
	usual := clocks.Target{Calendar: in.allHours}
	table := in.usualKeys(n, &usual)
	policy := clocks.Policy{}
	maps.Copy(table, in.gradeKeys(&usual, policy))
	table["targets"] = func(n strict.Node) {
		all, ok := n.Map()
		if !ok {
			return
		}
		for _, e := range all.Entries {
			own := clocks.Policy{}
			fields(e.Value, in.gradeKeys(&usual, own))
			in.allowed[e.Key] = own
		}
	}
	fields(n, table)
	in.allowed[""] = policy
}

// usualKeys reads calendar and reading before everything that goes by them.
func (in *instance) usualKeys(n strict.Node, to *clocks.Target) map[string]func(strict.Node) {
	table := map[string]func(strict.Node){
		"calendar": func(n strict.Node) {
			name, _ := n.String()
			if to.Calendar = in.clockCalendar(name); to.Calendar == nil {
				n.Problem(fmt.Sprintf("unknown calendar %q", name), suggest(name, append(slices.Sorted(maps.Keys(in.calendars)), allHoursName)))
			}
		},
		"reading": func(n strict.Node) {
			if v, ok := n.Enum("reading of times", string(clocks.Working), string(clocks.Wall)); ok {
				to.Reading = clocks.Reading(v)
			}
		},
	}
	if m, ok := n.Map(); ok {
		for key, read := range table {
			if at, ok := m.Lookup(key); ok {
				read(at)
			}
			table[key] = func(strict.Node) {}
		}
	}
	return table
}

// gradeKeys reads the times of each grade.
func (in *instance) gradeKeys(usual *clocks.Target, policy clocks.Policy) map[string]func(strict.Node) {
	table := map[string]func(strict.Node){}
	for _, g := range allGrades() {
		table[string(g)] = func(n strict.Node) {
			own := *usual
			keys := in.usualKeys(n, &own)
			policy[g] = map[clocks.Kind]clocks.Target{}
			for _, kind := range []clocks.Kind{clocks.Respond, clocks.OnSite, clocks.Announce, clocks.Resolve} {
				keys[string(kind)] = func(n strict.Node) {
					if d, ok := n.Duration(); ok && d > 0 {
						t := own
						t.Within = d
						policy[g][kind] = t
					} else if ok {
						n.Problem("there is no time", "such as 4h")
					}
				}
			}
			keys[string(clocks.Report)] = func(n strict.Node) {
				if days, ok := n.Int(1, 100); ok {
					t := own
					t.Days = days
					policy[g][clocks.Report] = t
				}
			}
			fields(n, keys)
		}
	}
	return table
}

// clockCalendar is nil for a name that is not known.
func (in *instance) clockCalendar(name string) *gengfu.Calendar {
	if c := in.calendars[name]; c != nil || name != allHoursName {
		return c
	}
	return in.allHours
}

// targetsOf are the times that there are for an incident. In a heightened period
// every hour counts.
func (in *instance) targetsOf(inc gengfu.Incident, heightened bool) map[clocks.Kind]clocks.Target {
	policy, ok := in.allowed[inc.Target]
	if !ok {
		policy = in.allowed[""]
	}
	targets := policy[inc.Grade]
	if !heightened || len(targets) == 0 {
		return targets
	}
	targets = maps.Clone(targets)
	for kind, t := range targets {
		if t.Days == 0 {
			t.Calendar = in.allHours
			targets[kind] = t
		}
	}
	return targets
}

// heightenedFor reports whether a period that holds for everything covers t.
func (in *instance) heightenedFor(t time.Time) bool {
	return slices.ContainsFunc(in.heightened, func(p period[gengfu.Window]) bool {
		return len(p.scenarios) == 0 && len(p.tags) == 0 && p.when.Covers(t)
	})
}
