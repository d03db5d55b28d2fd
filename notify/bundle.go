package notify

import (
	"context"
	"time"

	"gengfu"
)

// Bundler is the outbox as far as messages share their way.
type Bundler interface {
	// Bundles are the pending deliveries, those of one endpoint together, that
	// wait for each other and of which one is due; those of endpoints that more
	// than crowd are due to; and, unless the time is zero, those that were due
	// before it.
	Bundles(ctx context.Context, now, before time.Time, crowd int) ([][]gengfu.Delivery, error)
	// Bundle gives up deliveries for those that tell the same: instead, which is
	// nil when one of the others does. The error is [gengfu.ErrConflict] when
	// one of them is not pending any more; then nothing changes.
	Bundle(ctx context.Context, given []gengfu.Delivery, instead *gengfu.Delivery, now time.Time) error
}

const (
	crowd   = 10              // more waiting for one endpoint are told in one message
	overdue = 2 * time.Minute // what is older at the start is told in one message
)

// bundle makes one message of those that share their way. Trouble with it keeps
// nothing from being sent on its own.
func (d *Dispatcher) bundle(ctx context.Context, first bool) {
	if d.cfg.Bundler == nil {
		return
	}
	now := time.Now()
	var before time.Time
	if first {
		before = now.Add(-overdue)
	}
	groups, err := d.cfg.Bundler.Bundles(ctx, now, before, crowd)
	for _, g := range groups {
		if err == nil {
			err = d.bundleOne(ctx, g, !before.IsZero() && g[0].Next.Before(before), now)
		}
	}
	if err != nil && ctx.Err() == nil {
		d.cfg.Logger.Warn("messages go one by one", "err", err)
	}
}

func (d *Dispatcher) bundleOne(ctx context.Context, list []gengfu.Delivery, late bool, now time.Time) error {
	ch, ok := d.cfg.Channels.For(list[0].Endpoint)
	if !ok || len(list) < 2 || ch.Limits().Each {
		return nil
	}
	newest := latest(list)
	if len(newest) == 1 {
		var given []gengfu.Delivery
		for _, del := range list {
			if del.ID != newest[0].ID {
				given = append(given, del)
			}
		}
		return d.cfg.Bundler.Bundle(ctx, given, nil, now)
	}
	kind := eventDigest
	if late {
		kind = eventLate
	}
	one, err := merge(ch, newest, kind, now)
	if err != nil {
		return err
	}
	return d.cfg.Bundler.Bundle(ctx, list, &one, now)
}
