package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gengfu"
	"gengfu/notify"
	"gengfu/ops/duty"
	"gengfu/ops/escalation"
	"gengfu/scenarios/strict"
)

// alarms are what the instance file says of telling people one after another.
type alarms struct {
	escalations map[string]escalation.Policy
	noReminders bool
	quiet       time.Duration // that an incident is watched after it works again
	digest      weekly        // when it is told what silences kept quiet
}

// usualQuiet is how long an incident is watched unless the instance file says.
const usualQuiet = 10 * time.Minute

// noEscalation is the name that a route gives when nobody is to be told besides.
const noEscalation = "none"

func (in *instance) readAlarms(m strict.Map) {
	in.escalations = map[string]escalation.Policy{}
	if n, ok := m.Lookup("reminders"); ok {
		if on, ok := n.Bool(); ok {
			in.noReminders = !on
		}
	}
	if n, ok := m.Lookup("resolve_after"); ok {
		if in.quiet = 0; n.Text() != "0" {
			span(&in.quiet)(n)
		}
	}
	if n, ok := m.Lookup("escalations"); ok {
		if all, ok := n.Map(); ok {
			for _, e := range all.Entries {
				if e.Key == noEscalation {
					e.At.Problem(`"none" stands for telling nobody`, "another name")
				}
				in.escalations[e.Key] = in.readEscalation(e)
			}
		}
	}
	if n, ok := m.Lookup("routes"); ok {
		in.checkEscalate(n)
	}
}

func (in *instance) readEscalation(e strict.Entry) escalation.Policy {
	p := escalation.Policy{Name: e.Key, Acks: map[gengfu.Grade]time.Duration{}}
	fields(e.Value, map[string]func(strict.Node){
		"clock":   in.readClock(&p.Calendar),
		"repeat":  number(&p.Repeat, 0, escalation.MaxRepeat),
		"dynamic": truth(&p.Dynamic),
		"outside": func(n strict.Node) {
			v, _ := n.Enum("way outside the hours", "hold", "page")
			p.Page = v == "page"
		},
		"ack_timeout": func(n strict.Node) {
			table := map[string]func(strict.Node){}
			for _, g := range allGrades() {
				table[string(g)] = func(n strict.Node) {
					if d, ok := n.Duration(); ok {
						p.Acks[g] = d
					}
				}
			}
			fields(n, table)
		},
		"steps": func(n strict.Node) {
			items, _ := n.Items()
			for _, item := range items {
				s := in.readStep(item)
				if len(p.Steps) > 0 && s.After < p.Steps[len(p.Steps)-1].After {
					item.Problem(fmt.Sprintf("the step after %s comes behind a later one", s.After), "steps in the order of their times, each counted from the opening")
				}
				p.Steps = append(p.Steps, s)
			}
		},
	})
	if len(p.Steps) == 0 {
		e.At.Problem("the policy has no steps", "such as steps: [{tell: ops.A}, {after: 10m, tell: [ops.A, ops.B]}]")
	}
	return p
}

func allGrades() []gengfu.Grade {
	return []gengfu.Grade{gengfu.GradeNotice, gengfu.GradeOrdinary, gengfu.GradeMajor}
}

// readClock reads wall, or the name of a calendar.
func (in *instance) readClock(to *string) func(strict.Node) {
	return func(n strict.Node) {
		name, ok := n.String()
		if !ok || name == "wall" {
			return
		}
		if in.calendars[name] == nil {
			n.Problem(fmt.Sprintf("unknown calendar %q", name), suggest(name, append(slices.Sorted(maps.Keys(in.calendars)), "wall")))
		}
		*to = name
	}
}

func (in *instance) readStep(n strict.Node) escalation.Step {
	var s escalation.Step
	fields(n, map[string]func(strict.Node){
		"after": span(&s.After),
		"tell": func(n strict.Node) {
			s.Tell, _ = n.StringList()
			known := in.tellable()
			for _, name := range s.Tell {
				if !slices.Contains(known, name) {
					n.Problem(fmt.Sprintf("there is nobody called %q to tell", name), suggest(name, known))
				}
			}
		},
		"grades": func(n strict.Node) {
			names, _ := n.StringList()
			for _, name := range names {
				if g := gengfu.Grade(name); slices.Contains(allGrades(), g) {
					s.Grades = append(s.Grades, g)
				} else {
					n.Problem(fmt.Sprintf("unknown grade %q", name), suggest(name, []string{"notice", "ordinary", "major"}))
				}
			}
		},
	})
	if len(s.Tell) == 0 {
		n.Problem("the step tells nobody", "such as tell: ops.A")
	}
	return s
}

// tellable are the names that a step may tell: rosters and their roles, people,
// channels.
func (in *instance) tellable() []string {
	var names []string
	for _, r := range in.rosters {
		names = append(names, r.Name)
		for _, role := range r.Roles {
			names = append(names, r.Name+"."+role)
		}
	}
	names = append(names, slices.Sorted(maps.Keys(in.people))...)
	for _, ch := range in.channels {
		names = append(names, ch.Name)
	}
	return names
}

// checkEscalate makes sure that the policies that routes name are there.
func (in *instance) checkEscalate(n strict.Node) {
	known := append(slices.Sorted(maps.Keys(in.escalations)), noEscalation)
	items, _ := n.Items()
	for _, item := range items {
		m, ok := item.Map()
		if !ok {
			continue
		}
		if name, ok := m.Lookup("escalate"); ok && !slices.Contains(known, name.Text()) {
			name.Problem(fmt.Sprintf("unknown escalation %q", name.Text()), suggest(name.Text(), known))
		}
		if below, ok := m.Lookup("routes"); ok {
			in.checkEscalate(below)
		}
	}
}

// policy is how people are told of what takes a route with this policy. Without
// a name it is that of the roster: role by role, then everybody on it. Without a
// roster nobody is told besides the routes.
func (in *instance) alarm(name string) escalation.Policy {
	if p, ok := in.escalations[name]; ok || name == noEscalation || len(in.rosters) == 0 {
		return p
	}
	r := in.rosters[0]
	p := escalation.Policy{Name: "default", Repeat: 2}
	for i, role := range r.Roles {
		s := escalation.Step{After: time.Duration(i) * 10 * time.Minute}
		for _, before := range r.Roles[:i] {
			s.Tell = append(s.Tell, r.Name+"."+before)
		}
		s.Tell = append(s.Tell, r.Name+"."+role)
		p.Steps = append(p.Steps, s)
	}
	if all := r.Order; len(all) > len(r.Roles) {
		p.Steps = append(p.Steps, escalation.Step{After: time.Duration(len(r.Roles)) * 10 * time.Minute, Tell: all})
	}
	return p
}

// reach says who is meant by a name of a step, or by the name of a person, and
// where they are reached.
func (in *instance) reach(channels notify.Channels) escalation.Reach {
	return func(name string, at time.Time) (people, endpoints []string) {
		roster, role, _ := strings.Cut(name, ".")
		for _, r := range in.rosters {
			switch {
			case r.Name != roster:
			case role == "":
				for _, id := range r.On(at) {
					people, endpoints = in.add(channels, people, endpoints, in.people[id], "")
				}
				return people, endpoints
			default:
				return in.add(channels, nil, nil, in.people[r.At(at).Person(role)], role)
			}
		}
		for _, p := range in.people {
			if p.ID == name || p.Name == name {
				return in.add(channels, nil, nil, p, "")
			}
		}
		return nil, channels.Reach(name, "")
	}
}

func (in *instance) add(channels notify.Channels, people, endpoints []string, p duty.Person, role string) (names, where []string) {
	if p.ID == "" {
		return people, endpoints
	}
	name := p.Name
	if role != "" {
		name += " (" + role + ")"
	}
	if len(p.Contacts) > 0 { // the others follow when it does not take the message
		endpoints = append(endpoints, channels.Reach(p.Contacts[0].Via, p.Contacts[0].To)...)
	}
	return append(people, name), endpoints
}
