package main

import (
	"slices"
	"time"

	"gengfu"
	"gengfu/ops/clocks"
	"gengfu/ops/escalation"
	"gengfu/ops/incidents"
)

// times are what incidents go by in time; they change with a reload as a whole.
type times struct {
	rules  escalation.Rules
	clocks clocks.Rules
	// heightened reports whether a period holds for everything, begun by hand or
	// named in the instance file.
	heightened func(time.Time) bool
	quiet      time.Duration
}

// times makes them; t is nil when nobody is to be told, h is the heightened
// period begun by hand.
func (in *instance) times(t *telling, h gengfu.Heightened) *times {
	now := &times{rules: escalation.Rules{
		Policy:    func(gengfu.Incident) escalation.Policy { return escalation.Policy{} },
		Reach:     func(string, time.Time) (people, endpoints []string) { return nil, nil },
		Calendar:  func(name string) *gengfu.Calendar { return in.calendars[name] },
		Mornings:  in.usualCalendar(),
		Zone:      in.zone,
		Reminders: !in.noReminders && t != nil,
	}}
	now.heightened = func(at time.Time) bool { return h.Covers(at) || in.heightenedFor(at) }
	now.quiet = in.quiet
	now.clocks = clocks.Rules{Calendar: in.clockCalendar, Targets: func(inc gengfu.Incident, at time.Time) map[clocks.Kind]clocks.Target {
		return in.targetsOf(inc, now.heightened(at))
	}}
	if t != nil {
		now.rules.Policy = func(inc gengfu.Incident) escalation.Policy { return in.alarm(t.router.Escalate(inc)) }
		now.rules.Reach = in.reach(t.channels)
	}
	return now
}

// usualCalendar is the one calendar of the instance, empty when there are
// several or none.
func (in *instance) usualCalendar() string {
	if len(in.calendars) != 1 {
		return ""
	}
	for name := range in.calendars {
		return name
	}
	return ""
}

// timekeeping lets the desk ask the times that are in force.
func (d *daemon) timekeeping() incidents.Timekeeping {
	return incidents.Timekeeping{
		Keep: func(before, inc gengfu.Incident, events []gengfu.Event, now time.Time) (gengfu.Incident, []gengfu.Event) {
			return d.times.Load().keep(before, inc, events, now)
		},
		Elapse: func(inc gengfu.Incident, now time.Time) (gengfu.Incident, []gengfu.Event) {
			return d.times.Load().elapse(inc, now)
		},
		Timers: func(inc gengfu.Incident) []gengfu.Timer {
			list := escalation.Timers(inc)
			if t, ok := clocks.Timer(d.times.Load().clocks, inc); ok {
				list = append(list, t)
			}
			return list
		},
	}
}

func (t *times) keep(before, inc gengfu.Incident, events []gengfu.Event, now time.Time) (gengfu.Incident, []gengfu.Event) {
	inc, events = escalation.Keep(t.rules, before, inc, events, now)
	inc, events = clocks.Keep(t.clocks, before, inc, events, now)
	return inc, everybody(inc, events)
}

func (t *times) elapse(inc gengfu.Incident, now time.Time) (gengfu.Incident, []gengfu.Event) {
	if inc.Escalation == nil && inc.Active() { // opened before there were any
		return t.keep(inc, inc, nil, now)
	}
	inc, events := escalation.Due(t.rules, inc, now)
	inc, switched, _ := clocks.Heed(t.clocks, inc, now)
	inc, more := clocks.Due(t.clocks, inc, now)
	return inc, everybody(inc, slices.Concat(events, switched, more))
}

// everybody addresses what is said of a contract's time to all whom the
// escalation would tell.
func everybody(inc gengfu.Incident, events []gengfu.Event) []gengfu.Event {
	events = slices.Clone(events)
	for i, ev := range events {
		if inc.Escalation == nil || ev.Kind != gengfu.EventClockWarned && ev.Kind != gengfu.EventClockBreached {
			continue
		}
		for _, step := range inc.Escalation.Steps {
			if step.Takes(inc.Grade) {
				events[i].To = append(events[i].To, step.Endpoints...)
			}
		}
	}
	return events
}
