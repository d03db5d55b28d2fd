package chrome

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gengfu"
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
	// Overload is the load average per core from which a run's times are tagged
	// as those of a starved machine; 0 for 4, negative for never.
	Overload float64
}

func (c *Config) complete() error {
	if c.Profiles == "" {
		c.Profiles = filepath.Join(os.TempDir(), fmt.Sprintf("gengfu-%d", os.Getuid()))
	}
	profiles, err := filepath.Abs(c.Profiles) // the browser ends a page that is given a relative path
	if err != nil {
		return fmt.Errorf("browser.profiles: %w", err)
	}
	c.Profiles = profiles
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
	cfg    Config
	path   string
	strain func() strain   // of this machine
	ctx    context.Context //nolint:containedctx // the life of the heartbeats, ended by Close
	stop   context.CancelFunc

	mu      sync.Mutex
	current *lease
	all     []*lease
	spare   *spare
	closed  bool
	stats   Stats

	tasks sync.WaitGroup // browsers in use: runs, and what is tidied up after them
	beats sync.WaitGroup // heartbeats
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
	p := &Pool{cfg: cfg, path: path, strain: machineStrain}
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
		return nil, errClosed
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
	p.tasks.Add(1)
	p.stats.Runs++
	return p.current, nil
}

func (e *engine) worn(cfg Config) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.runs >= cfg.MaxRuns || time.Since(e.started) > cfg.MaxAge
}

// launch starts a browser, until the pool is closed. The lock is held.
func (p *Pool) launch(ctx context.Context) (*engine, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(p.ctx, func() { cancel(errClosed) })()
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
	p.beats.Go(func() { e.heartbeat(p.ctx, 2*time.Second, 3*time.Second) })
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
	defer p.tasks.Done()
	p.mu.Lock()
	defer p.mu.Unlock()
	l.users--
	if l.retired {
		p.retire(l)
	}
}

var errClosed = errors.New("browser pool is closed")

// Close ends all browsers, removes their profiles and waits for the runs on
// them, which end as errored at once.
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
	p.beats.Wait()
}
