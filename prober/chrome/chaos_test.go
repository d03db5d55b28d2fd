package chrome

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// chaosRounds is how often each kind of process is killed; 100 for the figures.
var chaosRounds = flag.Int("chaos", 8, "rounds of each kind of kill")

// pagesOf are the processes of the browser's pages.
func pagesOf(p *process) []int {
	var pids []int
	for _, m := range family(p.pid()) {
		if renders(m.pid) {
			pids = append(pids, m.pid)
		}
	}
	return pids
}

// TestChaos_killsAreNeverTheTargetsFault: whenever a process of the browser is
// killed, before the run, in a navigation or in a wait, the run passes or is
// errored, and the next one passes: a kill ends one run at most.
func TestChaos_killsAreNeverTheTargetsFault(t *testing.T) {
	p, dir := ownPool(t)
	slow := stalls(t)
	srv := site(t, map[string]string{"/": "<h1>one</h1><a href=/two>on</a>", "/two": "<h1>two</h1>"})
	s := parse(t, srv.URL, "timeout: 30s\nsteps:\n  - goto: '${base}/'\n  - click: \"on\"\n    expect: [{text: two}]\n  - wait: 50ms\n  - expect: [{text: two}]\n")
	random := rand.New(rand.NewPCG(7, 11)) //nolint:gosec // the same kills each time
	for _, victim := range []string{"browser", "pages"} {
		var hit int
		var worst time.Duration
		for range *chaosRounds {
			if err := p.Warm(t.Context()); err != nil {
				t.Fatal(err)
			}
			proc := p.current.proc
			done := make(chan gengfu.Run, 1)
			go func() { done <- p.Run(t.Context(), s, slot(), nil) }()
			<-time.After(time.Duration(random.IntN(250)) * time.Millisecond)
			at, stalled := time.Now(), slow.since()
			if victim == "browser" {
				_ = syscall.Kill(proc.pid(), syscall.SIGKILL)
			} else {
				for _, pid := range pagesOf(proc) {
					_ = syscall.Kill(pid, syscall.SIGKILL)
				}
			}
			r := <-done
			if r.Outcome == gengfu.Failed {
				t.Errorf("%s killed: %s", victim, cause(r))
			}
			if r.Outcome != gengfu.Passed {
				hit++
				worst = max(worst, time.Since(at)-(slow.since()-stalled))
			}
			again := slot()
			again.Kind, again.Attempt = gengfu.SlotRecovery, 2
			late := r.Outcome == gengfu.Passed // the kill may have come when the run was over, and end the next one
			if r = p.Run(t.Context(), s, again, nil); late && r.Outcome == gengfu.Errored {
				r = p.Run(t.Context(), s, again, nil)
			}
			if r.Outcome != gengfu.Passed {
				t.Errorf("after %s was killed: %s %s", victim, r.Outcome, cause(r))
			}
		}
		t.Logf("%s: %d of %d kills ended a run, within %s", victim, hit, *chaosRounds, worst)
		if worst > time.Second {
			t.Errorf("%s: a kill was noticed after %s", victim, worst)
		}
	}
	p.tasks.Wait()
	profile := p.current.proc.profile
	p.Close()
	if left := processesOf(profile); len(left) > 0 {
		t.Errorf("processes left: %v", left)
	}
	if left := zombies(); len(left) > 0 {
		t.Errorf("zombies: %v", left)
	}
	if left := processesOf(dir); len(left) > 0 {
		t.Errorf("processes left: %v", left)
	}
}

// TestChaos_stoppedProcessesAreOurs: a browser, a page or the network process that
// somebody stopped is noticed long before the deadline and blamed on nobody.
func TestChaos_stoppedProcessesAreOurs(t *testing.T) {
	for _, c := range []struct {
		name string
		pids func(*process) []int
	}{
		{"browser", func(p *process) []int { return []int{p.pid()} }},
		{"pages", pagesOf},
		{"network", func(p *process) []int { return typed(p, "network.mojom.NetworkService") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, dir := ownPool(t)
			slow := stalls(t)
			s, arrived, watch := slowPage(t)
			var worst time.Duration
			for range max(1, *chaosRounds/10) {
				done := make(chan gengfu.Run, 1)
				go func() { done <- p.Run(t.Context(), s, slot(), watch) }()
				<-arrived
				proc := p.current.proc
				pids := c.pids(proc)
				if len(pids) == 0 {
					t.Fatal("no such process")
				}
				at, stalled := time.Now(), slow.since()
				for _, pid := range pids {
					if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
						t.Fatal(err)
					}
				}
				r := <-done
				worst = max(worst, time.Since(at)-(slow.since()-stalled))
				if r.Outcome != gengfu.Errored || r.Failure.Reason != gengfu.ReasonBrowserFrozen {
					t.Errorf("%s: %s", r.Outcome, cause(r))
				}
				<-proc.gone
			}
			t.Logf("%s: noticed within %s", c.name, worst)
			if worst > 5*time.Second {
				t.Errorf("noticed after %s", worst)
			}
			p.Close()
			if left := append(processesOf(dir), zombies()...); len(left) > 0 {
				t.Errorf("processes left: %v", left)
			}
		})
	}
}

// TestCrash_ofThePageItselfIsItsOwn: the same event, told apart by its status.
func TestCrash_ofThePageItselfIsItsOwn(t *testing.T) {
	p, _ := ownPool(t)
	s := scenario(open(serve(t, "<h1>ok</h1>").URL), scenarios.Step{Verb: scenarios.Wait, Pause: 10 * time.Second})
	for _, c := range []struct {
		signal syscall.Signal
		fault  gengfu.Fault
		reason gengfu.Reason
	}{
		{syscall.SIGSEGV, gengfu.FaultRendererCrash, gengfu.ReasonCrash},
		{syscall.SIGKILL, gengfu.FaultMachine, gengfu.ReasonKilled},
	} {
		waiting := make(chan struct{}, 4)
		done := make(chan gengfu.Run, 1)
		go func() {
			done <- p.Run(t.Context(), s, slot(), func(st gengfu.StepResult) {
				if st.Index == 2 && st.Status == "" {
					waiting <- struct{}{}
				}
			})
		}()
		<-waiting
		for _, pid := range pagesOf(p.current.proc) {
			_ = syscall.Kill(pid, c.signal)
		}
		if r := <-done; r.Failure == nil || r.Failure.Fault != c.fault || r.Failure.Reason != c.reason {
			t.Errorf("%s: %s %s", c.signal, r.Outcome, cause(r))
		}
		p.tasks.Wait()
	}
}

// TestFamily_findsThePages: of both browsers, and of one that a script started.
func TestFamily_findsThePages(t *testing.T) {
	script := filepath.Join(t.TempDir(), "chromium")
	text := "#!/bin/sh\n" + pool.path + " \"$@\"\nexit $?\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil { //nolint:gosec // it is to be executed
		t.Fatal(err)
	}
	for _, p := range []*Pool{pool, fullChromium(t), poolWith(t, Config{Path: script})} {
		mustPass(t, p.Run(t.Context(), scenario(open(serve(t, "<h1>ok</h1>").URL)), slot(), nil))
		p.tasks.Wait() // there is a spare page now
		began := time.Now()
		all := family(p.current.proc.pid())
		took := time.Since(began)
		var sum int64
		for _, m := range all {
			sum += m.private
		}
		t.Logf("%s: %d processes, %d MiB, looked at in %s", p.path, len(all), sum>>20, took)
		if len(pagesOf(p.current.proc)) == 0 || sum < 10<<20 {
			t.Errorf("%s: %+v", p.path, all)
		}
	}
}

// TestExcess_endsTheRunOfAPage: over each limit with its own reason.
func TestExcess_endsTheRunOfAPage(t *testing.T) {
	rec := newRecorder(time.Now())
	rec.confine(Limits{Requests: 2})
	ctx, cancel := rec.bound(t.Context())
	defer cancel()
	for range 3 {
		rec.mu.Lock()
		rec.countRequest()
		rec.mu.Unlock()
	}
	if f := excessOf(ctx); f == nil || f.Reason != gengfu.ReasonRequests || stopped(ctx) != nil {
		t.Errorf("got %+v", f)
	}
	rec.exceed(overMemory(1 << 20))
	if rec.exceeded().Reason != gengfu.ReasonRequests {
		t.Error("the first one counts")
	}
	if slices.Contains([]gengfu.Fault{gengfu.FaultBrowser, gengfu.FaultMachine}, rec.exceeded().Fault) {
		t.Error("what a page does is not ours")
	}
}
