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
	"gengfu/egress"
	"gengfu/prober/vault"
)

// Config says which browser to run and how. The zero value finds a browser,
// keeps profiles in the temporary directory and decides on the sandbox itself.
type Config struct {
	Path     string // of the browser; empty to look for one
	URL      string // of a running browser's DevTools, instead of Path
	Profiles string // directory of browser profiles, our own alone
	Sandbox  string // "on", "off" or "auto": on unless we are root
	MaxRuns  int    // on one browser before it is replaced; 0 for 500
	MaxAge   time.Duration
	Limits   Limits
	Standby  string // "on", "off" or "auto": for an hour after a browser was lost, while memory allows; empty is off
	Headed   bool   // show the browser's windows
	// NoClients says that no scenario shows a client certificate. Windows then
	// open without a note on the switch that this takes.
	NoClients bool
	NoSpare   bool // make no page ahead for the next run
	Parallel  int  // runs at once; 0 for as many as cores
	Secret    func(name string) (gengfu.Secret, error)
	Log       *slog.Logger
	Remember  time.Duration // how often the end of a run that passed is kept to compare with; 0 for never
	// Overload is the load average per core from which a run's times are tagged
	// as those of a starved machine; 0 for 4, negative for never.
	Overload float64
	Egress   Egress
	Vault    *vault.Vault // of log-ins that scenarios keep; nil for one in memory
	Checks   Checks       // does the steps that need no browser; nil when no scenario has any
	Breaker  vault.Breaker
	// Ask tells a person of an attend step. Its context ends when the step does:
	// what was shown is to be dropped then. nil when nobody can be asked.
	Ask func(ctx context.Context, a gengfu.Attendance) error
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
	if c.Parallel == 0 {
		c.Parallel = cores()
	}
	if c.Vault == nil {
		c.Vault = vault.Open("", c.Log)
	}
	c.Limits.complete()
	if err := c.Egress.check(); err != nil {
		return err
	}
	switch c.Standby {
	case "", "auto", "on", "off":
	default:
		return fmt.Errorf("browser.standby: %q (on, off or auto)", c.Standby)
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

	gate   *gate
	exit   exit // what every context's way out is made with
	memory memory

	mu       sync.Mutex
	current  *lease
	standby  *lease    // started and unused, takes over when the current one goes
	starting *starting // a launch under way
	all      []*lease
	spare    *spare
	next     Upcoming // nil when nothing is known of what is planned
	closed   bool
	loss     time.Time // of the last browser that was lost
	stats    Stats
	trouble  trouble

	tasks sync.WaitGroup // browsers in use: runs, and what is tidied up after them
	beats sync.WaitGroup // heartbeats, launches and the ends of browsers
}

// lease is a browser with the number of runs on it; a retired one is ended
// when its last run is over.
type lease struct {
	*engine
	users   int
	retired bool
	doubted bool // a run on it came to nothing
}

// Stats are counts since the pool was made.
type Stats struct {
	Runs, Launches, Lost int
	Ready                int    // runs that found their page made ahead
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
	path, err := whereabouts(cfg)
	if err != nil {
		return nil, err
	}
	p := &Pool{cfg: cfg, path: path, strain: machineStrain, gate: newGate(cfg.Parallel, machine{"/"})}
	p.ctx, p.stop = context.WithCancel(context.Background())
	p.exit.cfg, p.exit.direct = cfg.Egress, cfg.Egress.Enforce == "direct" || cfg.URL != ""
	if !p.exit.direct && !cfg.NoClients {
		if p.exit.front, err = egress.NewFront(); err != nil {
			return nil, err
		}
	}
	p.stats.Path = path
	p.stats.Swept = sweep(cfg.Profiles)
	return p, nil
}

// whereabouts is the browser's path, or where it is reached, fit to be shown.
func whereabouts(cfg Config) (string, error) {
	if cfg.URL == "" {
		if cfg.Headed {
			return findHeaded(cfg.Path)
		}
		return FindBrowser(cfg.Path)
	}
	return plain(cfg.URL), checkRemote(cfg.URL)
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
	if !p.closed { // Close ends them all itself
		p.beats.Go(l.proc.kill) // nobody need wait for its end
	}
}

func (p *Pool) release(l *lease) {
	defer p.tasks.Done()
	p.mu.Lock()
	defer p.mu.Unlock()
	l.users--
	l.busy.Add(-1)
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
