package prober_test

import (
	"testing"
	"testing/synctest"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

func TestProber_accountsForTheTimeItWasDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, set := newLedger(), scenario("login", 5*time.Minute, 1)
		first := start(t, l, &script{took: time.Second}, set)
		time.Sleep(time.Hour)
		first.stop()
		before := len(l.runs)
		// It died with a slot open.
		lost := gengfu.Slot{Scenario: "login", Due: l.runs[before-1].Slot.Due.Add(5 * time.Minute), Location: "local", Attempt: 1, Kind: gengfu.SlotScheduled}
		l.open = append(l.open, lost)
		time.Sleep(10 * time.Hour)
		second := start(t, l, &script{took: time.Second}, set)
		time.Sleep(time.Hour + 2*time.Second)
		second.stop()
		wantTale(t, l.fates, "scheduled lost: the prober died")
		if len(l.gaps) != 2 || l.gaps[1].Fate != gengfu.FateMissed || l.gaps[1].Count != 118 {
			t.Fatalf("gaps %+v", l.gaps)
		}
		late := l.runs[before]
		if late.Slot.Kind != gengfu.SlotScheduled || late.QueueWait <= 0 || late.QueueWait > 5*time.Minute || !l.gaps[1].To.Equal(late.Slot.Due.Add(-5*time.Minute)) {
			t.Errorf("the run that caught up: %+v after the gap %+v", late.Slot, l.gaps[1])
		}
		// Every planned time has one fate.
		p, _ := second.Plan("login")
		planned := p.Count(l.runs[0].Slot.Due.Add(-time.Millisecond), l.runs[len(l.runs)-1].Slot.Due)
		if fates := len(l.runs) + l.gaps[0].Count + l.gaps[1].Count; fates != planned {
			t.Errorf("%d fates of %d planned times", fates, planned)
		}
	})
}

func TestProber_doesNotWakeAScheduleThatRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := scenario("office", 0, 1)
		set.Schedule = scenarios.Schedule{Cron: "*/30 8-17 * * *"}
		l := newLedger()
		first := start(t, l, &script{}, set)
		time.Sleep(16*time.Hour + time.Minute)
		first.stop()
		before := len(l.runs)
		time.Sleep(6 * time.Hour)
		second := start(t, l, &script{}, set)
		time.Sleep(time.Minute)
		second.stop()
		if len(l.runs) != before || len(l.gaps) != 1 || l.gaps[0].Count != 3 {
			t.Errorf("%d runs more, gaps %+v", len(l.runs)-before, l.gaps)
		}
	})
}

func TestProber_confirmsWhatWasSuspectWhenItDied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		due := time.Now().Add(-time.Minute).UTC()
		r := outcome('F', due)
		l.open = append(l.open, r.Slot)
		if _, err := l.record(t.Context(), r, scenarios.Confirm{Retries: 1}); err != nil {
			t.Fatal(err)
		}
		st := start(t, l, &script{words: map[string]string{"login": "F"}}, scenario("login", 24*time.Hour, 1))
		time.Sleep(time.Second)
		st.stop()
		wantTale(t, l.tale(), "scheduled 1 failed", "confirm 2 failed")
		wantTale(t, l.told, "scenario:login true")
	})
}

func TestProber_reload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		st := start(t, l, &script{took: time.Second}, scenario("kept", time.Minute, 1), scenario("gone", time.Minute, 1))
		time.Sleep(10 * time.Minute)
		if err := st.Load([]scenarios.Scenario{scenario("kept", time.Minute, 1), scenario("bad", 0, 1)}); err == nil {
			t.Error("a plan that cannot be made is loaded")
		}
		if err := st.Load([]scenarios.Scenario{scenario("kept", time.Minute, 1), scenario("new", 2*time.Minute, 1)}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10*time.Minute + 2*time.Second)
		st.stop()
		count := map[string]int{}
		for _, r := range l.runs {
			count[r.Slot.Scenario]++
		}
		for id, want := range map[string]int{"kept": 20, "gone": 10, "new": 5} {
			if n := count[id]; n < want-1 || n > want+1 {
				t.Errorf("%s ran %d times, want about %d", id, n, want)
			}
		}
		if len(l.gaps) > 0 {
			t.Errorf("gaps %+v", l.gaps)
		}
		if _, ok := st.Plan("gone"); ok {
			t.Error("the scenario that is gone still has a plan")
		}
	})
}

func TestProber_queuedRunOfARemovedScenarioIsAborted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		st := start(t, l, &script{took: time.Minute}, scenario("a", time.Hour, 1), scenario("b", time.Hour, 1), scenario("c", time.Hour, 1))
		for _, id := range []string{"a", "b", "c"} {
			if _, err := st.RunNow(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if err := st.Load(nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		st.stop()
		wantTale(t, l.fates, "manual aborted: the scenario was removed")
		if len(l.runs) != 2 || len(l.open) != 0 {
			t.Errorf("%d runs, open %v", len(l.runs), l.open)
		}
	})
}

// TestProber_newScenariosGetAFirstResultAtOnce: those with an interval; fixed
// hours are kept, and a restart is no news.
func TestProber_newScenariosGetAFirstResultAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		office := scenario("office", 0, 1)
		office.Schedule = scenarios.Schedule{Cron: "0 8 * * *"}
		l, set := newLedger(), scenario("login", time.Hour, 1)
		first := start(t, l, &script{eager: true}, set, office)
		time.Sleep(time.Second)
		first.stop()
		if len(l.runs) != 1 || l.runs[0].Slot.Scenario != "login" || l.runs[0].Slot.Kind != gengfu.SlotManual {
			t.Fatalf("runs %+v", l.runs)
		}
		time.Sleep(time.Second)
		second := start(t, l, &script{eager: true}, set, office)
		time.Sleep(time.Second)
		second.stop()
		if len(l.runs) != 1 {
			t.Errorf("%d runs after the restart", len(l.runs))
		}
	})
}
