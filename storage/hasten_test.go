package storage_test

import (
	"testing"
	"time"

	"gengfu"
)

// What waits after a failed try for an endpoint that was put right is due at
// once; other endpoints, and what is being sent, stay as they are.
func TestHasten_onlyWhatWaitsForTheEndpoint(t *testing.T) {
	s, now := open(t), time.Date(2026, 3, 6, 17, 30, 0, 0, time.UTC)
	var list []gengfu.Delivery
	for _, ep := range []string{"room", "mail", "busy"} {
		list = append(list, gengfu.Delivery{
			Key: ep, Endpoint: ep, Stream: ep + "|I1", Incident: "I1", Seq: 1, Kind: gengfu.EventOpened, Priority: gengfu.PriorityOpen,
			Next: now, Created: now, Expires: now.Add(time.Hour),
		})
	}
	if err := s.Amend(t.Context(), "", "", nil, func(gengfu.Snapshot) (gengfu.Change, error) { return gengfu.Change{Deliveries: list}, nil }); err != nil {
		t.Fatal(err)
	}
	claimed, err := s.Claim(t.Context(), "me", time.Minute, now, 10)
	if err != nil || len(claimed) != 3 {
		t.Fatalf("%d, %v", len(claimed), err)
	}
	for _, d := range claimed {
		if d.Endpoint != "busy" {
			if err := s.Retry(t.Context(), d.ID, now.Add(15*time.Minute), "revoked", now); err != nil {
				t.Fatal(err)
			}
		}
	}
	for ep, want := range map[string]int{"room": 1, "busy": 0, "none": 0} {
		if n, err := s.Hasten(t.Context(), ep, now); n != want || err != nil {
			t.Errorf("%s: %d, %v", ep, n, err)
		}
	}
	claimed, err = s.Claim(t.Context(), "me", time.Minute, now, 10)
	if err != nil || len(claimed) != 1 || claimed[0].Endpoint != "room" || claimed[0].Attempts != 2 {
		t.Errorf("%v, %v", claimed, err)
	}
}
