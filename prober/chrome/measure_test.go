package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
)

func shareOf(list []gengfu.Share, word string) gengfu.Share {
	if i := slices.IndexFunc(list, func(s gengfu.Share) bool { return s.Word == word }); i >= 0 {
		return list[i]
	}
	return gengfu.Share{}
}

// TestMeasures_ofPageAndTraffic: redirects hop by hop, phases, what the page's
// scripts held up, how fast it reacted, and counts that lists do not bound.
func TestMeasures_ofPageAndTraffic(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/old":
			http.Redirect(w, q, "/mid", http.StatusFound)
		case "/mid":
			http.Redirect(w, q, "/", http.StatusMovedPermanently)
		case "/":
			fmt.Fprint(w, `<!doctype html><meta charset=utf-8><title>x</title><button>慢</button><script>
const hold=ms=>{const end=performance.now()+ms; while(performance.now()<end);};
document.querySelector('button').onclick=()=>{hold(150); document.title='clicked'};
console.warn('a'); console.warn('b'); console.error('c'); setTimeout(()=>{throw new Error('d')},0);
setTimeout(()=>{hold(120); const w=new Worker('/worker.js'); w.onmessage=()=>setTimeout(()=>document.title='ready',100)},50);
</script>`)
		case "/worker.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, `fetch('/of-worker').then(()=>postMessage(1))`)
		}
	}))
	defer srv.Close()
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/old
    expect: [{title: ready}]
  - click: 慢
    expect: [{title: clicked}]
  - wait: 300ms
`))
	mustPass(t, r)
	p := r.Pages[0]
	var hops []gengfu.Hop
	for _, h := range p.Hops {
		if h.Took <= 0 {
			t.Errorf("hop %s took %s", h.URL, h.Took)
		}
		h.Took = 0
		hops = append(hops, h)
	}
	if diff := cmp.Diff([]gengfu.Hop{{URL: srv.URL + "/old", Status: 302}, {URL: srv.URL + "/mid", Status: 301}}, hops); diff != "" {
		t.Error(diff)
	}
	if p.Phases.Connect <= 0 || p.Phases.Wait <= 0 || p.Phases.TLS != 0 || p.TLS != nil || p.Protocol != "http/1.1" || p.RemoteIP != "127.0.0.1" {
		t.Errorf("phases %+v, %s %s", p.Phases, p.Protocol, p.RemoteIP)
	}
	if p.Long.Count < 1 || p.Long.Longest < 100*time.Millisecond || p.Long.Total < p.Long.Longest {
		t.Errorf("long tasks %+v", p.Long)
	}
	if p.INP < 100*time.Millisecond {
		t.Errorf("the press took %s to show", p.INP)
	}
	c := r.Counts
	if c.Warnings != 2 || c.Errors != 1 || c.Exceptions != 1 || c.Workers < 1 {
		t.Errorf("counts %+v", c)
	}
	if d := shareOf(c.Types, "Document"); d.Requests != 1 || d.Bytes <= 0 {
		t.Errorf("types %+v", c.Types)
	}
	if o := shareOf(c.Origins, srv.URL); o.Requests != r.Traffic.Requests || o.Bytes != r.Traffic.Bytes {
		t.Errorf("origins %+v beside %+v", c.Origins, r.Traffic)
	}
	if r.Browser == "" || r.Tainted != "" {
		t.Errorf("browser %q, tainted %q", r.Browser, r.Tainted)
	}
}

// TestMeasures_serviceWorker: what it answers, and what it asks itself.
func TestMeasures_serviceWorker(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/":
			fmt.Fprint(w, `<!doctype html><script>(async()=>{await navigator.serviceWorker.register('/sw.js');
await navigator.serviceWorker.ready; if(!navigator.serviceWorker.controller) await new Promise(r=>navigator.serviceWorker.oncontrollerchange=r);
document.title=await (await fetch('/from-it')).text()})().catch(e=>document.title=String(e))</script>`)
		case "/sw.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, `self.oninstall=()=>self.skipWaiting(); self.onactivate=e=>e.waitUntil(clients.claim());
self.onfetch=e=>{ if(e.request.url.endsWith('/from-it')) e.respondWith(fetch('/asked-by-it').then(r=>r.text()).then(()=>new Response('served'))) }`)
		}
	}))
	defer srv.Close()
	r := run(t, parse(t, srv.URL, "browser: {har: always}\nsteps:\n  - goto: ${base}/\n    expect: [{title: served}]\n"))
	mustPass(t, r)
	if r.Counts.ServiceWorker != 1 || r.Counts.Workers < 1 {
		t.Errorf("counts %+v", r.Counts)
	}
	log := archiveOf(t, r)
	if e := log.entry(t, "/from-it"); e.FromCache != "service-worker" {
		t.Errorf("answered from %q", e.FromCache)
	}
	if e := log.entry(t, "/asked-by-it"); !e.Worker || e.Incomplete {
		t.Errorf("asked by the worker: %+v", e)
	}
}

// TestShares_areBounded: what is over the limit is counted together.
func TestShares_areBounded(t *testing.T) {
	var l shares
	for i := range 3 * maxOrigins {
		l.of(fmt.Sprintf("https://%d.example", i), maxOrigins).Requests++
	}
	if n := len(l); n != maxOrigins+1 || l[n-1].Word != "" || l[n-1].Requests != 2*maxOrigins {
		t.Errorf("%d origins, the last %+v", n, l[n-1])
	}
	if got := []string{sourceOf("https://u:p@h.example:8443/x?y"), sourceOf("blob:https://x"), sourceOf("https://h?x")}; !slices.Equal(got, []string{"https://h.example:8443", "blob:", "https://h"}) {
		t.Error(got)
	}
}

// TestTaint_keepsBudgetsFromJudging a run whose times are our own machine's.
func TestTaint_keepsBudgetsFromJudging(t *testing.T) {
	srv := serve(t, "<h1>一")
	s := parse(t, srv.URL, "budget: {total: {fail: 1ms}}\nsteps:\n  - goto: ${base}/\n    budget: {fail: 1ms}\n")
	defer func(calm func() strain, limit float64) { pool.strain, pool.cfg.Overload = calm, limit }(pool.strain, pool.cfg.Overload)
	late := slot()
	late.Due = time.Now().Add(-2 * lateAfter)
	for name, c := range map[string]struct {
		slot    gengfu.Slot
		load    float64
		limit   float64
		taint   gengfu.Taint
		outcome gengfu.Outcome
	}{
		"calm":    {slot(), 1, 0, "", gengfu.Failed},
		"starved": {slot(), 5, 0, gengfu.TaintStarved, gengfu.Passed},
		"ignored": {slot(), 5, -1, "", gengfu.Failed},
		"higher":  {slot(), 5, 6, "", gengfu.Failed},
		"late":    {late, 1, -1, gengfu.TaintLate, gengfu.Passed},
	} {
		t.Run(name, func(t *testing.T) {
			pool.strain, pool.cfg.Overload = func() strain { return strain{load: c.load, at: time.Now()} }, c.limit
			r := pool.Run(t.Context(), s, c.slot, nil)
			if r.Outcome != c.outcome || r.Tainted != c.taint {
				t.Errorf("%s, tainted %q: %s", r.Outcome, r.Tainted, cause(r))
			}
		})
	}
}

// TestTaint_readsTheMachine: the pressure on the processor since the start of
// the run.
func TestTaint_readsTheMachine(t *testing.T) {
	now := time.Now()
	start := strain{stalled: time.Hour, at: now}
	for stalled, want := range map[time.Duration]bool{500 * time.Millisecond: false, 5 * time.Second: false, 9500 * time.Millisecond: true} {
		later := strain{stalled: time.Hour + stalled, at: now.Add(10 * time.Second)}
		if got := later.starved(start, 0); got != want {
			t.Errorf("%s of 10 s stalled: %t", stalled, got)
		}
	}
	if m := machineStrain(); m.load < 0 || m.at.IsZero() {
		t.Errorf("%+v", m)
	}
}

// TestBudgets_ofReactionAndLongTasks: they degrade like the others.
func TestBudgets_ofReactionAndLongTasks(t *testing.T) {
	srv := serve(t, `<button>慢</button><script>document.querySelector('button').onclick=()=>{const end=performance.now()+200; while(performance.now()<end); document.title='clicked'}</script>`)
	for budget, want := range map[string]string{
		"{inp: {warn: 100ms}}": "INP 100 ms", "{long_tasks: {warn: 100ms}}": "long tasks 100 ms", "{inp: {warn: 1m}, long_tasks: {warn: 1m}}": "",
	} {
		r := run(t, parse(t, srv.URL, "budget: "+budget+"\nsteps:\n  - goto: ${base}/\n  - click: 慢\n    expect: [{title: clicked}]\n  - wait: 300ms\n"))
		if got := r.Failure; want == "" && got != nil || want != "" && (got == nil || got.Want != want || r.Outcome != gengfu.Degraded) {
			t.Errorf("%s: %s, %s", budget, r.Outcome, cause(r))
		}
	}
}
