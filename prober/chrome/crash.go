package chrome

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/target"

	"gengfu"
)

// crash is the end of a page's process as the browser tells it.
type crash struct {
	status string // crashed, oom, killed, …
	code   int64
}

// crashes listens for the ends of pages' processes: a page's own session hears
// only that there was one.
func (e *engine) listenCrashes() {
	on(e.proc.conn.root, target.TargetCrashed, func(ev *target.EventTargetCrashed) {
		e.mu.Lock()
		e.ends[ev.TargetID] = crash{ev.Status, ev.ErrorCode}
		close(e.ended)
		e.ended = make(chan struct{})
		e.mu.Unlock()
	})
}

// end is how the process of the page, or of a frame of it, ended. The news
// comes by another session than the crash, so it may be a moment late.
func (e *engine) end(p *page) (crash, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	for {
		e.mu.Lock()
		late := e.ended
		for _, id := range append(p.frameIDs(), p.main) {
			if c, ok := e.ends[target.ID(id)]; ok {
				e.mu.Unlock()
				return c, true
			}
		}
		e.mu.Unlock()
		select {
		case <-late:
		case <-ctx.Done():
			return crash{}, false
		}
	}
}

// ours corrects a failure that the browser's processes explain: a page whose
// process was killed or stopped by somebody says nothing about its target.
func (r *runner) ours(f gengfu.Failure) gengfu.Failure {
	e := r.page.engine
	if f.Reason == gengfu.ReasonBrowserGone && e.wasFrozen() {
		return gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonBrowserFrozen}
	}
	if f.Fault.Outcome() != gengfu.Failed {
		return f
	}
	r.page.mu.Lock()
	crashed := r.page.crashed
	r.page.mu.Unlock()
	switch {
	case crashed:
		return r.crashed(f)
	case f.Fault == gengfu.FaultBlockedPage, f.Fault == gengfu.FaultTimeout, f.Fault == gengfu.FaultConnect:
		if e.halted() {
			e.freeze()
			return gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonBrowserFrozen}
		}
	}
	return f
}

func (e *engine) wasFrozen() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.frozen
}

// crashed tells a page that fell from one that was felled.
func (r *runner) crashed(f gengfu.Failure) gengfu.Failure {
	e := r.page.engine
	c, known := e.end(r.page)
	e.mu.Lock()
	executed := time.Since(e.executed) < 5*time.Second
	e.mu.Unlock()
	switch {
	case known && c.status == "killed" && executed, c.status == "oom":
		return overMemory(r.rec.limits.Page)
	case known && c.status == "failed to launch":
		return gengfu.Failure{Fault: gengfu.FaultMachine, Reason: gengfu.ReasonMachine, Detail: c.status}
	case known && c.status == "killed":
		return gengfu.Failure{Fault: gengfu.FaultMachine, Reason: gengfu.ReasonKilled}
	case known:
		return gengfu.Failure{Fault: gengfu.FaultRendererCrash, Reason: gengfu.ReasonCrash, Detail: fmt.Sprintf("%s %d", c.status, c.code)}
	}
	return gengfu.Failure{Fault: gengfu.FaultRendererCrash, Reason: gengfu.ReasonCrash, Detail: f.Detail}
}
