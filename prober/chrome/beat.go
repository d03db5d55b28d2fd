package chrome

import (
	"context"
	"sync"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
)

// A browser that does not answer but works is slow, not frozen: it gets the limit
// so many times more. It works when it used so much of the processor meanwhile,
// in hundredths of a second.
const (
	slowBeats = 3
	slowTicks = 5
)

// beat asks the browser for a sign of life and ends one that gives none. Its time
// is kept by another goroutine: the pipe to a frozen browser may be full, and
// writing to it has no deadline.
func (e *engine) beat(ctx context.Context, limit time.Duration) {
	answered := make(chan struct{})
	var keeper sync.WaitGroup
	keeper.Go(func() { e.await(answered, limit) })
	_, _ = cdp.Call(ctx, e.proc.conn.root, browser.GetVersion, cdp.Empty{}) // any answer will do
	close(answered)
	keeper.Wait()
}

func (e *engine) await(answered <-chan struct{}, limit time.Duration) {
	late := time.NewTimer(limit)
	defer late.Stop()
	_, used := e.works(0)
	for tries := 0; ; tries++ {
		select {
		case <-answered:
			return
		case <-late.C:
		}
		var works bool
		if works, used = e.works(used); !works || tries == slowBeats {
			e.freeze()
			return
		}
		late.Reset(limit)
	}
}

// works reports whether the browser's own process has used the processor since it
// was asked last, and what it has used in all. One elsewhere is not known to.
func (e *engine) works(before int64) (works bool, used int64) {
	m, ok := look(e.proc.pid())
	return ok && !m.stopped && m.ticks-before >= slowTicks, m.ticks
}
