package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/storage"
)

const lease = time.Minute

// claim returns the keys of what is claimed at a time, and their ids.
func claim(t *testing.T, s *storage.Store, now time.Time) (keys []string, ids []int64) {
	t.Helper()
	for _, d := range got[[]gengfu.Delivery](t)(s.Claim(t.Context(), "test", lease, now, 10)) {
		keys, ids = append(keys, d.Key), append(ids, d.ID)
	}
	return keys, ids
}

func wantKeys(t *testing.T, keys []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("claimed (-want +got):\n%s", diff)
	}
}

func streamOrder(t *testing.T, s *storage.Store) {
	queue(t, s, message("mail", "I1", 1, start), message("mail", "I1", 2, start), message("mail", "I2", 1, start), message("room", "I1", 1, start.Add(time.Second)))
	keys, ids := claim(t, s, start)
	wantKeys(t, keys, "I1/1/mail", "I2/1/mail")
	keys, _ = claim(t, s, start)
	wantKeys(t, keys)
	must(t, s.Sent(t.Context(), ids[0], "ref", start))
	keys, _ = claim(t, s, start.Add(time.Second))
	wantKeys(t, keys, "I1/2/mail", "I1/1/room")
	must(t, s.Dead(t.Context(), ids[1], "refused", start))
	wantError(t, s.Sent(t.Context(), ids[1], "", start), gengfu.ErrConflict)
	wantError(t, s.Sent(t.Context(), 99, "", start), gengfu.ErrNotFound)
}

func urgency(t *testing.T, s *storage.Store) {
	update, resolve, open := message("a", "I1", 1, start), message("b", "I1", 1, start), message("c", "I1", 1, start.Add(time.Second))
	update.Priority, resolve.Priority = gengfu.PriorityUpdate, gengfu.PriorityResolve
	queue(t, s, update, resolve, open)
	now := start.Add(time.Minute)
	first := got[[]gengfu.Delivery](t)(s.Claim(t.Context(), "test", lease, now, 2))
	if len(first) != 2 || first[0].Endpoint != "c" || first[1].Endpoint != "b" {
		t.Errorf("claimed first: %v", first)
	}
	keys, _ := claim(t, s, now)
	wantKeys(t, keys, "I1/1/a")
}

func leases(t *testing.T, s *storage.Store) {
	want := message("mail", "I1", 1, start)
	queue(t, s, want)
	d := got[[]gengfu.Delivery](t)(s.Claim(t.Context(), "first", lease, start, 10))
	want.ID, want.State, want.Attempts = d[0].ID, gengfu.DeliveryPending, 1
	if diff := cmp.Diff(want, d[0]); diff != "" {
		t.Errorf("claimed (-want +got):\n%s", diff)
	}
	if at, ok, err := s.NextDue(t.Context()); err != nil || !ok || !at.Equal(start.Add(lease)) {
		t.Errorf("next due %v, %v, %v: want the end of the lease", at, ok, err)
	}
	keys, _ := claim(t, s, start.Add(lease-time.Millisecond))
	wantKeys(t, keys)
	again := got[[]gengfu.Delivery](t)(s.Claim(t.Context(), "second", lease, start.Add(lease), 10))
	if len(again) != 1 || again[0].Attempts != 2 || string(again[0].Body) != string(want.Body) {
		t.Errorf("claimed again: %+v", again)
	}
}

func expiry(t *testing.T, s *storage.Store) {
	queue(t, s, message("mail", "I1", 1, start), message("mail", "I1", 2, start.Add(30*time.Minute)))
	late := start.Add(time.Hour)
	keys, _ := claim(t, s, late)
	wantKeys(t, keys, "I1/2/mail")
	list := got[[]gengfu.Delivery](t)(s.Deliveries(t.Context(), storage.DeliveryFilter{State: gengfu.DeliveryDead}))
	if len(list) != 1 || list[0].Seq != 1 || list[0].Error != "expired" {
		t.Errorf("dead: %+v", list)
	}
}

func retries(t *testing.T, s *storage.Store) {
	queue(t, s, message("mail", "I1", 1, start))
	_, ids := claim(t, s, start)
	next := start.Add(10 * time.Second)
	must(t, s.Retry(t.Context(), ids[0], next, "503", start))
	keys, _ := claim(t, s, next.Add(-time.Millisecond))
	wantKeys(t, keys)
	if at, ok, err := s.NextDue(t.Context()); err != nil || !ok || !at.Equal(next) {
		t.Errorf("next due %v, %v, %v", at, ok, err)
	}
	again := got[[]gengfu.Delivery](t)(s.Claim(t.Context(), "test", lease, next, 10))
	if len(again) != 1 || again[0].Attempts != 2 || again[0].Error != "503" {
		t.Fatalf("claimed again: %+v", again)
	}
	must(t, s.Retry(t.Context(), ids[0], start.Add(2*time.Hour), "503 again", next))
	d := got[gengfu.Delivery](t)(s.Delivery(t.Context(), ids[0]))
	if d.State != gengfu.DeliveryDead || d.Error != "503 again" {
		t.Errorf("a retry past the expiry: %+v", d)
	}
	if _, ok, err := s.NextDue(t.Context()); ok || err != nil {
		t.Errorf("something is due: %v", err)
	}
}

func replay(t *testing.T, s *storage.Store) {
	recent := time.Now().Add(-3 * time.Hour).Truncate(time.Millisecond)
	queue(t, s, message("mail", "I1", 1, recent))
	_, ids := claim(t, s, recent)
	wantError(t, s.Replay(t.Context(), ids[0]), gengfu.ErrConflict)
	must(t, s.Dead(t.Context(), ids[0], "404", recent))
	must(t, s.Replay(t.Context(), ids[0]))
	d := got[gengfu.Delivery](t)(s.Delivery(t.Context(), ids[0]))
	if d.State != gengfu.DeliveryPending || d.Attempts != 0 || d.Expires.Before(time.Now().Add(50*time.Minute)) {
		t.Errorf("replayed: %+v", d)
	}
	keys, _ := claim(t, s, time.Now())
	wantKeys(t, keys, "I1/1/mail")
	wantError(t, s.Replay(t.Context(), 99), gengfu.ErrNotFound)
}

func threads(t *testing.T, s *storage.Store) {
	for seq := range 4 {
		queue(t, s, message("mail", "I1", seq+1, start))
	}
	queue(t, s, message("room", "I1", 1, start))
	var seen []string
	for i, ref := range []string{"", "first", "second", ""} {
		for _, d := range got[[]gengfu.Delivery](t)(s.Claim(t.Context(), "test", lease, start, 10)) {
			if d.Endpoint == "room" {
				continue
			}
			seen = append(seen, d.Thread)
			if d.Seq != i+1 {
				t.Errorf("claimed %d, want %d", d.Seq, i+1)
			}
			must(t, s.Sent(t.Context(), d.ID, ref, start))
		}
	}
	if diff := cmp.Diff([]string{"", "", "first", "first"}, seen); diff != "" {
		t.Errorf("threads (-want +got):\n%s", diff)
	}
}

func idempotency(t *testing.T, s *storage.Store) {
	queue(t, s, message("mail", "I1", 1, start), message("mail", "I1", 1, start))
	queue(t, s, message("mail", "I1", 1, start))
	if list := got[[]gengfu.Delivery](t)(s.Deliveries(t.Context(), storage.DeliveryFilter{})); len(list) != 1 {
		t.Errorf("%d deliveries of one key", len(list))
	}
}

func backlog(t *testing.T, s *storage.Store) {
	queue(t, s, message("mail", "I1", 1, start), message("mail", "I2", 1, start.Add(time.Second)), message("room", "I1", 1, start))
	_, ids := claim(t, s, start)
	must(t, s.Dead(t.Context(), ids[0], "404", start))
	want := []gengfu.Backlog{{Endpoint: "mail", Pending: 1, Dead: 1, Oldest: start.Add(time.Second)}, {Endpoint: "room", Pending: 1, Oldest: start}}
	if diff := cmp.Diff(want, got[[]gengfu.Backlog](t)(s.Backlog(t.Context()))); diff != "" {
		t.Errorf("backlog (-want +got):\n%s", diff)
	}
	for filter, n := range map[storage.DeliveryFilter]int{{}: 3, {Incident: "I1"}: 2, {Endpoint: "mail"}: 2, {Endpoint: "mail", Incident: "I2"}: 1, {Limit: 2}: 2} {
		if list := got[[]gengfu.Delivery](t)(s.Deliveries(t.Context(), filter)); len(list) != n {
			t.Errorf("%+v gives %d deliveries, want %d", filter, len(list), n)
		}
	}
}

func telling(t *testing.T, s *storage.Store) {
	topics, cancel := s.Subscribe()
	r := planned("a", start, gengfu.Failed)
	wantError(t, s.Record(t.Context(), r, nil, func(gengfu.Snapshot) (gengfu.Change, error) { return gengfu.Change{}, errRefused }), errRefused)
	must(t, s.Record(t.Context(), r, nil, opening("scenario:a", start, "mail")))
	receive(soon(t), t, s.Wake())
	want := []string{"run:" + r.Slot.ID(), "incident:INC-2026-0001", "delivery:1"}
	var have []string
	for range want {
		have = append(have, receive(soon(t), t, topics))
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
	cancel()
	cancel()
	if _, open := <-topics; open {
		t.Error("a topic after cancel")
	}
	select {
	case <-s.Wake():
		t.Error("woken twice by one delivery")
	default:
	}
}

func receive[T any](ctx context.Context, t *testing.T, ch <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-ch:
	case <-ctx.Done():
		t.Fatal("nothing was told in time")
	}
	return v
}

func slowSubscriber(t *testing.T, s *storage.Store) {
	topics, cancel := s.Subscribe()
	defer cancel()
	for i := range 400 {
		queue(t, s, message("mail", "I1", i+1, start))
	}
	n := 0
	for {
		select {
		case <-topics:
			n++
			continue
		default:
		}
		break
	}
	if n == 0 || n >= 400 {
		t.Errorf("%d topics are waiting, want some and not all", n)
	}
}
