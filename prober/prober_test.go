package prober_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/prober"
	"gengfu/scenarios"
)

// ledger keeps slots, runs and gaps in memory, by the rules of the real one.
type ledger struct {
	mu     sync.Mutex
	open   []gengfu.Slot
	runs   []gengfu.Run
	gaps   []gengfu.Gap
	states map[string]gengfu.CheckState
	fates  []string // of slots that were abandoned
	told   []string // signals
	broken error    // of record
}

func newLedger() *ledger { return &ledger{states: map[string]gengfu.CheckState{}} }

func (l *ledger) Issue(_ context.Context, slot gengfu.Slot) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := slices.ContainsFunc(l.open, func(s gengfu.Slot) bool { return s.ID() == slot.ID() }) ||
		slices.ContainsFunc(l.runs, func(r gengfu.Run) bool { return r.Slot.ID() == slot.ID() }) ||
		slot.Kind == gengfu.SlotScheduled && slices.ContainsFunc(l.gaps, func(g gengfu.Gap) bool {
			return g.Scenario == slot.Scenario && !slot.Due.Before(g.From) && !slot.Due.After(g.To)
		})
	if !taken {
		l.open = append(l.open, slot)
	}
	return !taken, nil
}

func (l *ledger) close(slot gengfu.Slot) bool {
	before := len(l.open)
	l.open = slices.DeleteFunc(l.open, func(s gengfu.Slot) bool { return s.ID() == slot.ID() })
	return len(l.open) < before
}

func (l *ledger) Abandon(_ context.Context, slot gengfu.Slot, fate gengfu.Fate, reason string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.close(slot) {
		return fmt.Errorf("abandon %s: %w", slot.ID(), gengfu.ErrNotFound)
	}
	l.fates = append(l.fates, fmt.Sprintf("%s %s: %s", slot.Kind, fate, reason))
	if slot.Kind == gengfu.SlotScheduled {
		l.gaps = append(l.gaps, gengfu.Gap{Scenario: slot.Scenario, From: slot.Due, To: slot.Due, Count: 1, Fate: fate, Reason: reason})
	}
	return nil
}

func (l *ledger) OpenSlots(context.Context) ([]gengfu.Slot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.open), nil
}

func (l *ledger) AddGap(_ context.Context, gap gengfu.Gap) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gaps = append(l.gaps, gap)
	return nil
}

func (l *ledger) LastDue(_ context.Context, scenario, _ string) (last time.Time, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.runs {
		if r.Slot.Scenario == scenario && r.Slot.Kind == gengfu.SlotScheduled && r.Slot.Due.After(last) {
			last = r.Slot.Due
		}
	}
	for _, g := range l.gaps {
		if g.Scenario == scenario && g.To.After(last) {
			last = g.To
		}
	}
	return last, nil
}

func (l *ledger) States(context.Context) ([]gengfu.CheckState, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []gengfu.CheckState
	for _, c := range l.states {
		out = append(out, c)
	}
	return out, nil
}

func (l *ledger) record(_ context.Context, r gengfu.Run, confirm scenarios.Confirm) (gengfu.CheckState, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return gengfu.CheckState{}, l.broken
	}
	if !l.close(r.Slot) {
		return gengfu.CheckState{}, gengfu.ErrDuplicate
	}
	l.runs = append(l.runs, r)
	c, signals := prober.Judge(l.states[r.Slot.Scenario], r, confirm)
	l.states[r.Slot.Scenario] = c
	for _, s := range signals {
		if s.Firing || s.Key == gengfu.ScenarioKey(r.Slot.Scenario) {
			l.told = append(l.told, fmt.Sprintf("%s %v", s.Key, s.Firing))
		}
	}
	return c, nil
}

// tale is what became of the runs: kind, attempt and outcome of each.
func (l *ledger) tale() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, r := range l.runs {
		out = append(out, fmt.Sprintf("%s %d %s", r.Slot.Kind, r.Slot.Attempt, r.Outcome))
	}
	return out
}

// script is a browser that plays one letter of [outcome] a run, P when the word
// is used up, and takes its time.
type script struct {
	eager bool // the prober gives new scenarios a first run at once
	mu    sync.Mutex
	words map[string]string // by scenario
	took  time.Duration
	busy  int
	most  int
}

func (s *script) run(ctx context.Context, sc *scenarios.Scenario, slot gengfu.Slot, watch func(gengfu.StepResult)) gengfu.Run {
	s.mu.Lock()
	letter := 'P'
	if w := s.words[sc.ID]; w != "" {
		letter, s.words[sc.ID] = rune(w[0]), w[1:]
	}
	s.busy++
	s.most = max(s.most, s.busy)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.busy--
		s.mu.Unlock()
	}()
	if letter == '!' {
		panic("a bug of ours")
	}
	watch(gengfu.StepResult{Index: 1})
	r := outcome(letter, time.Now())
	took := s.took
	if letter == 'H' {
		took = 24 * time.Hour
	}
	if took > 0 {
		select {
		case <-time.After(took):
		case <-ctx.Done():
		}
	}
	r.Slot, r.Duration = slot, time.Since(r.Started)
	return r
}

func scenario(id string, every time.Duration, retries int) scenarios.Scenario {
	return scenarios.Scenario{
		ID: id, Title: id, Target: "portal", Timeout: time.Minute, Schedule: scenarios.Schedule{Every: every},
		Confirm: scenarios.Confirm{Retries: retries},
	}
}

// stage is a prober with everything around it, in a bubble.
type stage struct {
	*prober.Prober
	ledger *ledger
	script *script
	steps  int
	stop   func()
}

// start runs a prober; the bubble must be left with it stopped.
func start(t *testing.T, l *ledger, s *script, set ...scenarios.Scenario) *stage {
	t.Helper()
	st := &stage{ledger: l, script: s}
	p, err := prober.New(prober.Config{
		Ledger: l, Browser: s.run, Record: l.record, Workers: 2, Eager: s.eager, StopTimeout: 10 * time.Second,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Watch: func(gengfu.Slot, gengfu.StepResult) {
			l.mu.Lock()
			defer l.mu.Unlock()
			st.steps++
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Load(set); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	synctest.Wait()
	st.Prober = p
	st.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(st.stop)
	return st
}

func wantTale(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestProber_hourOfRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := start(t, newLedger(), &script{took: 2 * time.Second}, scenario("login", time.Minute, 1), scenario("home", 5*time.Minute, 1))
		time.Sleep(time.Hour + 3*time.Second)
		st.stop()
		if n := len(st.ledger.runs); n < 71 || n > 73 || st.steps != n {
			t.Errorf("%d runs, %d steps", n, st.steps)
		}
		if len(st.ledger.gaps) > 0 || len(st.ledger.told) > 0 || len(st.ledger.open) > 0 {
			t.Errorf("gaps %v, signals %v, open %v", st.ledger.gaps, st.ledger.told, st.ledger.open)
		}
		for _, r := range st.ledger.runs {
			if r.QueueWait != 0 || !r.Started.Equal(r.Slot.Due) {
				t.Errorf("run of %v started at %v after waiting %v", r.Slot.Due, r.Started, r.QueueWait)
			}
		}
	})
}

func TestProber_confirmsBeforeItSaysAnything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := start(t, newLedger(), &script{words: map[string]string{"login": "PFPFFPP"}, took: time.Second}, scenario("login", 5*time.Minute, 1))
		time.Sleep(25 * time.Minute)
		st.stop()
		wantTale(t, st.ledger.tale(),
			"scheduled 1 passed",
			"scheduled 1 failed", "confirm 2 passed",
			"scheduled 1 failed", "confirm 2 failed",
			"scheduled 1 passed", "confirm 2 passed",
			"scheduled 1 passed")
		wantTale(t, st.ledger.told, "scenario:login true", "scenario:login false")
		confirm := st.ledger.runs[2]
		if wait := confirm.Started.Sub(st.ledger.runs[1].Started.Add(time.Second)); wait != 0 || confirm.QueueWait != 0 {
			t.Errorf("the confirming run came after %v, having waited %v", wait, confirm.QueueWait)
		}
	})
}

func TestProber_recoversFromItsOwnTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := start(t, newLedger(), &script{words: map[string]string{"login": "BPBBP!!PCP"}, took: time.Second}, scenario("login", 5*time.Minute, 1))
		time.Sleep(30 * time.Minute)
		st.stop()
		wantTale(t, st.ledger.tale(),
			"scheduled 1 errored", "recovery 2 passed",
			"scheduled 1 errored", "recovery 2 errored",
			"scheduled 1 passed",
			"scheduled 1 errored", "recovery 2 errored",
			"scheduled 1 passed",
			"scheduled 1 errored")
		wantTale(t, st.ledger.told, "prober:local true", "prober:local true", "account:login true")
		if f := st.ledger.runs[5].Failure; f.Reason != gengfu.ReasonProberInternal || !strings.Contains(f.Detail, "a bug of ours") {
			t.Errorf("panic: %+v", f)
		}
	})
}

func TestProber_runThatCannotBeRecordedIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		l.broken = errors.New("disk full")
		st := start(t, l, &script{}, scenario("login", time.Hour, 1))
		if _, err := st.RunNow(t.Context(), "login"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		st.stop()
		wantTale(t, l.fates, "manual lost: the run could not be recorded")
	})
}

func TestProber_cutsOffARunThatNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := start(t, newLedger(), &script{words: map[string]string{"login": "H"}}, scenario("login", time.Hour, 1))
		time.Sleep(time.Hour + 2*time.Minute)
		st.stop()
		wantTale(t, st.ledger.tale(), "scheduled 1 errored", "recovery 2 passed")
		if r := st.ledger.runs[0]; r.Duration != 90*time.Second || r.Failure.Reason != gengfu.ReasonBrowserFrozen {
			t.Errorf("cut off after %v: %+v", r.Duration, r.Failure)
		}
	})
}

func TestProber_neverTwoRunsOfOneScenario(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := start(t, newLedger(), &script{took: 70 * time.Second}, scenario("slow", time.Minute, 1))
		time.Sleep(10*time.Minute + time.Second)
		st.stop()
		if n := len(st.ledger.runs); n < 4 || n > 5 || st.script.most != 1 {
			t.Errorf("%d runs, up to %d at once", n, st.script.most)
		}
		if n := len(st.ledger.fates); n < 4 || st.ledger.fates[0] != "scheduled skipped: the earlier run was still going" {
			t.Errorf("%q", st.ledger.fates)
		}
	})
}

func TestProber_runsNoMoreThanItsWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var set []scenarios.Scenario
		for i := range 12 {
			s := scenario(fmt.Sprintf("s%02d", i), 0, 1)
			s.Schedule = scenarios.Schedule{Cron: "0 * * * *"}
			set = append(set, s)
		}
		st := start(t, newLedger(), &script{took: 10 * time.Second}, set...)
		time.Sleep(time.Hour + 15*time.Second) // the bubble begins at midnight
		if q := st.Queue(); q.Waiting != 8 || q.Running != 2 || q.Oldest != 15*time.Second {
			t.Errorf("queue %+v", q)
		}
		slot, err := st.RunNow(t.Context(), "s00")
		if err != nil || slot.Kind != gengfu.SlotManual {
			t.Errorf("run now: %v %v", slot, err)
		}
		time.Sleep(10 * time.Minute)
		if q := st.Queue(); q != (prober.Queue{}) {
			t.Errorf("queue %+v", q)
		}
		st.stop()
		if len(st.ledger.runs) != 13 || st.script.most != 2 {
			t.Errorf("%d runs, up to %d at once", len(st.ledger.runs), st.script.most)
		}
		i := slices.IndexFunc(st.ledger.runs, func(r gengfu.Run) bool { return r.Slot.Kind == gengfu.SlotManual })
		if i < 2 || i > 5 || st.ledger.runs[i].QueueWait > 15*time.Second {
			t.Errorf("the run by hand is number %d", i)
		}
	})
}

func TestProber_runNowRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		idle, err := prober.New(prober.Config{Ledger: newLedger(), Browser: (&script{}).run, Record: newLedger().record})
		if err != nil || idle.Load([]scenarios.Scenario{scenario("login", time.Hour, 1)}) != nil {
			t.Fatal(err)
		}
		if _, err := idle.RunNow(t.Context(), "login"); !errors.Is(err, gengfu.ErrConflict) {
			t.Errorf("before it runs: %v", err)
		}
		st := start(t, newLedger(), &script{took: time.Minute}, scenario("login", time.Hour, 1))
		if _, err := st.RunNow(t.Context(), "lost"); !errors.Is(err, gengfu.ErrNotFound) {
			t.Errorf("unknown scenario: %v", err)
		}
		if _, err := st.RunNow(t.Context(), "login"); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		time.Sleep(time.Second)
		if _, err := st.RunNow(t.Context(), "login"); err != nil {
			t.Errorf("one may wait behind a running one: %v", err)
		}
		time.Sleep(time.Second)
		if _, err := st.RunNow(t.Context(), "login"); !errors.Is(err, gengfu.ErrConflict) {
			t.Errorf("a second one waiting: %v", err)
		}
		st.stop()
		if _, err := st.RunNow(t.Context(), "login"); !errors.Is(err, gengfu.ErrConflict) {
			t.Errorf("after the end: %v", err)
		}
		if len(st.ledger.open) > 0 {
			t.Errorf("open slots %v", st.ledger.open)
		}
	})
}

func TestProber_stopWaitsForRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := start(t, newLedger(), &script{took: 5 * time.Second}, scenario("a", time.Hour, 1), scenario("b", time.Hour, 1))
		for _, id := range []string{"a", "b"} {
			if _, err := st.RunNow(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		began := time.Now()
		st.stop()
		if took := time.Since(began); took != 5*time.Second || len(st.ledger.runs) != 2 || len(st.ledger.fates) > 0 {
			t.Errorf("stopped after %v with %d runs and %q", took, len(st.ledger.runs), st.ledger.fates)
		}
	})
}

func TestProber_stopAbortsWhatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := []scenarios.Scenario{}
		for _, id := range []string{"a", "b", "c"} {
			s := scenario(id, 0, 1)
			s.Schedule = scenarios.Schedule{Cron: "0 * * * *"}
			set = append(set, s)
		}
		st := start(t, newLedger(), &script{took: time.Minute}, set...)
		time.Sleep(time.Hour + time.Second)
		synctest.Wait()
		began := time.Now()
		st.stop()
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("stopped after %v", took)
		}
		slices.Sort(st.ledger.fates)
		aborted := "scheduled aborted: the prober is stopping"
		wantTale(t, st.ledger.fates, aborted, aborted, aborted)
		if len(st.ledger.runs) > 0 || len(st.ledger.open) > 0 {
			t.Errorf("runs %v, open %v", st.ledger.runs, st.ledger.open)
		}
	})
}
