package chrome

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"

	"gengfu/egress"
)

// engine is one running browser with the pages of the runs on it.
type engine struct {
	proc    *process
	started time.Time
	busy    atomic.Int32 // runs on it now
	exit    *exit        // out of its contexts

	mu     sync.Mutex
	setups map[cdp.BrowserContextID]*setup
	pages  map[target.ID]*page
	runs   int    // started on this browser
	why    string // set when the browser is to be replaced
	frozen bool

	ends     map[target.ID]crash // of pages' processes
	ended    chan struct{}       // closed and replaced with each of them
	guard    *guard              // nil while no run is on
	paced    map[int]bool        // processes that the guard stops and lets go
	shared   time.Time           // when there was more than one run on it last
	guarded  map[*recorder]*watched
	executed time.Time // when the guard last ended a page
	weight   int64     // private bytes when it was weighed last
	disk     int64     // bytes of its profile then
	weighed  time.Time
}

// setup is what every page of a run's browser context is made with.
type setup struct {
	device  device
	rec     *recorder
	context cdp.BrowserContextID
	tabs    tabs
	kit     kit
	uploads []string // directories, removed with the context; owned by the run
	way     *egress.Proxy
	manner  *manner // of the run's questions; nil before it began
}

// maxPages bounds the pages of one run: a page that keeps opening windows must
// not eat the machine.
const maxPages = 10

func newEngine(ctx context.Context, proc *process) (*engine, error) {
	e := &engine{
		proc: proc, started: time.Now(),
		setups: map[cdp.BrowserContextID]*setup{}, pages: map[target.ID]*page{},
		ends: map[target.ID]crash{}, ended: make(chan struct{}), guarded: map[*recorder]*watched{}, paced: map[int]bool{},
	}
	root := proc.conn.root
	e.listenDownloads(root)
	e.listenCrashes()
	on(root, target.AttachedToTarget, e.attached)
	on(root, target.DetachedFromTarget, func(ev *target.EventDetachedFromTarget) {
		e.mu.Lock()
		defer e.mu.Unlock()
		for id, p := range e.pages {
			if p.s.id == ev.SessionID {
				delete(e.pages, id)
			}
		}
	})
	crashes := root.send(target.CommandSetDiscoverTargets, target.SetDiscoverTargetsParams{Discover: true})
	if err := crashes.wait(ctx, nil); err != nil {
		return nil, fmt.Errorf("attach to browser: %w", err)
	}
	if err := root.Call(ctx, target.CommandSetAutoAttach, autoAttach(), nil); err != nil {
		return nil, fmt.Errorf("attach to browser: %w", err)
	}
	return e, nil
}

func autoAttach() target.SetAutoAttachParams {
	return target.SetAutoAttachParams{AutoAttach: true, WaitForDebuggerOnStart: true, Flatten: new(true)}
}

// attached meets every new top-level target, which waits for us before its
// first request.
func (e *engine) attached(ev *target.EventAttachedToTarget) {
	s := e.proc.conn.session(ev.SessionID)
	if s == nil {
		return
	}
	e.mu.Lock()
	set := e.setups[ev.TargetInfo.BrowserContextID]
	many := 0
	for _, p := range e.pages {
		if p.set == set {
			many++
		}
	}
	if ev.TargetInfo.Type != "page" || set == nil {
		e.mu.Unlock()
		if set != nil && ev.TargetInfo.Type == "service_worker" {
			set.listenWorker(s)
			return
		}
		s.send(commandResume, nil)
		return
	}
	if many >= maxPages {
		e.mu.Unlock()
		s.send(commandResume, nil) // its opener stands still until it has been let go
		e.proc.conn.root.send(target.CommandCloseTarget, target.CloseTargetParams{TargetID: ev.TargetInfo.TargetID})
		return
	}
	p := newPage(e, s, set, ev.TargetInfo.TargetID)
	p.first = many == 0
	set.rec.own(p.main)
	e.pages[ev.TargetInfo.TargetID] = p
	set.tabs.add(p, e.pages[ev.TargetInfo.OpenerID], set.rec.stepNow())
	e.mu.Unlock()
	go p.init()
}

// isolate makes a fresh browser context. A caller who gives up meanwhile is
// not heard: the context would be there and nobody would know its name.
func (e *engine) isolate(ctx context.Context, d device, rec *recorder) (*setup, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("open browser context: %w", context.Cause(ctx))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	params := target.CreateBrowserContextParams{DisposeOnDetach: new(true)}
	way, err := e.wayOut(&params)
	if err != nil {
		return nil, fmt.Errorf("open browser context: %w", err)
	}
	made, err := cdp.Call(ctx, e.proc.conn.root, target.CreateBrowserContext, params)
	if err != nil {
		closeWay(way)
		return nil, fmt.Errorf("open browser context: %w", err)
	}
	set := &setup{device: d, rec: rec, context: made.BrowserContextID, way: way}
	rec.through(way)
	e.mu.Lock()
	e.setups[set.context] = set
	e.runs++
	e.mu.Unlock()
	return set, nil
}

// grants are the parameters of Browser.grantPermissions, which the generated
// protocol leaves out as deprecated. It does in one command what takes
// setPermission one for each.
type grants struct {
	Permissions      []string             `json:"permissions"`
	BrowserContextID cdp.BrowserContextID `json:"browserContextId"`
}

// open makes a fresh browser context with one blank page in it.
func (e *engine) open(ctx context.Context, d device, rec *recorder) (*page, error) {
	set, err := e.isolate(ctx, d, rec)
	if err != nil {
		return nil, err
	}
	root := e.proc.conn.root
	send := root.conn.together()
	deny := root.send(browser.CommandSetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorDeny, BrowserContextID: set.context, EventsEnabled: new(true),
	})
	calls := []*call{deny, root.send("Browser.grantPermissions", grants{ // as a person may; others are refused
		Permissions: []string{"clipboardReadWrite", "clipboardSanitizedWrite"}, BrowserContextID: set.context,
	})}
	blankPage := root.send(target.CommandCreateTarget, target.CreateTargetParams{URL: "about:blank", BrowserContextID: set.context})
	send()
	var t target.CreateTargetResult
	err = blankPage.wait(ctx, &t)
	for _, c := range calls {
		if err == nil {
			err = c.wait(ctx, nil)
		}
	}
	if err != nil {
		return nil, e.abandon(set, fmt.Errorf("open page: %w", err))
	}
	e.mu.Lock()
	p := e.pages[t.TargetID]
	e.mu.Unlock()
	if p == nil {
		return nil, e.abandon(set, fmt.Errorf("open page: %w", errDetached))
	}
	select {
	case <-p.ready:
	case <-ctx.Done():
		return nil, e.abandon(set, fmt.Errorf("open page: %w", context.Cause(ctx)))
	case <-p.s.closed:
		return nil, e.abandon(set, fmt.Errorf("open page: %w", p.s.ended()))
	}
	if p.err != nil {
		return nil, e.abandon(set, p.err)
	}
	return p, nil
}

func (e *engine) abandon(set *setup, why error) error {
	e.dispose(set)
	return why
}

// dispose ends the context with all its pages, within 2 s; a browser that
// cannot do that is marked to be replaced.
func (e *engine) dispose(set *setup) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, err := cdp.Call(ctx, e.proc.conn.root, target.DisposeBrowserContext, target.DisposeBrowserContextParams{BrowserContextID: set.context})
	closeWay(set.way)
	for _, dir := range set.uploads {
		_ = os.RemoveAll(dir) // else it goes with the profile
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.setups, set.context)
	for id, p := range e.pages {
		if p.set == set {
			p.s.close(errDetached)
			delete(e.pages, id)
			delete(e.ends, id)
		}
	}
	if err != nil && e.why == "" {
		e.why = "a browser context could not be disposed of"
	}
}

// restBeat is how often a browser is asked for a sign of life that nobody uses.
const restBeat = 30 * time.Second

// heartbeat asks the browser for a sign of life until ctx ends. A browser that
// does not answer within limit is killed, see [engine.beat]: a frozen one would
// hold every run to its deadline.
func (e *engine) heartbeat(ctx context.Context, every, limit time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for beat := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-e.proc.gone:
			return
		case <-tick.C:
		}
		if e.busy.Load() == 0 && time.Since(beat) < restBeat {
			continue
		}
		beat = time.Now()
		e.beat(ctx, limit)
	}
}

// freeze ends a browser that answers nobody.
func (e *engine) freeze() {
	e.mu.Lock()
	e.frozen = true
	e.mu.Unlock()
	e.proc.kill()
}

// gone reports whether the browser can serve no more after an error of it. The
// news of a closed connection reaches a call before it reaches anyone else.
func (e *engine) gone(err error) bool {
	if errors.Is(err, errBrowserGone) {
		e.mu.Lock()
		e.why = "browser connection ended"
		e.mu.Unlock()
	}
	return e.lost() != ""
}

// lost says why the browser can serve no more runs, empty when it can.
func (e *engine) lost() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	select {
	case <-e.proc.gone:
		if e.frozen {
			return "browser stopped answering and was killed"
		}
		if e.why != "" {
			return e.why
		}
		e.proc.mu.Lock()
		defer e.proc.mu.Unlock()
		return fmt.Sprintf("browser exited: %v", e.proc.exit)
	case <-e.proc.conn.done:
		return "browser connection ended"
	default:
		return e.why
	}
}
