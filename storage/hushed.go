package storage

import (
	"context"
	"time"

	"gengfu"
)

// Hushed returns the incidents opened after since that a silence kept quiet and
// that no message was ever queued about, the oldest number first; what became
// part of another is not among them.
func (s *Store) Hushed(ctx context.Context, since time.Time) ([]gengfu.Incident, error) {
	muted, err := events.number(gengfu.EventMuted)
	if err != nil {
		return nil, err
	}
	merged, err := incidents.number(gengfu.IncidentMerged)
	if err != nil {
		return nil, err
	}
	list, err := all(ctx, s.reader, scanIncident, "SELECT "+incidentColumns+` FROM incident WHERE opened_at > $1 AND state <> $2
		AND EXISTS (SELECT 1 FROM incident_event e WHERE e.incident = incident.number AND e.kind = $3)
		AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.incident = incident.number) ORDER BY year, ordinal`, millis(since), merged, muted)
	return list, wrap(err, "read what silences kept quiet")
}
