package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"gengfu/ops/duty"
	"gengfu/scenarios/strict"
)

// staff is what the instance file says of people and their duty.
type staff struct {
	people  map[string]duty.Person
	rosters []duty.Roster // in the order of the file

	handovers map[string]handover // by roster
}

func (in *instance) readStaff(m strict.Map) {
	in.people, in.handovers = map[string]duty.Person{}, map[string]handover{}
	if n, ok := m.Lookup("people"); ok {
		if all, ok := n.Map(); ok {
			for _, e := range all.Entries {
				in.people[e.Key] = in.readPerson(e)
			}
		}
	}
	if n, ok := m.Lookup("duty"); ok {
		if all, ok := n.Map(); ok {
			for _, e := range all.Entries {
				in.readRoster(e)
			}
		}
	}
}

func (in *instance) readPerson(e strict.Entry) duty.Person {
	p := duty.Person{ID: e.Key, Name: e.Key}
	fields(e.Value, map[string]func(strict.Node){
		"name": in.text(&p.Name),
		"contacts": func(n strict.Node) {
			items, _ := n.Items()
			for _, item := range items {
				p.Contacts = append(p.Contacts, in.readContact(item))
			}
		},
	})
	return p
}

func (in *instance) readContact(n strict.Node) duty.Contact {
	var c duty.Contact
	fields(n, map[string]func(strict.Node){
		"via": func(n strict.Node) {
			in.text(&c.Via)(n)
			var known []string
			for _, ch := range in.channels {
				known = append(known, ch.Name)
			}
			switch {
			case len(known) == 0:
				n.Problem(fmt.Sprintf("unknown channel %q", c.Via), "the instance file names none: channels")
			case !slices.Contains(known, c.Via):
				n.Problem(fmt.Sprintf("unknown channel %q", c.Via), suggest(c.Via, known))
			}
		},
		"to": in.text(&c.To),
	})
	if c.Via == "" {
		n.Problem("the contact names no channel", "add via")
	}
	return c
}

func (in *instance) readRoster(e strict.Entry) {
	before := in.report.Raised()
	r := duty.Roster{Name: e.Key, Zone: in.zone, Roles: []string{"A", "B"}, Days: 7}
	if m, ok := e.Value.Map(); ok { // its other times are told by them
		if n, ok := m.Lookup("timezone"); ok {
			readZoneOf(n, &r.Zone)
		}
		if n, ok := m.Lookup("roles"); ok {
			r.Roles, _ = n.StringList()
		}
	}
	fields(e.Value, map[string]func(strict.Node){
		"timezone": func(strict.Node) {},
		"roles":    func(strict.Node) {},
		"rotation": func(n strict.Node) { in.readRotation(n, &r) },
		"overlap":  span(&r.Overlap),
		"handover": in.readHandover(e.Key),
		"leave": func(n strict.Node) {
			items, _ := n.Items()
			for _, item := range items {
				r.Leave = append(r.Leave, in.readLeave(item, r.Zone))
			}
		},
		"overrides": func(n strict.Node) {
			items, _ := n.Items()
			for _, item := range items {
				r.Overrides = append(r.Overrides, in.readOverride(item, r))
			}
		},
	})
	if in.report.Raised() != before {
		return
	}
	if err := r.Check(); err != nil {
		e.Value.Problem(err.Error(), "such as rotation: {every: 7d, starts: 2026-01-05T09:00, order: [zhang, li]}")
		return
	}
	in.rosters = append(in.rosters, r)
}

func (in *instance) readRotation(n strict.Node, r *duty.Roster) {
	fields(n, map[string]func(strict.Node){
		"every": func(n strict.Node) {
			d, ok := n.Duration()
			if ok && (d < 24*time.Hour || d%(24*time.Hour) != 0) {
				n.Problem(fmt.Sprintf("%s is not a number of days", n.Text()), "such as 7d")
			}
			r.Days = int(d / (24 * time.Hour))
		},
		"starts": func(n strict.Node) { r.Starts, _ = momentIn(n, r.Zone, false) },
		"order": func(n strict.Node) {
			items, _ := n.Items()
			for _, item := range items {
				var id string
				in.person(&id)(item)
				r.Order = append(r.Order, id)
			}
		},
	})
}

// person reads the id of somebody who is known.
func (in *instance) person(to *string) func(strict.Node) {
	return func(n strict.Node) {
		id, ok := n.String()
		if !ok {
			return
		}
		if _, known := in.people[id]; !known {
			n.Problem(fmt.Sprintf("unknown person %q", id), suggest(id, slices.Sorted(maps.Keys(in.people))))
		}
		*to = id
	}
}

func (in *instance) readLeave(n strict.Node, zone *time.Location) duty.Leave {
	var l duty.Leave
	fields(n, map[string]func(strict.Node){
		"person": in.person(&l.Person),
		"from":   func(n strict.Node) { l.From, _ = momentIn(n, zone, false) },
		"to":     func(n strict.Node) { l.To, _ = momentIn(n, zone, true) },
		"cover":  in.person(&l.Cover),
	})
	if l.Person == "" || !l.From.Before(l.To) {
		n.Problem("the leave has no person, or its times are not in order", "such as {person: li, from: 2026-02-15, to: 2026-02-20, cover: zhang}")
	}
	return l
}

func (in *instance) readOverride(n strict.Node, r duty.Roster) duty.Override {
	o := duty.Override{Roles: map[string]string{}}
	table := map[string]func(strict.Node){
		"from": func(n strict.Node) { o.From, _ = momentIn(n, r.Zone, false) },
		"to":   func(n strict.Node) { o.To, _ = momentIn(n, r.Zone, true) },
		"note": in.text(&o.Note),
	}
	for _, role := range r.Roles {
		table[role] = func(n strict.Node) {
			var id string
			in.person(&id)(n)
			o.Roles[role] = id
		}
	}
	fields(n, table)
	if len(o.Roles) == 0 || !o.From.Before(o.To) {
		n.Problem("the override names nobody, or its times are not in order", "such as {from: 2026-02-15, to: 2026-02-24, A: li}")
	}
	return o
}
