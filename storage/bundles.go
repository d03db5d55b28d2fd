package storage

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gengfu"
)

// Bundles returns the pending deliveries that may be told together, each list
// of one endpoint and with at least two: those of a bundle of which one is due;
// those of an endpoint that more than crowd are due to; and, unless before is
// zero, those due of an endpoint that two were due to before it. What is being sent is in
// none.
func (s *Store) Bundles(ctx context.Context, now, before time.Time, crowd int) ([][]gengfu.Delivery, error) {
	type pair struct{ endpoint, bundle string }
	due, err := all(ctx, s.reader, func(r row) (p pair, err error) {
		return p, r.Scan(&p.endpoint, &p.bundle)
	}, "SELECT DISTINCT endpoint, bundle FROM outbox WHERE state = 1 AND next_at <= $1 AND lease_until <= $1 AND bundle <> ''", millis(now))
	if err != nil {
		return nil, wrap(err, "read bundles")
	}
	var lists [][]gengfu.Delivery
	for _, p := range due {
		list, err := all(ctx, s.reader, scanDelivery, "SELECT "+deliveryColumns+` FROM outbox
			WHERE endpoint = $1 AND bundle = $2 AND state = 1 AND lease_until <= $3 AND incident <> '' ORDER BY id`, p.endpoint, p.bundle, millis(now))
		if err != nil {
			return nil, wrap(err, "read bundles")
		}
		lists = append(lists, list)
	}
	crowded, err := all(ctx, s.reader, scalar[string], `SELECT endpoint FROM outbox
		WHERE state = 1 AND next_at <= $1 AND lease_until <= $1 AND bundle = '' AND incident <> ''
		GROUP BY endpoint HAVING COUNT(*) > $2 OR COUNT(*) FILTER (WHERE next_at < $3) > 1`, millis(now), crowd, millis(before))
	if err != nil {
		return nil, wrap(err, "read bundles")
	}
	for _, endpoint := range crowded {
		list, err := all(ctx, s.reader, scanDelivery, "SELECT "+deliveryColumns+` FROM outbox
			WHERE endpoint = $1 AND state = 1 AND next_at <= $2 AND lease_until <= $2 AND bundle = '' AND incident <> '' ORDER BY id`, endpoint, millis(now))
		if err != nil {
			return nil, wrap(err, "read bundles")
		}
		lists = append(lists, list)
	}
	kept := lists[:0]
	for _, list := range lists {
		if len(list) > 1 {
			kept = append(kept, list)
		}
	}
	return kept, nil
}

// Bundle gives up deliveries for those that tell the same, and queues the one
// that does, if it is not among the others. The error is [gengfu.ErrConflict]
// when one of them is not pending, or being sent; then nothing changes.
func (s *Store) Bundle(ctx context.Context, given []gengfu.Delivery, instead *gengfu.Delivery, now time.Time) error {
	err := s.write(ctx, func(t *tx) error {
		for _, d := range given {
			n, err := t.exec(ctx, "UPDATE outbox SET state = 4 WHERE id = $1 AND state = 1 AND lease_until <= $2", d.ID, millis(now))
			if err != nil {
				return err
			}
			if n == 0 {
				return fmt.Errorf("delivery %d: %w", d.ID, gengfu.ErrConflict)
			}
			t.topics = append(t.topics, "delivery:"+strconv.FormatInt(d.ID, 10))
		}
		if instead == nil {
			return nil
		}
		return enqueue(ctx, t, *instead)
	})
	return wrap(err, "bundle deliveries")
}

// Drop gives a delivery up for good that is pending or dead: somebody decided
// that nobody needs it.
func (s *Store) Drop(ctx context.Context, id int64, by string, now time.Time) error {
	return s.finish(ctx, id, `UPDATE outbox SET state = 4, last_error = $2, lease_until = 0
		WHERE id = $1 AND (state = 3 OR state = 1 AND lease_until <= $3)`, "dropped by "+by, millis(now))
}

// together places a delivery among those of its bundle: it leaves with those
// that wait, and not before the bundle's gap after the last one that left.
func together(ctx context.Context, t *tx, d *gengfu.Delivery) error {
	at, waits, err := one(ctx, t, scalar[int64], `SELECT next_at FROM outbox WHERE endpoint = $1 AND bundle = $2 AND state = 1
		ORDER BY next_at LIMIT 1`, d.Endpoint, d.Bundle)
	switch {
	case err != nil:
		return err
	case waits:
		d.Next = moment(at)
		return nil
	case d.Gap <= 0:
		return nil
	}
	last, _, err := one(ctx, t, scalar[int64], "SELECT COALESCE(MAX(next_at), 0) FROM outbox WHERE endpoint = $1 AND bundle = $2 AND state IN (2, 4)", d.Endpoint, d.Bundle)
	if next := moment(last).Add(d.Gap); last > 0 && next.After(d.Next) {
		d.Next = next
	}
	return err
}

// swallow gives up everything of an incident that became part of another before
// anybody heard of it, the news of that included; nothing when a message was
// tried to be sent, or told in another one. Of an incident that its reader did
// hear of, the news alone is given up that another message has.
func swallow(ctx context.Context, t *tx, d gengfu.Delivery, id int64) error {
	_, heard, err := one(ctx, t, scalar[int64], `SELECT id FROM outbox WHERE stream = $1 AND id < $2
		AND (state IN (2, 3) OR state = 4 AND kind <> 'updated' OR attempts > 0 OR lease_until > 0) LIMIT 1`, d.Stream, id)
	switch {
	case err != nil:
		return err
	case heard && d.Known: // unless the beginning may still be told
		_, err = t.exec(ctx, `UPDATE outbox SET state = 4 WHERE id = $2 AND state = 1
			AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.stream = $1 AND p.id < $2 AND p.state = 1)`, d.Stream, id)
		return err
	case heard:
		return nil
	}
	_, err = t.exec(ctx, "UPDATE outbox SET state = 4 WHERE stream = $1 AND id <= $2 AND state = 1", d.Stream, id)
	return err
}

// fold gives up what a delivery makes needless, as long as nobody tried to send
// it: everything of an incident that is over by now, and an update by a newer
// one.
func fold(ctx context.Context, t *tx, d gengfu.Delivery, id int64) error {
	only := ""
	switch d.Kind {
	case gengfu.EventResolved:
	case gengfu.EventUpdated:
		only = " AND kind = 'updated'"
	default:
		return nil
	}
	_, err := t.exec(ctx, "UPDATE outbox SET state = 4 WHERE stream = $1 AND id < $2 AND state = 1 AND attempts = 0 AND lease_until = 0"+only, d.Stream, id)
	return err
}
