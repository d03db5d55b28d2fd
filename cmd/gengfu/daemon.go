package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"golang.org/x/sync/errgroup"

	"gengfu"
	"gengfu/notify"
	"gengfu/ops/hosts"
	"gengfu/ops/incidents"
	"gengfu/prober"
	"gengfu/prober/chrome"
	"gengfu/scenarios"
	"gengfu/storage"
	"gengfu/web"
)

// daemon is everything that serve runs. What changes with a reload is in
// telling and status; the rest is made once.
type daemon struct {
	in      *instance
	log     *slog.Logger
	started time.Time
	store   *storage.Store
	pool    *chrome.Pool
	prober  *prober.Prober
	desk    *incidents.Desk
	host    *hosts.Collector
	server  *web.Server
	listen  net.Listener

	// execute runs a slot; the pool's Run but where a test brings its own.
	execute prober.Browser

	telling atomic.Pointer[telling] // nil when nobody is to be told
	changed chan struct{}           // gets a value when telling was swapped

	mu     sync.Mutex
	status reloaded
}

// reloaded is how the last reading of the configuration went.
type reloaded struct {
	at  time.Time
	err string
}

// newDaemon opens the ledger and makes the parts; nothing runs yet. execute is
// nil for the browser.
func newDaemon(ctx context.Context, in *instance, log *slog.Logger, execute prober.Browser) (*daemon, error) {
	set, problems := in.load()
	if len(problems) > 0 {
		return nil, &exitError{exitInvalid, problems}
	}
	d := &daemon{in: in, log: log, started: time.Now(), changed: make(chan struct{}, 1), execute: execute}
	if err := d.open(ctx, set); err != nil {
		d.close()
		return nil, &exitError{exitErrored, err}
	}
	return d, nil
}

func (d *daemon) open(ctx context.Context, set *scenarios.Set) error {
	data := d.in.abs(d.in.data)
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	var err error
	d.store, err = storage.Open(ctx, storage.Config{
		Path: filepath.Join(data, "gengfu.db"), EvidenceDir: filepath.Join(data, "evidence"), Zone: d.in.zone,
	})
	if err != nil {
		return err
	}
	if err := d.openBrowser(data); err != nil {
		return err
	}
	d.desk = &incidents.Desk{Ledger: d.store, Tell: d.tell, URL: d.in.incidentURL}
	if d.prober, err = prober.New(prober.Config{
		Ledger: d.store, Record: d.record, Zone: d.in.zone, Workers: d.in.workers, StopTimeout: d.in.stop, Eager: true, Log: d.log,
		Browser: d.execute,
	}); err != nil {
		return err
	}
	if err := d.apply(ctx, d.in, set); err != nil {
		return err
	}
	if d.in.watchHost {
		if d.host, err = d.collector(); err != nil {
			return err
		}
	}
	return d.openPages(ctx)
}

func (d *daemon) openBrowser(data string) (err error) {
	cfg := d.in.browser()
	cfg.Log = d.log
	if cfg.Profiles == "" {
		cfg.Profiles = filepath.Join(data, "profiles")
	}
	if d.pool, err = chrome.NewPool(cfg); err != nil {
		return err
	}
	if d.execute == nil {
		d.execute = func(ctx context.Context, s *scenarios.Scenario, slot gengfu.Slot, watch func(gengfu.StepResult)) gengfu.Run {
			return d.pool.Run(ctx, s, slot, watch)
		}
	}
	return nil
}

func (d *daemon) collector() (*hosts.Collector, error) {
	return hosts.NewCollector(hosts.Config{
		Read: hosts.NewSampler(hostname()).Read, Limits: d.in.hosts, Ledger: d.store, Change: d.desk.Change, Log: d.log,
	})
}

func (d *daemon) openPages(ctx context.Context) error {
	var err error
	if d.listen, err = web.ListenLoopback(ctx, d.in.listen); err != nil {
		return err
	}
	r := reader{d.store}
	d.server, err = web.New(web.Config{
		Scenarios: r, Runs: r, History: r, Incidents: r, Deliveries: r, Hosts: r,
		Evidence: r, Act: d.act, RunNow: d.runNow, Replay: d.store.Replay, Health: d.health, Changes: d.store.Subscribe,
		Metrics: metrics.NewSet(), Zone: d.in.zone, Lang: d.in.lang, Version: version, Log: d.log,
	})
	return err
}

// apply puts a checked configuration into force.
func (d *daemon) apply(ctx context.Context, in *instance, set *scenarios.Set) error {
	var t *telling
	if len(in.routes) > 0 {
		var err error
		if t, err = in.telling(); err != nil {
			return err
		}
	}
	cards := make([]gengfu.ScenarioCard, 0, len(set.Scenarios))
	for _, s := range set.Scenarios {
		cards = append(cards, s.Card())
	}
	if err := d.store.SaveScenarios(ctx, cards); err != nil {
		return err
	}
	if err := d.prober.Load(set.Scenarios); err != nil {
		return err
	}
	d.telling.Store(t)
	select {
	case d.changed <- struct{}{}:
	default:
	}
	d.setStatus("")
	return nil
}

func (d *daemon) setStatus(failure string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if failure == "" {
		d.status = reloaded{at: time.Now()}
		return
	}
	d.status.err = failure
}

// run works until ctx ends or a part fails, and leaves everything closed.
func (d *daemon) run(ctx context.Context) error {
	defer d.close()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.prober.Run(ctx) })
	group.Go(func() error { return d.dispatch(ctx) })
	group.Go(func() error { return d.upkeep(ctx) })
	group.Go(func() error { return d.pages(ctx) })
	if d.host != nil {
		group.Go(func() error { return d.host.Run(ctx) })
	}
	d.log.Info("serving", "pages", "http://"+d.listen.Addr().String())
	return group.Wait()
}

// pages serves until ctx ends, then lets open requests finish.
func (d *daemon) pages(ctx context.Context) error {
	srv := &http.Server{
		Handler: d.server.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(d.listen) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve pages: %w", err)
	case <-ctx.Done():
	}
	d.server.Close()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return srv.Shutdown(stop)
}

// dispatch sends what is in the outbox, with new channels after each reload.
func (d *daemon) dispatch(ctx context.Context) error {
	for ctx.Err() == nil {
		t := d.telling.Load()
		var channels notify.Channels
		if t != nil {
			channels = t.channels
		}
		working, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() {
			done <- notify.NewDispatcher(notify.DispatcherConfig{
				Outbox: d.store, Channels: channels, Owner: fmt.Sprintf("%s/%d", hostname(), os.Getpid()),
				Wake: d.store.Wake(), NextDue: d.store.NextDue, Broken: d.broken, Logger: d.log,
			}).Run(working)
		}()
		select {
		case <-d.changed:
			cancel()
			if err := <-done; err != nil && ctx.Err() == nil {
				return err
			}
		case err := <-done:
			cancel()
			return err
		}
	}
	return nil
}

func (d *daemon) broken(endpoint string, err error) {
	if err != nil {
		d.log.Error("endpoint does not take messages", "endpoint", endpoint, "error", err)
		return
	}
	d.log.Info("endpoint works again", "endpoint", endpoint)
}

// upkeep keeps the ledger small.
func (d *daemon) upkeep(ctx context.Context) error {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if _, err := d.store.Prune(ctx, time.Now(), storage.Policy{}); err != nil && ctx.Err() == nil {
			d.log.Warn("old data could not be removed", "error", err)
		}
		if _, err := d.store.Checkpoint(ctx); err != nil && ctx.Err() == nil {
			d.log.Warn("write-ahead log could not be folded in", "error", err)
		}
	}
}

// close gives everything back; it may be called on a daemon that is half made.
func (d *daemon) close() {
	if d.listen != nil {
		_ = d.listen.Close()
	}
	if d.pool != nil {
		d.pool.Close()
	}
	if d.store != nil {
		if err := d.store.Close(); err != nil {
			d.log.Error("ledger did not close", "error", err)
		}
	}
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return gengfu.DefaultLocation
	}
	return name
}

func cores() int { return runtime.NumCPU() }
