package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"gengfu"
)

// ledger is a site that counts what it is asked to write.
type ledger struct {
	*httptest.Server
	mu     sync.Mutex
	writes []string
}

func newLedger(t *testing.T, page string) *ledger {
	t.Helper()
	l := &ledger{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Method != http.MethodGet {
			l.mu.Lock()
			l.writes = append(l.writes, q.Method+" "+q.URL.Path)
			l.mu.Unlock()
		}
		switch {
		case q.URL.Path == "/moved":
			http.Redirect(w, q, "/api/moved", http.StatusTemporaryRedirect)
			return
		case strings.HasSuffix(q.URL.Path, ".js"):
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, "fetch('/api/worker',{method:'POST'}).then(()=>postMessage(1),()=>postMessage(0))")
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><meta charset=utf-8>", page)
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *ledger) seen() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.Sort(l.writes)
	return slices.Clone(l.writes)
}

func TestGuard_refusesEveryWayToWriteButTheAllowed(t *testing.T) {
	l := newLedger(t, `<title>t</title><script>
const end = p => p.then(() => 1, () => 0);
const worker = new Promise(done => { new Worker('/w.js').onmessage = done; });
const xhr = new Promise(done => { const x = new XMLHttpRequest(); x.open('PUT', '/api/xhr'); x.onloadend = done; x.send('1'); });
navigator.sendBeacon('/api/beacon', '1');
Promise.all([worker, xhr, end(fetch('/api/login', {method: 'POST'})), end(fetch('/api/delete/7', {method: 'DELETE'})), end(fetch('/moved', {method: 'POST'})),
  end(fetch('/api/read'))]).then(() => document.title = 'over');
</script><form method=post action=/api/form><button>提交</button></form><p>原页</p>`)
	r := run(t, parse(t, l.URL, `
browser:
  guard: {allow: [POST /api/login, POST /moved]}
steps:
  - goto: ${base}/
    expect: [{title: over}]
  - click: 提交
    expect: [{text: 原页}]
  - eval: "fetch('/api/read').then(() => fetch('/api/read')).then(() => 1)" # the form is looked at meanwhile
`))
	mustPass(t, r)
	if got := l.seen(); !slices.Equal(got, []string{"POST /api/login", "POST /moved"}) {
		t.Errorf("the site was asked for %v", got)
	}
	var refused []string
	for _, m := range r.Remarks {
		if m.Kind == gengfu.RemarkGuard {
			refused = append(refused, m.Want)
		}
	}
	slices.Sort(refused)
	if want := []string{"DELETE /api/delete/7", "POST /api/beacon", "POST /api/form", "POST /api/moved", "POST /api/worker", "PUT /api/xhr"}; !slices.Equal(refused, want) {
		t.Errorf("refused %v", refused)
	}
	if r.Traffic.Failed != 0 {
		t.Errorf("%d failed requests: %v", r.Traffic.Failed, r.Requests)
	}
}

func TestGuard_isTheFaultOfAStepThatCannotGoOn(t *testing.T) {
	l := newLedger(t, `<title>t</title><button onclick="fetch('/api/apply',{method:'POST'}).then(()=>document.title='sent')">提交</button>`)
	r := run(t, parse(t, l.URL, `
browser: {guard: {}}
steps:
  - goto: ${base}/
  - click: 提交
    timeout: 1s
    expect: [{title: sent}]
`))
	if r.Outcome != gengfu.Errored || r.Failure.Fault != gengfu.FaultScenario || r.Failure.Reason != gengfu.ReasonGuard || r.Failure.Want != "POST /api/apply" {
		t.Errorf("%s", cause(r))
	}
	if len(l.seen()) != 0 {
		t.Error("the site was asked")
	}
}
