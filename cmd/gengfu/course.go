package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gengfu"
	"gengfu/ops/incidents"
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

// sweepEvery is how exact the times are at which incidents change by
// themselves.
const sweepEvery = 30 * time.Second

// sweep does what is due of incidents by time alone, what came due while
// nobody ran first of all, until ctx ends.
func (d *daemon) sweep(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		d.expire(ctx, time.Now().Round(0).UTC().Truncate(time.Millisecond))
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (d *daemon) expire(ctx context.Context, now time.Time) {
	list, err := d.store.Waiting(ctx)
	if err != nil && ctx.Err() == nil {
		d.log.Warn("incidents could not be read", "error", err)
	}
	for _, inc := range list {
		if len(incidents.Due(inc, now).Events) == 0 {
			continue
		}
		if err := d.desk.Expire(ctx, inc.Number, now); err != nil && ctx.Err() == nil {
			d.log.Error("incident does not go on", "incident", inc.Number, "error", err)
		}
	}
}
