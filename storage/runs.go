package storage

import (
	"context"
	"fmt"
	"math"
	"time"

	"gengfu"
)

const runColumns = `scenario_id, due_at, location_id, attempt, kind, rev_id, started_at, queue_ms, duration_ms, outcome, fault, reason,
	failed_step, steps, vitals, taint`

// stored is a run as its row tells it, not yet named by its revision.
type stored struct {
	run  gengfu.Run
	rev  int64
	pack []byte // of the steps
}

func (s *Store) scanRun(r row) (v stored, err error) {
	var scenario, location, due, started, queue, took int64
	var kind, outcome, step, taint int
	var fault, reason string
	var vitals []byte
	if err := r.Scan(&scenario, &due, &location, &v.run.Slot.Attempt, &kind, &v.rev, &started, &queue, &took, &outcome, &fault, &reason,
		&step, &v.pack, &vitals, &taint); err != nil {
		return v, err
	}
	run := &v.run
	run.Slot.Scenario, run.Slot.Location = s.names.words(scenario, location)
	run.Slot.Due, run.Slot.Kind = moment(due), kinds.word(kind)
	run.Started, run.QueueWait, run.Duration = moment(started), spanOf(queue), spanOf(took)
	run.Outcome, run.Tainted = outcomes.word(outcome), taints.word(taint)
	run.Failure = failureOf(fault, reason, step)
	return v, unpackVitals(run, vitals)
}

// dress gives runs the words of their revisions. It runs after the rows are
// read, so that no connection waits for another one.
func (s *Store) dress(ctx context.Context, list []stored) ([]gengfu.Run, error) {
	runs := make([]gengfu.Run, 0, len(list))
	for _, v := range list {
		card, err := s.card(ctx, v.rev)
		if err != nil {
			return nil, err
		}
		r := v.run
		r.Revision = card.Revision
		describe(&r, card)
		if r.Steps, err = unpackSteps(v.pack, card.Steps); err != nil {
			return nil, err
		}
		if f := r.Failure; f != nil && f.Step > 0 && f.Step <= len(r.Steps) {
			f.Name = r.Steps[f.Step-1].Name
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// reruns is more than the attempts and locations that one planned time has.
const reruns = 32

// Runs returns up to limit runs of a scenario planned before a time (the zero
// time for the latest), newest first. They are summaries: times to the
// millisecond and whether they are tainted, steps and pages without addresses,
// of a failure its fault, reason and step. The attempts of the last planned time are all there, so
// the list may be a little longer, and its last time pages on.
func (s *Store) Runs(ctx context.Context, scenario string, before time.Time, limit int) ([]gengfu.Run, error) {
	list, err := all(ctx, s.reader, s.scanRun, "SELECT "+runColumns+` FROM run WHERE scenario_id = $1 AND due_at < $2
		ORDER BY due_at DESC, location_id DESC, attempt DESC LIMIT $3`, s.names.scenario(scenario), until(before), limit+reruns)
	if err != nil {
		return nil, fmt.Errorf("read runs of %q: %w", scenario, explain(err))
	}
	cut := min(max(limit, 0), len(list))
	for cut > 0 && cut < len(list) && list[cut].run.Slot.Due.Equal(list[cut-1].run.Slot.Due) {
		cut++
	}
	runs, err := s.dress(ctx, list[:cut])
	if err != nil {
		return nil, fmt.Errorf("read runs of %q: %w", scenario, explain(err))
	}
	return runs, nil
}

// until is a bound on planned times, none for the zero time.
func until(before time.Time) int64 {
	if before.IsZero() {
		return math.MaxInt64
	}
	return before.UnixMilli()
}

// LastRuns returns the latest n runs of every present scenario, newest first,
// by scenario id; scenarios that never ran are missing. Of a run only the slot,
// times, taint, outcome and the kind of failure are given: what a bar is drawn from.
func (s *Store) LastRuns(ctx context.Context, n int) (map[string][]gengfu.Run, error) {
	ids, err := all(ctx, s.reader, scanNamed, "SELECT id, key FROM scenario WHERE state = 1")
	if err != nil {
		return nil, fmt.Errorf("read latest runs: %w", explain(err))
	}
	latest := make(map[string][]gengfu.Run, len(ids))
	for _, id := range ids {
		runs, err := all(ctx, s.reader, s.scanBar(id.key), `SELECT due_at, location_id, attempt, kind, started_at, duration_ms, outcome, fault, reason,
			failed_step, taint FROM run WHERE scenario_id = $1 ORDER BY due_at DESC, location_id DESC, attempt DESC LIMIT $2`, id.id, n)
		if err != nil {
			return nil, fmt.Errorf("read latest runs of %q: %w", id.key, explain(err))
		}
		if len(runs) > 0 {
			latest[id.key] = runs
		}
	}
	return latest, nil
}

func (s *Store) scanBar(scenario string) func(row) (gengfu.Run, error) {
	return func(r row) (run gengfu.Run, err error) {
		var due, location, started, took int64
		var kind, outcome, step, taint int
		var fault, reason string
		err = r.Scan(&due, &location, &run.Slot.Attempt, &kind, &started, &took, &outcome, &fault, &reason, &step, &taint)
		_, run.Slot.Location = s.names.words(0, location)
		run.Slot.Scenario, run.Slot.Due, run.Slot.Kind = scenario, moment(due), kinds.word(kind)
		run.Started, run.Duration, run.Outcome, run.Tainted = moment(started), spanOf(took), outcomes.word(outcome), taints.word(taint)
		run.Failure = failureOf(fault, reason, step)
		return run, err
	}
}

// failureOf is what a row tells of a failure, nil when there was none.
func failureOf(fault, reason string, step int) *gengfu.Failure {
	if fault == "" && reason == "" {
		return nil
	}
	return &gengfu.Failure{Fault: gengfu.Fault(fault), Reason: gengfu.Reason(reason), Step: step}
}

// Run returns everything that is kept of one run, or an error that is
// [gengfu.ErrNotFound]. Once its detail was pruned it is a summary.
func (s *Store) Run(ctx context.Context, id string) (gengfu.Run, error) {
	slot, err := gengfu.ParseSlotID(id)
	if err != nil {
		return gengfu.Run{}, fmt.Errorf("%w: %w", err, gengfu.ErrNotFound)
	}
	r, err := s.run(ctx, slot)
	if err != nil {
		return gengfu.Run{}, fmt.Errorf("run %s: %w", id, explain(err))
	}
	return r, nil
}

func (s *Store) run(ctx context.Context, slot gengfu.Slot) (r gengfu.Run, err error) {
	const byKey = "scenario_id = $1 AND due_at = $2 AND location_id = $3 AND attempt = $4"
	key := []any{s.names.scenario(slot.Scenario), millis(slot.Due), s.names.location(slot.Location), slot.Attempt}
	list, err := all(ctx, s.reader, s.scanRun, "SELECT "+runColumns+" FROM run WHERE "+byKey, key...)
	if err != nil {
		return r, err
	}
	if len(list) == 0 {
		return r, gengfu.ErrNotFound
	}
	runs, err := s.dress(ctx, list)
	if err != nil {
		return r, err
	}
	r = runs[0]
	body, ok, err := one(ctx, s.reader, scalar[[]byte], "SELECT body FROM run_detail WHERE "+byKey, key...)
	if err != nil {
		return r, err
	}
	if ok {
		if err := s.unpackDetail(&r, body); err != nil {
			return r, err
		}
	}
	r.Evidence, err = all(ctx, s.reader, scanEvidence, `SELECT x.kind, x.step, x.sha256, e.size FROM run_evidence x JOIN evidence e ON e.sha256 = x.sha256
		WHERE x.scenario_id = $1 AND x.due_at = $2 AND x.location_id = $3 AND x.attempt = $4 ORDER BY x.seq`, key...)
	return r, err
}

func scanEvidence(r row) (ev gengfu.Evidence, err error) {
	var kind int
	err = r.Scan(&kind, &ev.Step, &ev.SHA256, &ev.Size)
	ev.Kind = evidences.word(kind)
	return ev, err
}

// LastRemembered returns the latest run of a scenario at a location that worked,
// was planned before a time and has an outline among its evidence. The error is
// [gengfu.ErrNotFound] when there is none.
func (s *Store) LastRemembered(ctx context.Context, scenario, location string, before time.Time) (r gengfu.Run, err error) {
	kind, err := evidences.number(gengfu.EvidenceOutline)
	if err != nil {
		return r, err
	}
	list, err := all(ctx, s.reader, s.scanRun, "SELECT "+runColumns+` FROM run r WHERE scenario_id = $1 AND due_at < $2 AND location_id = $3 AND outcome <= $4
		AND EXISTS (SELECT 1 FROM run_evidence x WHERE x.scenario_id = r.scenario_id AND x.due_at = r.due_at AND x.location_id = r.location_id
		AND x.attempt = r.attempt AND x.kind = $5) ORDER BY due_at DESC, attempt DESC LIMIT 1`,
		s.names.scenario(scenario), until(before), s.names.location(location), degraded, kind)
	if err == nil && len(list) == 0 {
		err = gengfu.ErrNotFound
	}
	if err != nil {
		return r, fmt.Errorf("remembered run of %q: %w", scenario, explain(err))
	}
	return s.run(ctx, list[0].run.Slot)
}

// LastPassed returns the id of the latest run of a scenario that worked and
// was planned before a time (the zero time for any), empty when there is none.
func (s *Store) LastPassed(ctx context.Context, scenario string, before time.Time) (string, error) {
	list, err := all(ctx, s.reader, s.scanRun, "SELECT "+runColumns+` FROM run WHERE scenario_id = $1 AND due_at < $2 AND outcome <= $3
		ORDER BY due_at DESC, location_id DESC, attempt DESC LIMIT 1`, s.names.scenario(scenario), until(before), degraded)
	if err != nil {
		return "", fmt.Errorf("last passed run of %q: %w", scenario, explain(err))
	}
	if len(list) == 0 {
		return "", nil
	}
	return list[0].run.Slot.ID(), nil
}
