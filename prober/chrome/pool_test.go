package chrome

import (
	"context"
	"errors"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

func poolWith(t *testing.T, cfg Config) *Pool {
	t.Helper()
	cfg.Profiles, cfg.Overload = t.TempDir(), -1 // whatever else the machine does
	p, err := NewPool(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// settled waits for launches that are under way.
func settle(t *testing.T, p *Pool) {
	t.Helper()
	p.tasks.Wait()
	p.mu.Lock()
	st := p.starting
	p.mu.Unlock()
	if st != nil {
		<-st.done
	}
}

// TestLaunch_isSharedAndHoldsNobodyUp: a cold pool starts one browser for all,
// and answers meanwhile.
func TestLaunch_isSharedAndHoldsNobodyUp(t *testing.T) {
	p := poolWith(t, Config{Parallel: 4})
	s := scenario(open(serve(t, "<h1>ok</h1>").URL))
	var runs sync.WaitGroup
	for range 4 {
		runs.Go(func() {
			if r := p.Run(t.Context(), s, slot(), nil); r.Outcome != gengfu.Passed {
				t.Errorf("%s: %s", r.Outcome, cause(r))
			}
		})
	}
	runs.Go(func() {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if r := p.Run(ctx, s, slot(), nil); r.Outcome != gengfu.Errored {
			t.Errorf("a stopped run: %s", r.Outcome)
		}
	})
	runs.Wait()
	if n := p.Stats().Launches; n != 1 {
		t.Errorf("%d browsers for one pool", n)
	}
}

// TestStandby_takesOver: at once, when the browser is lost.
func TestStandby_takesOver(t *testing.T) {
	p := poolWith(t, Config{Standby: "on"})
	s := scenario(open(serve(t, "<h1>ok</h1>").URL))
	mustPass(t, p.Run(t.Context(), s, slot(), nil))
	settle(t, p)
	p.mu.Lock()
	standby, lost := p.standby, p.current.proc
	p.mu.Unlock()
	if standby == nil {
		t.Fatal("no standby")
	}
	_ = syscall.Kill(lost.pid(), syscall.SIGKILL)
	<-lost.gone
	mustPass(t, p.Run(t.Context(), s, slot(), nil))
	p.mu.Lock()
	current := p.current
	p.mu.Unlock()
	if current != standby || p.Stats().Lost != 1 {
		t.Errorf("the standby did not take over; lost %d", p.Stats().Lost)
	}
}

// TestStandby_whileItIsLikely: by itself one is held only after a loss, and not
// for ever.
func TestStandby_whileItIsLikely(t *testing.T) {
	p := poolWith(t, Config{Standby: "auto"})
	p.gate.machine = machine{t.TempDir()} // tells nothing of its memory
	s := scenario(open(serve(t, "<h1>ok</h1>").URL))
	pass := func() (standby *lease) {
		mustPass(t, p.Run(t.Context(), s, slot(), nil))
		settle(t, p)
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.standby
	}
	if pass() != nil {
		t.Error("a standby before anything was lost")
	}
	p.mu.Lock()
	lost := p.current.proc
	p.mu.Unlock()
	_ = syscall.Kill(lost.pid(), syscall.SIGKILL)
	<-lost.gone
	if pass() == nil {
		t.Error("no standby after a loss")
	}
	p.mu.Lock()
	p.loss = p.loss.Add(-wariness)
	p.mu.Unlock()
	if pass() != nil {
		t.Error("a standby an hour after the loss")
	}
}

// TestRecycling_losesNoRun: browsers are replaced under runs that go on side by
// side, each by one that was started before it was dismissed.
func TestRecycling_losesNoRun(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  Config
	}{
		{"runs", Config{MaxRuns: 2, Parallel: 2}},
		{"memory", Config{Limits: Limits{Tree: 1}, Parallel: 2}},
		{"disk", Config{Limits: Limits{Disk: 1}, Parallel: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := poolWith(t, c.cfg)
			s := scenario(open(serve(t, "<h1>ok</h1>").URL))
			for range 3 {
				var pair sync.WaitGroup
				for range 2 {
					pair.Go(func() {
						if r := p.Run(t.Context(), s, slot(), nil); r.Outcome != gengfu.Passed {
							t.Errorf("%s: %s", r.Outcome, cause(r))
						}
					})
				}
				pair.Wait()
				settle(t, p)
			}
			if n := p.Stats().Launches; n < 2 {
				t.Errorf("%d browsers", n)
			}
			if st := p.Stats(); st.Lost != 0 {
				t.Errorf("%d lost", st.Lost)
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			if len(p.all) > 2 {
				t.Errorf("%d browsers are left", len(p.all))
			}
		})
	}
}

// TestIsolate_givesABrowserOfItsOwn: started for the run, ended after it.
func TestIsolate_givesABrowserOfItsOwn(t *testing.T) {
	p, dir := ownPool(t)
	shared := p.current
	s := scenario(open(serve(t, "<h1>ok</h1>").URL))
	s.Isolate = scenarios.IsolateBrowser
	mustPass(t, p.Run(t.Context(), s, slot(), nil))
	p.tasks.Wait()
	if p.Stats().Launches != 2 || p.current != shared || len(p.all) != 1 {
		t.Errorf("%d launches, %d browsers", p.Stats().Launches, len(p.all))
	}
	eventually(t, "the browser to end", func() bool { left, _ := os.ReadDir(dir); return len(left) == 1 })
}

// TestGate_waitsForAPlaceAndForMemory: no longer than the run may, and then it
// is the machine's fault.
func TestGate_waitsForAPlaceAndForMemory(t *testing.T) {
	root := t.TempDir()
	g := newGate(1, machine{root})
	tell := func(path, text string) {
		t.Helper()
		path = filepath.Join(root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
		g.mu.Lock()
		g.sampled = time.Time{} // a reading may be a while old
		g.mu.Unlock()
	}
	if err := g.enter(t.Context(), time.Second); err != nil {
		t.Fatal("a machine that does not tell:", err)
	}
	if err := g.enter(t.Context(), 10*time.Millisecond); !errors.Is(err, errNoRoom) || !strings.Contains(err.Error(), "all 1 places") {
		t.Errorf("no place: %v", err)
	}
	g.leave()
	tell("proc/meminfo", "MemTotal: 4000000 kB\nMemAvailable:    100000 kB\n")
	if err := g.enter(t.Context(), 10*time.Millisecond); !errors.Is(err, errNoRoom) || !strings.Contains(err.Error(), "97 MiB of memory are free") {
		t.Errorf("no memory: %v", err)
	}
	stop := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if err := g.enter(ctx, time.Minute); !errors.Is(err, stop) {
		t.Errorf("stopped: %v", err)
	}
	entered := make(chan error, 1)
	go func() { entered <- g.enter(t.Context(), time.Minute) }()
	tell("proc/meminfo", "MemAvailable: 4000000 kB\n")
	if err := <-entered; err != nil {
		t.Error("memory came back:", err)
	}
	p := poolWith(t, Config{})
	tell("proc/meminfo", "MemAvailable: 1000 kB\n")
	p.gate = newGate(1, machine{root})
	s := scenario(open("http://127.0.0.1:1/"))
	s.Timeout = 50 * time.Millisecond
	due := slot()
	due.Due = due.Due.Add(-time.Second)
	r := p.Run(t.Context(), s, due, nil)
	if r.Outcome != gengfu.Errored || r.Failure.Fault != gengfu.FaultMachine || r.QueueWait < time.Second || p.Stats().Launches != 0 {
		t.Errorf("%s after %s: %s", r.Outcome, r.QueueWait, cause(r))
	}
}

// TestMachine_readsBothControlGroups: the tightest limit on the way up counts,
// and page cache can be given back.
func TestMachine_readsBothControlGroups(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  uint64 // MiB
	}{
		{"none", map[string]string{}, 1000},
		{"v2", map[string]string{
			"proc/self/cgroup": "0::/system.slice/gengfu.service\n", "sys/fs/cgroup/system.slice/gengfu.service/memory.max": "524288000\n",
			"sys/fs/cgroup/system.slice/gengfu.service/memory.current": "419430400\n", "sys/fs/cgroup/system.slice/gengfu.service/memory.stat": "anon 1\ninactive_file 104857600\n",
			"sys/fs/cgroup/system.slice/memory.max": "max\n", "sys/fs/cgroup/system.slice/memory.current": "1\n",
		}, 200},
		{"v2 above", map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/memory.max": "104857600", "sys/fs/cgroup/a/memory.current": "0",
		}, 100},
		{"v1", map[string]string{
			"proc/self/cgroup": "5:cpu:/\n4:memory:/box\n0::/\n", "sys/fs/cgroup/memory/box/memory.limit_in_bytes": "314572800",
			"sys/fs/cgroup/memory/box/memory.usage_in_bytes": "209715200", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
			"sys/fs/cgroup/memory/memory.usage_in_bytes": "1",
		}, 100},
		{"container", map[string]string{
			"proc/self/cgroup": "0::/docker/abc\n", "sys/fs/cgroup/memory.max": "52428800", "sys/fs/cgroup/memory.current": "62428800",
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			c.files["proc/meminfo"] = "MemAvailable: 1024000 kB\n"
			for path, text := range c.files {
				path = filepath.Join(root, path)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			if free, ok := (machine{root}).free(); !ok || free>>20 != c.want {
				t.Errorf("%d MiB are free, %v", free>>20, ok)
			}
		})
	}
}

// TestRemote_isReachedAndReachedAgain: a browser behind an address serves runs;
// a lost connection is ours and is made anew.
func TestRemote_isReachedAndReachedAgain(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	host := elsewhere(t, port)
	p := poolWith(t, Config{URL: "http://" + address})
	s := scenario(open(serve(t, "<h1>ok</h1>").URL))
	mustPass(t, p.Run(t.Context(), s, slot(), nil))
	p.tasks.Wait()
	waiting, arrived, watch := slowPage(t)
	done := make(chan gengfu.Run, 1)
	go func() { done <- p.Run(t.Context(), waiting, slot(), watch) }()
	<-arrived
	_ = p.current.proc.conn.transport.Close()
	if r := <-done; r.Outcome != gengfu.Errored || r.Failure.Fault != gengfu.FaultBrowser {
		t.Errorf("connection lost: %s %s", r.Outcome, cause(r))
	}
	mustPass(t, p.Run(t.Context(), s, slot(), nil))
	s.Isolate = scenarios.IsolateBrowser
	if r := p.Run(t.Context(), s, slot(), nil); r.Outcome != gengfu.Errored {
		t.Errorf("isolate: %s", r.Outcome)
	}
	p.Close()
	if !host.answers(time.Second) {
		t.Error("somebody else's browser was ended")
	}
}

// elsewhere is a browser that listens at a port, as one on another machine does.
func elsewhere(t *testing.T, port string) *engine {
	t.Helper()
	p, err := launch(t.Context(), pool.path, t.TempDir(), pool.sandbox(), "--remote-debugging-port="+port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	eventually(t, "the port", func() bool {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "127.0.0.1:"+port)
		return err == nil && c.Close() == nil
	})
	e, err := newEngine(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestRemote_saysWhatIsWrong: without showing what may be a token.
func TestRemote_saysWhatIsWrong(t *testing.T) {
	notDevTools := httptest.NewServer(nil)
	defer notDevTools.Close()
	for _, c := range []struct{ url, want string }{
		{"ftp://127.0.0.1/", "is not ws://host:port"},
		{"http://", "is not ws://host:port"},
		{"http://127.0.0.1:1/?token=s3cr3t", "reach browser at http://127.0.0.1:1: "},
		{"ws://127.0.0.1:1/devtools/browser/x?token=s3cr3t", "reach browser at ws://127.0.0.1:1: "},
		{notDevTools.URL + "?token=s3cr3t", "is not DevTools: it answered HTTP 404"},
	} {
		p, err := NewPool(Config{URL: c.url, Profiles: t.TempDir()})
		if err == nil {
			err = p.Warm(t.Context())
			p.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v", c.url, err)
		}
	}
}
