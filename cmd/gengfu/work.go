package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"gengfu"
	"gengfu/notify"
	"gengfu/storage"
)

const (
	// farewell is how long the last messages get to leave when the daemon stops.
	farewell = 3 * time.Second
	// goodbye is how long open requests get to be answered then.
	goodbye = 3 * time.Second
)

// run works until ctx ends or a part fails, and leaves everything closed. The
// messages that the last runs queued leave before the dispatcher ends.
func (d *daemon) run(ctx context.Context) error {
	defer d.close()
	sending, silence := context.WithCancel(context.WithoutCancel(ctx))
	defer silence()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.dispatch(sending) })
	group.Go(func() error {
		defer silence()
		err := d.work(ctx)
		d.lastCall(ctx)
		return err
	})
	return group.Wait()
}

// work runs every part but the dispatcher.
func (d *daemon) work(ctx context.Context) error {
	if err := d.self.Check(ctx); err != nil { // before the first run
		d.log.Error("self-check not told", "error", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.self.Run(ctx) })
	group.Go(func() error { return d.prober.Run(ctx) })
	if d.foresees {
		group.Go(func() error { d.pool.Anticipate(ctx, d.prober.Upcoming); return nil })
	}
	group.Go(func() error { return d.upkeep(ctx) })
	group.Go(func() error { return d.sweep(ctx) })
	group.Go(func() error { return d.audit(ctx) })
	group.Go(func() error { return d.hush(ctx) })
	group.Go(func() error { return d.announce(ctx) })
	group.Go(func() error { return d.watchWays(ctx) })
	group.Go(func() error { return d.watchBreaches(ctx) })
	group.Go(func() error { return d.failOver(ctx) })
	group.Go(func() error { return d.pages(ctx) })
	var files edits
	files.follow(d.configured()) // before anybody hears that it serves
	group.Go(func() error { d.reloads(ctx, files); return nil })
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
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	err := srv.Shutdown(stop)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close() // a visitor who does not come to an end is no trouble of ours
	}
	if end := <-failed; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}

// dispatch sends what is in the outbox, with new channels after each reload.
func (d *daemon) dispatch(ctx context.Context) error {
	var before *telling
	for ctx.Err() == nil {
		select {
		case <-d.changed: // it is in force below
		default:
		}
		now := d.telling.Load()
		d.hasten(ctx, now.mended(before))
		before = now
		if err := d.send(ctx, now); err != nil {
			return err
		}
	}
	return nil
}

// send works off the outbox until ctx ends or the channels change.
func (d *daemon) send(ctx context.Context, t *telling) error {
	var channels notify.Channels
	if t != nil {
		channels = t.channels
	}
	sender := notify.NewDispatcher(notify.DispatcherConfig{
		Outbox: d.store, Bundler: d.store, Broken: d.waysChanged, Down: d.downWays(ctx, channels.Endpoints()), Channels: channels, Owner: fmt.Sprintf("%s/%d", hostname(), os.Getpid()),
		Wake: d.store.Wake(), NextDue: d.store.NextDue, Logger: d.log,
	})
	d.sender.Store(sender)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- sender.Run(ctx) }()
	select {
	case err := <-done:
		return err
	case <-d.changed:
		cancel()
		return <-done
	}
}

// lastCall waits until the dispatcher has tried everything that is due, for a
// few seconds at most; the rest is sent after the next start.
func (d *daemon) lastCall(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	changes, unsubscribe := d.store.Subscribe()
	defer unsubscribe()
	for {
		list, err := d.store.Deliveries(ctx, storage.DeliveryFilter{State: gengfu.DeliveryPending})
		if err != nil || !anyDue(list, time.Now()) {
			return
		}
		select {
		case <-changes:
		case <-ctx.Done():
			return
		}
	}
}

// anyDue reports whether a pending delivery is to be sent, or being sent, now.
// Those behind an earlier one of their stream are not.
func anyDue(list []gengfu.Delivery, now time.Time) bool {
	heads := map[string]gengfu.Delivery{}
	for _, del := range list {
		if first, ok := heads[del.Stream]; !ok || del.ID < first.ID {
			heads[del.Stream] = del
		}
	}
	for _, del := range heads {
		if !del.Next.After(now) {
			return true
		}
	}
	return false
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
