package prober_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"gengfu"
	"gengfu/ops/incidents"
	"gengfu/prober"
	"gengfu/scenarios"
	"gengfu/storage"
)

// TestProber_onTheRealLedger follows one outage through the database: a run,
// its confirmation, the incident, a restart in the middle, and the recovery.
func TestProber_onTheRealLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "gengfu.db")
		browser := &script{words: map[string]string{"login": "PPFF"}, took: 2 * time.Second}
		live(t, path, browser, 16*time.Minute, func(store *storage.Store) {
			inc := incident(t, store)
			if inc.State != gengfu.IncidentOpen || inc.Number != "INC-2000-0001" || !inc.ImpactStart.Before(inc.Opened) {
				t.Errorf("after the failure: %+v", inc)
			}
			desk := incidents.Desk{Ledger: store}
			if _, err := desk.Act(t.Context(), inc.Number, incidents.Action{Kind: gengfu.EventAssigned, Actor: "李工", Text: "王工"}); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Hour)
		live(t, path, browser, 20*time.Minute, func(store *storage.Store) {
			inc := incident(t, store)
			if inc.State != gengfu.IncidentResolved || inc.Assignee != "王工" || inc.Seq != 3 {
				t.Errorf("after the recovery: %+v", inc)
			}
			gaps, err := store.Gaps(t.Context(), "login", time.Time{})
			if err != nil || len(gaps) != 1 || gaps[0].Fate != gengfu.FateMissed || gaps[0].Count < 10 || gaps[0].Count > 11 {
				t.Errorf("gaps %+v %v", gaps, err)
			}
			if open, err := store.OpenSlots(t.Context()); err != nil || len(open) > 0 {
				t.Errorf("open slots %v %v", open, err)
			}
		})
	})
}

// live runs a prober on a ledger for some time and then looks at what it left.
func live(t *testing.T, path string, browser *script, span time.Duration, look func(*storage.Store)) {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	p, err := prober.New(prober.Config{Ledger: store, Browser: browser.run, Record: recordIn(store)})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Load([]scenarios.Scenario{scenario("login", 5*time.Minute, 1)}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), span)
	defer cancel()
	if err := p.Run(ctx); err != nil {
		t.Error(err)
	}
	look(store)
}

func recordIn(store *storage.Store) prober.Record {
	return func(ctx context.Context, r gengfu.Run, confirm scenarios.Confirm) (after gengfu.CheckState, err error) {
		err = store.Record(ctx, r, incidents.Keys(r), func(snap gengfu.Snapshot) (gengfu.Change, error) {
			state, signals := prober.Judge(snap.Check, r, confirm)
			change, err := incidents.Apply(snap, signals, r.Started.Add(r.Duration))
			change.Check, after = &state, state
			return change, err
		})
		return after, err
	}
}

func incident(t *testing.T, store *storage.Store) gengfu.Incident {
	t.Helper()
	list, err := store.Incidents(t.Context(), storage.IncidentFilter{})
	if err != nil || len(list) != 1 {
		t.Fatalf("incidents %+v %v", list, err)
	}
	return list[0]
}
