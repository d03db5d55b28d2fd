package main

import (
	"cmp"
	"maps"
	"slices"

	"gengfu"
	"gengfu/notify"
	"gengfu/ops/duty"
)

// contact is one way to one person.
type contact struct {
	person duty.Person
	nth    int // in the order in which they are tried
}

// next are the endpoints of the contact behind it, none when it is the last.
func (c contact) next(channels notify.Channels) []string {
	if c.nth+1 >= len(c.person.Contacts) {
		return nil
	}
	to := c.person.Contacts[c.nth+1]
	return channels.Reach(to.Via, to.To)
}

// contacts are the people by the endpoints at which they are reached.
func (in *instance) contacts(channels notify.Channels) map[string][]contact {
	by := map[string][]contact{}
	for _, id := range slices.Sorted(maps.Keys(in.people)) {
		for i, c := range in.people[id].Contacts {
			for _, ep := range channels.Reach(c.Via, c.To) {
				by[ep] = append(by[ep], contact{in.people[id], i})
			}
		}
	}
	return by
}

// known are the people by their endpoints, as the configuration in force has
// them. It takes no lock, for it is asked while a configuration is put in force.
func (d *daemon) known() map[string][]contact {
	if t := d.telling.Load(); t != nil {
		return t.contacts
	}
	return nil
}

// readerOf names who reads at an endpoint: the person when it is the contact of
// one alone, else the endpoint itself, such as a room.
func (d *daemon) readerOf(endpoint string) string {
	list := d.known()[endpoint]
	for _, c := range list {
		if c.person.ID != list[0].person.ID {
			return endpoint
		}
	}
	if len(list) == 0 {
		return endpoint
	}
	return cmp.Or(list[0].person.Name, list[0].person.ID)
}

// overtaken are the messages that wait behind a broken endpoint and that an
// event makes untrue: that nobody has taken the incident, for everybody; that it
// opened, for people, who are not told what happened since.
func (d *daemon) overtaken(ev gengfu.Event) []gengfu.Overtaken {
	switch ev.Kind {
	case gengfu.EventAcked, gengfu.EventAssigned, gengfu.EventResolved, gengfu.EventMitigated, gengfu.EventDeclined, gengfu.EventMerged, gengfu.EventClosed:
	default:
		return nil
	}
	list := []gengfu.Overtaken{{
		Incident: ev.Incident, By: string(ev.Kind),
		Kinds: []gengfu.EventKind{gengfu.EventEscalated, gengfu.EventUnacked, gengfu.EventExhausted, gengfu.EventReminded},
	}}
	if people := slices.Sorted(maps.Keys(d.known())); len(people) > 0 {
		list = append(list, gengfu.Overtaken{
			Incident: ev.Incident, By: string(ev.Kind), Endpoints: people, Tried: true,
			Kinds: []gengfu.EventKind{gengfu.EventOpened, gengfu.EventReopened},
		})
	}
	return list
}
