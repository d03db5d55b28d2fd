package chrome

import (
	"testing"
	"time"

	"gengfu"
)

// TestBrief_endsWithTheRun: a question gets its own time, what is left of the
// run's, or just enough for a page that answers.
func TestBrief_endsWithTheRun(t *testing.T) {
	for _, c := range []struct {
		over    time.Duration // since the run's time was up
		closing time.Duration // of closing steps, from now
		want    time.Duration
	}{
		{-time.Minute, 0, time.Second},
		{time.Second, 0, 500 * time.Millisecond},
		{time.Minute, 0, leastBrief},
		{time.Minute, 30 * time.Second, time.Second},
	} {
		s := scenario()
		r := newRunner(s, &gengfu.Run{Started: time.Now().Add(-s.Timeout - c.over)}, nil, nil)
		if c.closing > 0 {
			r.closing = time.Now().Add(c.closing)
		}
		before := time.Now()
		ctx, cancel := r.brief(time.Second)
		got := deadline(ctx).Sub(before)
		cancel()
		if late := got - c.want; late < -500*time.Millisecond || late > 0 && late > time.Since(before) {
			t.Errorf("%s over: %s, want %s", c.over, got, c.want)
		}
	}
}
