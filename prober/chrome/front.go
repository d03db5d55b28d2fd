package chrome

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"

	"gengfu"
	"gengfu/scenarios"
)

// front makes the run go on in the tab that is in front.
func (r *runner) front(ctx context.Context) error {
	n := r.page.set.tabs.front()
	if n == nil || n.page == r.page {
		return nil
	}
	select {
	case <-n.page.ready:
	case <-ctx.Done():
		return stalled(ctx, nil)
	}
	if n.page.err != nil {
		if n.gone() && len(r.page.set.tabs.living()) > 0 && r.page.set.tabs.front() != n {
			return r.front(ctx)
		}
		return n.page.err
	}
	r.show(n)
	r.arrive(ctx, n)
	if n.gone() && r.page.set.tabs.front() != n {
		return r.front(ctx)
	}
	return nil
}

func (r *runner) show(n *tab) {
	r.page = n.page
	r.rec.show(n.page.main)
	r.follow()
}

// arrive waits for the first document of a new window: what a step asks must
// not be answered by the blank page before it.
func (r *runner) arrive(ctx context.Context, n *tab) {
	if r.page.documents() > 0 || r.page.set.tabs.blank(n) {
		return
	}
	for patience(ctx) > 0 && !n.gone() {
		pause, cancel := context.WithTimeout(ctx, tabSlice)
		err := n.page.await(pause, func() bool { f := n.page.frames[n.page.main]; return f != nil && f.docs > 0 })
		cancel()
		if err == nil || n.page.dead() || r.rec.answer() != 0 && r.rec.pending() == "" {
			return
		}
	}
}

// begin makes ready for a step: its tab, what dialogs are answered, and whether
// a file may come.
func (r *runner) begin(ctx context.Context, st *scenarios.Step) error {
	r.page.asked = ""
	if err := r.setDialogs(st); err != nil {
		return err
	}
	if err := r.pick(ctx, st); err != nil {
		return err
	}
	if err := r.setNetwork(ctx, st); err != nil {
		return err
	}
	return r.admitFiles(ctx, st)
}

// pick goes to the tab that a step names, waiting for it to open.
func (r *runner) pick(ctx context.Context, st *scenarios.Step) error {
	if st.Tab.IsZero() {
		return r.front(ctx)
	}
	v, err := r.resolve(st.Tab)
	if err != nil {
		return err
	}
	began := time.Now()
	for {
		if n := r.page.set.tabs.find(v.Text); n != nil {
			r.page.set.tabs.raise(n)
			return r.front(ctx)
		}
		if patience(ctx) <= 0 {
			return &stop{gengfu.Failure{
				Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNotFound,
				Want: "tab “" + masked(v.Text, v.Secret) + "”", Waited: time.Since(began),
			}}
		}
		pause, cancel := context.WithTimeout(ctx, tabSlice)
		_ = r.page.await(pause, func() bool { return false }) // for a change, or a while
		cancel()
		if r.page.dead() {
			if err := r.front(ctx); err != nil || r.page.dead() {
				return errors.Join(err, r.page.s.ended())
			}
		}
	}
}

// back reports whether the page in front was closed and another one is there
// to go on with.
func (r *runner) back(ctx context.Context) bool {
	was := r.page
	return r.front(ctx) == nil && r.page != was && !r.page.dead()
}

// closedItself reports whether a press or key closed its own window, and the
// run has another one left.
func (r *runner) closedItself(err error) bool {
	return errors.Is(err, errDetached) && len(r.page.set.tabs.living()) > 0
}

// closeTab closes the tab in front, as a person does.
func (r *runner) closeTab(ctx context.Context) error {
	if len(r.page.set.tabs.living()) < 2 {
		return scenarioFault("the only tab cannot be closed")
	}
	was := r.page
	if _, err := cdp.Call(ctx, r.page.engine.proc.conn.root, target.CloseTarget, target.CloseTargetParams{TargetID: target.ID(was.main)}); err != nil {
		return err
	}
	select {
	case <-was.s.closed:
		return r.front(ctx)
	case <-ctx.Done():
		return stalled(ctx, nil)
	}
}

// bringToFront shows the page: a tab behind others is not painted.
func (r *runner) bringToFront(ctx context.Context) {
	if len(r.page.set.tabs.living()) > 1 {
		_ = r.page.s.Call(ctx, cdppage.CommandBringToFront, nil, nil) // the picture is taken all the same
	}
}

// tabNumber is the place of the page in front among the run's tabs, 0 while
// there has been only one.
func (r *runner) tabNumber() int {
	t := &r.page.set.tabs
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) < 2 {
		return 0
	}
	return slices.IndexFunc(t.all, func(n *tab) bool { return n.page == r.page }) + 1
}

// tellTabs puts the tabs into the run when there has been more than one.
func (r *runner) tellTabs() {
	t := &r.page.set.tabs
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) < 2 {
		return
	}
	for _, n := range t.all {
		r.run.Tabs = append(r.run.Tabs, gengfu.Tab{
			Step: n.step, URL: r.rec.clean(bare(n.page.url())), Followed: n.followed, Closed: n.gone(),
		})
	}
}

// show names the page whose documents are the run's from now on.
func (r *recorder) show(main cdp.FrameID) {
	r.mu.Lock()
	r.main = main
	r.mu.Unlock()
}

func (r *recorder) stepNow() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.step
}
