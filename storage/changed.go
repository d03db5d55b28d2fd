package storage

import (
	"context"
	"fmt"
	"time"
)

// Changed says when the scenario was changed to this revision, if it has
// passed under an earlier one and not yet under this; false otherwise.
func (s *Store) Changed(ctx context.Context, scenario, location, revision string) (time.Time, bool, error) {
	at, ok, err := one(ctx, s.reader, scalar[int64], `SELECT v.created_at FROM scenario_rev v WHERE v.scenario_id = $1 AND v.sha256 = $3
		AND NOT EXISTS (SELECT 1 FROM run WHERE scenario_id = $1 AND location_id = $2 AND due_at >= v.created_at - 3600000 AND rev_id = v.id AND outcome IN (1, 2))
		AND EXISTS (SELECT 1 FROM run WHERE scenario_id = $1 AND location_id = $2 AND due_at < v.created_at AND rev_id <> v.id AND outcome IN (1, 2))`,
		s.names.scenario(scenario), s.names.location(location), revision)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("read revisions of %s: %w", scenario, explain(err))
	}
	return moment(at), ok, nil
}
