package incidents

import (
	"context"
	"fmt"
	"time"

	"gengfu"
)

// Ledger is what the desk asks of the store.
type Ledger interface {
	// AmendIncident writes what decide makes of an incident in one transaction;
	// the error is [gengfu.ErrNotFound] when there is no such incident.
	AmendIncident(ctx context.Context, number string, decide func(gengfu.Incident, gengfu.Snapshot) (gengfu.Change, error)) error
	// AmendPair is the same for two incidents at once.
	AmendPair(ctx context.Context, number, other string, decide func(a, b gengfu.Incident, snap gengfu.Snapshot) (gengfu.Change, error)) error
}

// Desk is where people work on incidents. Tell and URL may be nil: then nobody
// is told, and notices carry no address.
type Desk struct {
	Ledger Ledger
	// Tell renders a notice for its recipients. told are the endpoints that
	// heard of the incident before. It must be pure, like the reducers.
	Tell func(n gengfu.Notice, told []string) ([]gengfu.Delivery, error)
	URL  func(number string) string
	Time Timekeeping
	// Silence is the silence that keeps the messages of an incident back at a
	// time, nil for none. It must be pure; nil when there are no silences.
	Silence func(inc gengfu.Incident, at time.Time) *gengfu.Silence
	// Overtaken are the messages that an event of an incident makes untrue. It
	// must be pure; nil when none are.
	Overtaken func(ev gengfu.Event) []gengfu.Overtaken
}

// Act does what a person asks for and returns the incident as it is then.
// Errors are those of [Act], and [gengfu.ErrNotFound].
func (d Desk) Act(ctx context.Context, number string, a Action) (gengfu.Incident, error) {
	now := time.Now().Round(0).UTC().Truncate(time.Millisecond)
	var after gengfu.Incident
	err := d.Ledger.AmendIncident(ctx, number, func(inc gengfu.Incident, snap gengfu.Snapshot) (gengfu.Change, error) {
		change, err := Act(inc, a, now)
		if err != nil {
			return gengfu.Change{}, err
		}
		after = change.Incidents[0]
		return d.Notices(snap, change)
	})
	return after, err
}

// Merge makes an incident part of the one with the number into. Errors are
// those of [Merge], and [gengfu.ErrNotFound].
func (d Desk) Merge(ctx context.Context, number, into, actor string) error {
	now := time.Now().Round(0).UTC().Truncate(time.Millisecond)
	return d.Ledger.AmendPair(ctx, number, into, func(child, parent gengfu.Incident, snap gengfu.Snapshot) (gengfu.Change, error) {
		change, err := Merge(child, parent, actor, now)
		if err != nil {
			return gengfu.Change{}, err
		}
		return d.Notices(snap, change)
	})
}

// Change is [Apply] followed by [Desk.Notices]: what signals change, with the
// deliveries that tell of it.
func (d Desk) Change(snap gengfu.Snapshot, signals []gengfu.Signal, now time.Time) (gengfu.Change, error) {
	return d.ChangeAround(snap, signals, Around{}, now)
}

// ChangeAround is [ApplyAround] followed by [Desk.Notices].
func (d Desk) ChangeAround(snap gengfu.Snapshot, signals []gengfu.Signal, around Around, now time.Time) (gengfu.Change, error) {
	change, err := ApplyAround(snap, signals, around, now)
	if err != nil {
		return gengfu.Change{}, err
	}
	return d.Notices(snap, change)
}

// Notices returns the change with the timers of its incidents and the deliveries
// of its events added.
func (d Desk) Notices(snap gengfu.Snapshot, change gengfu.Change) (gengfu.Change, error) {
	change, kept := d.hushed(change)
	return d.tell(snap, d.keep(snap, change), kept)
}

// tell adds the deliveries of the events that are not kept back.
func (d Desk) tell(snap gengfu.Snapshot, change gengfu.Change, kept func(gengfu.Event) bool) (gengfu.Change, error) {
	if d.Tell == nil {
		return change, nil
	}
	byNumber := map[string]gengfu.Incident{}
	for _, inc := range change.Incidents {
		byNumber[inc.Number] = inc
	}
	for i, ev := range change.Events {
		if d.Overtaken != nil {
			change.Overtaken = append(change.Overtaken, d.Overtaken(ev)...)
		}
		if quiet(change.Events, i) || kept(ev) || told(ev, byNumber[ev.Incident]) {
			continue
		}
		n := gengfu.Notice{Event: ev, Incident: byNumber[ev.Incident]}
		if d.URL != nil {
			n.URL = d.URL(ev.Incident)
		}
		list, err := d.Tell(n, snap.Told[ev.Incident])
		if err != nil {
			return gengfu.Change{}, fmt.Errorf("tell of event %d of %s: %w", ev.Seq, ev.Incident, err)
		}
		change.Deliveries = append(change.Deliveries, known(list, ev, byNumber[ev.Incident], snap, change)...)
	}
	return change, nil
}
