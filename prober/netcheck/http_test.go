package netcheck

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gengfu"
	"gengfu/prober/vault"
)

// website answers what the tests of http ask for.
func website(t *testing.T) (base, other string, srv *httptest.Server) {
	t.Helper()
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s auth=%q cookie=%q type=%q body=%s", r.Method, r.URL, r.Header.Get("Authorization")+r.Header.Get("X-Token"), r.Header.Get("Cookie"), r.Header.Get("Content-Type"), body)
	})
	far := httptest.NewServer(echo)
	t.Cleanup(far.Close)
	mux := http.NewServeMux()
	mux.Handle("/echo", echo)
	mux.HandleFunc("/data", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Build", "v42")
		fmt.Fprint(w, `{"ok":true,"n":7,"s":"seven","list":[{"id":1},{"id":2}],"none":null}`)
	})
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		var code int
		_, _ = fmt.Sscan(r.PathValue("code"), &code)
		w.WriteHeader(code)
	})
	mux.HandleFunc("/to/{path}", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", Path: "/"})
		http.Redirect(w, r, "/"+r.PathValue("path"), http.StatusFound)
	})
	mux.HandleFunc("/far", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, far.URL+"/x", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/meta", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", maxAnswer+10)) })
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(20 * time.Second):
		}
	})
	mux.HandleFunc("/locked", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, "account locked")
	})
	var asked atomic.Int32
	again := func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, "try again")
	}
	mux.HandleFunc("/never", func(w http.ResponseWriter, _ *http.Request) { again(w) })
	mux.HandleFunc("/third", func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			again(w)
		}
	})
	srv = httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL, far.URL, srv
}

func TestHTTP_expectations(t *testing.T) {
	base, far, _ := website(t)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	try(t, checker(), []trial{
		{"plain", "  - http: GET B/data\n", "passed"},
		{"address alone", "  - http: B/data\n", "passed"},
		{"not found", "  - http: B/status/404\n", "failed http_status/status: step 1 (http GET"},
		{"status that is asked for", "  - http: B/status/404\n    expect: [{status: [404, 410]}]\n", "passed"},
		{"status that is not", "  - http: B/data\n    expect: [{status: 204}]\n", "failed http_status/status"},
		{"body", "  - http: B/data\n    expect: [{body: seven}, {body: {match: '\"n\":\\d'}}, {body: {not: eight}}]\n", "passed"},
		{"body that is not", "  - http: B/data\n    expect: [{body: eight}]\n", "failed assertion/expectation"},
		{"header", "  - http: B/data\n    expect: [{header: {name: x-build, equals: v42}}]\n", "passed"},
		{"header that is not", "  - http: B/data\n    expect: [{header: {name: x-build, equals: v43}}]\n", "failed assertion/expectation"},
		{"protocol", "  - http: B/data\n    expect: [{protocol: HTTP/1.1}]\n", "passed"},
		{"json", "  - http: B/data\n    expect: [{json: {path: n, min: 7, max: 7}}, {json: {path: \"list[*].id\", equals: \"2\"}}, {json: {path: \"$.list[-1].id\", equals: \"2\"}}, {json: {path: s, contains: even}}, {json: {path: gone, exists: false}}, {json: {path: ok, equals: \"true\"}}]\n", "passed"},
		{"json too little", "  - http: B/data\n    expect: [{json: {path: n, min: 8}}]\n", "failed assertion/expectation"},
		{"json is not there", "  - http: B/data\n    expect: [{json: {path: x.y, equals: a}}]\n", "failed assertion/expectation"},
		{"json of all", "  - http: B/data\n    expect: [{json: {path: \"list[*].id\", not: {equals: \"2\"}}}]\n", "failed assertion/expectation"},
		{"no json", "  - http: B/echo\n    expect: [{json: {path: n, min: 8}}]\n", "failed assertion/not_json"},
		{"latency", "  - http: B/data\n    expect: [{latency: {fail: 20s}}]\n", "passed"},
		{"latency over", "  - http: B/data\n    expect: [{latency: {fail: 1ns}}]\n", "failed timeout/slow"},
		{"latency over warn", "  - http: B/data\n    expect: [{latency: {warn: 1ns}}]\n", "degraded /slow"},
		{"level warn", "  - http: B/data\n    expect: [{body: eight, level: warn}]\n", "degraded /expectation"},
		{"budget", "  - http: B/data\n    budget: {warn: 1ns}\n", "degraded /slow"},
		{"save and compare", "  - http: {url: B/data, save: {n: {json: n, as: number}, b: {header: x-build, match: 'v(\\d+)'}}}\n  - check: ${n} == 7\n  - check: ${b} > 41\n", "passed"},
		{"save later", "  - http: B/data\n  - save: {s: {json: s}, all: {source: body}}\n  - check: ${s} == eight\n", "failed assertion/check"},
		{"when", "  - http: B/data\n  - http: B/status/500\n    when: {json: {path: n, equals: \"8\"}}\n", "passed"},
		{"when it holds", "  - http: B/data\n  - http: B/status/500\n    when: {json: {path: n, equals: \"7\"}}\n", "failed http_status/status"},
		{"optional", "  - http: B/status/500\n    optional: true\n  - http: B/data\n", "passed"},
		{"refused", "  - http: CLOSED/\n", "failed connect/connect"},
		{"unknown name", "  - http: http://nowhere.invalid/\n", "failed dns/dns"},
		{"hangs", "  - http: B/hang\n    timeout: 300ms\n", "failed timeout/no_answer"},
		{"own timeout", "  - http: {url: B/hang, timeout: 300ms}\n", "failed timeout/no_answer"},
		{"too large", "  - http: B/big\n", "failed assertion/answer_too_large"},
		{"outcome", "  - http: B/locked\n    outcome: {text: account locked, is: lockout}\n", "errored lockout/lockout"},
		{"outcome maintenance", "  - http: B/locked\n    outcome: {text: account locked, is: maintenance}\n", "failed maintenance/maintenance"},
		{"outcome of another text", "  - http: B/locked\n    outcome: {text: welcome, is: lockout}\n", "failed http_status/status"},
		{"outcome retry", "  - http: B/third\n    outcome: {text: try again, is: retry}\n", "passed"},
		{"outcome retry without end", "  - http: B/never\n    outcome: {text: try again, is: retry}\n", "failed assertion/told_retry"},
		{"a step of level warn", "  - http: B/status/404\n    level: warn\n  - http: B/data\n", "degraded /status"},
		{"a step of level warn that works", "  - http: B/data\n    level: warn\n", "passed"},
		{"missing secret", "  - http: {url: B/echo, headers: {A: \"${secret.none}\"}}\n", "errored scenario/secret"},
		{"redirect", "  - http: B/to/data\n    expect: [{json: {path: n, equals: \"7\"}}]\n", "passed"},
		{"redirect not followed", "  - http: {url: B/to/data, follow: 0}\n    expect: [{status: 302}]\n", "passed"},
		{"redirects without end", "  - http: B/loop\n", "failed http_status/too_many_redirects"},
		{"metadata", "  - http: http://169.254.169.254/latest\n", "errored policy/egress"},
		{"redirect to metadata", "  - http: B/meta\n", "errored policy/egress"},
		{"redirect to a place that is not named", "  - http: B/far\n", "errored policy/egress"},
		{"redirect to a named place", "  - http: B/far\n    expect: [{body: 'auth=\"\"'}]\n  - http: FAR/\n", "passed"},
		{"what was saved names nothing", "  - http: B/data\n  - save: {x: {json: n}}\n  - http: http://127.0.0.${x}:1/\n", "errored policy/egress"},
		{"headers go to no other origin", "  - http: {url: B/far, headers: {Authorization: \"Bearer ${secret.token}\", X-Token: \"${secret.token}\"}}\n    expect: [{body: 'auth=\"\"'}]\n  - http: FAR/\n", "passed"},
		{"a secret body goes to no other origin", "  - http: {url: B/far, form: {p: \"${secret.token}\"}}\n  - http: FAR/\n", "errored policy/policy"},
		{"secrets are masked", "  - http: {url: B/echo, headers: {Authorization: \"Bearer ${secret.token}\"}}\n    expect: [{body: nothing}]\n", "failed assertion/expectation"},
		{"form", "  - http: {url: B/echo, form: {名: a b}}\n    expect: [{body: 'POST /echo'}, {body: '%E5%90%8D=a+b'}]\n", "passed"},
		{"json body", "  - http: {url: B/echo, method: PUT, json: {a: 1, b: \"1\", c: [true, null, x]}}\n    expect: [{body: '{\"a\":1,\"b\":\"1\",\"c\":[true,null,\"x\"]}'}, {body: 'type=\"application/json\"'}]\n", "passed"},
		{"plain body", "  - http: {url: B/echo, body: 你好}\n    expect: [{body: body=你好}]\n", "passed"},
		{"cookies stay", "  - http: B/to/data\n  - http: B/echo\n    expect: [{body: 'cookie=\"seen=1\"'}]\n", "passed"},
	}, "B/", base+"/", "FAR/", far+"/", "CLOSED/", closed.URL+"/")
}

func TestHTTP_measures(t *testing.T) {
	base, _, _ := website(t)
	r := runOn(t, checker(), load(t, "  - http: B/to/data?secret=1\n", "B/", base+"/"))
	c := r.Steps[0].Check
	if c == nil || c.Status != 200 || c.Remote != "127.0.0.1" || len(c.Hops) != 1 || c.Hops[0].Status != 302 || c.Phases.Connect <= 0 || c.Phases.Wait <= 0 || c.Latency < c.Phases.Wait || c.Bytes == 0 {
		t.Errorf("%+v", c)
	}
	if strings.Contains(c.Address+c.Hops[0].URL, "secret") {
		t.Error("the query is told")
	}
}

func TestRun_timesOut(t *testing.T) {
	base, _, _ := website(t)
	s := load(t, "  - http: B/hang\n  - http: B/data\n", "B/", base+"/")
	s.Timeout = 300 * time.Millisecond
	r := runOn(t, checker(), s)
	if got := told(r); !strings.HasPrefix(got, "failed timeout/run_timeout") || r.Steps[1].Status != "skipped" {
		t.Error(got, r.Steps[1].Status)
	}
}

// BenchmarkRun is a scenario of one http step with three expectations.
func BenchmarkRun(b *testing.B) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"ok":true}`) }))
	defer srv.Close()
	t := &testing.T{}
	s := load(t, "  - http: GET B\n    expect: [{status: 200}, {json: {path: ok, equals: \"true\"}}, {latency: {fail: 5s}}]\n", "B", srv.URL+"/")
	c := checker()
	for b.Loop() {
		if r := c.Run(b.Context(), s, slotNow(), nil); r.Failure != nil {
			b.Fatal(told(r))
		}
	}
}

// TestRun_suspendsLogInsThatAreRejected: an interface that rejects the account is
// not asked any more, as a page's log-in is not.
func TestRun_suspendsLogInsThatAreRejected(t *testing.T) {
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, "wrong password")
	}))
	t.Cleanup(srv.Close)
	c := checker()
	v := vault.Open("", nil)
	c.cfg.Vault, c.cfg.Breaker = v, vault.Breaker{After: 2, For: time.Hour}
	s := load(t, "  - http: B/login\n    outcome: {text: wrong password, is: credential}\n", "B/", srv.URL+"/")
	for range 4 {
		runOn(t, c, s)
	}
	r := runOn(t, c, s)
	if asked.Load() != 2 || r.Outcome != gengfu.Errored || r.Failure.Reason != gengfu.ReasonBreaker {
		t.Errorf("asked %d times; %s", asked.Load(), told(r))
	}
	if err := v.Accepted(s.ID); err != nil {
		t.Fatal(err)
	}
	if r = runOn(t, c, s); asked.Load() != 3 || r.Failure.Reason != gengfu.ReasonCredential {
		t.Errorf("after it was resumed: asked %d times; %s", asked.Load(), told(r))
	}
}
