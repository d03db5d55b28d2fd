package chrome

import (
	"context"
	"testing"
	"time"

	"gengfu"
)

// BenchmarkNeighbour is a scenario alone, and beside a page on the same browser
// that does its worst all the while.
func BenchmarkNeighbour(b *testing.B) {
	p, err := NewPool(Config{Profiles: b.TempDir(), Parallel: 2, Limits: Limits{Document: 8 << 20}})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	srv := hostileSite(b)
	calm := parse(b, srv.URL, "steps:\n  - goto: '${base}/plain'\n  - expect: [{text: ok}]\n")
	for _, beside := range []string{"", "plain", "busy-at-load", "wasm-burner", "endless-html", "heap-bomb", "console-flood", "request-flood", "huge-dom", "worker-bomb"} {
		b.Run("beside="+beside, func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				if beside == "" {
					return
				}
				worst := parse(b, srv.URL, "timeout: 8s\nsteps:\n  - goto: '${base}/"+beside+"'\n  - wait: 6s\n")
				for ctx.Err() == nil {
					p.Run(ctx, worst, slot(), nil)
				}
			}()
			defer func() {
				cancel()
				<-ended
			}()
			var sum time.Duration
			n := 0
			for b.Loop() {
				r := p.Run(b.Context(), calm, slot(), nil)
				if r.Outcome != gengfu.Passed {
					b.Errorf("%s: %s", r.Outcome, cause(r))
				}
				sum += r.Duration
				n++
			}
			b.ReportMetric(float64(sum.Microseconds())/float64(n)/1000, "run-ms")
		})
	}
}
