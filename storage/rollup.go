package storage

import (
	"context"
	"fmt"
	"time"

	"gengfu"
)

// Resolution is the length of a rollup's bucket.
type Resolution int

// The resolutions. Hours are hours of UTC; days are days of the configured
// zone, so they may have 23 or 25 hours.
const (
	Hour Resolution = 1
	Day  Resolution = 2
)

// rollKey names a bucket of the database.
type rollKey struct {
	res      Resolution
	scenario int64
	step     int
	bucket   int64
	location int64
}

// rollCounts is the content of a bucket; a value in the cache is never changed.
type rollCounts struct {
	n, failed, degraded, errored int
	sum, max                     int64 // milliseconds
	hist                         gengfu.Histogram
}

// rollCache holds buckets as committed, so that the open ones need not be
// read again for each run.
type rollCache map[rollKey]rollCounts

// rollCacheSize bounds the cache: 10,000 scenarios with six steps need 140,000
// buckets, which take about 80 MB; beyond the bound it starts afresh.
const rollCacheSize = 50_000

func (c rollCache) put(k rollKey, v rollCounts) {
	if len(c) >= rollCacheSize {
		clear(c)
	}
	c[k] = v
}

func (s *Store) bucket(res Resolution, at time.Time) int64 {
	if res == Hour {
		return at.UTC().Truncate(time.Hour).UnixMilli()
	}
	y, m, d := at.In(s.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, s.zone).UnixMilli()
}

// roll adds a run to its buckets. Only the first attempt of a planned slot
// counts, by its planned time.
func (s *Store) roll(ctx context.Context, t *tx, k slotKey, r *gengfu.Run) error {
	if r.Slot.Kind != gengfu.SlotScheduled || r.Slot.Attempt != 1 {
		return nil
	}
	for _, res := range []Resolution{Hour, Day} {
		rk := rollKey{res: res, scenario: k.scenario, bucket: s.bucket(res, r.Slot.Due), location: k.location}
		if err := s.rollOne(ctx, t, rk, string(r.Outcome), latency(r, r.Duration)); err != nil {
			return err
		}
		for i, step := range r.Steps {
			if step.Status == gengfu.StepSkipped {
				continue
			}
			rk.step = i + 1
			if err := s.rollOne(ctx, t, rk, string(step.Status), latency(r, step.Duration)); err != nil {
				return err
			}
		}
	}
	return nil
}

// unmeasured stands for a duration that says nothing of the target.
const unmeasured = time.Duration(-1)

// latency is a duration of a run as latency figures take it.
func latency(r *gengfu.Run, took time.Duration) time.Duration {
	if r.Tainted != "" {
		return unmeasured
	}
	return took
}

func (s *Store) rollOne(ctx context.Context, t *tx, k rollKey, outcome string, took time.Duration) error {
	c, ok := s.rolls[k]
	if !ok {
		var err error
		if c, _, err = one(ctx, t, scanCounts, `SELECT n, n_failed, n_degraded, n_errored, sum_ms, max_ms, hist FROM rollup
			WHERE res = $1 AND scenario_id = $2 AND step = $3 AND bucket = $4 AND location_id = $5`,
			k.res, k.scenario, k.step, k.bucket, k.location); err != nil {
			return err
		}
	}
	c = c.add(outcome, took)
	hist, err := c.hist.MarshalBinary()
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO rollup (res, scenario_id, step, bucket, location_id, n, n_failed, n_degraded, n_errored, sum_ms, max_ms, hist)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (res, scenario_id, step, bucket, location_id) DO UPDATE SET n = excluded.n, n_failed = excluded.n_failed,
		n_degraded = excluded.n_degraded, n_errored = excluded.n_errored, sum_ms = excluded.sum_ms, max_ms = excluded.max_ms, hist = excluded.hist`,
		k.res, k.scenario, k.step, k.bucket, k.location, c.n, c.failed, c.degraded, c.errored, c.sum, c.max, hist)
	t.after = append(t.after, func() { s.rolls.put(k, c) })
	return err
}

// add returns the counts with one more result, and without its duration when
// that is unmeasured. The words of the outcomes of
// runs and of the statuses of steps are the same.
func (c rollCounts) add(outcome string, took time.Duration) rollCounts {
	switch gengfu.Outcome(outcome) {
	case gengfu.Errored:
		c.errored++
		return c
	case gengfu.Failed:
		c.n++
		c.failed++
		return c
	case gengfu.Degraded:
		c.degraded++
	}
	c.n++
	if took == unmeasured {
		return c
	}
	c.sum += took.Milliseconds()
	c.max = max(c.max, took.Milliseconds())
	c.hist = c.hist.Clone()
	c.hist.Add(took.Truncate(time.Millisecond))
	return c
}

func scanCounts(r row) (c rollCounts, err error) {
	var hist []byte
	if err := r.Scan(&c.n, &c.failed, &c.degraded, &c.errored, &c.sum, &c.max, &hist); err != nil {
		return c, err
	}
	err = c.hist.UnmarshalBinary(hist)
	return c, err
}

// Rollups returns the buckets of a scenario that begin in [from, to), oldest
// first, one for each location; step 0 is the whole run.
func (s *Store) Rollups(ctx context.Context, scenario string, step int, res Resolution, from, to time.Time) ([]gengfu.Rollup, error) {
	list, err := all(ctx, s.reader, func(r row) (v gengfu.Rollup, err error) {
		var bucket, location, sum, longest int64
		var hist []byte
		if err := r.Scan(&bucket, &location, &v.N, &v.Failed, &v.Degraded, &v.Errored, &sum, &longest, &hist); err != nil {
			return v, err
		}
		v.Scenario, v.Step, v.Bucket, v.Sum, v.Max = scenario, step, moment(bucket), spanOf(sum), spanOf(longest)
		_, v.Location = s.names.words(0, location)
		err = v.Durations.UnmarshalBinary(hist)
		return v, err
	}, `SELECT bucket, location_id, n, n_failed, n_degraded, n_errored, sum_ms, max_ms, hist FROM rollup
		WHERE res = $1 AND scenario_id = $2 AND step = $3 AND bucket >= $4 AND bucket < $5 ORDER BY bucket, location_id`,
		res, s.names.scenario(scenario), step, from.UnixMilli(), to.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("read rollups of %q: %w", scenario, explain(err))
	}
	return list, nil
}

// daysAfter is the age from which sums are made of days, not hours.
const daysAfter = 35 * 24 * time.Hour

// Availability sums up a scenario since from, which is taken back to the
// start of its hour, or of its day when it is more than 35 days ago.
func (s *Store) Availability(ctx context.Context, scenario string, from time.Time) (gengfu.Availability, error) {
	res := Hour
	if time.Since(from) > daysAfter {
		res = Day
	}
	list, err := all(ctx, s.reader, scanCounts, `SELECT n, n_failed, n_degraded, n_errored, sum_ms, max_ms, hist FROM rollup
		WHERE res = $1 AND scenario_id = $2 AND step = 0 AND bucket >= $3`, res, s.names.scenario(scenario), s.bucket(res, from))
	if err != nil {
		return gengfu.Availability{}, fmt.Errorf("read availability of %q: %w", scenario, explain(err))
	}
	var a gengfu.Availability
	var hist gengfu.Histogram
	for _, c := range list {
		a.N, a.Failed, a.Degraded, a.Errored = a.N+c.n, a.Failed+c.failed, a.Degraded+c.degraded, a.Errored+c.errored
		hist.Merge(c.hist)
	}
	a.P50, a.P95 = hist.Quantile(0.5), hist.Quantile(0.95)
	return a, nil
}
