package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gengfu"
)

const deliveryColumns = `id, idem, endpoint, stream, incident, seq, kind, prio, body, summary, state, attempts, next_at, expires_at,
	created_at, sent_at, ref, last_error, bundle`

// head is the condition that a pending row is the oldest of its stream: no
// message leaves before the one ahead of it is sent or given up.
const head = "NOT EXISTS (SELECT 1 FROM outbox p WHERE p.stream = outbox.stream AND p.state = 1 AND p.id < outbox.id)"

// enqueue writes a delivery unless one with its key was written before.
func enqueue(ctx context.Context, t *tx, d gengfu.Delivery) error {
	if d.Key == "" || d.Endpoint == "" || d.Stream == "" {
		return fmt.Errorf("without key, endpoint or stream: %w", gengfu.ErrInvalid)
	}
	created := d.Created
	if created.IsZero() {
		created = time.Now()
	}
	body := d.Body
	if body == nil {
		body = []byte{}
	}
	if d.Bundle != "" {
		if err := together(ctx, t, &d); err != nil {
			return err
		}
	}
	id, ok, err := one(ctx, t, scalar[int64], `INSERT INTO outbox (idem, endpoint, stream, incident, seq, kind, prio, body, summary, state, attempts,
		next_at, lease_until, lease_owner, expires_at, ref, last_error, created_at, sent_at, bundle)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 0, $10, 0, '', $11, '', '', $12, 0, $13) ON CONFLICT (idem) DO NOTHING RETURNING id`,
		d.Key, d.Endpoint, d.Stream, d.Incident, d.Seq, string(d.Kind), d.Priority, body, d.Summary, millis(d.Next), millis(d.Expires), millis(created), d.Bundle)
	if err != nil || !ok {
		return err
	}
	t.wake = true
	t.topics = append(t.topics, "delivery:"+strconv.FormatInt(id, 10))
	if d.Kind == gengfu.EventMerged {
		if err := swallow(ctx, t, d, id); err != nil {
			return err
		}
	}
	if err := unheard(ctx, t, d, id); err != nil {
		return err
	}
	if d.Fold {
		return fold(ctx, t, d, id)
	}
	return nil
}

// Claim leases up to n deliveries that are due to owner, until now+lease; a
// delivery whose lease runs out can be claimed again. Only the oldest pending
// delivery of a stream is given, the more urgent ones first, with Attempts
// counting this try. Those past their expiry become dead instead.
func (s *Store) Claim(ctx context.Context, owner string, lease time.Duration, now time.Time, n int) ([]gengfu.Delivery, error) {
	due, err := s.anythingDue(ctx, now)
	if err != nil || !due {
		return nil, wrap(err, "claim deliveries")
	}
	// The plus keeps the planner on the index of the wanted order, where it can
	// stop after n, instead of the one of due times, which it would have to sort.
	var claimed []gengfu.Delivery
	err = s.write(ctx, func(t *tx) (err error) {
		if err := expire(ctx, t, now); err != nil {
			return err
		}
		claimed, err = all(ctx, t, scanDelivery, `UPDATE outbox SET lease_until = $1, lease_owner = $2, attempts = attempts + 1
			WHERE id IN (SELECT id FROM outbox WHERE state = 1 AND +next_at <= $3 AND lease_until <= $3 AND `+head+`
			ORDER BY prio, next_at, id LIMIT $4) RETURNING `+deliveryColumns, millis(now.Add(lease)), owner, millis(now), n)
		if err != nil {
			return err
		}
		for i := range claimed {
			claimed[i].Thread, _, err = one(ctx, t, scalar[string], `SELECT ref FROM outbox WHERE stream = $1 AND state = 2 AND ref <> ''
				ORDER BY id LIMIT 1`, claimed[i].Stream)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, wrap(err, "claim deliveries")
	}
	slices.SortFunc(claimed, func(a, b gengfu.Delivery) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), a.Next.Compare(b.Next), cmp.Compare(a.ID, b.ID))
	})
	return claimed, nil
}

func wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, explain(err))
}

// anythingDue spares the write transaction while nothing is to be done.
func (s *Store) anythingDue(ctx context.Context, now time.Time) (bool, error) {
	_, due, err := one(ctx, s.reader, scalar[int], `SELECT 1 FROM outbox WHERE state = 1 AND next_at <= $1 AND lease_until <= $1
		UNION ALL SELECT 1 FROM outbox WHERE state = 1 AND expires_at > 0 AND expires_at <= $1 LIMIT 1`, millis(now))
	return due, err
}

// expire gives up what is too late to be told. One that is being sent at this
// moment is left to its sender.
func expire(ctx context.Context, t *tx, now time.Time) error {
	ids, err := all(ctx, t, scalar[int64], `UPDATE outbox SET state = CASE WHEN last_error LIKE '`+overtaken+`%' THEN 4 ELSE 3 END,
		last_error = CASE WHEN last_error LIKE '`+overtaken+`%' THEN last_error WHEN last_error = '' THEN 'expired' ELSE 'expired: ' || last_error END
		WHERE state = 1 AND expires_at > 0 AND expires_at <= $1 AND lease_until <= $1 RETURNING id`, millis(now))
	for _, id := range ids {
		t.topics = append(t.topics, "delivery:"+strconv.FormatInt(id, 10))
	}
	return err
}

// Sent marks a delivery as accepted by its endpoint, under the provider's
// name for it.
func (s *Store) Sent(ctx context.Context, id int64, ref string, now time.Time) error {
	return s.finish(ctx, id, "UPDATE outbox SET state = 2, ref = $2, sent_at = $3, last_error = '', lease_until = 0 WHERE id = $1 AND state = 1", ref, millis(now))
}

// Retry puts a delivery back until next. It becomes dead when it will have
// expired by then.
func (s *Store) Retry(ctx context.Context, id int64, next time.Time, errText string, now time.Time) error {
	next = latest(next, now)
	return s.finish(ctx, id, `UPDATE outbox SET next_at = $2, lease_until = 0,
		last_error = CASE WHEN last_error LIKE '`+overtaken+`%' THEN last_error ELSE $3 END,
		state = CASE WHEN last_error LIKE '`+overtaken+`%' THEN 4 WHEN expires_at > 0 AND expires_at <= $2 THEN 3 ELSE 1 END WHERE id = $1 AND state = 1`, millis(next), errText)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Dead gives a delivery up: it was refused for good.
func (s *Store) Dead(ctx context.Context, id int64, errText string, now time.Time) error {
	return s.finish(ctx, id, "UPDATE outbox SET state = 3, last_error = $2, lease_until = 0, next_at = $3 WHERE id = $1 AND state = 1", errText, millis(now))
}

// Replay makes a dead delivery pending again, for as long as it had at first.
func (s *Store) Replay(ctx context.Context, id int64) error {
	return s.finish(ctx, id, `UPDATE outbox SET state = 1, attempts = 0, next_at = $2, lease_until = 0,
		expires_at = CASE WHEN expires_at > 0 THEN $2 + expires_at - created_at ELSE 0 END WHERE id = $1 AND state = 3`, millis(time.Now()))
}

// finish changes the state of one delivery with a statement that does nothing
// when the delivery is in another state: then the error is
// [gengfu.ErrConflict], or [gengfu.ErrNotFound] when there is none.
func (s *Store) finish(ctx context.Context, id int64, query string, args ...any) error {
	err := s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, query, append([]any{id}, args...)...)
		if err != nil {
			return err
		}
		if n == 0 {
			return whyNot(ctx, t, id)
		}
		t.topics = append(t.topics, "delivery:"+strconv.FormatInt(id, 10))
		t.wake = true // the next of the stream may be due
		return nil
	})
	return wrap(err, "delivery "+strconv.FormatInt(id, 10))
}

func whyNot(ctx context.Context, t *tx, id int64) error {
	state, ok, err := one(ctx, t, scalar[int], "SELECT state FROM outbox WHERE id = $1", id)
	switch {
	case err != nil:
		return err
	case !ok:
		return gengfu.ErrNotFound
	}
	return fmt.Errorf("it is %s: %w", deliveries.word(state), gengfu.ErrConflict)
}

// NextDue returns when the next delivery can be claimed, and false when none
// is pending.
func (s *Store) NextDue(ctx context.Context) (time.Time, bool, error) {
	at, ok, err := one(ctx, s.reader, scalar[int64], `SELECT CASE WHEN lease_until > next_at THEN lease_until ELSE next_at END AS due
		FROM outbox WHERE state = 1 AND `+head+` ORDER BY due LIMIT 1`)
	return moment(at), ok, wrap(err, "next delivery")
}

func scanDelivery(r row) (d gengfu.Delivery, err error) {
	var kind string
	var state int
	var next, expires, created, at int64
	err = r.Scan(&d.ID, &d.Key, &d.Endpoint, &d.Stream, &d.Incident, &d.Seq, &kind, &d.Priority, &d.Body, &d.Summary, &state, &d.Attempts,
		&next, &expires, &created, &at, &d.Ref, &d.Error, &d.Bundle)
	d.Kind, d.State = gengfu.EventKind(kind), deliveries.word(state)
	d.Next, d.Expires, d.Created, d.SentAt = moment(next), moment(expires), moment(created), moment(at)
	return d, err
}
