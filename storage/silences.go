package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"gengfu"
)

const silenceColumns = "id, author, reason, from_at, to_at, matchers, created_at, ended_by"

// AddSilence writes a silence and returns its number.
func (s *Store) AddSilence(ctx context.Context, q gengfu.Silence) (int64, error) {
	matchers, err := json.Marshal(q.Matchers)
	if err != nil {
		return 0, fmt.Errorf("add silence: %w", err)
	}
	var id int64
	err = s.write(ctx, func(t *tx) (err error) {
		id, _, err = one(ctx, t, scalar[int64], `INSERT INTO silence (author, reason, from_at, to_at, matchers, created_at, ended_by)
			VALUES ($1, $2, $3, $4, $5, $6, '') RETURNING id`,
			q.Author, q.Reason, millis(q.From), millis(q.To), string(matchers), millis(q.Created))
		t.topics = append(t.topics, "silence:"+strconv.FormatInt(id, 10))
		return err
	})
	return id, wrap(err, "add silence")
}

// Silences returns those that end after a time, the one that ends last first;
// the zero time does not narrow. Limit 0 is for all.
func (s *Store) Silences(ctx context.Context, after time.Time, limit int) ([]gengfu.Silence, error) {
	list, err := all(ctx, s.reader, scanSilence, "SELECT "+silenceColumns+" FROM silence WHERE to_at > $1 ORDER BY to_at DESC, id DESC LIMIT $2",
		millis(after), limitOf(limit))
	return list, wrap(err, "read silences")
}

// EndSilence ends a silence at now, for whoever asks; one that has not begun
// never does. The error is [gengfu.ErrConflict] when it was over before, and
// [gengfu.ErrNotFound] when there is none.
func (s *Store) EndSilence(ctx context.Context, id int64, by string, now time.Time) error {
	err := s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, "UPDATE silence SET from_at = MIN(from_at, $2), to_at = $2, ended_by = $3 WHERE id = $1 AND to_at > $2", id, millis(now), by)
		if err != nil || n > 0 {
			t.topics = append(t.topics, "silence:"+strconv.FormatInt(id, 10))
			return err
		}
		_, known, err := one(ctx, t, scalar[int64], "SELECT id FROM silence WHERE id = $1", id)
		switch {
		case err != nil:
			return err
		case !known:
			return gengfu.ErrNotFound
		}
		return fmt.Errorf("it is over: %w", gengfu.ErrConflict)
	})
	return wrap(err, "silence "+strconv.FormatInt(id, 10))
}

func scanSilence(r row) (q gengfu.Silence, err error) {
	var from, to, created int64
	var matchers string
	if err := r.Scan(&q.ID, &q.Author, &q.Reason, &from, &to, &matchers, &created, &q.EndedBy); err != nil {
		return q, err
	}
	q.From, q.To, q.Created = moment(from), moment(to), moment(created)
	return q, json.Unmarshal([]byte(matchers), &q.Matchers)
}
