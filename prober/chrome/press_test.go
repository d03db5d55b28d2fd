package chrome

import (
	"context"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// at is a run on a page that stays open, for tests that do a step by parts.
func at(t *testing.T, p *Pool, s *scenarios.Scenario) (*runner, context.Context) {
	t.Helper()
	l, err := p.acquire(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.release(l) })
	result := gengfu.Run{Slot: slot(), Started: time.Now()}
	r := newRunner(s, &result, testSecret, nil)
	if r.page, err = l.open(t.Context(), deviceOf(s.Browser, l.proc.userAgent), r.rec); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.dispose(r.page.set) })
	r.do(t.Context())
	mustPass(t, result)
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Second, errStepTime)
	t.Cleanup(cancel)
	return r, ctx
}

// TestPress_intoADocumentThatNobodyMeant: the page moves on between the look
// and the press. The next document does not see the press, and the run is told.
func TestPress_intoADocumentThatNobodyMeant(t *testing.T) {
	const counting = `<button style="position:fixed;inset:0" onclick="n++" onpointerdown="n++">button</button><script>let n=0</script>`
	srv := site(t, map[string]string{"/": counting, "/other": counting})
	for _, p := range []*Pool{pool, fullChromium(t)} {
		r, ctx := at(t, p, scenario(open(srv.URL+"/")))
		q, err := r.compile(bareLocator("button"), useControl)
		if err != nil {
			t.Fatal(err)
		}
		look := func() reply {
			rep, err := r.page.ask(ctx, r.page.main, `(q,n,b)=>__gengfu.ready(q,n,b)`, q, needs{Enabled: true, Point: true, Trap: true, Press: r.nextPress()}, budget{})
			if err != nil || !rep.OK {
				t.Fatalf("%+v %v", rep, err)
			}
			return rep
		}
		rep := look()
		step := open(srv.URL + "/other")
		if err := r.open(ctx, &step); err != nil {
			t.Fatal(err)
		}
		missed, err := r.pressAt(ctx, r.page.main, rep, q, gesture{})
		if err != nil || !missed.Missed || missed.ID != 0 {
			t.Errorf("the press into the other document: %+v %v", missed, err)
		}
		if !holdsInPage(ctx, r.page, "n===0") {
			t.Error("the other document got the press")
		}
		if missed, err = r.pressAt(ctx, r.page.main, look(), q, gesture{}); err != nil || missed.Missed || missed.ID != r.pressed {
			t.Errorf("the press that was meant: %+v %v", missed, err)
		}
		if !holdsInPage(ctx, r.page, "n===2") {
			t.Error("the press that was meant was lost")
		}
	}
}

// TestPress_isKnownByItsNumber: what another frame tells of another press is not
// taken for the answer, and counts when there is none.
func TestPress_isKnownByItsNumber(t *testing.T) {
	r, ctx := at(t, pool, scenario(open(serve(t, "<h1>ok</h1>").URL)))
	r.nextPress()
	mine := r.nextPress()
	r.page.presses <- reply{ID: mine - 1}
	r.page.presses <- reply{ID: mine}
	if got, err := r.verdict(ctx); err != nil || got.ID != mine || got.Missed {
		t.Errorf("%+v %v", got, err)
	}
	r.page.presses <- reply{ID: mine - 1}
	if got, err := r.verdict(ctx); err != nil || !got.Missed {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := r.verdict(ctx); err != nil || got.Missed {
		t.Errorf("nobody told of it: %+v %v", got, err)
	}
}
