package storage

import (
	"context"
	"fmt"
	"time"

	"gengfu"
)

// Issue opens a slot before it is executed. It reports false when the slot is
// open already, has a run, or is a planned time that a gap covers.
func (s *Store) Issue(ctx context.Context, slot gengfu.Slot) (bool, error) {
	issued, err := s.issue(ctx, slot)
	if err != nil {
		return false, fmt.Errorf("issue slot %s: %w", slot.ID(), err)
	}
	return issued, nil
}

func (s *Store) issue(ctx context.Context, slot gengfu.Slot) (issued bool, err error) {
	kind, err := kinds.number(slot.Kind)
	if err != nil || kind == 0 {
		return false, fmt.Errorf("slot kind %q: %w", slot.Kind, gengfu.ErrInvalid)
	}
	k, err := s.key(ctx, slot)
	if err != nil {
		return false, err
	}
	planned := 0
	if slot.Kind == gengfu.SlotScheduled && slot.Attempt == 1 {
		planned = 1
	}
	err = s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `INSERT INTO slot (scenario_id, due_at, location_id, attempt, kind, issued_at)
			SELECT $1, $2, $3, $4, $5, $6
			WHERE NOT EXISTS (SELECT 1 FROM run WHERE scenario_id = $1 AND due_at = $2 AND location_id = $3 AND attempt = $4)
			AND NOT EXISTS (SELECT 1 FROM gap WHERE $7 = 1 AND scenario_id = $1 AND location_id = $3 AND to_at >= $2 AND from_at <= $2)
			ON CONFLICT DO NOTHING`, k.scenario, k.due, k.location, k.attempt, kind, millis(time.Now()), planned)
		issued = n > 0
		return err
	})
	return issued && err == nil, err
}

// OpenSlots returns the slots that were issued and have no fate yet, oldest
// first. After a crash they are the runs that were lost.
func (s *Store) OpenSlots(ctx context.Context) ([]gengfu.Slot, error) {
	list, err := all(ctx, s.reader, func(r row) (slot gengfu.Slot, err error) {
		var scenario, location, due int64
		var kind int
		err = r.Scan(&scenario, &due, &location, &slot.Attempt, &kind)
		slot.Scenario, slot.Location = s.names.words(scenario, location)
		slot.Due, slot.Kind = moment(due), kinds.word(kind)
		return slot, err
	}, "SELECT scenario_id, due_at, location_id, attempt, kind FROM slot ORDER BY due_at, scenario_id, location_id, attempt")
	if err != nil {
		return nil, fmt.Errorf("read open slots: %w", explain(err))
	}
	return list, nil
}

// Abandon closes an open slot without a run. A planned slot becomes a gap of
// one; a re-run or a run by hand leaves none, because the plan does not count
// it. When the slot is not open the error is [gengfu.ErrNotFound].
func (s *Store) Abandon(ctx context.Context, slot gengfu.Slot, fate gengfu.Fate, reason string) error {
	if err := s.abandon(ctx, slot, fate, reason); err != nil {
		return fmt.Errorf("abandon slot %s: %w", slot.ID(), err)
	}
	return nil
}

func (s *Store) abandon(ctx context.Context, slot gengfu.Slot, fate gengfu.Fate, reason string) error {
	k, err := s.key(ctx, slot)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		kind, ok, err := one(ctx, t, scalar[int], `DELETE FROM slot WHERE scenario_id = $1 AND due_at = $2 AND location_id = $3 AND attempt = $4
			RETURNING kind`, k.scenario, k.due, k.location, k.attempt)
		if err != nil {
			return err
		}
		if !ok {
			return gengfu.ErrNotFound
		}
		if kinds.word(kind) != gengfu.SlotScheduled || slot.Attempt > 1 {
			return nil
		}
		gap := gengfu.Gap{From: slot.Due, To: slot.Due, Count: 1, Fate: fate, Reason: reason}
		return insertGap(ctx, t, k, gap)
	})
}

// AddGap writes a range of planned times that ended without a run.
func (s *Store) AddGap(ctx context.Context, gap gengfu.Gap) error {
	if gap.Count < 1 || gap.To.Before(gap.From) {
		return fmt.Errorf("gap of %q: %d times until before its start: %w", gap.Scenario, gap.Count, gengfu.ErrInvalid)
	}
	k, err := s.key(ctx, gengfu.Slot{Scenario: gap.Scenario, Location: gap.Location, Due: gap.From, Attempt: 1})
	if err == nil {
		err = s.write(ctx, func(t *tx) error { return insertGap(ctx, t, k, gap) })
	}
	if err != nil {
		return fmt.Errorf("write gap of %q: %w", gap.Scenario, err)
	}
	return nil
}

func insertGap(ctx context.Context, t *tx, k slotKey, gap gengfu.Gap) error {
	fate, err := fates.number(gap.Fate)
	if err != nil || fate == 0 {
		return fmt.Errorf("fate %q: %w", gap.Fate, gengfu.ErrInvalid)
	}
	_, err = t.exec(ctx, "INSERT INTO gap (scenario_id, location_id, from_at, to_at, n, fate, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		k.scenario, k.location, millis(gap.From), millis(gap.To), gap.Count, fate, gap.Reason)
	return err
}

// Gaps returns the gaps of a scenario that end at or after since, oldest first.
func (s *Store) Gaps(ctx context.Context, scenario string, since time.Time) ([]gengfu.Gap, error) {
	list, err := all(ctx, s.reader, func(r row) (gap gengfu.Gap, err error) {
		var location, from, to int64
		var fate int
		err = r.Scan(&location, &from, &to, &gap.Count, &fate, &gap.Reason)
		gap.Scenario, gap.From, gap.To, gap.Fate = scenario, moment(from), moment(to), fates.word(fate)
		_, gap.Location = s.names.words(0, location)
		return gap, err
	}, `SELECT location_id, from_at, to_at, n, fate, reason FROM gap WHERE scenario_id = $1 AND to_at >= $2
		ORDER BY from_at, location_id, id`, s.names.scenario(scenario), since.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("read gaps of %q: %w", scenario, explain(err))
	}
	return list, nil
}

// LastDue returns the latest planned time of a scenario at a location whose
// fate is known, be it a run or a gap; the zero time when there is none. What
// the plan holds after it was missed.
func (s *Store) LastDue(ctx context.Context, scenario, location string) (time.Time, error) {
	var latest int64
	for _, query := range []string{
		"SELECT due_at FROM run WHERE scenario_id = $1 AND location_id = $2 AND attempt = 1 AND kind IN (1, 5) ORDER BY due_at DESC LIMIT 1",
		"SELECT to_at FROM gap WHERE scenario_id = $1 AND location_id = $2 ORDER BY to_at DESC LIMIT 1",
	} {
		at, ok, err := one(ctx, s.reader, scalar[int64], query, s.names.scenario(scenario), s.names.location(location))
		if err != nil {
			return time.Time{}, fmt.Errorf("last slot of %q: %w", scenario, explain(err))
		}
		if ok {
			latest = max(latest, at)
		}
	}
	return moment(latest), nil
}
