package storage

import (
	"context"
	"fmt"
	"time"

	"gengfu"
)

// Record accepts the result of a slot: in one transaction it writes the run,
// its rollups and what decide makes of it, and closes the slot. keys are the
// incident keys that decide wants to see. When decide fails nothing is
// written. A second result for the same slot is refused with
// [gengfu.ErrDuplicate]; evidence must have been stored before.
func (s *Store) Record(ctx context.Context, r gengfu.Run, keys []string, decide gengfu.Decide) error {
	if err := s.record(ctx, &r, keys, decide); err != nil {
		return fmt.Errorf("record run %s: %w", r.Slot.ID(), err)
	}
	return nil
}

func (s *Store) record(ctx context.Context, r *gengfu.Run, keys []string, decide gengfu.Decide) error {
	k, err := s.key(ctx, r.Slot)
	if err != nil {
		return err
	}
	rev, card, err := s.revisionOf(ctx, k.scenario, r)
	if err != nil {
		return err
	}
	rec, err := s.encode(r, k, rev, card)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		if err := rec.insert(ctx, t); err != nil {
			return err
		}
		if err := s.roll(ctx, t, k, r); err != nil {
			return err
		}
		if err := fulfil(ctx, t, k, r.Slot.Kind); err != nil {
			return err
		}
		t.topics = append(t.topics, "run:"+r.Slot.ID())
		year := startOf(r).In(s.zone).Year()
		snap, err := snapshot(ctx, t, r.Slot.Scenario, r.Slot.Location, keys, year)
		if err != nil {
			return err
		}
		change, err := decide(snap)
		if err != nil {
			return err
		}
		return s.apply(ctx, t, change)
	})
}

func startOf(r *gengfu.Run) time.Time {
	if r.Started.IsZero() {
		return r.Slot.Due
	}
	return r.Started
}

// record is a run in the form that the database takes.
type record struct {
	key                  slotKey
	run                  *gengfu.Run
	rev                  int64
	kind, outcome, taint int
	fault, reason        string
	failedStep           int
	steps, vitals, extra []byte
	evidence             []int // kinds of the run's evidence
}

func (s *Store) encode(r *gengfu.Run, k slotKey, rev int64, card gengfu.ScenarioCard) (*record, error) {
	rec := &record{key: k, run: r, rev: rev, vitals: packVitals(r)}
	var err error
	if rec.kind, err = kinds.number(r.Slot.Kind); err != nil || rec.kind == 0 {
		return nil, fmt.Errorf("slot kind %q: %w", r.Slot.Kind, gengfu.ErrInvalid)
	}
	if rec.outcome, err = outcomes.number(r.Outcome); err != nil || rec.outcome == 0 {
		return nil, fmt.Errorf("outcome %q: %w", r.Outcome, gengfu.ErrInvalid)
	}
	if rec.taint, err = taints.number(r.Tainted); err != nil {
		return nil, err
	}
	if f := r.Failure; f != nil {
		rec.fault, rec.reason, rec.failedStep = string(f.Fault), string(f.Reason), f.Step
	}
	for _, ev := range r.Evidence {
		kind, err := evidences.number(ev.Kind)
		if err != nil {
			return nil, err
		}
		if !isHash(ev.SHA256) {
			return nil, fmt.Errorf("%s that was not stored: %w", ev.Kind, gengfu.ErrInvalid)
		}
		rec.evidence = append(rec.evidence, kind)
	}
	if rec.steps, err = packSteps(r.Steps); err != nil {
		return nil, err
	}
	rec.extra, err = s.packDetail(r, card)
	return rec, err
}

func (rec *record) insert(ctx context.Context, t *tx) error {
	k, r := rec.key, rec.run
	n, err := t.exec(ctx, `INSERT INTO run (scenario_id, due_at, location_id, attempt, kind, rev_id, started_at, queue_ms, duration_ms,
		outcome, fault, reason, failed_step, steps, vitals, taint) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT DO NOTHING`, k.scenario, k.due, k.location, k.attempt, rec.kind, rec.rev, millis(r.Started), r.QueueWait.Milliseconds(),
		r.Duration.Milliseconds(), rec.outcome, rec.fault, rec.reason, rec.failedStep, rec.steps, rec.vitals, rec.taint)
	if err != nil {
		return err
	}
	if n == 0 {
		return gengfu.ErrDuplicate
	}
	_, err = t.exec(ctx, "INSERT INTO run_detail (scenario_id, due_at, location_id, attempt, outcome, body) VALUES ($1, $2, $3, $4, $5, $6)",
		k.scenario, k.due, k.location, k.attempt, rec.outcome, rec.extra)
	if err != nil {
		return err
	}
	return rec.insertEvidence(ctx, t)
}

func (rec *record) insertEvidence(ctx context.Context, t *tx) error {
	k := rec.key
	for i, ev := range rec.run.Evidence {
		_, err := t.exec(ctx, `INSERT INTO evidence (sha256, kind, size, last_ref) VALUES ($1, $2, $3, $4)
			ON CONFLICT (sha256) DO UPDATE SET last_ref = CASE WHEN excluded.last_ref > evidence.last_ref THEN excluded.last_ref ELSE evidence.last_ref END`,
			ev.SHA256, rec.evidence[i], ev.Size, millis(startOf(rec.run)))
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, "INSERT INTO run_evidence (scenario_id, due_at, location_id, attempt, seq, kind, sha256, step) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			k.scenario, k.due, k.location, k.attempt, i, rec.evidence[i], ev.SHA256, ev.Step)
		if err != nil {
			return err
		}
	}
	return nil
}

// fulfil closes the slot of a run, and takes back the gap of that single slot
// if it had been given up before.
func fulfil(ctx context.Context, t *tx, k slotKey, kind gengfu.SlotKind) error {
	_, err := t.exec(ctx, "DELETE FROM slot WHERE scenario_id = $1 AND due_at = $2 AND location_id = $3 AND attempt = $4",
		k.scenario, k.due, k.location, k.attempt)
	if err != nil || kind != gengfu.SlotScheduled || k.attempt > 1 {
		return err
	}
	_, err = t.exec(ctx, "DELETE FROM gap WHERE scenario_id = $1 AND location_id = $2 AND to_at = $3 AND from_at = $3", k.scenario, k.location, k.due)
	return err
}
