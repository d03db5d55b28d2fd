package storage

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gengfu"
)

// kin adds what is open about the scenarios of a target whose key is asked
// for: many at once are one trouble.
func kin(ctx context.Context, q querier, snap *gengfu.Snapshot, keys []string) error {
	for _, key := range keys {
		target, ok := strings.CutPrefix(key, gengfu.TargetKey(""))
		if !ok || target == "" {
			continue
		}
		list, err := all(ctx, q, scanIncident, "SELECT "+incidentColumns+` FROM incident
			WHERE target = $1 AND state IN (1, 2, 3, 6) AND (key LIKE 'scenario:%' OR key LIKE 'login:%') ORDER BY year, ordinal`, target)
		if err != nil {
			return err
		}
		for _, inc := range list {
			if err := include(ctx, q, snap, inc); err != nil {
				return err
			}
		}
	}
	return nil
}

// AmendPair is [Store.AmendIncident] for two incidents in one transaction.
func (s *Store) AmendPair(ctx context.Context, number, other string, decide func(a, b gengfu.Incident, snap gengfu.Snapshot) (gengfu.Change, error)) error {
	year := time.Now().In(s.zone).Year()
	err := s.write(ctx, func(t *tx) error {
		snap, err := snapshot(ctx, t, "", "", nil, year)
		if err != nil {
			return err
		}
		var pair [2]gengfu.Incident
		for i, n := range []string{number, other} {
			if pair[i], err = readIncident(ctx, t, n); err != nil {
				return err
			}
			if err := include(ctx, t, &snap, pair[i]); err != nil {
				return err
			}
		}
		change, err := decide(pair[0], pair[1], snap)
		if err != nil {
			return err
		}
		return s.apply(ctx, t, change)
	})
	if err != nil {
		return fmt.Errorf("incidents %s and %s: %w", number, other, err)
	}
	return nil
}

// Waiting returns the incidents that time alone may change: those that are
// held, and those that are resolved or reviewed but not closed.
func (s *Store) Waiting(ctx context.Context) ([]gengfu.Incident, error) {
	list, err := all(ctx, s.reader, scanIncident, "SELECT "+incidentColumns+" FROM incident WHERE state IN (1, 2, 3, 4, 6, 7) ORDER BY year, ordinal")
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", explain(err))
	}
	return list, nil
}
