package chrome

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/network"

	"gengfu"
	"gengfu/scenarios"
)

// Config says which browser to run and how. The zero value finds a browser,
// keeps profiles in the temporary directory and decides on the sandbox itself.
type Config struct {
	Path     string // of the browser; empty to look for one
	Profiles string // directory of browser profiles, our own alone
	Sandbox  string // "on", "off" or "auto": on unless we are root
	MaxRuns  int    // on one browser before it is replaced; 0 for 500
	MaxAge   time.Duration
	Secret   func(name string) (gengfu.Secret, error)
	Log      *slog.Logger
}

func (c *Config) complete() error {
	if c.Profiles == "" {
		c.Profiles = filepath.Join(os.TempDir(), fmt.Sprintf("gengfu-%d", os.Getuid()))
	}
	if c.MaxRuns == 0 {
		c.MaxRuns = 500
	}
	if c.MaxAge == 0 {
		c.MaxAge = 12 * time.Hour
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	switch c.Sandbox {
	case "", "auto", "on", "off":
		return nil
	}
	return fmt.Errorf("browser.sandbox: %q (on, off or auto)", c.Sandbox)
}

// Pool keeps one warm browser and runs scenarios on it, each in a context of
// its own. It may be used by several goroutines at once; how many is the
// caller's choice, more than cores spoil the measured times.
type Pool struct {
	cfg  Config
	path string
	ctx  context.Context //nolint:containedctx // the life of the heartbeats, ended by Close
	stop context.CancelFunc

	mu      sync.Mutex
	current *lease
	all     []*lease
	spare   *spare
	closed  bool
	stats   Stats

	tasks sync.WaitGroup // what runs beside after a run
}

// lease is a browser with the number of runs on it; a retired one is ended
// when its last run is over.
type lease struct {
	*engine
	users   int
	retired bool
}

// Stats are counts since the pool was made.
type Stats struct {
	Runs, Launches, Lost int
	Browser              string // product/version of the newest browser
	Path                 string
	Swept                int // profiles of dead probers that were removed at the start
}

// NewPool finds the browser and sweeps what a dead prober left behind. No
// browser is started yet. A missing browser is an error that says the remedy.
func NewPool(cfg Config) (*Pool, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	path, err := FindBrowser(cfg.Path)
	if err != nil {
		return nil, err
	}
	p := &Pool{cfg: cfg, path: path}
	p.ctx, p.stop = context.WithCancel(context.Background())
	p.stats.Path = path
	p.stats.Swept = sweep(cfg.Profiles)
	return p, nil
}

func (p *Pool) sandbox() bool {
	return p.cfg.Sandbox == "on" || p.cfg.Sandbox != "off" && os.Getuid() != 0
}

// Warm starts the browser, so that the first run need not wait for it.
func (p *Pool) Warm(ctx context.Context) error {
	l, err := p.acquire(ctx, false)
	if err != nil {
		return err
	}
	p.release(l)
	return nil
}

// Stats returns the counts.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stats
}

// SetSecrets changes where secrets come from, for runs that begin later.
func (p *Pool) SetSecrets(secret func(name string) (gengfu.Secret, error)) {
	p.mu.Lock()
	p.cfg.Secret = secret
	p.mu.Unlock()
}

func (p *Pool) secret() func(string) (gengfu.Secret, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cfg.Secret
}

// acquire returns the warm browser, or a new one when there is none, it is worn
// out or lost, or a fresh one is asked for.
func (p *Pool) acquire(ctx context.Context, fresh bool) (*lease, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errors.New("browser pool is closed")
	}
	if p.current != nil {
		why := p.current.lost()
		if why != "" {
			p.stats.Lost++
			p.cfg.Log.Warn("browser replaced", "reason", why)
		}
		if why != "" || fresh || p.current.worn(p.cfg) {
			p.retire(p.current)
			p.current = nil
		}
	}
	if p.current == nil {
		e, err := p.launch(ctx)
		if err != nil {
			return nil, err
		}
		p.current = &lease{engine: e}
		p.all = append(p.all, p.current)
	}
	p.current.users++
	p.stats.Runs++
	return p.current, nil
}

func (e *engine) worn(cfg Config) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.runs >= cfg.MaxRuns || time.Since(e.started) > cfg.MaxAge
}

func (p *Pool) launch(ctx context.Context) (*engine, error) {
	proc, err := launch(ctx, p.path, p.cfg.Profiles, p.sandbox())
	if err != nil {
		return nil, err
	}
	e, err := newEngine(ctx, proc)
	if err != nil {
		proc.kill()
		return nil, err
	}
	p.stats.Launches++
	p.stats.Browser = proc.version
	go e.heartbeat(p.ctx, 2*time.Second, 3*time.Second)
	return e, nil
}

// retire ends a browser once nobody uses it. The lock is held.
func (p *Pool) retire(l *lease) {
	l.retired = true
	if l.users > 0 {
		return
	}
	for i, other := range p.all {
		if other == l {
			p.all = append(p.all[:i], p.all[i+1:]...)
			break
		}
	}
	l.proc.kill()
}

func (p *Pool) release(l *lease) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.users--
	if l.retired {
		p.retire(l)
	}
}

// Close ends all browsers and removes their profiles. Runs on them end as
// errored.
func (p *Pool) Close() {
	p.stop()
	p.mu.Lock()
	p.closed = true
	all := p.all
	p.all, p.current = nil, nil
	p.mu.Unlock()
	for _, l := range all {
		l.proc.kill()
	}
	p.tasks.Wait()
}

// Run executes a slot of the scenario and returns the whole run, evidence
// included. A slot of kind recovery gets a new browser. When ctx is cancelled
// the run ends at once; the caller records the slot as aborted.
func (p *Pool) Run(ctx context.Context, s *scenarios.Scenario, slot gengfu.Slot, watch Watcher) gengfu.Run {
	run := gengfu.Run{
		Slot: slot, Revision: s.Revision, Title: s.Title, Target: s.Target, Severity: s.Severity, Tags: s.Tags,
		Owner: s.Owner, Runbook: s.Runbook, Notify: s.Notify, Started: time.Now(), Load: loadPerCore(),
	}
	run.QueueWait = max(0, run.Started.Sub(slot.Due))
	l, err := p.acquire(ctx, slot.Kind == gengfu.SlotRecovery)
	if err != nil {
		return errored(run, gengfu.ReasonBrowserStart, err)
	}
	run.Browser = l.proc.version
	r := newRunner(s, &run, p.secret(), watch)
	d, err := r.device(l.proc.userAgent)
	if err == nil {
		err = p.page(ctx, l, d, r)
	}
	if err != nil {
		p.release(l)
		return notBegun(run, err)
	}
	run.Started = time.Now() // what came before is ours, not the page's
	r.rec.begin(run.Started)
	r.do(ctx)
	p.tasks.Add(1)
	go p.finish(l, d, r.page)
	return run
}

// page gives the runner a blank page: the spare one, or a new one.
func (p *Pool) page(ctx context.Context, l *lease, d device, r *runner) (err error) {
	if r.page = p.take(l, d); r.page != nil {
		r.page.set.rec.redact = r.rec.redact
		r.rec = r.page.set.rec
		return nil
	}
	r.page, err = l.open(ctx, d, r.rec)
	return err
}

// notBegun is a run that ended before its first step.
func notBegun(run gengfu.Run, err error) gengfu.Run {
	var st *stop
	if errors.As(err, &st) {
		run.Failure, run.Outcome = &st.Failure, st.Fault.Outcome()
		return run
	}
	return errored(run, gengfu.ReasonBrowserGone, err)
}

func errored(run gengfu.Run, reason gengfu.Reason, err error) gengfu.Run {
	run.Outcome = gengfu.Errored
	run.Failure = &gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: reason, Detail: err.Error()}
	run.Duration = time.Since(run.Started)
	return run
}

// device resolves the texts of the scenario's browser settings.
func (r *runner) device(userAgent string) (device, error) {
	d := device{browser: r.s.Browser, userAgent: r.s.Browser.UserAgent}
	if d.userAgent == "" {
		d.userAgent = strings.ReplaceAll(userAgent, "HeadlessChrome", "Chrome") + " Gengfu"
	}
	for _, h := range r.s.Browser.Headers {
		v, err := r.resolve(h.Value)
		if err != nil {
			return d, err
		}
		if d.headers == nil {
			d.headers = network.Headers{}
		}
		d.headers[h.Key] = v.Text
	}
	return d, nil
}

// loadPerCore is the load average of the last minute for each core, 0 where
// the system does not tell.
func loadPerCore() float64 {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	var load float64
	if _, err := fmt.Sscan(string(b), &load); err != nil {
		return 0
	}
	return load / float64(cores())
}
