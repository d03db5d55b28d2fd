package chrome

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
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

// TestWorkers_areCounted: once each, under the step that set them going, and
// a fresh context knows nothing of another run's.
func TestWorkers_areCounted(t *testing.T) {
	for _, p := range []*Pool{pool, fullChromium(t)} {
		srv, asked := staffed(t)
		s := parse(t, srv.URL, `
steps:
  - goto: ${base}/
    expect: [{title: {equals: "nested,service,worker"}}]
  - wait: 700ms
`)
		for n := 1; n <= 2; n++ {
			r := p.Run(t.Context(), s, slot(), nil)
			mustPass(t, r)
			var paths []string
			for _, q := range r.Requests {
				paths = append(paths, strings.TrimPrefix(q.URL, srv.URL))
				if q.Step != 1 || q.Status != http.StatusTeapot {
					t.Errorf("%+v", q)
				}
			}
			for _, want := range []string{"/from-worker", "/from-nested", "/from-service"} {
				if strings.Count(strings.Join(paths, " "), want) != 1 {
					t.Errorf("%s in %v", want, paths)
				}
			}
			a := asked()
			if a["/sw.js"] != n || a["/worker.js"] != n || a["headless"] > 0 {
				t.Errorf("the server was asked %v", a)
			}
		}
	}
}
