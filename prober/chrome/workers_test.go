package chrome

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// staffed serves a page with a worker, a worker of that worker, and a service
// worker; each asks the server for something of its own.
func staffed(t *testing.T) (*httptest.Server, func() map[string]int) {
	t.Helper()
	var mu sync.Mutex
	asked := map[string]int{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		mu.Lock()
		asked[q.URL.Path]++
		if strings.Contains(q.UserAgent(), "Headless") && strings.HasPrefix(q.URL.Path, "/from") {
			asked["headless"]++
		}
		mu.Unlock()
		w.Header().Set("Content-Type", "text/javascript")
		switch q.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, `<!doctype html><title>-</title><script>const got=new Set();
const tell=x=>{got.add(x);document.title=[...got].sort()};
const w=new Worker('/worker.js');w.onmessage=e=>tell(e.data);
navigator.serviceWorker.onmessage=e=>tell(e.data);
navigator.serviceWorker.register('/sw.js').then(()=>navigator.serviceWorker.ready).then(r=>r.active.postMessage('go'));</script>`)
		case "/worker.js":
			fmt.Fprint(w, `fetch('/from-worker').then(()=>postMessage('worker'));const n=new Worker('/nested.js');n.onmessage=e=>postMessage(e.data)`)
		case "/nested.js":
			fmt.Fprint(w, `fetch('/from-nested').then(()=>postMessage('nested'))`)
		case "/sw.js":
			fmt.Fprint(w, `onactivate=e=>e.waitUntil(clients.claim());onmessage=e=>fetch('/from-service').then(async()=>{(await caches.open('c')).put('/kept',new Response('x'));for(const c of await clients.matchAll())c.postMessage('service')})`)
		case "/from-service", "/from-worker", "/from-nested":
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	t.Cleanup(srv.Close)
	return srv, func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		return maps.Clone(asked)
	}
}

// TestWorkers_areCounted: once each, and a fresh context knows nothing of
// another run's.
func TestWorkers_areCounted(t *testing.T) {
	for _, p := range []*Pool{pool, fullChromium(t)} {
		srv, asked := staffed(t)
		s := parse(t, srv.URL, `
steps:
  - goto: ${base}/
    expect: [{title: {equals: "nested,service,worker"}}]
`)
		for n := 1; n <= 2; n++ {
			paths := failedPaths(t, p, s, srv.URL, 3)
			for _, want := range []string{"/from-worker", "/from-nested", "/from-service"} {
				if strings.Count(strings.Join(paths, " "), want) != 1 {
					t.Errorf("%s in %v", want, paths)
				}
			}
			if a := asked(); a["/sw.js"] != n || a["/worker.js"] != n || a["headless"] > 0 {
				t.Errorf("the server was asked %v", a)
			}
		}
	}
}

// failedPaths does the scenario and waits, while the page is still open, for n
// failed requests to be told: a worker's word may come after the page's.
func failedPaths(t *testing.T, p *Pool, s *scenarios.Scenario, base string, n int) []string {
	t.Helper()
	l, err := p.acquire(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer p.release(l)
	result := gengfu.Run{Slot: slot(), Started: time.Now()}
	r := newRunner(s, &result, testSecret, nil)
	if r.page, err = l.open(t.Context(), deviceOf(s.Browser, l.proc.userAgent), r.rec); err != nil {
		t.Fatal(err)
	}
	defer l.dispose(r.page.set)
	r.do(t.Context())
	mustPass(t, result)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := r.awaitRecord(ctx, func() bool { return r.rec.count(func(rec *recorder) int { return rec.traffic.Failed }) >= n }); err != nil {
		t.Error(err)
	}
	r.rec.fill(&result)
	var paths []string
	for _, q := range result.Requests {
		paths = append(paths, strings.TrimPrefix(q.URL, base))
	}
	return paths
}
