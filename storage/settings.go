package storage

import (
	"context"
	"fmt"
)

// Setting returns a value kept under key, and false when there is none.
func (s *Store) Setting(ctx context.Context, key string) (string, bool, error) {
	v, ok, err := one(ctx, s.reader, scalar[string], "SELECT value FROM setting WHERE key = $1", key)
	return v, ok, wrap(err, fmt.Sprintf("read setting %q", key))
}

// SetSetting keeps a value under key, in place of the one before.
func (s *Store) SetSetting(ctx context.Context, key, value string) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
		return err
	})
	return wrap(err, fmt.Sprintf("write setting %q", key))
}
