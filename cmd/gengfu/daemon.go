package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"gengfu"
	"gengfu/notify"
	"gengfu/ops/hosts"
	"gengfu/ops/incidents"
	"gengfu/ops/selfcheck"
	"gengfu/prober"
	"gengfu/prober/chrome"
	"gengfu/prober/netcheck"
	"gengfu/prober/vault"
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
	vault   *vault.Vault
	checks  *netcheck.Checker
	prober  *prober.Prober
	desk    *incidents.Desk
	links   *links // in messages, by which readers take incidents

	attends attends // pictures that runs wait with

	silences    *silences
	heightening heightening

	suspects suspects // of which more may be to come

	ways          chan wayChange       // from the dispatcher
	breaches      chan gengfu.Incident // of hosts that got into trouble
	announcements map[string]bool      // keys of those queued; owned by announce
	digested      time.Time            // when it was last told what silences kept quiet; owned by announce

	host   *hosts.Collector
	sample func(context.Context) (gengfu.HostSample, error) // of this machine; a test brings its own
	server *web.Server
	listen net.Listener

	self     *selfcheck.Checker
	selfTold []gengfu.SelfKind       // that the incident of the prober has; owned by the goroutine of self
	measure  func(*selfcheck.Sample) // of this machine; a test brings its own

	// execute runs a slot; the pool's Run but where a test brings its own.
	execute  prober.Browser
	foresees bool // the pool's, which may make pages ahead of planned runs

	hup     <-chan os.Signal                  // asks for a reload; nil for never
	telling atomic.Pointer[telling]           // nil when nobody is to be told
	changed chan struct{}                     // gets a value when telling was swapped
	sender  atomic.Pointer[notify.Dispatcher] // the one at work, for its counts
	redact  atomic.Pointer[gengfu.Redactor]   // of the secrets in force

	terrain atomic.Pointer[terrain] // of the scenarios in force
	times   atomic.Pointer[times]   // what incidents go by in time

	mu      sync.Mutex // guards status and audited
	status  reloaded
	audited web.Audit // the latest
}

// newDaemon opens the ledger and makes the parts; nothing runs yet. execute is
// nil for the browser.
func newDaemon(ctx context.Context, in *instance, log *slog.Logger, execute prober.Browser) (*daemon, error) {
	set, problems := in.load()
	if len(problems) > 0 {
		return nil, &exitError{exitInvalid, problems}
	}
	d := &daemon{in: in, log: log, started: time.Now(), changed: make(chan struct{}, 1), execute: execute, ways: make(chan wayChange, 256), breaches: make(chan gengfu.Incident, 64)}
	if err := d.open(ctx, set); err != nil {
		d.close()
		code := exitErrored
		if errors.Is(err, errListen) {
			code = exitInvalid
		}
		return nil, &exitError{code, err}
	}
	d.setStatus(nil)
	return d, nil
}

// errListen marks an address that the pages may not be shown at.
var errListen = errors.New("listen")

func (d *daemon) open(ctx context.Context, set *scenarios.Set) error {
	// Whoever makes a file, the database's library included: what is in it is
	// for this user alone.
	syscall.Umask(0o077)
	data := d.in.abs(d.in.data)
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("data folder: %w (write data: and a folder that this user may write to into the instance file)", err)
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
	if d.links, err = openLinks(data); err != nil {
		return err
	}
	if d.silences, err = openSilences(ctx, d.store); err != nil {
		return err
	}
	d.desk = &incidents.Desk{Ledger: d.store, Tell: d.tell, URL: d.in.incidentURL, Time: d.timekeeping(), Silence: d.silences.over, Overtaken: d.overtaken}
	if d.prober, err = prober.New(prober.Config{
		Ledger: d.store, Record: d.record, Zone: d.in.zone, Workers: d.in.workers, StopTimeout: d.in.stop, Eager: true, Log: d.log,
		Browser: d.fit(d.execute),
	}); err != nil {
		return err
	}
	if err := d.readHeightening(ctx); err != nil {
		return err
	}
	if err := d.apply(ctx, d.in, set); err != nil {
		return err
	}
	if err := d.openSelfCheck(ctx); err != nil {
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
	cfg.Log, cfg.Standby = d.log, cmp.Or(cfg.Standby, "auto")
	d.vault = d.in.keptIn(data, d.log)
	cfg.Vault, cfg.Ask = d.vault, d.ask
	if cfg.Profiles == "" {
		if cfg.Profiles, err = filepath.Abs(filepath.Join(data, "profiles")); err != nil {
			return fmt.Errorf("browser profiles: %w", err)
		}
	}
	d.checks = d.in.checker(d.vault)
	cfg.Checks = d.checks
	if d.pool, err = chrome.NewPool(cfg); err != nil {
		return err
	}
	if d.execute == nil {
		d.execute, d.foresees = executor(d.pool, d.checks), true
	}
	return nil
}

func (d *daemon) collector() (*hosts.Collector, error) {
	d.sample = hosts.NewSampler(gengfu.DefaultLocation).Read
	return hosts.NewCollector(hosts.Config{
		Read: func(ctx context.Context) (gengfu.HostSample, error) { return d.sample(ctx) }, Limits: d.in.hosts, Ledger: d.store, Change: d.hostChange, Log: d.log,
	})
}

// hostChange names the machine to people. The ledger knows it as local, because
// a machine's name may change, in containers with every start, and what is open
// about it must go on.
func (d *daemon) hostChange(snap gengfu.Snapshot, signals []gengfu.Signal, now time.Time) (gengfu.Change, error) {
	for i := range signals {
		signals[i].Title = hostname() + " · " + signals[i].Member
	}
	change, err := d.desk.ChangeAround(snap, signals, incidents.Around{Quiet: d.times.Load().quiet}, now)
	d.breached(change)
	return change, err
}

func (d *daemon) openPages(ctx context.Context) error {
	var err error
	if d.listen, err = web.ListenLoopback(ctx, d.in.listen); errors.Is(err, gengfu.ErrInvalid) {
		return fmt.Errorf("%w: %w", errListen, err)
	} else if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w (end the process that has the port, or write another one: listen: 127.0.0.1:0 takes a free one)", err)
	} else if err != nil {
		return err
	}
	if own, ok := d.listen.Addr().(*net.TCPAddr); ok {
		d.pool.Reserve(own.AddrPort())
		d.checks.Reserve(own.AddrPort())
	}
	r := reader{d.store}
	d.server, err = web.New(web.Config{
		Scenarios: r, Runs: r, History: r, Incidents: r, Deliveries: r, Hosts: r,
		Evidence: r, Act: d.act, Take: d.take, IntakeTypes: d.intakeTypes, RunNow: d.runNow, Suspended: d.suspended, Resume: d.vault.Accepted, Replay: d.store.Replay, Drop: d.store.Drop, Health: d.health, Changes: d.store.Subscribe,
		Silences: d.silences, Heightening: d, Links: d.links.open, Attend: d.attends.open, Metrics: metrics.NewSet(), Zone: d.in.zone, Lang: d.in.lang, Version: version, Log: d.log,
	})
	return err
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
