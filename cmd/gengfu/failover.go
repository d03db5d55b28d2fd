package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"gengfu"
	"gengfu/storage"
)

const (
	// failOverAfter is how long a person's contact has to take an urgent message.
	failOverAfter = time.Minute
	// failOverWithin is how long a message that was refused for good is still
	// worth telling in another way.
	failOverWithin = time.Hour
)

// failOver tells people by their next contact what the one before does not
// take, until ctx ends. What was done is in the outbox, so that a restart does
// not repeat it.
func (d *daemon) failOver(ctx context.Context) error {
	changes, cancel := d.store.Subscribe()
	defer cancel()
	for {
		next, err := d.failOverOnce(ctx, clock())
		if err != nil && ctx.Err() == nil {
			d.log.Error("message does not go to the next contact", "error", err)
		}
		wait := time.NewTimer(next)
		more := timerOrTopic(ctx, wait.C, changes, "delivery:")
		wait.Stop()
		if !more {
			return nil
		}
	}
}

// failOverOnce does what is due and says how long there is nothing to do.
func (d *daemon) failOverOnce(ctx context.Context, now time.Time) (time.Duration, error) {
	wait, known := sweepEvery, d.known()
	if !slices.ContainsFunc(slices.Collect(maps.Values(known)), func(l []contact) bool {
		return slices.ContainsFunc(l, func(c contact) bool { return c.nth > 0 })
	}) {
		return wait, nil // nobody has a second contact
	}
	list, err := d.store.Unhanded(ctx, now.Add(-failOverWithin))
	var wrong []error
	for _, del := range list {
		for _, c := range known[del.Endpoint] {
			due := handOver(del)
			switch {
			case due.After(now):
				wait = min(wait, due.Sub(now))
			default:
				wrong = append(wrong, d.passOn(ctx, del, c, now))
			}
		}
	}
	return max(wait, sweepLeast), errors.Join(append(wrong, err)...)
}

// handOver is until when a message has to be handed over. One that is kept back
// has not begun to wait.
func handOver(del gengfu.Delivery) time.Time {
	began := del.Created
	if del.Attempts == 0 && del.Next.After(began) {
		began = del.Next
	}
	return began.Add(failOverAfter)
}

// passOn queues a message for the next contact of a person, once; when that one
// has it, the first need not tell it any more.
func (d *daemon) passOn(ctx context.Context, del gengfu.Delivery, c contact, now time.Time) error {
	t := d.telling.Load()
	if t == nil {
		return nil
	}
	next := c.next(t.channels)
	if len(next) == 0 {
		return nil
	}
	others, err := d.store.Deliveries(ctx, storage.DeliveryFilter{Incident: del.Incident})
	if err != nil {
		return err
	}
	handed := false
	for _, other := range others {
		if other.Seq == del.Seq && slices.Contains(next, other.Endpoint) {
			handed = handed || other.State == gengfu.DeliverySent || other.State == gengfu.DeliveryMerged
			next = slices.DeleteFunc(next, func(ep string) bool { return ep == other.Endpoint })
		}
	}
	switch {
	case len(next) > 0:
		return d.forward(ctx, del, c, next, now)
	case handed && del.State == gengfu.DeliveryPending:
		return d.store.AmendIncident(ctx, del.Incident, func(gengfu.Incident, gengfu.Snapshot) (gengfu.Change, error) {
			return gengfu.Change{Overtaken: []gengfu.Overtaken{{
				Incident: del.Incident, Seq: del.Seq, Endpoints: []string{del.Endpoint}, By: "another contact of " + c.person.Name,
			}}}, nil
		})
	}
	return nil
}

// forward renders a message anew for the next contact, with the incident as it
// is, and notes it on the timeline.
func (d *daemon) forward(ctx context.Context, del gengfu.Delivery, c contact, next []string, now time.Time) error {
	events, err := d.store.Events(ctx, del.Incident)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(events, func(ev gengfu.Event) bool { return ev.Seq == del.Seq })
	t := d.telling.Load()
	if i < 0 || t == nil {
		return nil
	}
	return d.store.AmendIncident(ctx, del.Incident, func(inc gengfu.Incident, _ gengfu.Snapshot) (gengfu.Change, error) {
		if !stillNews(inc, del.Kind) {
			return gengfu.Change{}, nil
		}
		ev := events[i]
		ev.Kind = del.Kind
		list := d.render(gengfu.Notice{Incident: inc, URL: d.in.incidentURL(inc.Number), Event: ev}, next, t.router.Forward)
		if len(list) == 0 {
			return gengfu.Change{}, nil
		}
		inc.Seq++
		from, to := del.Endpoint, strings.Join(next, ", ")
		return gengfu.Change{Incidents: []gengfu.Incident{inc}, Deliveries: list, Events: []gengfu.Event{{
			Incident: inc.Number, Seq: inc.Seq, At: now, Actor: gengfu.Machine, Kind: gengfu.EventNoted,
			Text: gengfu.Both(
				from+" 在一分钟内未收下给 "+c.person.Name+" 的通知，改发 "+to,
				from+" did not take the message for "+c.person.Name+" within a minute; it goes to "+to+" instead"),
		}}}, nil
	})
}

// stillNews reports whether a message is worth telling as the incident stands.
func stillNews(inc gengfu.Incident, kind gengfu.EventKind) bool {
	if inc.Silence != 0 || !inc.Active() {
		return false
	}
	return inc.State == gengfu.IncidentOpen || kind == gengfu.EventClockBreached || kind == gengfu.EventUpdated
}
