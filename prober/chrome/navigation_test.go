package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"

	"gengfu"
)

// TestGoto_waitsForItsOwnDocument: what the page before it had reached counts
// for nothing.
func TestGoto_waitsForItsOwnDocument(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/down" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintf(w, "<title>%s</title><h1>all is well</h1>", q.URL.Path)
	}))
	defer srv.Close()
	for range 3 {
		r := run(t, scenario(open(srv.URL+"/a"), open(srv.URL+"/b"), open(srv.URL+"/c"), open(srv.URL+"/down")))
		if r.Failure == nil || r.Failure.Reason != gengfu.ReasonStatus || r.Failure.Step != 4 {
			t.Errorf("got %s", cause(r))
		}
		if r.FinalURL != srv.URL+"/down" || len(r.Pages) != 4 {
			t.Errorf("final %s, pages %d", r.FinalURL, len(r.Pages))
		}
	}
}

// TestExpectStatus_waitsForTheDocument that a click leads to.
func TestExpectStatus_waitsForTheDocument(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/":
			fmt.Fprint(w, `<a href=/gone>gone</a> <a href=/broken>broken</a>`)
		case "/gone":
			select {
			case <-time.After(400 * time.Millisecond):
			case <-q.Context().Done():
			}
			w.WriteHeader(http.StatusGone)
			fmt.Fprint(w, "<h1>gone</h1>")
		default:
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, "<h1>broken</h1>")
		}
	}))
	defer srv.Close()
	mustPass(t, run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
    expect: [{status: 200}]
  - click: gone
    expect: [{status: 410}]
  - goto: ${base}/
  - click: broken
    expect: [{status: [500, 502]}, {text: broken}]
`)))
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: {url: "${base}/gone", status: 410}
    expect: [{text: come back}]
    timeout: 1500ms
`))
	if r.Failure == nil || r.Failure.Fault != gengfu.FaultAssertion {
		t.Errorf("an accepted status was blamed: %s", cause(r))
	}
}

// TestPages_areTheRunsOwn: documents of frames are no pages, and what another
// window was answered is no verdict on this one.
func TestPages_areTheRunsOwn(t *testing.T) {
	srv := site(t, map[string]string{
		"/": `<iframe src=/inner></iframe><button onclick="window.open('/missing')">more</button><h1>ok</h1>`, "/inner": "<p>in",
	})
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: {url: "${base}/", until: load}
  - click: more
  - wait: 300ms
  - expect: [{text: not here}]
    tab: main
    timeout: 500ms
`))
	if r.Failure == nil || r.Failure.Fault != gengfu.FaultAssertion {
		t.Errorf("got %s", cause(r))
	}
	if len(r.Pages) != 2 || r.Pages[0].URL != srv.URL+"/" || r.Pages[1].URL != srv.URL+"/missing" {
		t.Errorf("pages %+v", r.Pages)
	}
}

// TestWindows_areBounded: a page that opens many windows ends well.
func TestWindows_areBounded(t *testing.T) {
	srv := site(t, map[string]string{
		"/":  `<a href=/w target=_blank>one</a><button onclick="for(let i=0;i<40;i++)window.open('/w?'+i)">many</button><p id=ok>ok</p>`,
		"/w": "<p>window",
	})
	began := time.Now()
	mustPass(t, run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - click: one
  - click: many
    tab: main
  - expect: [{visible: {css: "#ok"}}]
    tab: main
  - click: one
`)))
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}

// TestPageThatCloses_endsTheStep at once, without a storm of questions.
func TestPageThatCloses_endsTheStep(t *testing.T) {
	p, _ := ownPool(t)
	s, arrived, watch := slowPage(t)
	done := make(chan gengfu.Run, 1)
	go func() { done <- p.Run(t.Context(), s, slot(), watch) }()
	<-arrived
	began, before := time.Now(), p.current.proc.conn.next.Load()
	p.current.mu.Lock()
	for _, pg := range p.current.pages {
		pg.s.send(cdppage.CommandClose, nil)
	}
	p.current.mu.Unlock()
	r := <-done
	if r.Failure == nil || r.Failure.Reason != gengfu.ReasonNavigate {
		t.Errorf("got %s", cause(r))
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
	if n := p.current.proc.conn.next.Load() - before; n > 200 {
		t.Errorf("%d commands", n)
	}
}

// TestReloadingPage_isUsedBetweenTheReloads: a step lands in whichever document
// is there.
func TestReloadingPage_isUsedBetweenTheReloads(t *testing.T) {
	srv := site(t, map[string]string{
		"/": `<script>const n=+(sessionStorage.n||0); if(n<4){sessionStorage.n=n+1; setTimeout(()=>location.reload(),150)}
document.write(n<4?'<p>loading':'<input placeholder=name><button onclick="document.title=document.querySelector(\'input\').value">go</button>')</script>`,
	})
	mustPass(t, run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - fill: {name: chen}
  - click: go
    expect: [{title: chen}]
`)))
}
