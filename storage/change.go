package storage

import (
	"context"
	"fmt"
	"maps"
	"time"

	"gengfu"
)

// Amend writes what decide makes of what is known, without a run: the checks
// of hosts, and what people do. check may be empty when only incidents are
// concerned. When decide fails nothing is written.
func (s *Store) Amend(ctx context.Context, check, location string, keys []string, decide gengfu.Decide) error {
	year := time.Now().In(s.zone).Year()
	err := s.write(ctx, func(t *tx) error {
		snap, err := snapshot(ctx, t, check, location, keys, year)
		if err != nil {
			return err
		}
		change, err := decide(snap)
		if err != nil {
			return err
		}
		return s.apply(ctx, t, change)
	})
	if err != nil {
		return fmt.Errorf("amend %q: %w", check, err)
	}
	return nil
}

// AmendIncident is [Store.Amend] for the incident with this number, which
// decide gets whatever its state is; the error is [gengfu.ErrNotFound] when
// there is none.
func (s *Store) AmendIncident(ctx context.Context, number string, decide func(gengfu.Incident, gengfu.Snapshot) (gengfu.Change, error)) error {
	year := time.Now().In(s.zone).Year()
	err := s.write(ctx, func(t *tx) error {
		inc, err := readIncident(ctx, t, number)
		if err != nil {
			return err
		}
		snap, err := snapshot(ctx, t, "", "", nil, year)
		if err != nil {
			return err
		}
		if err := include(ctx, t, &snap, inc); err != nil {
			return err
		}
		change, err := decide(inc, snap)
		if err != nil {
			return err
		}
		return s.apply(ctx, t, change)
	})
	if err != nil {
		return fmt.Errorf("incident %s: %w", number, err)
	}
	return nil
}

// snapshot reads what a decision is made from.
func snapshot(ctx context.Context, q querier, check, location string, keys []string, year int) (gengfu.Snapshot, error) {
	snap := gengfu.Snapshot{Incidents: map[string]gengfu.Incident{}, Told: map[string][]string{}}
	var err error
	if snap.Check, err = readCheck(ctx, q, check, location); err != nil {
		return snap, err
	}
	if snap.Elsewhere, err = readElsewhere(ctx, q, check, location); err != nil {
		return snap, err
	}
	last, _, err := one(ctx, q, scalar[int], "SELECT ordinal FROM incident WHERE year = $1 ORDER BY ordinal DESC LIMIT 1", year)
	if err != nil {
		return snap, err
	}
	snap.Next = incidentNumber(year, last+1)
	for _, key := range keys {
		inc, ok, err := one(ctx, q, scanIncident, "SELECT "+incidentColumns+" FROM incident WHERE key = $1 ORDER BY year DESC, ordinal DESC LIMIT 1", key)
		if err != nil {
			return snap, err
		}
		if !ok {
			continue
		}
		if err := include(ctx, q, &snap, inc); err != nil {
			return snap, err
		}
	}
	if err := parents(ctx, q, &snap); err != nil {
		return snap, err
	}
	return snap, kin(ctx, q, &snap, keys)
}

// parents adds the incidents at work that others of the snapshot were merged
// into, over as many steps as it took: what happens to a part happens to the
// whole.
func parents(ctx context.Context, q querier, snap *gengfu.Snapshot) error {
	for key, child := range maps.Clone(snap.Incidents) {
		whole := child
		for n := 0; whole.State == gengfu.IncidentMerged && n < maxMerges; n++ {
			var err error
			if whole, err = readIncident(ctx, q, whole.MergedInto); err != nil {
				return err
			}
		}
		if child.State != gengfu.IncidentMerged || !whole.Active() {
			continue
		}
		child.MergedInto = whole.Number
		snap.Incidents[key] = child
		if err := include(ctx, q, snap, whole); err != nil {
			return err
		}
	}
	return nil
}

// maxMerges bounds how far the parts of parts are followed.
const maxMerges = 8

// include adds an incident and who was told of it.
func include(ctx context.Context, q querier, snap *gengfu.Snapshot, inc gengfu.Incident) error {
	told, err := all(ctx, q, scalar[string], "SELECT DISTINCT endpoint FROM outbox WHERE incident = $1 ORDER BY endpoint", inc.Number)
	if err != nil {
		return err
	}
	snap.Incidents[inc.Key] = inc
	if len(told) > 0 {
		snap.Told[inc.Number] = told
	}
	return nil
}

// apply writes a change.
func (s *Store) apply(ctx context.Context, t *tx, change gengfu.Change) error {
	if change.Check != nil {
		if err := writeCheck(ctx, t, *change.Check); err != nil {
			return fmt.Errorf("check state: %w", err)
		}
	}
	for _, inc := range change.Incidents {
		if err := writeIncident(ctx, t, inc); err != nil {
			return fmt.Errorf("incident %s: %w", inc.Number, err)
		}
		t.topics = append(t.topics, "incident:"+inc.Number)
	}
	for _, ev := range change.Events {
		if err := writeEvent(ctx, t, ev); err != nil {
			return fmt.Errorf("event %d of %s: %w", ev.Seq, ev.Incident, err)
		}
	}
	for _, o := range change.Overtaken {
		if err := overtake(ctx, t, o); err != nil {
			return fmt.Errorf("what waits of %s: %w", o.Incident, err)
		}
	}
	for _, d := range change.Deliveries {
		if err := enqueue(ctx, t, d); err != nil {
			return fmt.Errorf("delivery %s: %w", d.Key, err)
		}
	}
	return rearm(ctx, t, change.Timers)
}
