package chrome

import (
	"context"
	"slices"
	"testing"
	"time"

	"gengfu"
)

// besideTime is how long a neighbour is measured beside a page before it is made to
// stand still most of the time, and a third of how long after that.
const besideTime = 3 * time.Second

// besideAgain is how often a page whose run was ended is opened again.
const besideAgain = 10 * time.Second

// BenchmarkNeighbour is a scenario beside a page on the same browser that does
// its worst all the while: alone-ms and beside-ms are medians of its runs, whole
// their ratio, early and later those in the first seconds and after them. Alone is
// measured before and after each page, since the machine is not always as fast.
func BenchmarkNeighbour(b *testing.B) {
	p, err := NewPool(Config{Profiles: b.TempDir(), Parallel: 2, Overload: -1, Limits: Limits{Document: 8 << 20}})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	srv := hostileSite(b)
	calm := parse(b, srv.URL, "steps:\n  - goto: '${base}/plain'\n  - expect: [{text: ok}]\n")
	runs := func(until time.Time) (all []time.Duration) {
		for len(all) < 5 || time.Now().Before(until) {
			r := p.Run(b.Context(), calm, slot(), nil)
			if r.Outcome != gengfu.Passed {
				b.Errorf("%s: %s", r.Outcome, cause(r))
			}
			all = append(all, r.Duration)
		}
		return all
	}
	pages := []string{"plain"}
	for _, h := range hostilePages() {
		pages = append(pages, h.name)
	}
	for _, name := range pages {
		b.Run("beside="+name, func(b *testing.B) {
			var alone, early, later []time.Duration
			for b.Loop() {
				alone = append(alone, runs(time.Now().Add(besideTime/2))...)
				ctx, cancel := context.WithCancel(b.Context())
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					worst := parse(b, srv.URL, "timeout: 60s\nsteps:\n  - goto: '${base}/"+name+"'\n  - wait: 50s\n")
					again := time.NewTicker(besideAgain)
					defer again.Stop()
					for ctx.Err() == nil {
						p.Run(ctx, worst, slot(), nil)
						select {
						case <-again.C:
						case <-ctx.Done():
						}
					}
				}()
				early = append(early, runs(time.Now().Add(besideTime))...)
				later = append(later, runs(time.Now().Add(3*besideTime))...)
				cancel()
				<-ended
				alone = append(alone, runs(time.Now().Add(besideTime/2))...)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(alone), "alone-ms")
			whole := append(slices.Clone(early), later...)
			b.ReportMetric(median(whole), "beside-ms")
			b.ReportMetric(median(whole)/median(alone), "whole")
			b.ReportMetric(median(early)/median(alone), "early")
			b.ReportMetric(median(later)/median(alone), "later")
		})
	}
}

// median is in milliseconds.
func median(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2].Microseconds()) / 1000
}
