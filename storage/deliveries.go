package storage

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"gengfu"
)

// DeliveryFilter narrows [Store.Deliveries]; what is empty does not narrow.
type DeliveryFilter struct {
	State    gengfu.DeliveryState
	Incident string
	Endpoint string
	Limit    int // at most so many, 0 for all
}

// Deliveries returns deliveries, the newest first.
func (s *Store) Deliveries(ctx context.Context, f DeliveryFilter) ([]gengfu.Delivery, error) {
	state, err := deliveries.number(f.State)
	if err != nil {
		return nil, err
	}
	// Each set of conditions is a statement of its own, so that its index is used.
	conditions, args := []string{"1 = 1"}, []any{limitOf(f.Limit)}
	for _, c := range []struct {
		narrow bool
		column string
		value  any
	}{{state != 0, "state", state}, {f.Incident != "", "incident", f.Incident}, {f.Endpoint != "", "endpoint", f.Endpoint}} {
		if c.narrow {
			args = append(args, c.value)
			conditions = append(conditions, fmt.Sprintf("%s = $%d", c.column, len(args)))
		}
	}
	where := strings.Join(conditions, " AND ")
	list, err := all(ctx, s.reader, scanDelivery, "SELECT "+deliveryColumns+" FROM outbox WHERE "+where+" ORDER BY id DESC LIMIT $1", args...)
	return list, wrap(err, "read deliveries")
}

// Delivery returns one delivery, or an error that is [gengfu.ErrNotFound].
func (s *Store) Delivery(ctx context.Context, id int64) (gengfu.Delivery, error) {
	d, ok, err := one(ctx, s.reader, scanDelivery, "SELECT "+deliveryColumns+" FROM outbox WHERE id = $1", id)
	if err == nil && !ok {
		err = gengfu.ErrNotFound
	}
	return d, wrap(err, "delivery "+strconv.FormatInt(id, 10))
}

// Backlog returns the counts of the endpoints that have any, by name.
func (s *Store) Backlog(ctx context.Context) ([]gengfu.Backlog, error) {
	list, err := all(ctx, s.reader, func(r row) (b gengfu.Backlog, err error) {
		var oldest int64
		err = r.Scan(&b.Endpoint, &b.Pending, &b.Dead, &oldest)
		b.Oldest = moment(oldest)
		return b, err
	}, `SELECT endpoint, COUNT(*) FILTER (WHERE state = 1), COUNT(*) FILTER (WHERE state = 3),
		COALESCE(MIN(created_at) FILTER (WHERE state = 1), 0) FROM outbox WHERE state IN (1, 3) GROUP BY endpoint ORDER BY endpoint`)
	return list, wrap(err, "count deliveries")
}
