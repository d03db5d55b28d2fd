package chrome

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/inspector"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
)

const (
	world         = "gengfu"
	tellBinding   = "__gengfuTell"
	commandResume = runtime.CommandRunIfWaitingForDebugger
)

// page is a tab: its frames, and the sessions of frames in other processes.
type page struct {
	engine *engine
	s      *session
	set    *setup
	ready  chan struct{} // closed when the page may be used; err is set before
	err    error
	done   chan struct{} // closed when init is through; late is set before
	late   error

	mu      sync.Mutex
	frames  map[cdp.FrameID]*frame
	main    cdp.FrameID
	changed chan struct{} // closed and replaced whenever a frame changes
	crashed bool

	asked    cdp.FrameID          // of the latest question about an element; the run's own goroutine
	first    bool                 // of the run: it was opened blank
	presses  chan reply           // where presses went
	choosers chan chooser         // file choosers that opened
	drags    chan *input.DragData // drags that the browser would do itself
}

// frame is a frame's present document.
type frame struct {
	id      cdp.FrameID
	parent  cdp.FrameID
	session *session
	url     string
	loader  cdp.LoaderID
	world   string // unique id of our execution context; empty while there is none
	worldID runtime.ExecutionContextID
	life    map[string]float64 // lifecycle event to monotonic seconds
	docs    int                // documents so far
}

func newPage(e *engine, s *session, set *setup, id target.ID) *page {
	return &page{
		engine: e, s: s, set: set, ready: make(chan struct{}), done: make(chan struct{}),
		frames: map[cdp.FrameID]*frame{}, main: cdp.FrameID(id), changed: make(chan struct{}),
		choosers: make(chan chooser, 1), presses: make(chan reply, 8), drags: make(chan *input.DragData, 1),
	}
}

// update changes the frames under the lock and wakes everyone who waits.
func (p *page) update(f func()) {
	p.mu.Lock()
	f()
	close(p.changed)
	p.changed = make(chan struct{})
	p.mu.Unlock()
}

// frame returns a frame, made when it is new. The lock is held.
func (p *page) frame(id cdp.FrameID, s *session) *frame {
	f := p.frames[id]
	if f == nil {
		f = &frame{id: id, session: s, life: map[string]float64{}}
		p.frames[id] = f
	}
	return f
}

// orphan forgets the frames inside a frame whose document is gone. The browser
// does not name them when the document's process changes. The lock is held.
func (p *page) orphan(id cdp.FrameID) {
	for _, f := range p.frames {
		if f.parent == id && f.id != id {
			delete(p.frames, f.id)
			p.orphan(f.id)
		}
	}
}

func (p *page) listen(s *session) {
	p.listenFrames(s)
	p.listenWorlds(s)
	p.listenPresses(s)
	p.listenHand(s)
	on(s, inspector.TargetCrashed, func(*inspector.EventTargetCrashed) {
		p.update(func() { p.crashed = true })
		s.close(errCrashed)
	})
	on(s, cdppage.JavascriptDialogOpening, func(e *cdppage.EventJavascriptDialogOpening) {
		p.answerDialog(s, e)
	})
	on(s, cdppage.WindowOpen, func(e *cdppage.EventWindowOpen) { p.set.tabs.asked(e.URL) })
	on(s, target.AttachedToTarget, func(e *target.EventAttachedToTarget) {
		child := p.engine.proc.conn.session(e.SessionID)
		if child == nil {
			return
		}
		if e.TargetInfo.Type != "iframe" { // workers: their requests count
			p.attachWorker(child, e.TargetInfo.Type)
			return
		}
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			_ = p.attach(ctx, child, false) // a frame that is gone again is no news
		}()
	})
}

func (p *page) listenFrames(s *session) {
	on(s, cdppage.FrameAttached, func(e *cdppage.EventFrameAttached) {
		p.update(func() {
			f := p.frame(e.FrameID, s)
			f.session, f.parent = s, e.ParentFrameID
		})
	})
	on(s, cdppage.FrameNavigated, func(e *cdppage.EventFrameNavigated) {
		if e.Frame.ID == p.main {
			p.set.rec.committed(string(e.Frame.LoaderID), e.Frame.URL)
		}
		p.update(func() {
			f := p.frame(e.Frame.ID, s)
			f.session, f.url, f.loader = s, e.Frame.URL+e.Frame.URLFragment, e.Frame.LoaderID
			if f.parent == "" {
				f.parent = e.Frame.ParentID
			}
			f.life = map[string]float64{"commit": 0}
			f.docs++
			p.orphan(f.id)
		})
	})
	on(s, cdppage.NavigatedWithinDocument, func(e *cdppage.EventNavigatedWithinDocument) {
		p.update(func() {
			f := p.frame(e.FrameID, s)
			f.url = e.URL
		})
	})
	on(s, cdppage.FrameDetached, func(e *cdppage.EventFrameDetached) {
		if e.Reason != cdppage.FrameDetachedReasonSwap {
			p.update(func() {
				p.orphan(e.FrameID)
				delete(p.frames, e.FrameID)
			})
		}
	})
	if s == p.s {
		p.listenLife()
	}
}

// listenLife follows the main frame's document through its life.
func (p *page) listenLife() {
	reached := func(state string, at cdp.MonotonicTime) {
		var loader cdp.LoaderID
		p.update(func() {
			if f := p.frames[p.main]; f != nil {
				f.life[state] = float64(at)
				loader = f.loader
			}
		})
		p.set.rec.lifecycle(string(loader), state, float64(at))
	}
	on(p.s, cdppage.DomContentEventFired, func(e *cdppage.EventDomContentEventFired) { reached("DOMContentLoaded", e.Timestamp) })
	on(p.s, cdppage.LoadEventFired, func(e *cdppage.EventLoadEventFired) { reached("load", e.Timestamp) })
}

func (p *page) listenWorlds(s *session) {
	on(s, runtime.ExecutionContextCreated, func(e *runtime.EventExecutionContextCreated) {
		var aux struct {
			FrameID cdp.FrameID `json:"frameId"`
		}
		if e.Context.Name != world || decode(e.Context.AuxData, &aux) != nil {
			return
		}
		p.update(func() {
			f := p.frame(aux.FrameID, s)
			f.session, f.world, f.worldID = s, e.Context.UniqueID, e.Context.ID
		})
	})
	forget := func(gone func(*frame) bool) {
		p.update(func() {
			for _, f := range p.frames {
				if f.session == s && gone(f) {
					f.world = ""
				}
			}
		})
	}
	on(s, runtime.ExecutionContextDestroyed, func(e *runtime.EventExecutionContextDestroyed) {
		forget(func(f *frame) bool { return f.world == e.ExecutionContextUniqueID })
	})
	on(s, runtime.ExecutionContextsCleared, func(*runtime.EventExecutionContextsCleared) {
		forget(func(*frame) bool { return true })
	})
}

// await waits until test holds of the page's frames; test runs under the lock.
func (p *page) await(ctx context.Context, test func() bool) error {
	for {
		p.mu.Lock()
		crashed, ok, changed := p.crashed, test(), p.changed
		p.mu.Unlock()
		switch {
		case crashed:
			return errCrashed
		case ok:
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.s.closed:
			return p.s.ended()
		}
	}
}

// url is the address of the main frame.
func (p *page) url() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.frames[p.main]; f != nil {
		return f.url
	}
	return ""
}

// bare is a URL without query and fragment: those carry tokens and names.
func bare(url string) string {
	if i := strings.IndexAny(url, "?#"); i >= 0 {
		url = url[:i]
	}
	return pathSession.ReplaceAllString(url, "")
}

// pathSession is the session that servlet containers put into paths until they
// have seen a cookie.
var pathSession = regexp.MustCompile(`(?i);jsessionid=[^/?#;]*`)
