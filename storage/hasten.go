package storage

import (
	"context"
	"strconv"
	"time"
)

// Hasten makes what waits for an endpoint after a failed try due at once: its
// channel was put right. Messages that are being sent are left to their
// sender, and no attempt is forgotten. It returns how many there were.
func (s *Store) Hasten(ctx context.Context, endpoint string, now time.Time) (int, error) {
	var ids []int64
	err := s.write(ctx, func(t *tx) (err error) {
		ids, err = all(ctx, t, scalar[int64], `UPDATE outbox SET next_at = $2 WHERE state = 1 AND endpoint = $1 AND next_at > $2 AND lease_until <= $2
			RETURNING id`, endpoint, millis(now))
		for _, id := range ids {
			t.topics = append(t.topics, "delivery:"+strconv.FormatInt(id, 10))
			t.wake = true
		}
		return err
	})
	return len(ids), wrap(err, "hasten deliveries")
}
