package storagetest

import (
	"testing"
	"time"

	"gengfu"
	"gengfu/storage"
)

// bundled is a delivery of a bundle.
func bundled(endpoint, number, bundle string, at time.Time) gengfu.Delivery {
	d := message(endpoint, number, 1, at)
	d.Bundle = bundle
	return d
}

func bundles(t *testing.T, s *storage.Store) {
	night := start.Add(time.Hour)
	queue(t, s, bundled("room", "I1", "quiet", night), bundled("room", "I2", "quiet", night.Add(time.Hour)), bundled("mail", "I1", "quiet", night),
		message("room", "I3", 1, start), message("room", "I4", 1, start), message("room", "I5", 1, start))
	look := func(now, before time.Time, crowd int) [][]gengfu.Delivery {
		t.Helper()
		return got[[][]gengfu.Delivery](t)(s.Bundles(t.Context(), now, before, crowd))
	}
	if list := look(start, time.Time{}, 3); len(list) != 0 {
		t.Errorf("before anything is due together: %v", list)
	}
	if list := look(start, time.Time{}, 2); len(list) != 1 || len(list[0]) != 3 {
		t.Errorf("a crowd: %v", list)
	}
	if list := look(start.Add(time.Minute), start.Add(time.Second), 10); len(list) != 1 || len(list[0]) != 3 {
		t.Errorf("overdue: %v", list)
	}
	list := look(night, time.Time{}, 10)
	if len(list) != 1 || len(list[0]) != 2 || !list[0][1].Next.Equal(night) {
		t.Fatalf("the quiet is over: %v", list)
	}
	one := message("room", "", 1, night)
	must(t, s.Bundle(t.Context(), list[0], &one, night))
	wantError(t, s.Bundle(t.Context(), list[0], nil, night), gengfu.ErrConflict)
	if keys, _ := claim(t, s, night); len(keys) != 2 { // the crowd expired meanwhile
		t.Errorf("left to send: %v", keys)
	}
	if told := got[[]gengfu.Delivery](t)(s.Deliveries(t.Context(), storage.DeliveryFilter{State: gengfu.DeliveryMerged})); len(told) != 2 {
		t.Errorf("merged: %v", told)
	}
}

func groupInterval(t *testing.T, s *storage.Store) {
	first := bundled("room", "I1", "g", start.Add(30*time.Second))
	first.Gap = 5 * time.Minute
	queue(t, s, first)
	_, ids := claim(t, s, start.Add(30*time.Second))
	must(t, s.Sent(t.Context(), ids[0], "", start.Add(30*time.Second)))
	second := bundled("room", "I2", "g", start.Add(time.Minute))
	second.Gap = 5 * time.Minute
	queue(t, s, second)
	keys, _ := claim(t, s, start.Add(5*time.Minute))
	wantKeys(t, keys)
	keys, _ = claim(t, s, start.Add(6*time.Minute))
	wantKeys(t, keys, "I2/1/room")
}

func folded(t *testing.T, s *storage.Store) {
	number := "I1"
	event := func(seq int, kind gengfu.EventKind) gengfu.Delivery {
		d := message("room", number, seq, start)
		d.Kind, d.Fold = kind, true
		return d
	}
	queue(t, s, event(1, gengfu.EventOpened), event(2, gengfu.EventUpdated), event(3, gengfu.EventUpdated))
	keys, ids := claim(t, s, start)
	wantKeys(t, keys, "I1/1/room")
	queue(t, s, event(4, gengfu.EventResolved)) // while the opening is being sent
	must(t, s.Sent(t.Context(), ids[0], "", start))
	keys, _ = claim(t, s, start)
	wantKeys(t, keys, "I1/4/room")

	number = "I2"
	queue(t, s, event(1, gengfu.EventOpened), event(2, gengfu.EventUpdated), event(3, gengfu.EventUpdated))
	if left := got[[]gengfu.Delivery](t)(s.Deliveries(t.Context(), storage.DeliveryFilter{State: gengfu.DeliveryPending, Incident: "I2"})); len(left) != 2 {
		t.Errorf("an update takes the place of the one before: %v", left)
	}
	queue(t, s, event(4, gengfu.EventResolved))
	keys, _ = claim(t, s, start)
	wantKeys(t, keys, "I2/4/room")
}

func swallowed(t *testing.T, s *storage.Store) {
	event := func(number string, seq int, kind gengfu.EventKind) gengfu.Delivery {
		d := message("room", number, seq, start)
		d.Kind = kind
		return d
	}
	queue(t, s, event("I1", 1, gengfu.EventOpened))
	_, ids := claim(t, s, start)
	must(t, s.Sent(t.Context(), ids[0], "", start))
	queue(t, s, event("I1", 2, gengfu.EventMerged))                                     // somebody heard of it
	queue(t, s, event("I2", 1, gengfu.EventOpened), event("I2", 2, gengfu.EventMerged)) // nobody did
	keys, _ := claim(t, s, start)
	wantKeys(t, keys, "I1/2/room")
}

func drop(t *testing.T, s *storage.Store) {
	queue(t, s, message("a", "I1", 1, start), message("b", "I1", 1, start), message("c", "I1", 1, start))
	_, ids := claim(t, s, start)
	must(t, s.Dead(t.Context(), ids[0], "refused", start))
	must(t, s.Drop(t.Context(), ids[0], "li", start))
	wantError(t, s.Drop(t.Context(), ids[0], "li", start), gengfu.ErrConflict)
	wantError(t, s.Drop(t.Context(), ids[1], "li", start), gengfu.ErrConflict) // it is being sent
	must(t, s.Drop(t.Context(), ids[1], "li", start.Add(lease)))
	wantError(t, s.Drop(t.Context(), 99, "li", start), gengfu.ErrNotFound)
}
