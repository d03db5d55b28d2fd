package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gengfu"
)

// timed reports whether an action needs a time.
func timed(kind gengfu.EventKind) bool {
	return kind == gengfu.EventHeld || kind == gengfu.EventETA || kind == gengfu.EventOnSiteAsked
}

// until takes the time off the front of a text, such as "2026-11-24T18:00
// waiting for the vendor". Without an offset it is in zone.
func until(text string, zone *time.Location) (time.Time, string, error) {
	word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	if t, err := time.Parse(time.RFC3339, word); err == nil {
		return t.UTC(), strings.TrimSpace(rest), nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, word, zone); err == nil {
			return t.UTC(), strings.TrimSpace(rest), nil
		}
	}
	return time.Time{}, "", fmt.Errorf("%q is no time such as 2026-11-24T18:00: %w", word, gengfu.ErrInvalid)
}

const (
	// sweepEvery bounds how long a timer that nobody told of is overlooked.
	sweepEvery = 30 * time.Second
	// sweepLeast keeps the sweep from turning idly when something stays due.
	sweepLeast = 250 * time.Millisecond
)

// sweep does what is due of incidents by time alone, what came due while
// nobody ran first of all, until ctx ends. It sleeps until the next timer.
func (d *daemon) sweep(ctx context.Context) error {
	d.rearm(ctx)
	changes, cancel := d.store.Subscribe()
	defer cancel()
	for {
		wait := time.NewTimer(d.sweepOnce(ctx, clock()))
		if !timerOrNews(ctx, wait.C, changes) {
			wait.Stop()
			return nil
		}
		wait.Stop()
	}
}

// clock is the present as the ledger writes it.
func clock() time.Time { return time.Now().Round(0).UTC().Truncate(time.Millisecond) }

// timerOrNews waits until the time is over or timers were set; false when ctx
// ended or nothing will come any more.
func timerOrNews(ctx context.Context, wait <-chan time.Time, changes <-chan string) bool {
	return timerOrTopic(ctx, wait, changes, "timer:")
}

// timerOrTopic is the same for topics that begin in another way.
func timerOrTopic(ctx context.Context, wait <-chan time.Time, changes <-chan string, prefix string) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-wait:
			return true
		case topic, open := <-changes:
			if !open {
				return false
			}
			if strings.HasPrefix(topic, prefix) {
				return true
			}
		}
	}
}

// sweepOnce does what is due and says how long there is nothing to do.
func (d *daemon) sweepOnce(ctx context.Context, now time.Time) time.Duration {
	numbers, err := d.store.Due(ctx, now)
	for _, number := range numbers {
		if err := d.desk.Expire(ctx, number, now); err != nil && ctx.Err() == nil {
			d.log.Error("incident does not go on", "incident", number, "error", err)
		}
	}
	next, nextErr := d.store.NextTimer(ctx)
	if err = errors.Join(err, nextErr); err != nil && ctx.Err() == nil {
		d.log.Warn("timers could not be read", "error", err)
	}
	if next.IsZero() {
		return sweepEvery
	}
	return min(max(time.Until(next), sweepLeast), sweepEvery)
}

// rearm sets the timers of incidents that have none: of a ledger that was
// written before there were any, or by a configuration that needed none.
func (d *daemon) rearm(ctx context.Context) {
	list, err := d.store.Waiting(ctx)
	for _, inc := range list {
		var timers []gengfu.Timer
		if timers, err = d.store.Timers(ctx, inc.Number); err == nil && len(timers) == 0 && inc.Escalation == nil {
			err = d.desk.Expire(ctx, inc.Number, clock())
		}
		if err != nil {
			break
		}
	}
	if err != nil && ctx.Err() == nil {
		d.log.Warn("timers could not be set", "error", err)
	}
}
