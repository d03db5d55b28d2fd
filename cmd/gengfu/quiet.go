package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gengfu"
	"gengfu/notify"
	"gengfu/scenarios"
	"gengfu/scenarios/strict"
)

// checkNamed looks for what was named before it could be known.
func (in *instance) checkNamed() {
	for _, check := range in.later {
		check()
	}
}

// readQuiet reads 22:00-07:00, or a calendar outside of whose working time it
// is quiet.
func (in *instance) readQuiet(n strict.Node, m *notify.Manners) {
	text, ok := n.String()
	if !ok {
		return
	}
	a, b, _ := strings.Cut(text, "-")
	from, ok1 := clockTime(strings.TrimSpace(a))
	to, ok2 := clockTime(strings.TrimSpace(b))
	if ok1 && ok2 && from != to && strings.Contains(text, ":") {
		m.Quiet = func(now time.Time) time.Time { return quietUntil(now.In(in.zone), from, to) }
		return
	}
	m.Quiet = func(now time.Time) time.Time {
		if cal := in.calendars[text]; cal != nil && !cal.Open(now) {
			return cal.NextOpen(now)
		}
		return time.Time{}
	}
	in.later = append(in.later, func() {
		if in.calendars[text] == nil {
			n.Problem(fmt.Sprintf("%q is neither a stretch of the day nor a calendar", text),
				"such as 22:00-07:00"+strings.Join(append([]string{""}, slices.Sorted(maps.Keys(in.calendars))...), ", or "))
		}
	})
}

// quietUntil is the end of the stretch from..to, in minutes after midnight and
// maybe over it, that a time lies in, zero when it does not.
func quietUntil(now time.Time, from, to int) time.Time {
	minute := now.Hour()*60 + now.Minute()
	y, m, d := now.Date()
	switch {
	case from < to && minute >= from && minute < to, from > to && minute < to:
	case from > to && minute >= from:
		d++
	default:
		return time.Time{}
	}
	return time.Date(y, m, d, 0, to, 0, 0, now.Location())
}

// lateNotice is how long after its end a maintenance is still told to be over.
const lateNotice = time.Hour

// upkeepAt are the windows of a maintenance that began by now, and ended less
// than lateNotice ago at most: the one that holds, and the one before.
func upkeepAt(m scenarios.Maintenance, now time.Time) []gengfu.Window {
	if m.Cron == nil {
		w := m.Window
		w.Title = m.Title
		if w.From.After(now) || now.Sub(w.To) > lateNotice {
			return nil
		}
		return []gengfu.Window{w}
	}
	var list []gengfu.Window
	for from := m.Cron.Next(now.Add(-m.For - lateNotice)); !from.IsZero() && !from.After(now); from = m.Cron.Next(from) {
		list = append(list, gengfu.Window{From: from, To: from.Add(m.For), Title: m.Title})
	}
	return list
}

const announceEvery = 15 * time.Second

// announce tells of the maintenance that begins and ends, where the instance
// file says whom, until ctx ends.
func (d *daemon) announce(ctx context.Context) error {
	tick := time.NewTicker(announceEvery)
	defer tick.Stop()
	for {
		if err := d.announceDue(ctx, time.Now()); err != nil && ctx.Err() == nil {
			d.log.Warn("maintenance could not be told", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (d *daemon) announceDue(ctx context.Context, now time.Time) error {
	in, t := d.configured(), d.telling.Load()
	if t == nil || in == nil {
		return nil
	}
	if err := errors.Join(d.handOvers(ctx, in, t, now), d.digestSilenced(ctx, in, t, now)); err != nil {
		return err
	}
	var all []gengfu.Delivery
	for _, m := range in.upkeep {
		if m.tell == "" {
			continue
		}
		for _, w := range upkeepAt(m.when, now) {
			w.From, w.To = w.From.In(in.zone), w.To.In(in.zone)
			list, err := t.router.Upkeep(m.tell, w, !w.Covers(now), now)
			if err != nil {
				return err
			}
			all = append(all, list...)
		}
	}
	return d.queue(ctx, d.fresh(all))
}

// queue puts messages that are of no one incident into the outbox.
func (d *daemon) queue(ctx context.Context, list []gengfu.Delivery) error {
	if len(list) == 0 {
		return nil
	}
	return d.store.Amend(ctx, "", "", nil, func(gengfu.Snapshot) (gengfu.Change, error) { return gengfu.Change{Deliveries: list}, nil })
}

// fresh are the deliveries that this process has not queued before; what an
// earlier one did is for the ledger to find.
func (d *daemon) fresh(list []gengfu.Delivery) (news []gengfu.Delivery) {
	if d.announcements == nil {
		d.announcements = map[string]bool{}
	}
	for _, del := range list {
		if !d.announcements[del.Key] {
			d.announcements[del.Key] = true
			news = append(news, del)
		}
	}
	return news
}
