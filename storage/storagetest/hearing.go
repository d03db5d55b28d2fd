package storagetest

import (
	"testing"
	"time"

	"gengfu"
	"gengfu/storage"
)

// kind is a message of an event of this kind.
func kind(endpoint, number string, seq int, kind gengfu.EventKind, at time.Time) gengfu.Delivery {
	d := message(endpoint, number, seq, at)
	d.Kind = kind
	return d
}

func overtake(t *testing.T, s *storage.Store, list ...gengfu.Overtaken) {
	t.Helper()
	must(t, s.Amend(t.Context(), "", "", nil, func(gengfu.Snapshot) (gengfu.Change, error) {
		return gengfu.Change{Overtaken: list}, nil
	}))
}

// pending are the keys of what waits.
func pending(t *testing.T, s *storage.Store) (keys []string) {
	t.Helper()
	for _, d := range got[[]gengfu.Delivery](t)(s.Deliveries(t.Context(), storage.DeliveryFilter{State: gengfu.DeliveryPending})) {
		keys = append([]string{d.Key}, keys...)
	}
	return keys
}

// overtaken: what is not true any more is given up by event, endpoint and kind.
func overtaken(t *testing.T, s *storage.Store) {
	at := time.Now().Truncate(time.Millisecond)
	later := at.Add(time.Hour)
	queue(t, s, kind("a", "I1", 1, gengfu.EventOpened, later), kind("b", "I1", 1, gengfu.EventOpened, later),
		kind("a", "I1", 2, gengfu.EventEscalated, later), kind("b", "I1", 2, gengfu.EventEscalated, later), kind("a", "I2", 2, gengfu.EventEscalated, later))
	overtake(t, s, gengfu.Overtaken{Incident: "I1", Seq: 1, Endpoints: []string{"b"}, By: "another contact"})
	wantKeys(t, pending(t, s), "I1/1/a", "I1/2/a", "I1/2/b", "I2/2/a")
	overtake(t, s, gengfu.Overtaken{Incident: "I1", Kinds: []gengfu.EventKind{gengfu.EventEscalated}, By: "li"})
	wantKeys(t, pending(t, s), "I1/1/a", "I2/2/a")
	overtake(t, s, gengfu.Overtaken{Incident: "I1", Tried: true, By: "li"}) // nothing was tried
	wantKeys(t, pending(t, s), "I1/1/a", "I2/2/a")

	queue(t, s, kind("b", "I1", 3, gengfu.EventResolved, later), kind("a", "I1", 3, gengfu.EventResolved, later)) // b heard nothing of it
	wantKeys(t, pending(t, s), "I1/1/a", "I2/2/a", "I1/3/a")
}

// overtakenWhileSent: what is being sent is given up when the try fails.
func overtakenWhileSent(t *testing.T, s *storage.Store) {
	at := time.Now().Add(-time.Second).Truncate(time.Millisecond)
	queue(t, s, kind("a", "I1", 1, gengfu.EventOpened, at), kind("a", "I2", 1, gengfu.EventOpened, at))
	_, ids := claim(t, s, at)
	overtake(t, s, gengfu.Overtaken{Incident: "I1", By: "li"}, gengfu.Overtaken{Incident: "I2", By: "li"})
	must(t, s.Retry(t.Context(), ids[0], at.Add(time.Minute), "503", at))
	must(t, s.Sent(t.Context(), ids[1], "", at))
	for i, want := range []gengfu.DeliveryState{gengfu.DeliveryMerged, gengfu.DeliverySent} {
		if d := got[gengfu.Delivery](t)(s.Delivery(t.Context(), ids[i])); d.State != want {
			t.Errorf("delivery %d is %s (%s), want %s", i, d.State, d.Error, want)
		}
	}
}

// unhanded: what is urgent and waits, or was refused for good a while ago.
func unhanded(t *testing.T, s *storage.Store) {
	update := message("c", "I1", 2, start)
	update.Priority = gengfu.PriorityUpdate
	loose := message("d", "", 1, start)
	queue(t, s, message("a", "I1", 1, start), message("b", "I1", 1, start), message("b", "I2", 1, start.Add(-2*time.Hour)), message("e", "I3", 1, start), update, loose)
	_, ids := claim(t, s, start)
	for _, id := range ids {
		switch d := got[gengfu.Delivery](t)(s.Delivery(t.Context(), id)); d.Key {
		case "I1/1/b", "I2/1/b":
			must(t, s.Dead(t.Context(), id, "refused", start))
		case "I3/1/e":
			must(t, s.Sent(t.Context(), id, "", start))
		}
	}
	var keys []string
	for _, d := range got[[]gengfu.Delivery](t)(s.Unhanded(t.Context(), start.Add(-time.Hour))) {
		keys = append(keys, d.Key)
	}
	wantKeys(t, keys, "I1/1/a", "I1/1/b")
}

// foldedUnhanded: what is told together waits for somebody to take it as long
// as the message that tells it does.
func foldedUnhanded(t *testing.T, s *storage.Store) {
	made := start.Add(time.Minute)
	parts := []gengfu.Delivery{bundled("a", "I1", "g", start), bundled("a", "I2", "g", start)}
	queue(t, s, append(parts, message("b", "I1", 1, start))...)
	list := got[[][]gengfu.Delivery](t)(s.Bundles(t.Context(), start, time.Time{}, 10))
	if len(list) != 1 || len(list[0]) != 2 {
		t.Fatalf("bundles: %v", list)
	}
	digest := message("a", "", 1, made)
	digest.Kind = "digest"
	must(t, s.Bundle(t.Context(), list[0], &digest, start))
	want := func(since time.Time, want ...string) {
		t.Helper()
		var keys []string
		for _, d := range got[[]gengfu.Delivery](t)(s.Unhanded(t.Context(), since)) {
			keys = append(keys, d.Key)
			if d.State == gengfu.DeliveryMerged && !d.Created.Equal(made) {
				t.Errorf("%s waits since %s", d.Key, d.Created)
			}
		}
		wantKeys(t, keys, want...)
	}
	want(start.Add(-time.Second), "I1/1/b", "I1/1/a", "I2/1/a")
	want(made, "I1/1/b") // too long ago
	_, ids := claim(t, s, made)
	for _, id := range ids {
		must(t, s.Sent(t.Context(), id, "", made))
	}
	want(start.Add(-time.Second))
}

// toldElsewhere: news that another message has is given up, unless the beginning
// of the story may still be told.
func toldElsewhere(t *testing.T, s *storage.Store) {
	part := func(endpoint string) gengfu.Delivery {
		d := kind(endpoint, "I1", 2, gengfu.EventMerged, start)
		d.Known = true
		return d
	}
	queue(t, s, kind("a", "I1", 1, gengfu.EventOpened, start), kind("b", "I1", 1, gengfu.EventOpened, start))
	_, ids := claim(t, s, start)
	must(t, s.Sent(t.Context(), ids[0], "", start))
	must(t, s.Retry(t.Context(), ids[1], start.Add(time.Minute), "503", start))
	queue(t, s, part("a"), part("b"))
	wantKeys(t, pending(t, s), "I1/1/b", "I1/2/b")
}

// hushed: what a silence kept quiet, and nobody was told of.
func hushed(t *testing.T, s *storage.Store) {
	mute := func(key string, state gengfu.IncidentState, at time.Time, kinds []gengfu.EventKind, endpoints ...string) {
		must(t, s.Amend(t.Context(), "", "", []string{key}, func(snap gengfu.Snapshot) (gengfu.Change, error) {
			change, err := opening(key, at, endpoints...)(snap)
			inc := &change.Incidents[0]
			inc.State = state
			for _, k := range kinds {
				inc.Seq++
				change.Events = append(change.Events, gengfu.Event{Incident: inc.Number, Seq: inc.Seq, At: at, Actor: gengfu.Machine, Kind: k})
			}
			return change, err
		}))
	}
	muted := []gengfu.EventKind{gengfu.EventMuted}
	mute("scenario:told", gengfu.IncidentResolved, start, muted, "room")
	mute("scenario:loud", gengfu.IncidentResolved, start, nil)
	mute("scenario:old", gengfu.IncidentResolved, start.Add(-time.Hour), muted)
	mute("scenario:part", gengfu.IncidentMerged, start, muted)
	mute("scenario:quiet", gengfu.IncidentResolved, start, muted)
	mute("scenario:open", gengfu.IncidentOpen, start, []gengfu.EventKind{gengfu.EventMuted, gengfu.EventUnmuted, gengfu.EventMuted})
	var keys []string
	for _, inc := range got[[]gengfu.Incident](t)(s.Hushed(t.Context(), start.Add(-time.Minute))) {
		keys = append(keys, inc.Key)
	}
	wantKeys(t, keys, "scenario:quiet", "scenario:open")
}
