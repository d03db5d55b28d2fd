package storage

import (
	"context"
	"strings"

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
