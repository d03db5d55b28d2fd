package chrome

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"

	"gengfu"
)

// excess ends a run whose page took more than it may. It is set up by the run
// and told by whoever sees it; the first one counts.
type excess struct {
	halt context.CancelCauseFunc
	why  *gengfu.Failure
}

// over is the failure of a page that flooded us.
func over(reason gengfu.Reason, limit, seen string) gengfu.Failure {
	return gengfu.Failure{Fault: gengfu.FaultBlockedPage, Reason: reason, Want: limit, Seen: seen}
}

func overMemory(limit int64) gengfu.Failure {
	return gengfu.Failure{Fault: gengfu.FaultRendererCrash, Reason: gengfu.ReasonPageMemory, Want: size(limit)}
}

func size(bytes int64) string { return fmt.Sprintf("%d MiB", bytes>>20) }

// bound makes a context that ends when the page takes too much.
func (r *recorder) bound(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.excess.halt = cancel
	if r.excess.why != nil {
		cancel(&stop{*r.excess.why})
	}
	return ctx, func() { cancel(nil) }
}

// confine says what the page may take.
func (r *recorder) confine(to Limits) {
	r.mu.Lock()
	r.limits = to
	r.mu.Unlock()
}

// exceed ends the run with a failure of the page.
func (r *recorder) exceed(f gengfu.Failure) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.excessive(f)
}

// excessive is exceed with the lock held.
func (r *recorder) excessive(f gengfu.Failure) {
	if r.excess.why != nil {
		return
	}
	r.excess.why = &f
	for _, s := range r.heeded {
		s.deaf.Store(true)
	}
	if r.excess.halt != nil {
		r.excess.halt(&stop{f})
	}
}

// exceeded is the failure of a page that took too much, nil when it did not.
func (r *recorder) exceeded() *gengfu.Failure {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.excess.why
}

// excessOf is the failure that ended ctx, when a page's excess did.
func excessOf(ctx context.Context) *gengfu.Failure {
	if s := (*stop)(nil); errors.As(context.Cause(ctx), &s) {
		return &s.Failure
	}
	return nil
}

// listenFloods counts what a page pours out, and stops reading it closely once
// it is too much.
func (r *recorder) listenFloods(s *session) {
	on(s, network.DataReceived, r.dataReceived)
	onRaw(s, runtime.ConsoleAPICalled.Method, func(v jsonv2.Value) {
		if r.flooded(v) {
			return
		}
		e := new(runtime.EventConsoleAPICalled)
		if decode(v, e) == nil {
			r.consoleCalled(e)
		}
	})
}

func (r *recorder) dataReceived(e *network.EventDataReceived) {
	n := max(e.DataLength, e.EncodedDataLength)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.received += n
	if r.limits.Received > 0 && r.received > r.limits.Received {
		r.excessive(over(gengfu.ReasonTooMuch, size(r.limits.Received), ""))
	}
	if doc := r.doc(string(e.RequestID)); doc != nil {
		if doc.size += n; r.limits.Document > 0 && doc.size > r.limits.Document {
			r.excessive(over(gengfu.ReasonTooLarge, size(r.limits.Document), ""))
		}
	}
}

// loaded is how many bytes the run has received.
func (r *recorder) loaded() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.received
}

// countRequest ends the run of a page that sends requests without end. The lock
// is held.
func (r *recorder) countRequest() {
	r.traffic.Requests++
	if r.limits.Requests > 0 && r.traffic.Requests > r.limits.Requests {
		r.excessive(over(gengfu.ReasonRequests, strconv.Itoa(r.limits.Requests), ""))
	}
}

// employ counts a worker among those that the run has, and ends the run when
// they are too many.
func (r *recorder) employ(s *session) (many int, fits bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.workers = append(slices.DeleteFunc(r.workers, func(o *session) bool { return o.ended() != nil }), s)
	many = len(r.workers)
	fits = r.limits.Workers == 0 || many <= r.limits.Workers && r.excess.why == nil
	if !fits {
		r.excessive(over(gengfu.ReasonWorkers, strconv.Itoa(r.limits.Workers), ""))
	}
	return many, fits
}

// maxHeard is how many console messages of a run are decoded.
const maxHeard = 1000

// flooded counts a console message and reports whether it is one too many to
// be read. Errors go on being counted.
func (r *recorder) flooded(v jsonv2.Value) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.heard++; r.heard <= maxHeard {
		return false
	}
	if bytes.Contains(v, []byte(`"type":"error"`)) {
		r.errors++
	}
	return true
}
