package incidents

import (
	"context"
	"reflect"
	"slices"
	"time"

	"gengfu"
)

// Timekeeping is what time makes of incidents besides their course: people who
// are told one after another, and the clocks of a contract. All of it must be
// pure, like the reducers. The zero value keeps no time.
type Timekeeping struct {
	// Keep sets the times of an incident anew after events of a change, which it
	// may add to, and address to more endpoints. before is the zero value for an
	// incident that is new.
	Keep func(before, inc gengfu.Incident, events []gengfu.Event, now time.Time) (gengfu.Incident, []gengfu.Event)
	// Elapse is what is due by now; no events when nothing is.
	Elapse func(inc gengfu.Incident, now time.Time) (gengfu.Incident, []gengfu.Event)
	// Timers are what the ledger has to wake up for.
	Timers func(inc gengfu.Incident) []gengfu.Timer
}

// keep adds to a change what time makes of it, and the timers of every incident
// that something happened to.
func (d Desk) keep(snap gengfu.Snapshot, change gengfu.Change) gengfu.Change {
	if d.Time.Keep == nil {
		return change
	}
	before := map[string]gengfu.Incident{}
	for _, inc := range snap.Incidents {
		before[inc.Number] = inc
	}
	change.Incidents, change.Events = slices.Clone(change.Incidents), slices.Clone(change.Events)
	for i, inc := range change.Incidents {
		var own []int
		var events []gengfu.Event
		for j, ev := range change.Events {
			if ev.Incident == inc.Number {
				own, events = append(own, j), append(events, ev)
			}
		}
		if len(own) == 0 {
			continue
		}
		inc, events = d.Time.Keep(before[inc.Number], inc, events, events[len(events)-1].At)
		for j, ev := range events {
			if j < len(own) {
				change.Events[own[j]] = ev
			} else {
				change.Events = append(change.Events, ev)
			}
		}
		change.Incidents[i] = inc
		change = d.arm(change, inc)
	}
	return change
}

// arm makes the timers of an incident what it needs as it is.
func (d Desk) arm(change gengfu.Change, inc gengfu.Incident) gengfu.Change {
	if change.Timers == nil {
		change.Timers = map[string][]gengfu.Timer{}
	}
	change.Timers[inc.Number] = d.Timers(inc)
	return change
}

// Timers are all that an incident has to be looked at for.
func (d Desk) Timers(inc gengfu.Incident) []gengfu.Timer {
	var list []gengfu.Timer
	if due := next(inc); !due.IsZero() {
		list = append(list, gengfu.Timer{Incident: inc.Number, Kind: gengfu.TimerCourse, Due: due})
	}
	if d.Time.Timers != nil {
		list = append(list, d.Time.Timers(inc)...)
	}
	return list
}

// next is when [Due] has something to do.
func next(inc gengfu.Incident) time.Time {
	switch {
	case inc.Active() && !inc.HoldUntil.IsZero():
		return inc.HoldUntil
	case inc.Recovered():
		return inc.QuietUntil
	case inc.State == gengfu.IncidentResolved || inc.State == gengfu.IncidentReviewed:
		return inc.Resolved.Add(CloseAfter)
	}
	return time.Time{}
}

// Expire does what is due of an incident by time alone, and sets its timers by
// what it is then: one that was left behind is gone afterwards.
func (d Desk) Expire(ctx context.Context, number string, now time.Time) error {
	return d.Ledger.AmendIncident(ctx, number, func(inc gengfu.Incident, snap gengfu.Snapshot) (gengfu.Change, error) {
		change := Due(inc, now)
		if hush := Hush(inc, d.silence(inc, now), now); len(change.Events) == 0 && len(hush.Events) > 0 {
			change = hush // what else is due comes after it
		}
		switch {
		case len(change.Events) > 0:
			return d.Notices(snap, change)
		case d.Time.Elapse == nil:
			return gengfu.Change{}, nil
		}
		after, events := d.Time.Elapse(inc, now)
		if len(events) > 0 || after.Escalation != inc.Escalation || !reflect.DeepEqual(after.Clocks, inc.Clocks) {
			change = gengfu.Change{Incidents: []gengfu.Incident{after}, Events: events}
		}
		change, kept := d.hushed(change)
		return d.tell(snap, d.arm(change, after), kept)
	})
}
