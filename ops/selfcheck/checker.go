package selfcheck

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"gengfu"
)

const (
	// every is the time between two checks.
	every = 15 * time.Second
	// settle is the time until the second check: by then the start itself is
	// over, and the checks stand clear of whatever is planned for whole minutes.
	settle = 5 * time.Second
)

// Config says what a checker works with. Measure and Tell are needed.
type Config struct {
	// Measure fills in what can be read at once: disk, memory and load. It is
	// called from several goroutines.
	Measure func(*Sample)
	// Ask fills in what has to be asked for, the browser and the network; wrong
	// is what stands. It is called by the goroutine of Run. Nil for nothing.
	Ask func(ctx context.Context, s *Sample, wrong gengfu.SelfCheck)
	// Tell hears of every check; one that it could not pass on is told again
	// with the next. It is called by the goroutine of Run.
	Tell   func(context.Context, gengfu.SelfCheck) error
	Limits Limits // DefaultLimits
	Log    *slog.Logger
}

// Checker looks every 15 s. Its methods may be called from any goroutine.
type Checker struct {
	cfg Config

	mu    sync.Mutex // guards what follows
	state State
	last  time.Time                     // of the check before, with both clocks
	due   time.Time                     // when the timer should ring; zero while a check is going on
	seen  map[gengfu.SelfKind]time.Time // when a finding was last made, by kind
	found map[gengfu.SelfKind]gengfu.SelfFinding
}

// New makes a checker that has not looked yet.
func New(cfg Config) (*Checker, error) {
	if cfg.Measure == nil || cfg.Tell == nil {
		return nil, errors.New("self-check needs something to measure and somebody to tell")
	}
	if cfg.Limits == (Limits{}) {
		cfg.Limits = DefaultLimits()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Checker{cfg: cfg, seen: map[gengfu.SelfKind]time.Time{}, found: map[gengfu.SelfKind]gengfu.SelfFinding{}}, nil
}

// Now is what stands.
func (c *Checker) Now() gengfu.SelfCheck {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.Check()
}

// Raise makes a finding of somebody else stand, until two good checks. One
// without a figure is known from before a restart, and freezes nothing.
func (c *Checker) Raise(f gengfu.SelfFinding) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = c.state.Raise(f)
}

// Spoilt looks at once, and returns what was wrong with the prober at any time
// after since: then a run that failed meanwhile may have failed for that. It
// changes nothing that stands.
func (c *Checker) Spoilt(since time.Time) []gengfu.SelfFinding {
	s := Sample{At: time.Now()}
	c.mu.Lock()
	c.clocks(&s)
	c.mu.Unlock()
	c.cfg.Measure(&s)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(s)
	var list []gengfu.SelfFinding
	for _, kind := range gengfu.SelfKinds() {
		if at := c.seen[kind]; kind.Freezes(true) && kind != gengfu.SelfBrowser && !at.IsZero() && !at.Before(since) {
			list = append(list, c.found[kind])
		}
	}
	return list
}

// Run checks until ctx ends. It may be called once, after [Checker.Check].
func (c *Checker) Run(ctx context.Context) error {
	wait, broken := settle, false
	for {
		timer := c.arm(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		err := c.Check(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil && !broken:
			c.cfg.Log.Error("self-check not told", "error", err)
		case err == nil && broken:
			c.cfg.Log.Info("self-check told again")
		}
		wait, broken = every, err != nil
	}
}

func (c *Checker) arm(wait time.Duration) *time.Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.due = time.Now().Add(wait)
	return time.NewTimer(wait)
}

// Check looks, judges and tells.
func (c *Checker) Check(ctx context.Context) error {
	c.mu.Lock()
	s := Sample{At: time.Now()}
	c.clocks(&s)
	c.due = time.Time{}
	wrong := c.state.Check()
	c.mu.Unlock()
	c.cfg.Measure(&s)
	if c.cfg.Ask != nil {
		c.cfg.Ask(ctx, &s, wrong)
	}
	if ctx.Err() != nil {
		return nil //nolint:nilerr // what was asked for was broken off, and says nothing
	}
	c.mu.Lock()
	c.last = s.At
	c.note(s)
	c.state = Judge(c.state, s, c.cfg.Limits)
	now := c.state.Check()
	c.mu.Unlock()
	return c.cfg.Tell(ctx, now)
}

// clocks reads how late the timer rings, and how far the clock on the wall went
// astray from the one that only runs. A machine that slept shows it there. The
// lock is held.
func (c *Checker) clocks(s *Sample) {
	if !c.due.IsZero() {
		s.Lag = max(0, s.At.Sub(c.due))
	}
	if !c.last.IsZero() {
		s.Jump = s.At.Round(0).Sub(c.last.Round(0)) - s.At.Sub(c.last)
	}
}

// note keeps what was wrong and when. The lock is held.
func (c *Checker) note(s Sample) {
	for _, f := range Find(s, c.cfg.Limits) {
		c.seen[f.Kind], c.found[f.Kind] = s.At, f
	}
}
