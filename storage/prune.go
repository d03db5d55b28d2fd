package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"gengfu"
)

const day = 24 * time.Hour

// grace is how long evidence is left alone after its last use, so that what
// was stored for a run about to be recorded is not taken away.
const grace = day

// Policy says how long things are kept. A zero field stands for its default;
// day rollups, incidents and their events are kept for ever.
type Policy struct {
	Runs          time.Duration // that passed or were degraded: 35 days
	Failures      time.Duration // that failed or errored, and gaps: 400 days
	PassingDetail time.Duration // of runs that passed: 7 days
	Evidence      time.Duration // 90 days
	HostSamples   time.Duration // 30 days
	Deliveries    time.Duration // sent or dead, of incidents that are no longer active: 90 days
	Hours         time.Duration // hour rollups of whole runs: 400 days
	StepHours     time.Duration // hour rollups of steps: 30 days
}

func (p Policy) withDefaults() Policy {
	for _, f := range []struct {
		field *time.Duration
		days  int
	}{
		{&p.Runs, 35},
		{&p.Failures, 400},
		{&p.PassingDetail, 7},
		{&p.Evidence, 90},
		{&p.HostSamples, 30},
		{&p.Deliveries, 90},
		{&p.Hours, 400},
		{&p.StepHours, 30},
	} {
		if *f.field <= 0 {
			*f.field = time.Duration(f.days) * day
		}
	}
	return p
}

// Pruned counts what [Store.Prune] took away.
type Pruned struct {
	Runs, Details, Gaps, Rollups, HostSamples, Deliveries int64
	Evidence                                              int64 // files
}

// Prune takes away what is older than the policy, in transactions small
// enough for recording to go on between them, and gives free pages back. It
// may be cancelled at any time and goes on with the next call.
func (s *Store) Prune(ctx context.Context, now time.Time, policy Policy) (Pruned, error) {
	p := pruner{store: s, now: now, policy: policy.withDefaults()}
	for _, part := range []func(context.Context) error{p.scenarios, p.others, p.evidence, p.pages} {
		if err := part(ctx); err != nil {
			return p.done, fmt.Errorf("prune: %w", err)
		}
	}
	return p.done, nil
}

type pruner struct {
	store  *Store
	now    time.Time
	policy Policy
	done   Pruned
}

// before is the time until which things are taken that are kept for so long.
func (p *pruner) before(keep time.Duration) int64 { return p.now.Add(-keep).UnixMilli() }

// cut is one statement of retention and where it counts.
type cut struct {
	count *int64
	query string
	args  []any
}

func (p *pruner) cut(ctx context.Context, cuts ...cut) error {
	return p.store.write(ctx, func(t *tx) error {
		for _, c := range cuts {
			n, err := t.exec(ctx, c.query, c.args...)
			if err != nil {
				return err
			}
			if c.count != nil {
				*c.count += n
			}
		}
		return nil
	})
}

// scenarios prunes one scenario in a transaction.
func (p *pruner) scenarios(ctx context.Context) error {
	ids, err := all(ctx, p.store.reader, scanNamed, "SELECT id, key FROM scenario")
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := p.scenario(ctx, id.id); err != nil {
			return fmt.Errorf("scenario %q: %w", id.key, err)
		}
	}
	return nil
}

// Pictures of steps are for failures to be held against, and those are held
// against the latest; results may come late by keepStills.
const (
	keepStills      = 3 * time.Hour
	overtakenStills = `DELETE FROM run_evidence WHERE scenario_id = $1 AND kind = $2 AND due_at < $3 AND EXISTS (SELECT 1 FROM run_evidence y
		WHERE y.scenario_id = $1 AND y.kind = $2 AND y.location_id = run_evidence.location_id AND y.due_at > run_evidence.due_at AND y.due_at < $3)`
)

func (p *pruner) scenario(ctx context.Context, id int64) error {
	runs, failures := p.before(p.policy.Runs), p.before(p.policy.Failures)
	details := min(p.policy.PassingDetail, p.policy.Runs)
	still, err := evidences.number(gengfu.EvidenceStill)
	if err != nil {
		return err
	}
	return p.cut(
		ctx,
		cut{nil, "DELETE FROM run_evidence WHERE scenario_id = $1 AND due_at < $2", []any{id, p.before(p.policy.Evidence)}},
		cut{nil, `DELETE FROM run_evidence WHERE scenario_id = $1 AND due_at < $2 AND EXISTS (SELECT 1 FROM run r
			WHERE r.scenario_id = $1 AND r.due_at = run_evidence.due_at AND r.location_id = run_evidence.location_id
			AND r.attempt = run_evidence.attempt AND (r.outcome <= 2 OR r.due_at < $3))`, []any{id, runs, failures}},
		cut{nil, overtakenStills, []any{id, still, p.before(keepStills)}},
		cut{&p.done.Details, "DELETE FROM run_detail WHERE scenario_id = $1 AND due_at < $2 AND outcome = 1", []any{id, p.before(details)}},
		cut{&p.done.Details, "DELETE FROM run_detail WHERE scenario_id = $1 AND due_at < $2 AND outcome <= 2", []any{id, runs}},
		cut{&p.done.Details, "DELETE FROM run_detail WHERE scenario_id = $1 AND due_at < $2", []any{id, failures}},
		cut{&p.done.Runs, "DELETE FROM run WHERE scenario_id = $1 AND due_at < $2 AND outcome <= 2", []any{id, runs}},
		cut{&p.done.Runs, "DELETE FROM run WHERE scenario_id = $1 AND due_at < $2", []any{id, failures}},
		cut{&p.done.Gaps, "DELETE FROM gap WHERE scenario_id = $1 AND to_at < $2", []any{id, failures}},
		cut{&p.done.Rollups, "DELETE FROM rollup WHERE res = 1 AND scenario_id = $1 AND step = 0 AND bucket < $2", []any{id, p.before(p.policy.Hours)}},
		cut{&p.done.Rollups, "DELETE FROM rollup WHERE res = 1 AND scenario_id = $1 AND step > 0 AND bucket < $2", []any{id, p.before(p.policy.StepHours)}},
	)
}

// chunk bounds the rows of one transaction where they are not split by
// scenario or host.
const chunk = 500

func (p *pruner) others(ctx context.Context) error {
	names, err := p.store.hostNames(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := p.cut(ctx, cut{&p.done.HostSamples, "DELETE FROM host_sample WHERE host = $1 AND at < $2", []any{name, p.before(p.policy.HostSamples)}}); err != nil {
			return err
		}
	}
	return p.chunks(ctx, cut{
		&p.done.Deliveries, `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox o WHERE state <> 1 AND created_at < $1
		AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.number = o.incident AND i.state IN (1, 2, 3, 6)) LIMIT $2)`,
		[]any{p.before(p.policy.Deliveries), chunk},
	})
}

// chunks repeats a cut until it finds less than a chunk.
func (p *pruner) chunks(ctx context.Context, c cut) error {
	for {
		had := *c.count
		if err := p.cut(ctx, c); err != nil || *c.count-had < chunk {
			return err
		}
	}
}

// evidence first forgets content that nothing refers to, then removes files
// that are not known and were not touched for a day.
func (p *pruner) evidence(ctx context.Context) error {
	var forgotten int64
	if err := p.chunks(ctx, cut{&forgotten, `DELETE FROM evidence WHERE sha256 IN (SELECT sha256 FROM evidence e WHERE last_ref < $1
		AND NOT EXISTS (SELECT 1 FROM run_evidence x WHERE x.sha256 = e.sha256) LIMIT $2)`, []any{p.before(grace), chunk}}); err != nil {
		return err
	}
	return fs.WalkDir(p.store.files.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case entry.IsDir():
			return nil
		}
		return p.file(ctx, name, entry)
	})
}

func (p *pruner) file(ctx context.Context, name string, entry fs.DirEntry) error {
	stat, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || p.now.Sub(stat.ModTime()) < grace {
		return err
	}
	_, known, err := one(ctx, p.store.reader, scalar[int], "SELECT 1 FROM evidence WHERE sha256 = $1", strings.TrimSuffix(path.Base(name), packedSuffix))
	if err != nil || known {
		return err
	}
	if err := p.store.files.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	p.done.Evidence++
	return nil
}

// pages gives free pages back, a few at a time.
func (p *pruner) pages(ctx context.Context) error {
	for range 1000 {
		more, err := p.store.vacuum(ctx, 200)
		if err != nil || !more {
			return err
		}
	}
	return nil
}
