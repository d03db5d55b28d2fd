package chrome

import (
	"testing"
	"time"
)

// TestGuard_overRunsThatOverlapForever: each run learns what it shared when it
// ends, and what is known of processes that are gone is forgotten.
func TestGuard_overRunsThatOverlapForever(t *testing.T) {
	l, err := pool.acquire(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.release(l)
	pg, err := l.open(t.Context(), deviceOf(scenario().Browser, l.proc.userAgent), newRecorder(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	defer l.dispose(pg.set)
	first, second := newRecorder(time.Now()), newRecorder(time.Now())
	endFirst := l.watch(first, pool.cfg.Limits)
	endSecond := l.watch(second, pool.cfg.Limits)
	seen := func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.guarded[first].share > 0 && l.guarded[first].grown > 0
	}
	eventually(t, "a look at the browser", seen)
	if endFirst() == 0 {
		t.Error("a run that ended under another one learned nothing")
	}
	if endSecond() == 0 {
		t.Error("the last run learned nothing")
	}
	g := &guard{e: l.engine, limits: pool.cfg.Limits, kinds: map[int]*kind{1 << 30: {began: "1", render: true}}}
	g.look()
	if g.kinds[1<<30] != nil || len(g.kinds) < 2 {
		t.Errorf("%d processes are known", len(g.kinds))
	}
}
