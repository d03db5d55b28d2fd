package chrome

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
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

// TestGuard_letsBurnersGiveWay: a process that burns the processor beside other
// runs yields some of it, and one that never rests all that others want.
func TestGuard_letsBurnersGiveWay(t *testing.T) {
	burner := exec.CommandContext(t.Context(), "sh", "-c", "while :; do :; done")
	if err := burner.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = burner.Process.Kill()
		_ = burner.Wait()
	}()
	pid := burner.Process.Pid
	scheduled := func() (nice, policy string) {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		return f[16], f[38]
	}
	k := &kind{render: true}
	var ticks int64
	burn := func(looks int, share int64) {
		for range looks {
			ticks += share
			k.yield(pid, k.burns(member{pid: pid, ticks: ticks}))
		}
	}
	burn(fullLooks-1, 25)
	burn(1, 0) // a rest
	burn(busyLooks-1, busyTicks)
	burn(1, 0)
	if nice, policy := scheduled(); nice != "0" || policy != "0" {
		t.Errorf("too early: nice %s, policy %s", nice, policy)
	}
	burn(busyLooks, busyTicks)
	if nice, policy := scheduled(); nice != "3" || policy != "0" {
		t.Errorf("half a core: nice %s, policy %s", nice, policy)
	}
	burn(fullLooks, 25)
	if nice, policy := scheduled(); nice != "10" || policy != "0" {
		t.Errorf("a whole core: nice %s, policy %s", nice, policy)
	}
	burn(busyLooks-fullLooks, 25)
	if _, policy := scheduled(); policy != "5" {
		t.Errorf("without rest: policy %s", policy)
	}
}
