package prober

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"gengfu"
	"gengfu/scenarios"
)

// Ledger is what the prober asks of the store. All methods may be called from
// several goroutines.
type Ledger interface {
	// Issue opens a slot; false says that its fate is known already.
	Issue(ctx context.Context, slot gengfu.Slot) (bool, error)
	// Abandon closes an open slot without a run.
	Abandon(ctx context.Context, slot gengfu.Slot, fate gengfu.Fate, reason string) error
	// OpenSlots returns the slots without a fate.
	OpenSlots(ctx context.Context) ([]gengfu.Slot, error)
	// AddGap records planned times that were never issued.
	AddGap(ctx context.Context, gap gengfu.Gap) error
	// LastDue returns the latest planned time whose fate is known, zero if none.
	LastDue(ctx context.Context, scenario, location string) (time.Time, error)
	// States returns where every check stands.
	States(ctx context.Context) ([]gengfu.CheckState, error)
}

// Browser executes a slot of a scenario and returns the whole run. It ends
// soon after ctx does. It is called from several goroutines at once; watch is
// told of each step.
type Browser func(ctx context.Context, s *scenarios.Scenario, slot gengfu.Slot, watch func(gengfu.StepResult)) gengfu.Run

// Record writes a run, with what [Judge] makes of it under confirm, in one
// transaction, and returns the state that was written.
type Record func(ctx context.Context, r gengfu.Run, confirm scenarios.Confirm) (gengfu.CheckState, error)

// Config says what the prober works with. Ledger, Browser and Record are
// needed; the zero value of the others stands for a default.
type Config struct {
	Ledger      Ledger
	Browser     Browser
	Record      Record
	Location    string                               // gengfu.DefaultLocation
	Zone        *time.Location                       // of cron schedules without a zone; UTC
	Workers     int                                  // runs at once; the number of cores
	StopTimeout time.Duration                        // that runs get to finish when the prober stops; 10 s
	Eager       bool                                 // scenarios that have never run get a first run at the start
	Watch       func(gengfu.Slot, gengfu.StepResult) // is told of each step as it goes
	Log         *slog.Logger
}

func (c *Config) complete() error {
	if c.Ledger == nil || c.Browser == nil || c.Record == nil {
		return errors.New("prober needs a ledger, a browser and a recorder")
	}
	if c.Location == "" {
		c.Location = gengfu.DefaultLocation
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Workers <= 0 {
		c.Workers = runtime.NumCPU()
	}
	if c.StopTimeout <= 0 {
		c.StopTimeout = 10 * time.Second
	}
	if c.Watch == nil {
		c.Watch = func(gengfu.Slot, gengfu.StepResult) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Prober runs the scenarios it was loaded with. Its methods may be
// called from any goroutine, Load also before it runs.
type Prober struct {
	cfg      Config
	schedule *schedule
	dispatch *dispatcher
	orders   chan order // from the timer to the goroutine that issues slots

	mu      sync.Mutex
	loads   map[string]*loaded
	resumed bool // what an earlier prober left is settled; new slots are ours
}

// order is a planned time that has come.
type order struct {
	scenario string
	due      time.Time
}

// loaded is a scenario that the prober watches.
type loaded struct {
	scenario scenarios.Scenario
	plan     Plan
	last     time.Time // planned times up to this one are accounted for
	next     time.Time // as Upcoming reckoned it last
}

// New makes a prober without scenarios.
func New(cfg Config) (*Prober, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	p := &Prober{cfg: cfg, orders: make(chan order, 256), loads: map[string]*loaded{}}
	p.dispatch = newDispatcher(cfg.Workers, cfg.StopTimeout, p.execute, p.giveUp)
	return p, nil
}

// Load replaces the scenarios. Runs in progress go on; what is queued runs as
// the new version says, or not at all when its scenario is gone. When a plan
// cannot be made nothing changes.
func (p *Prober) Load(set []scenarios.Scenario) error {
	next, plans := make(map[string]*loaded, len(set)), make(map[string]Plan, len(set))
	now := time.Now()
	for _, s := range set {
		plan, err := NewPlan(s.Schedule, p.cfg.Zone, s.ID+"@"+p.cfg.Location)
		if err != nil {
			return fmt.Errorf("load scenario %q: %w", s.ID, err)
		}
		next[s.ID], plans[s.ID] = &loaded{scenario: s, plan: plan, last: now}, plan
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, l := range next {
		if old := p.loads[id]; old != nil && old.plan.spec == l.plan.spec {
			l.last = old.last
		}
	}
	p.loads = next
	if p.schedule != nil {
		p.schedule.apply(plans)
	}
	return nil
}

// find returns a copy of what is loaded under an id.
func (p *Prober) find(id string) (loaded, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.loads[id]
	if l == nil {
		return loaded{}, false
	}
	return *l, true
}

// Plan returns when a loaded scenario is due.
func (p *Prober) Plan(scenario string) (Plan, bool) {
	l, ok := p.find(scenario)
	return l.plan, ok
}

// Queue says how busy the prober is now.
func (p *Prober) Queue() Queue { return p.dispatch.state(time.Now()) }

// RunNow queues a run that nobody planned and returns its slot. It goes before
// planned ones and counts for no availability. The error is
// [gengfu.ErrNotFound] for an unknown scenario and [gengfu.ErrConflict] when
// one is waiting already, or the prober is not running.
func (p *Prober) RunNow(ctx context.Context, scenario string) (gengfu.Slot, error) {
	slot := gengfu.Slot{
		Scenario: scenario, Due: time.Now().Round(0).UTC().Truncate(time.Millisecond), Location: p.cfg.Location, Attempt: 1,
		Kind: gengfu.SlotManual,
	}
	p.mu.Lock()
	known, resumed := p.loads[scenario] != nil, p.resumed
	p.mu.Unlock()
	switch {
	case !known:
		return gengfu.Slot{}, fmt.Errorf("run scenario %q: %w", scenario, gengfu.ErrNotFound)
	case !resumed:
		return gengfu.Slot{}, fmt.Errorf("run scenario %q: the prober is not running yet: %w", scenario, gengfu.ErrConflict)
	}
	if err := p.enqueue(ctx, job{slot: slot, at: slot.Due}); err != nil {
		return gengfu.Slot{}, fmt.Errorf("run scenario %q: %w", scenario, err)
	}
	return slot, nil
}

// Run accounts for the time since the last prober stopped, then issues and
// executes slots until ctx ends. Runs in progress then get the stop timeout to
// finish; the others end as aborted. It may be called once.
func (p *Prober) Run(ctx context.Context) error {
	if err := p.resume(ctx); err != nil {
		return fmt.Errorf("start prober: %w", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	timer := p.startSchedule(ctx)
	g.Go(func() error { return timer.run(ctx) })
	g.Go(func() error { return p.dispatch.run(ctx) })
	g.Go(func() error { p.issue(ctx); return nil })
	return g.Wait()
}

// startSchedule makes the timer and hands it what is loaded.
func (p *Prober) startSchedule(ctx context.Context) *schedule {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.resumed = true
	p.schedule = newSchedule(func(scenario string, due time.Time) {
		select {
		case p.orders <- order{scenario, due}:
		case <-ctx.Done():
		}
	})
	plans := make(map[string]Plan, len(p.loads))
	for id, l := range p.loads {
		plans[id] = l.plan
	}
	p.schedule.apply(plans)
	return p.schedule
}
