package chrome

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"

	"gengfu"
)

// contexts counts the browser contexts of the pool's browser.
func contexts(t *testing.T, p *Pool) int {
	t.Helper()
	got, err := cdp.Call(t.Context(), p.current.proc.conn.root, target.GetBrowserContexts, cdp.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	return len(got.BrowserContextIDs)
}

func (c *conn) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.sessions)
}

// TestSpare_thatDiedIsNotUsed: a blank page whose renderer crashed while it
// waited is no fault of the next run's target, and is replaced.
func TestSpare_thatDiedIsNotUsed(t *testing.T) {
	p, _ := ownPool(t)
	s := scenario(open(serve(t, "<h1>ok</h1>").URL))
	for _, kill := range []func(*page){
		func(pg *page) { pg.s.send(cdppage.CommandCrash, nil) },
		func(pg *page) { pg.s.send(cdppage.CommandClose, nil) },
	} {
		mustPass(t, p.Run(t.Context(), s, slot(), nil))
		p.tasks.Wait()
		dead := p.spare.page
		kill(dead)
		<-dead.s.closed
		mustPass(t, p.Run(t.Context(), s, slot(), nil))
		p.tasks.Wait()
		if p.spare == nil || p.spare.page == dead {
			t.Error("the dead page is still the spare one")
		}
		if n := contexts(t, p); n != 1 {
			t.Errorf("%d contexts, want the spare's alone", n)
		}
	}
}

// TestRun_thatIsStoppedLeavesNothing: neither a context nor a verdict on the
// target, at whatever moment the caller gives up.
func TestRun_thatIsStoppedLeavesNothing(t *testing.T) {
	p, _ := ownPool(t)
	s := scenario(open(serve(t, "<h1>ok</h1>").URL), expecting())
	for _, after := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond, 60 * time.Millisecond} {
		ctx, cancel := context.WithTimeoutCause(t.Context(), after, errors.New("stopped"))
		r := p.Run(ctx, s, slot(), nil)
		cancel()
		if r.Outcome == gengfu.Failed {
			t.Errorf("stopped after %s: outcome %s: %s", after, r.Outcome, cause(r))
		}
		if after == 0 && (r.Outcome != gengfu.Errored || len(r.Steps) > 0) {
			t.Errorf("stopped before it began: %s, %d steps", r.Outcome, len(r.Steps))
		}
	}
	p.tasks.Wait()
	if n := contexts(t, p); n > 1 {
		t.Errorf("%d contexts are left", n)
	}
}

// TestClose_whileRunsGoOn: they end at once as errored, and Close waits for
// all that belongs to them.
func TestClose_whileRunsGoOn(t *testing.T) {
	p, _ := ownPool(t)
	s, arrived, watch := slowPage(t)
	done := make(chan gengfu.Run, 2)
	for range 2 {
		go func() { done <- p.Run(context.Background(), s, slot(), watch) }()
	}
	<-arrived
	<-arrived
	at := time.Now()
	p.Close()
	for range 2 {
		if r := <-done; r.Outcome != gengfu.Errored || r.Failure.Fault != gengfu.FaultBrowser {
			t.Errorf("outcome %s: %s", r.Outcome, cause(r))
		}
	}
	if took := time.Since(at); took > 3*time.Second {
		t.Errorf("took %s", took)
	}
	if r := p.Run(t.Context(), s, slot(), nil); r.Outcome != gengfu.Errored {
		t.Errorf("after Close: %s", r.Outcome)
	}
}

// TestRuns_leaveNoSessions: frames, workers and windows of a run are gone with
// it.
func TestRuns_leaveNoSessions(t *testing.T) {
	p, _ := ownPool(t)
	srv := site(t, map[string]string{
		"/": `<iframe src=/inner></iframe><script>new Worker('data:text/javascript,setInterval(()=>{},100)'); open('/inner')</script><h1>ok</h1>`, "/inner": "<p>in",
	})
	var first int
	for i := range 4 {
		mustPass(t, p.Run(t.Context(), scenario(open(srv.URL)), slot(), nil))
		p.tasks.Wait()
		if i == 0 {
			first = p.current.proc.conn.count()
		}
	}
	if n := p.current.proc.conn.count(); n > first {
		t.Errorf("%d sessions, %d after the first run", n, first)
	}
	p.current.mu.Lock()
	defer p.current.mu.Unlock()
	if n := len(p.current.pages); n != 1 {
		t.Errorf("%d pages, want the spare's alone", n)
	}
}
