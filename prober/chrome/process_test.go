package chrome

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"

	"gengfu"
	"gengfu/scenarios"
)

// ownPool is a pool with its own browser, for tests that break it.
func ownPool(t *testing.T) (*Pool, string) {
	t.Helper()
	dir := t.TempDir()
	p, err := NewPool(Config{Profiles: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if err := p.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p, dir
}

// slowPage answers at once and then keeps the scenario waiting; arrived gets
// a value when the waiting begins.
func slowPage(t *testing.T) (*scenarios.Scenario, chan struct{}, Watcher) {
	t.Helper()
	srv := serve(t, "<h1>waiting</h1>")
	wait := expecting(scenarios.Expect{Kind: scenarios.ExpectText, Match: &scenarios.Match{Contains: new(text("never"))}})
	wait.Timeout = 20 * time.Second
	arrived := make(chan struct{}, 8)
	return scenario(open(srv.URL+"/"), wait), arrived, func(st gengfu.StepResult) {
		if st.Index == 2 && st.Status == "" {
			arrived <- struct{}{}
		}
	}
}

// TestKilledBrowser_isOurFault: the run errs at once, the next one works on a
// new browser, and no process or profile stays.
func TestKilledBrowser_isOurFault(t *testing.T) {
	p, dir := ownPool(t)
	s, arrived, watch := slowPage(t)
	done := make(chan gengfu.Run, 1)
	go func() { done <- p.Run(context.Background(), s, slot(), watch) }()
	<-arrived
	killed := p.current.proc
	if err := syscall.Kill(killed.cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	r := <-done
	if r.Outcome != gengfu.Errored || r.Failure.Fault != gengfu.FaultBrowser {
		t.Errorf("outcome %s: %s", r.Outcome, cause(r))
	}
	if took := time.Since(at); took > 2*time.Second {
		t.Errorf("noticed after %s", took)
	}
	again := slot()
	again.Kind, again.Attempt = gengfu.SlotRecovery, 2
	if r = p.Run(t.Context(), scenario(open(serve(t, "<h1>ok</h1>").URL)), again, nil); r.Outcome != gengfu.Passed {
		t.Errorf("after the loss: %s", cause(r))
	}
	<-killed.gone
	if left := processesOf(killed.profile); len(left) > 0 {
		t.Errorf("processes left: %v", left)
	}
	p.Close()
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("profiles left: %v", left)
	}
}

// TestFrozenBrowser_isKilledAndReplaced: a stopped browser is noticed by its
// missing heartbeat.
func TestFrozenBrowser_isKilledAndReplaced(t *testing.T) {
	p, _ := ownPool(t)
	s, arrived, watch := slowPage(t)
	done := make(chan gengfu.Run, 1)
	go func() { done <- p.Run(context.Background(), s, slot(), watch) }()
	<-arrived
	frozen := p.current.proc
	if err := syscall.Kill(frozen.cmd.Process.Pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	r := <-done
	if r.Outcome != gengfu.Errored || r.Failure.Fault != gengfu.FaultBrowser {
		t.Errorf("outcome %s: %s", r.Outcome, cause(r))
	}
	if took := time.Since(at); took > 8*time.Second {
		t.Errorf("noticed after %s", took)
	}
	<-frozen.gone
}

// TestFrozenBrowser_withAFullPipe: a command that cannot even be written does
// not keep the heartbeat from ending the browser.
func TestFrozenBrowser_withAFullPipe(t *testing.T) {
	p, _ := ownPool(t)
	l, err := p.acquire(t.Context(), false) // one that nobody uses is asked twice a minute only
	if err != nil {
		t.Fatal(err)
	}
	defer p.release(l)
	frozen := p.current.proc
	if err := syscall.Kill(frozen.cmd.Process.Pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	sent := make(chan error, 1)
	go func() {
		text := strings.Repeat("x", 1<<20)
		sent <- frozen.conn.root.Call(t.Context(), "Nothing.atAll", map[string]string{"text": text}, nil)
	}()
	limit := time.NewTimer(9 * time.Second)
	defer limit.Stop()
	select {
	case err := <-sent:
		if err == nil {
			t.Error("a frozen browser answered")
		}
		<-frozen.gone
	case <-limit.C:
		_ = syscall.Kill(-frozen.cmd.Process.Pid, syscall.SIGKILL)
		t.Error("nobody ended the browser")
	}
}

// TestCrashedRenderer_endsTheRunAtOnce: the crash is the page's, and the browser
// serves on.
func TestCrashedRenderer_endsTheRunAtOnce(t *testing.T) {
	p, _ := ownPool(t)
	s, arrived, watch := slowPage(t)
	done := make(chan gengfu.Run, 1)
	go func() { done <- p.Run(context.Background(), s, slot(), watch) }()
	<-arrived
	var pg *page
	p.current.mu.Lock()
	for _, one := range p.current.pages {
		pg = one
	}
	p.current.mu.Unlock()
	at := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, _ = cdp.Call(ctx, pg.s, cdppage.Crash, cdp.Empty{}) // it cannot answer
	r := <-done
	if r.Failure == nil || r.Failure.Fault != gengfu.FaultRendererCrash {
		t.Errorf("got %s", cause(r))
	}
	if took := time.Since(at); took > 2*time.Second {
		t.Errorf("noticed after %s", took)
	}
	if r = p.Run(t.Context(), scenario(open(serve(t, "<h1>ok</h1>").URL)), slot(), nil); r.Outcome != gengfu.Passed {
		t.Errorf("after the crash: %s", cause(r))
	}
	if p.Stats().Launches != 1 {
		t.Errorf("%d browsers", p.Stats().Launches)
	}
}

// TestSweep_takesOnlyTheDead: profiles of dead probers go, those of living ones
// and foreign directories stay.
func TestSweep_takesOnlyTheDead(t *testing.T) {
	root := t.TempDir()
	mk := func(name, owner string) {
		dir := filepath.Join(root, name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, ownerFile), []byte(owner), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mk(profilePrefix+"dead", "2147483646 0\n")
	mk(profilePrefix+"alive", fmt.Sprintf("%d 0\n", os.Getppid()))
	mk("somebody-elses", "2147483646 0\n")
	if n := sweep(root); n != 1 {
		t.Errorf("removed %d", n)
	}
	left, _ := filepath.Glob(root + "/*")
	if len(left) != 2 {
		t.Errorf("left %v", left)
	}
}

// TestCancelledRun_endsAtOnce: stopping the prober does not wait for pages.
func TestCancelledRun_endsAtOnce(t *testing.T) {
	s, arrived, watch := slowPage(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan gengfu.Run, 1)
	go func() { done <- pool.Run(ctx, s, slot(), watch) }()
	<-arrived
	at := time.Now()
	cancel()
	if r := <-done; r.Outcome != gengfu.Errored {
		t.Errorf("outcome %s: %s", r.Outcome, cause(r))
	}
	if took := time.Since(at); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
}

// TestRunDeadline_isHard: a scenario ends by its timeout whatever the page does.
func TestRunDeadline_isHard(t *testing.T) {
	s, _, _ := slowPage(t)
	s.Timeout = 3 * time.Second
	r := run(t, s)
	if r.Failure == nil || r.Failure.Reason != gengfu.ReasonRunTimeout {
		t.Errorf("got %s", cause(r))
	}
	if r.Duration > s.Timeout {
		t.Errorf("took %s", r.Duration)
	}
}

func processesOf(profile string) []string {
	var out []string
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, l := range lines {
		if b, err := os.ReadFile(l); err == nil && strings.Contains(string(b), profile) {
			out = append(out, l)
		}
	}
	return out
}
