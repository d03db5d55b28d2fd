package storage_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"gengfu"
	"gengfu/storage"
)

// A run is recorded together with what it changes: here, the state of its
// check.
func ExampleStore_Record() {
	err := func() (err error) {
		dir, err := os.MkdirTemp("", "ledger")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		ctx := context.Background()
		s, err := storage.Open(ctx, storage.Config{Path: filepath.Join(dir, "ledger.db")})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.Close()) }()

		due := time.Date(2026, 11, 23, 7, 15, 0, 0, time.UTC)
		run := gengfu.Run{
			Slot:    gengfu.Slot{Scenario: "admin-login", Due: due, Location: gengfu.DefaultLocation, Attempt: 1, Kind: gengfu.SlotScheduled},
			Started: due, Duration: 2 * time.Second, Outcome: gengfu.Passed,
		}
		up := func(snap gengfu.Snapshot) (gengfu.Change, error) {
			fmt.Println("was", snap.Check.State)
			snap.Check.State = gengfu.StateUp
			return gengfu.Change{Check: &snap.Check}, nil
		}
		if err := s.Record(ctx, run, []string{gengfu.ScenarioKey("admin-login")}, up); err != nil {
			return err
		}
		fmt.Println(s.Record(ctx, run, nil, up))
		states, err := s.States(ctx)
		fmt.Println("is", states[0].State)
		return err
	}()
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// was unknown
	// record run admin-login@local-20261123T071500.000Z: already recorded
	// is up
}
