package storagetest

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/storage"
)

// recount is what a rollup must say, counted from the runs themselves.
type recount struct {
	totals
	hist gengfu.Histogram
}

type totals struct {
	N, Failed, Degraded, Errored int
	Sum, Max                     time.Duration
	Count                        uint64
	P95                          time.Duration
}

func (c *recount) add(outcome string, took time.Duration, tainted gengfu.Taint) {
	switch outcome {
	case "errored":
		c.Errored++
		return
	case "failed":
		c.N++
		c.Failed++
		return
	case "degraded":
		c.Degraded++
	}
	c.N++
	if tainted != "" {
		return
	}
	c.Sum += took
	c.Max = max(c.Max, took)
	c.hist.Add(took)
	c.Count, c.P95 = c.hist.Count(), c.hist.Quantile(0.95)
}

type bucketKey struct {
	res  storage.Resolution
	at   int64
	step int
}

func randomRuns(rnd *rand.Rand, n int) []gengfu.Run {
	words := []gengfu.Outcome{gengfu.Passed, gengfu.Passed, gengfu.Degraded, gengfu.Failed, gengfu.Errored}
	var runs []gengfu.Run
	due := start
	for range n {
		due = due.Add(time.Duration(1+rnd.IntN(40)) * time.Minute)
		r := planned("a", due, words[rnd.IntN(len(words))])
		r.Duration = time.Duration(rnd.IntN(9000)) * time.Millisecond
		for i := range r.Steps {
			r.Steps[i].Duration = time.Duration(rnd.IntN(3000)) * time.Millisecond
		}
		if rnd.IntN(6) == 0 {
			r.Tainted = gengfu.TaintLate
		}
		runs = append(runs, r)
		if r.Outcome == gengfu.Failed {
			again := r
			again.Slot.Attempt, again.Slot.Kind = 2, gengfu.SlotConfirm
			runs = append(runs, again)
		}
		if rnd.IntN(10) == 0 {
			hand := r
			hand.Slot.Due, hand.Slot.Kind = due.Add(7*time.Second), gengfu.SlotManual
			runs = append(runs, hand)
		}
	}
	rnd.Shuffle(len(runs), func(i, j int) { runs[i], runs[j] = runs[j], runs[i] })
	return runs
}

func recountAll(runs []gengfu.Run) map[bucketKey]*recount {
	counts := map[bucketKey]*recount{}
	for _, r := range runs {
		if r.Slot.Kind != gengfu.SlotScheduled {
			continue
		}
		local := r.Slot.Due.In(Zone())
		for res, at := range map[storage.Resolution]time.Time{
			storage.Hour: r.Slot.Due.Truncate(time.Hour),
			storage.Day:  time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, Zone()),
		} {
			k := bucketKey{res, at.UnixMilli(), 0}
			bucket(counts, k).add(string(r.Outcome), r.Duration, r.Tainted)
			for i, step := range r.Steps {
				if k.step = i + 1; step.Status != gengfu.StepSkipped {
					bucket(counts, k).add(string(step.Status), step.Duration, r.Tainted)
				}
			}
		}
	}
	return counts
}

func bucket(counts map[bucketKey]*recount, k bucketKey) *recount {
	if counts[k] == nil {
		counts[k] = &recount{}
	}
	return counts[k]
}

func rollupsEqualRecount(t *testing.T, s *storage.Store) {
	runs := randomRuns(rand.New(rand.NewPCG(1, 1)), 250)
	record(t, s, runs...)
	want := recountAll(runs)
	for _, res := range []storage.Resolution{storage.Hour, storage.Day} {
		for step := range 4 {
			list := got[[]gengfu.Rollup](t)(s.Rollups(t.Context(), "a", step, res, start.AddDate(0, 0, -1), start.AddDate(1, 0, 0)))
			for _, v := range list {
				k := bucketKey{res, v.Bucket.UnixMilli(), step}
				have := totals{v.N, v.Failed, v.Degraded, v.Errored, v.Sum, v.Max, v.Durations.Count(), v.Durations.Quantile(0.95)}
				if want[k] == nil {
					t.Fatalf("bucket %v %v of step %d should not be there", res, v.Bucket, step)
				}
				if diff := cmp.Diff(want[k].totals, have); diff != "" {
					t.Errorf("bucket %v %v of step %d (-want +got):\n%s", res, v.Bucket, step, diff)
				}
				delete(want, k)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("%d buckets are missing", len(want))
	}
}

func dayBuckets(t *testing.T, s *storage.Store) {
	// 15:59 and 16:00 UTC are two days in the zone; 16:00 and 15:59 of the next
	// day of UTC are one.
	for _, at := range []string{"2026-11-20T15:59:00Z", "2026-11-20T16:00:00Z", "2026-11-21T15:59:00Z"} {
		due, err := time.Parse(time.RFC3339, at)
		must(t, err)
		record(t, s, planned("a", due, gengfu.Passed))
	}
	counts := map[string]int{}
	for _, v := range got[[]gengfu.Rollup](t)(s.Rollups(t.Context(), "a", 0, storage.Day, time.Unix(0, 0), start)) {
		counts[v.Bucket.In(Zone()).Format(time.DateTime)] = v.N
	}
	if diff := cmp.Diff(map[string]int{"2026-11-20 00:00:00": 1, "2026-11-21 00:00:00": 2}, counts); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}

func availability(t *testing.T, s *storage.Store) {
	recent := time.Now().Truncate(time.Hour).Add(-5 * time.Hour).UTC()
	for i, outcome := range []gengfu.Outcome{gengfu.Passed, gengfu.Passed, gengfu.Degraded, gengfu.Failed, gengfu.Errored, gengfu.Errored} {
		record(t, s, planned("a", recent.Add(time.Duration(i)*time.Minute), outcome))
	}
	record(t, s, planned("a", recent.Add(-30*24*time.Hour), gengfu.Failed))
	again := planned("a", recent.Add(3*time.Minute), gengfu.Failed)
	again.Slot.Attempt, again.Slot.Kind = 2, gengfu.SlotConfirm
	record(t, s, again)

	a := got[gengfu.Availability](t)(s.Availability(t.Context(), "a", recent.Add(20*time.Minute)))
	if a.Ratio() != 0.75 || a.N != 4 || a.Failed != 1 || a.Degraded != 1 || a.Errored != 2 {
		t.Errorf("since this hour: %+v", a)
	}
	if off := a.P95 - 2400*time.Millisecond; off.Abs() > 60*time.Millisecond {
		t.Errorf("p95 %v, want about 2.4 s", a.P95)
	}
	if a := got[gengfu.Availability](t)(s.Availability(t.Context(), "a", recent.Add(-100*24*time.Hour))); a.N != 5 || a.Failed != 2 {
		t.Errorf("since a hundred days: %+v", a)
	}
	if a := got[gengfu.Availability](t)(s.Availability(t.Context(), "nobody", recent)); a.N != 0 {
		t.Error("a scenario without runs has a share")
	}
}
