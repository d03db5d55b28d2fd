package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"gengfu"
)

// heard are the headers that servers got, by path.
type heard struct {
	mu   sync.Mutex
	seen map[string]http.Header
}

func (h *heard) note(q *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen == nil {
		h.seen = map[string]http.Header{}
	}
	h.seen[q.Method+" "+q.URL.Path] = q.Header.Clone()
}

func (h *heard) get(what string) http.Header {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seen[what]
}

var parentPattern = regexp.MustCompile(`^00-([0-9a-f]{32})-[0-9a-f]{16}-(0[01])$`)

// TestTrace_followsOwnOriginsAndBreaksNothing: documents and what a page asks
// of its own origin are traced; a healthy interface of another origin, which
// allows no such header, goes on working, though the author listed it.
func TestTrace_followsOwnOriginsAndBreaksNothing(t *testing.T) {
	var h heard
	third := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		h.note(q)
		if q.Method == http.MethodOptions {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		fmt.Fprint(w, "{}")
	}))
	defer third.Close()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		h.note(q)
		switch q.URL.Path {
		case "/old":
			http.Redirect(w, q, "/", http.StatusFound)
		case "/":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<img src=/picture.png><iframe src=/frame></iframe><script>(async()=>{await fetch('/api');
await fetch('/own',{headers:{traceparent:'00-11111111111111111111111111111111-2222222222222222-01'}});
const x=new XMLHttpRequest(); x.open('GET','/xhr'); x.send(); await new Promise(r=>x.onload=r);
await fetch('%s/cross'); document.title='done'})().catch(e=>document.title=String(e))</script>`, third.URL)
		}
	}))
	defer srv.Close()
	const steps = "steps:\n  - goto: ${base}/old\n    expect: [{title: done}]\n"
	for setting, flags := range map[string]string{
		`{sampled: always}`: "01", `{origins: ["http://127.0.0.1:*"]}`: "00", `{origins: ["` + srv.URL + `", "` + third.URL + `"]}`: "00",
	} {
		r := run(t, parse(t, srv.URL, "browser: {trace: "+setting+"}\n"+steps))
		mustPass(t, r)
		spans := map[string]bool{}
		for _, what := range []string{"GET /old", "GET /", "GET /frame", "GET /api", "GET /xhr"} {
			got := h.get(what).Get("Traceparent")
			m := parentPattern.FindStringSubmatch(got)
			if m == nil || m[1] != r.Trace || m[2] != flags || spans[got] {
				t.Errorf("%s: %s got %q in trace %s", setting, what, got, r.Trace)
			}
			spans[got] = true
		}
		if got := h.get("GET /own").Get("Traceparent"); !strings.HasPrefix(got, "00-1111") {
			t.Errorf("the page's own header became %q", got)
		}
		for _, what := range []string{"GET /picture.png", "GET /cross"} {
			if got := h.get(what); got == nil || got.Get("Traceparent") != "" {
				t.Errorf("%s got %q", what, got.Get("Traceparent"))
			}
		}
		if h.get("OPTIONS /cross") != nil {
			t.Error("the browser had to ask the other site first")
		}
	}
	if r := run(t, parse(t, srv.URL, steps)); r.Trace != "" || h.get("GET /api").Get("Traceparent") != "" {
		t.Error("traced without being asked to")
	}
}

// TestTrace_withHeadersToo: one interception serves both, and a re-run asks to
// be sampled.
func TestTrace_withHeadersToo(t *testing.T) {
	var h heard
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		h.note(q)
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<img src=/picture.png onload onerror="document.title='done'">`)
	}))
	defer srv.Close()
	again := slot()
	again.Attempt, again.Kind = 2, gengfu.SlotConfirm
	mustPass(t, pool.Run(t.Context(), parse(t, srv.URL, `
browser: {headers: {X-Probe: "1"}, trace: {}}
steps:
  - goto: ${base}/
    expect: [{title: done}]
`), again, nil))
	if got := h.get("GET /"); got.Get("X-Probe") != "1" || !strings.HasSuffix(got.Get("Traceparent"), "-01") {
		t.Errorf("document: %v", got)
	}
	if got := h.get("GET /picture.png"); got.Get("X-Probe") != "1" || got.Get("Traceparent") != "" {
		t.Errorf("picture: %v", got)
	}
}
