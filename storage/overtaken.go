package storage

import (
	"context"
	"slices"
	"strconv"
	"time"

	"gengfu"
)

// overtaken begins the error of a delivery that was given up because something
// else happened. One that is being sent at that moment is given up when the try
// fails.
const overtaken = "overtaken by "

// overtake gives up what waits and is not true any more.
func overtake(ctx context.Context, t *tx, o gengfu.Overtaken) error {
	type waiting struct {
		id             int64
		endpoint, kind string
		tried          bool
	}
	list, err := all(ctx, t, func(r row) (w waiting, err error) {
		return w, r.Scan(&w.id, &w.endpoint, &w.kind, &w.tried)
	}, `SELECT id, endpoint, kind, attempts > 0 FROM outbox WHERE incident = $1 AND state = 1 AND ($2 = 0 OR seq = $2)
		AND last_error NOT LIKE '`+overtaken+`%' ORDER BY id`, o.Incident, o.Seq)
	if err != nil {
		return err
	}
	for _, w := range list {
		if len(o.Endpoints) > 0 && !slices.Contains(o.Endpoints, w.endpoint) || len(o.Kinds) > 0 && !slices.Contains(o.Kinds, gengfu.EventKind(w.kind)) || o.Tried && !w.tried {
			continue
		}
		if _, err := t.exec(ctx, "UPDATE outbox SET state = CASE WHEN lease_until <= $2 THEN 4 ELSE 1 END, last_error = $3, expires_at = $2 WHERE id = $1",
			w.id, millis(time.Now()), overtaken+o.By); err != nil {
			return err
		}
		t.topics = append(t.topics, "delivery:"+strconv.FormatInt(w.id, 10))
	}
	return nil
}

// unheard gives up the end of a story whose beginning was overtaken before its
// reader heard of it.
func unheard(ctx context.Context, t *tx, d gengfu.Delivery, id int64) error {
	switch d.Kind {
	case gengfu.EventResolved, gengfu.EventDeclined, gengfu.EventClosed, gengfu.EventMerged:
	default:
		return nil
	}
	_, err := t.exec(ctx, `UPDATE outbox SET state = 4, last_error = $3 WHERE id = $2 AND state = 1
		AND EXISTS (SELECT 1 FROM outbox p WHERE p.incident = $4 AND p.stream = $1 AND p.id < $2)
		AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.incident = $4 AND p.stream = $1 AND p.id < $2
			AND NOT (p.state = 4 AND p.last_error LIKE '`+overtaken+`%'))`, d.Stream, id, overtaken+"its beginning", d.Incident)
	return err
}

// Unhanded returns the urgent deliveries of incidents that nobody accepted yet:
// those that wait, those made after since that were refused for good, and those
// made after since that are told in one of these.
func (s *Store) Unhanded(ctx context.Context, since time.Time) ([]gengfu.Delivery, error) {
	list, err := all(ctx, s.reader, scanDelivery, "SELECT "+deliveryColumns+` FROM outbox WHERE state = 1 AND prio = $1 AND incident <> ''
		UNION ALL SELECT `+deliveryColumns+` FROM outbox WHERE state <> 1 AND created_at > $2 AND state = 3 AND prio = $1 AND incident <> '' ORDER BY id`,
		gengfu.PriorityOpen, millis(since))
	if err != nil {
		return nil, wrap(err, "read urgent deliveries")
	}
	more, err := s.foldedIn(ctx, since)
	return append(list, more...), wrap(err, "read urgent deliveries")
}

// foldedIn are the urgent messages that nobody accepted in the one message that
// tells them together. They wait since that one was made.
func (s *Store) foldedIn(ctx context.Context, since time.Time) ([]gengfu.Delivery, error) {
	digests, err := all(ctx, s.reader, scanDelivery, "SELECT "+deliveryColumns+` FROM outbox
		WHERE state IN (1, 3) AND prio = $1 AND incident = '' AND kind IN ('digest', 'late') AND created_at > $2 ORDER BY id`, gengfu.PriorityOpen, millis(since))
	if err != nil {
		return nil, err
	}
	var list []gengfu.Delivery
	for _, d := range digests {
		parts, err := all(ctx, s.reader, scanDelivery, "SELECT "+deliveryColumns+` FROM outbox
			WHERE endpoint = $1 AND state = 4 AND prio = $2 AND incident <> '' AND created_at > $3 AND id < $4
			AND last_error NOT LIKE '`+overtaken+`%' ORDER BY id`, d.Endpoint, gengfu.PriorityOpen, millis(since), d.ID)
		if err != nil {
			return nil, err
		}
		for _, p := range parts {
			p.Created, p.Next, p.Attempts = d.Created, d.Next, d.Attempts
			list = append(list, p)
		}
	}
	return list, nil
}
