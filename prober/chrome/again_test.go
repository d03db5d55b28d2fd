package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gengfu"
)

const roundsPage = `<title>t</title><button onclick="n.textContent=1+ +n.textContent">刷新</button><p id=n>0</p>`

func TestRepeat_goesOnUntilItsConditionHolds(t *testing.T) {
	base := serve(t, roundsPage).URL
	r := run(t, parse(t, base, `
steps:
  - goto: ${base}/
  - repeat:
      steps: [{click: 刷新}]
      until: {text: {of: {css: "#n"}, equals: "3"}}
      every: 100ms
  - expect: [{text: {of: {css: "#n"}, equals: "3"}}]
`))
	mustPass(t, r)
	if len(r.Steps) != 3 || r.Steps[1].Verb != "repeat" {
		t.Errorf("%+v", r.Steps)
	}
}

func TestRepeat_isBounded(t *testing.T) {
	base := serve(t, roundsPage).URL
	r := run(t, parse(t, base, `
steps:
  - goto: ${base}/
  - repeat: {steps: [{click: 刷新}], until: {text: {of: {css: "#n"}, equals: 好}}, times: 2, every: 50ms}
`))
	if r.Outcome != gengfu.Failed || r.Failure.Reason != gengfu.ReasonExpect || r.Failure.Seen != "“2”" {
		t.Errorf("%s", cause(r))
	}
	r = run(t, parse(t, base, `
steps:
  - goto: ${base}/
  - repeat: {steps: [{click: 没有, timeout: 300ms}], times: 100}
`))
	if r.Failure == nil || r.Failure.Reason != gengfu.ReasonNotFound || r.Failure.Step != 2 {
		t.Errorf("%s", cause(r))
	}
}

func TestSetAndSave_reachWhatTheBrowserKeeps(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/api/queue/7":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"code":0,"data":{"rows":[{"count":42,"name":"甲"}],"ok":true}}`)
			return
		case "/who":
			c, _ := q.Cookie("probe")
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if c != nil {
				fmt.Fprintf(w, "<p>%s</p><script>document.write(localStorage.theme+sessionStorage.tab)</script>", c.Value)
			}
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "sid-canary-77", Path: "/", HttpOnly: true})
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><script>setTimeout(()=>fetch('/api/queue/7'),200)</script>`)
	}))
	t.Cleanup(srv.Close)
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - save:
      n: {answer: /api/queue/*, json: "data.rows[-1].count", as: number}
      ok: {answer: /api/queue/7, json: data.ok}
      sid: {cookie: sid}
  - check: ${n} == 42 and ${ok} == true
  - check: ["${sid} matches ^sid-", "${n} > 41"]
  - check: ${n} < 40 or ${n} > 41
  - set:
      cookie: {probe: "v-${n}"}
      local_storage: {theme: dark}
      session_storage: {tab: "${n}"}
  - goto: ${base}/who
    expect: [{text: v-42}, {text: dark42}]
  - check: ${sid} == other
`))
	if r.Failure == nil || r.Failure.Step != 8 || r.Failure.Reason != gengfu.ReasonCheck || r.Failure.Seen != gengfu.Masked {
		t.Fatalf("%s", cause(r))
	}
	for _, e := range r.Evidence {
		if strings.Contains(string(e.Data.Bytes()), "sid-canary") {
			t.Errorf("the cookie is in the %s", e.Kind)
		}
	}
}
