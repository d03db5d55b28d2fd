package gengfu_test

import (
	"testing"
	"time"

	"gengfu"
)

func TestIncident_began(t *testing.T) {
	opened, hit := time.Date(2026, 11, 23, 8, 5, 0, 0, time.UTC), time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	if at := (gengfu.Incident{Opened: opened}).Began(); !at.Equal(opened) {
		t.Errorf("an incident of unknown impact began at %s", at)
	}
	if at := (gengfu.Incident{Opened: opened, ImpactStart: hit}).Began(); !at.Equal(hit) {
		t.Errorf("an incident began at %s, not when people were hit", at)
	}
}
