package chrome

import (
	"strconv"

	"gengfu"
	"gengfu/scenarios"
)

// checkAmounts holds what the run moved and complained of against the
// scenario's budgets. These do not depend on our machine.
func (r *runner) checkAmounts() {
	r.rec.mu.Lock()
	traffic, errors := r.rec.traffic, r.rec.errors
	r.rec.mu.Unlock()
	b := r.s.Budget
	for _, c := range []struct {
		what  string
		limit scenarios.Limit
		n     int64
		size  bool
	}{
		{"requests", b.Requests, int64(traffic.Requests), false},
		{"failed requests", b.Failures, int64(traffic.Failed), false},
		{"console errors", b.Errors, int64(errors), false},
		{"bytes", b.Bytes, traffic.Bytes, true},
	} {
		words := func(n int64) string {
			if c.size {
				return bytesText(n)
			}
			return strconv.FormatInt(n, 10)
		}
		f := gengfu.Failure{Reason: gengfu.ReasonOver, Detail: c.what, Seen: words(c.n)}
		switch {
		case c.limit.Fail > 0 && c.n > c.limit.Fail && r.run.Failure == nil:
			f.Fault, f.Want = gengfu.FaultAssertion, words(c.limit.Fail)
			r.run.Failure = &f
		case c.limit.Warn > 0 && c.n > c.limit.Warn:
			f.Want = words(c.limit.Warn)
			r.degrade(nil, f)
		}
	}
}

func bytesText(n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1_000_000:
		return strconv.FormatFloat(float64(n)/1e3, 'f', 1, 64) + " kB"
	}
	return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB"
}
