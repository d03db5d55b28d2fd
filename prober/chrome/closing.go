package chrome

import (
	"context"
	"time"
)

// overrun is how far a run may go beyond its time to say why, and leastBrief what
// each of the last questions gets when that is used up: together they stay under
// 2 s, whatever the page does.
const (
	overrun    = time.Second
	leastBrief = 100 * time.Millisecond
)

// brief bounds a question that is asked after a step has come to nothing: by its
// own limit, and by the end of the run.
func (r *runner) brief(limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), max(leastBrief, min(limit, time.Until(r.closes()))))
}

// closes is when a run is to be over. Closing steps have a time of their own.
func (r *runner) closes() time.Time {
	end := r.run.Started.Add(r.s.Timeout + overrun)
	if r.closing.After(end) {
		return r.closing
	}
	return end
}
