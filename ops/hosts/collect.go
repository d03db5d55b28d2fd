package hosts

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"gengfu"
)

// Ledger is what the collector asks of the store.
type Ledger interface {
	// SaveHostSample keeps a sample.
	SaveHostSample(ctx context.Context, h gengfu.HostSample) error
	// Amend writes what decide makes of a check and of the incidents with keys,
	// in one transaction.
	Amend(ctx context.Context, check, location string, keys []string, decide gengfu.Decide) error
}

// Change turns signals into what is to be written for them; it must be pure.
type Change func(snap gengfu.Snapshot, signals []gengfu.Signal, now time.Time) (gengfu.Change, error)

// Config says what a collector works with. Read, Ledger and Change are needed;
// the zero value of the others stands for a default.
type Config struct {
	Read   func(context.Context) (gengfu.HostSample, error)
	Ledger Ledger
	Change Change
	Limits Limits        // DefaultLimits
	Every  time.Duration // 15 s
	Log    *slog.Logger
}

// Validate says what is missing or wrong.
func (c Config) Validate() error {
	if c.Read == nil || c.Ledger == nil || c.Change == nil {
		return errors.New("host collector needs a reader, a ledger and a change")
	}
	return c.Limits.Validate()
}

// Collector reads a host on a beat.
type Collector struct {
	cfg    Config
	known  map[string]gengfu.CheckState // by key, as written last; owned by the goroutine of Run
	broken bool                         // the last beat had an error; owned by the goroutine of Run
}

// NewCollector makes a collector.
func NewCollector(cfg Config) (*Collector, error) {
	if cfg.Limits == (Limits{}) {
		cfg.Limits = DefaultLimits()
	}
	if cfg.Every <= 0 {
		cfg.Every = 15 * time.Second
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Collector{cfg: cfg, known: map[string]gengfu.CheckState{}}, nil
}

// Run collects until ctx ends. A beat that fails is logged once and tried
// again with the next; it never ends the collector. Run may be called once.
func (c *Collector) Run(ctx context.Context) error {
	tick := time.NewTicker(c.cfg.Every)
	defer tick.Stop()
	for {
		c.note(ctx, c.beat(ctx))
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// note logs the first of several errors in a row, and their end.
func (c *Collector) note(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil && !c.broken:
		c.cfg.Log.Error("host not collected", "error", err)
	case err == nil && c.broken:
		c.cfg.Log.Info("host collected again")
	}
	c.broken = err != nil
}

func (c *Collector) beat(ctx context.Context) error {
	h, err := c.cfg.Read(ctx)
	if err != nil {
		return err
	}
	errs := []error{c.cfg.Ledger.SaveHostSample(ctx, h)}
	for _, r := range Readings(h, c.cfg.Limits) {
		errs = append(errs, c.judge(ctx, r))
	}
	return errors.Join(errs...)
}

// judge writes what a reading changes. What is known already is not written
// again: most readings change nothing.
func (c *Collector) judge(ctx context.Context, r Reading) error {
	key := r.Key()
	if was, ok := c.known[key]; ok {
		if is, signals := Judge(was, r); is == was && len(signals) == 0 {
			return nil
		}
	}
	var written gengfu.CheckState
	err := c.cfg.Ledger.Amend(ctx, key, r.Host, []string{key}, func(snap gengfu.Snapshot) (gengfu.Change, error) {
		state, signals := Judge(snap.Check, r)
		change, err := c.cfg.Change(snap, signals, r.At)
		if err != nil {
			return gengfu.Change{}, err
		}
		change.Check, written = &state, state
		return change, nil
	})
	if err != nil {
		return err
	}
	c.known[key] = written
	return nil
}
