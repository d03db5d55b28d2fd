package main

import (
	"time"

	"gengfu"
	"gengfu/ops/escalation"
	"gengfu/ops/incidents"
)

// times are what incidents go by in time; they change with a reload as a whole.
type times struct {
	rules escalation.Rules
}

// times makes them; t is nil when nobody is to be told.
func (in *instance) times(t *telling) *times {
	now := &times{rules: escalation.Rules{
		Policy:    func(gengfu.Incident) escalation.Policy { return escalation.Policy{} },
		Reach:     func(string, time.Time) (people, endpoints []string) { return nil, nil },
		Calendar:  func(name string) *gengfu.Calendar { return in.calendars[name] },
		Mornings:  in.usualCalendar(),
		Zone:      in.zone,
		Reminders: !in.noReminders && t != nil,
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
		Timers: func(inc gengfu.Incident) []gengfu.Timer { return escalation.Timers(inc) },
	}
}

func (t *times) keep(before, inc gengfu.Incident, events []gengfu.Event, now time.Time) (gengfu.Incident, []gengfu.Event) {
	return escalation.Keep(t.rules, before, inc, events, now)
}

func (t *times) elapse(inc gengfu.Incident, now time.Time) (gengfu.Incident, []gengfu.Event) {
	if inc.Escalation == nil && inc.Active() { // opened before there were any
		return escalation.Keep(t.rules, inc, inc, nil, now)
	}
	return escalation.Due(t.rules, inc, now)
}
