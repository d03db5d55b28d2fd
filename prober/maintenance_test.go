package prober_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"gengfu"
	"gengfu/prober"
	"gengfu/scenarios"
	"gengfu/storage"
)

// TestProber_maintenanceIsExcluded: an outage that begins inside a maintenance
// window opens nothing and counts for nothing while it lasts, and is told by the
// runs after it.
func TestProber_maintenanceIsExcluded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, err := storage.Open(t.Context(), storage.Config{Path: filepath.Join(t.TempDir(), "gengfu.db")})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		browser := &script{words: map[string]string{"login": "PPFFFFFF"}, took: 2 * time.Second}
		p, err := prober.New(prober.Config{Ledger: store, Browser: browser.run, Record: recordIn(store)})
		if err != nil {
			t.Fatal(err)
		}
		login := scenario("login", 5*time.Minute, 1)
		start := time.Now()
		login.Schedule.Upkeep = []scenarios.Maintenance{{Title: "release", Window: gengfu.Window{From: start.Add(10 * time.Minute), To: start.Add(25 * time.Minute)}}}
		if err := p.Load([]scenarios.Scenario{login}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx) }()
		time.Sleep(25*time.Minute - time.Second)
		synctest.Wait()
		if list, err := store.Incidents(t.Context(), storage.IncidentFilter{}); err != nil || len(list) > 0 {
			t.Errorf("inside the window: %+v %v", list, err)
		}
		sum, err := store.Availability(t.Context(), "login", start)
		if err != nil || sum.N != 2 || sum.Failed != 0 {
			t.Errorf("the window counts: %+v %v", sum, err)
		}
		last, err := store.LastDue(t.Context(), "login", gengfu.DefaultLocation)
		if err != nil || last.Before(start.Add(19*time.Minute)) {
			t.Errorf("its runs are not accounted for: %v %v", last, err)
		}
		time.Sleep(6 * time.Minute)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if inc := incident(t, store); inc.State != gengfu.IncidentOpen || inc.ImpactStart.Before(start.Add(25*time.Minute)) {
			t.Errorf("after the window: %+v", inc)
		}
	})
}
