package storage_test

import (
	"path/filepath"
	"testing"
	"time"

	"gengfu"
)

// TestStore_remembersTimersOverARestart: what came due while nobody ran is due.
func TestStore_remembersTimersOverARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := openAt(t, path)
	must(t, s.Amend(t.Context(), "", "", nil, opening("scenario:a", 0)))
	list, err := s.Waiting(t.Context())
	must(t, err)
	number := list[0].Number
	timer := gengfu.Timer{Incident: number, Kind: gengfu.TimerStep, Step: 1, Generation: 3, Due: start.Add(time.Minute)}
	must(t, s.Amend(t.Context(), "", "", nil, func(gengfu.Snapshot) (gengfu.Change, error) {
		return gengfu.Change{Timers: map[string][]gengfu.Timer{number: {timer}}}, nil
	}))
	must(t, s.Close())
	s = openAt(t, path)
	due, err := s.Due(t.Context(), start.Add(time.Hour))
	must(t, err)
	if len(due) != 1 || due[0] != number {
		t.Errorf("due after a restart: %v", due)
	}
	if all, err := s.Timers(t.Context(), number); err != nil || len(all) != 1 || all[0] != timer {
		t.Errorf("%v %v", all, err)
	}
}
