package prober

import (
	"context"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-co-op/gocron/v2"

	"gengfu/scenarios"
)

// book keeps what the timer issued.
type book struct {
	mu     sync.Mutex
	issued map[string][]time.Time
	late   time.Duration
}

func (b *book) issue(scenario string, due time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.issued[scenario] = append(b.issued[scenario], due)
	b.late = max(b.late, time.Since(due).Abs())
}

func (b *book) slots(scenario string) []time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.issued[scenario]
}

func every(t *testing.T, d time.Duration, key string) Plan {
	t.Helper()
	p, err := NewPlan(scenarios.Schedule{Every: d}, nil, key)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// timed runs a schedule in a bubble until play returns.
func timed(t *testing.T, play func(s *schedule, b *book)) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{issued: map[string][]time.Time{}}
		s := newSchedule(b.issue)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.run(ctx) }()
		play(s, b)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func wantSlots(t *testing.T, got, want []time.Time) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d slots, want %d", len(got), len(want))
	}
	for i := range min(len(want), len(got)) {
		if !got[i].Equal(want[i]) {
			t.Errorf("slot %d is %v, want %v", i, got[i], want[i])
			return
		}
	}
}

func TestSchedule_aDayOfMinutes(t *testing.T) {
	timed(t, func(s *schedule, b *book) {
		p, start := every(t, time.Minute, "a@local"), time.Now()
		s.apply(map[string]Plan{"a": p})
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		wantSlots(t, b.slots("a"), p.Slots(start, start.Add(24*time.Hour), 1440))
		if len(b.slots("a")) != 1440 || b.late != 0 {
			t.Errorf("%d slots, up to %v late", len(b.slots("a")), b.late)
		}
	})
}

func TestSchedule_secondsAndCron(t *testing.T) {
	timed(t, func(s *schedule, b *book) {
		cron, err := NewPlan(scenarios.Schedule{Cron: "0 8 * * *"}, time.UTC, "")
		if err != nil {
			t.Fatal(err)
		}
		plans, start := map[string]Plan{"seconds": every(t, 20*time.Second, "s@local"), "morning": cron, "idle": {}}, time.Now()
		s.apply(plans)
		time.Sleep(49 * time.Hour)
		synctest.Wait()
		for id, p := range plans {
			wantSlots(t, b.slots(id), p.Slots(start, start.Add(49*time.Hour), 1<<20))
		}
	})
}

func TestSchedule_slotWithinTheSecond(t *testing.T) {
	timed(t, func(s *schedule, b *book) {
		plans, start := map[string]Plan{}, time.Now()
		for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			plans[id] = every(t, time.Second, id)
		}
		s.apply(plans)
		time.Sleep(time.Minute)
		synctest.Wait()
		for id, p := range plans {
			wantSlots(t, b.slots(id), p.Slots(start, time.Now(), 100))
		}
	})
}

func TestSchedule_changes(t *testing.T) {
	timed(t, func(s *schedule, b *book) {
		minute, five := every(t, time.Minute, "a@local"), every(t, 5*time.Minute, "a@local")
		kept := every(t, time.Minute, "b@local")
		plans, start := map[string]Plan{"a": minute, "b": kept}, time.Now()
		s.apply(plans)
		time.Sleep(time.Hour + time.Millisecond)
		synctest.Wait()
		change := time.Now()
		next := maps.Clone(plans)
		next["a"], next["c"] = five, minute
		s.apply(next)
		time.Sleep(time.Hour)
		synctest.Wait()
		removal := time.Now()
		s.apply(map[string]Plan{"b": kept})
		time.Sleep(time.Hour)
		synctest.Wait()
		wantSlots(t, b.slots("a"), append(minute.Slots(start, change, 1000), five.Slots(change, removal, 1000)...))
		wantSlots(t, b.slots("b"), kept.Slots(start, time.Now(), 1000))
		wantSlots(t, b.slots("c"), minute.Slots(change, removal, 1000))
	})
}

// A wall clock that is set cannot be had in a bubble, so the parts that meet it
// are tested by themselves.
func TestSchedule_clockThatIsSet(t *testing.T) {
	for _, row := range []struct {
		ran, wall time.Duration
		want      bool
	}{
		{clockCheck, clockCheck, false},
		{clockCheck, clockCheck + 500*time.Millisecond, false},
		{clockCheck, clockCheck + time.Hour, true},
		{clockCheck, clockCheck - time.Hour, true},
		{clockCheck, 366 * 24 * time.Hour, true},
	} {
		if got := stepped(row.ran, row.wall); got != row.want {
			t.Errorf("ran %v, wall %v: %v", row.ran, row.wall, got)
		}
	}
	p := every(t, 5*time.Minute, "a@local")
	start := p.Next(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	al := newAlarm(p, start.Add(-time.Minute))
	if due, ok := al.fire(start.Add(-time.Second)); !ok || !due.Equal(start) {
		t.Errorf("a ring a second early gives %v %v", due, ok)
	}
	if due, ok := al.fire(start); ok {
		t.Errorf("the second ring for one slot gives %v", due)
	}
	slept := start.Add(2*time.Hour + time.Minute)
	if due := al.reset(slept); !due.Equal(start.Add(2 * time.Hour)) {
		t.Errorf("after two hours asleep %v is due", due)
	}
	if due := al.reset(slept.AddDate(-1, 0, 0)); !due.IsZero() {
		t.Errorf("a clock set back makes %v due", due)
	}
	if due, ok := al.fire(al.next); !ok || due.Year() != 2025 {
		t.Errorf("after the clock was set back a ring gives %v %v", due, ok)
	}
}

func TestSchedule_rearmIssuesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cron, err := gocron.NewScheduler(gocron.WithLocation(time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		cron.Start()
		p, start := every(t, time.Minute, "a@local"), time.Now()
		b := &book{issued: map[string][]time.Time{}}
		a := alarms{cron: cron, issue: b.issue, jobs: map[string]*alarm{}}
		if err := a.set(map[string]Plan{"a": p}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		// The timers stood still while ten more minutes went by.
		if err := a.rearm(time.Now().Add(10 * time.Minute)); err != nil {
			t.Fatal(err)
		}
		want := append(p.Slots(start, time.Now(), 100), p.Last(time.Now().Add(10*time.Minute)))
		wantSlots(t, b.slots("a"), want)
		time.Sleep(12 * time.Minute)
		synctest.Wait()
		wantSlots(t, b.slots("a"), append(want, p.Slots(want[10], time.Now(), 100)...))
		if err := cron.Shutdown(); err != nil {
			t.Error(err)
		}
	})
}
