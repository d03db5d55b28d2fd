package chrome

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/egress"
	"gengfu/prober/netcheck"
	"gengfu/scenarios"
)

// shop logs in by cookie, on its page and through its interface.
func shop(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "from-page", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		who, _ := r.Cookie("who")
		name := "nobody"
		if who != nil {
			name = who.Value
		}
		fmt.Fprintf(w, "<!doctype html><h1>%s</h1>", name)
	})
	mux.HandleFunc("/api/me", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "api", Path: "/", MaxAge: 60})
		sid, _ := r.Cookie("sid")
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"sid": fmt.Sprint(sid), "orders": 3})
	})
	mux.HandleFunc("/api/leave", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Path: "/", MaxAge: -1})
		http.SetCookie(w, &http.Cookie{Name: "stranger", Value: "1", Domain: "elsewhere.example"})
	})
	mux.HandleFunc("/api/broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv
}

func mixedPool(t *testing.T) *Pool {
	t.Helper()
	p, err := NewPool(Config{
		Profiles: t.TempDir(), Secret: testSecret, Overload: -1, Egress: openEgress,
		Checks: netcheck.New(netcheck.Config{Policy: egress.Policy{Loopback: true}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func mixed(t *testing.T, base, steps string) *scenarios.Scenario {
	t.Helper()
	set, problems := scenarios.Parse("mixed.yaml", []byte("scenario: mixed\nvars: {base: \""+base+"\"}\nsteps:\n"+steps))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return &set.Scenarios[0]
}

// TestChecks_inAJourney: requests have the cookies of the browser, give theirs
// back, and are relative to the page.
func TestChecks_inAJourney(t *testing.T) {
	srv, p := shop(t), mixedPool(t)
	s := mixed(t, srv.URL, `
  - goto: ${base}/page
    expect: [{text: nobody}]
  - http: GET /api/me
    expect:
      - json: {path: sid, equals: sid=from-page}
      - latency: {fail: 20s}
  - save: {orders: {json: orders, as: number}}
  - check: ${orders} == 3
  - tcp: `+strings.TrimPrefix(srv.URL, "http://")+`
  - goto: ${base}/page
    expect: [{text: api}]
    when: [{json: {path: orders, min: 1}}]
  - http: {url: /api/leave, method: POST}
  - goto: ${base}/page
    expect: [{text: nobody}]
`)
	if s.Browserless() {
		t.Fatal("the journey is taken for one without a browser")
	}
	r := p.Run(t.Context(), s, slot(), nil)
	mustPass(t, r)
	if c := r.Steps[1].Check; c == nil || c.Status != 200 || c.Phases.Wait <= 0 || r.Steps[0].Check != nil {
		t.Errorf("measured %+v, and of a page %+v", c, r.Steps[0].Check)
	}

	for steps, want := range map[string]string{
		"  - goto: ${base}/page\n  - http: /api/broken\n":                                                   "failed http_status/status",
		"  - goto: ${base}/page\n  - http: /api/me\n    expect: [{body: none}]\n":                           "failed assertion/expectation",
		"  - goto: ${base}/page\n  - http: http://169.254.169.254/\n":                                       "errored policy/egress",
		"  - goto: ${base}/page\n  - http: /api/broken\n    optional: true\n  - expect: [{text: nobody}]\n": "passed",
		"  - goto: ${base}/page\n  - http: /api/me\n    expect: [{body: none, level: warn}]\n":              "degraded /expectation",
	} {
		r := p.Run(t.Context(), mixed(t, srv.URL, steps), slot(), nil)
		got := string(r.Outcome)
		if f := r.Failure; f != nil {
			got += fmt.Sprintf(" %s/%s", f.Fault, f.Reason)
		}
		if got != want {
			t.Errorf("%s is told %s: %s", steps, got, cause(r))
		}
	}
}

// TestChecks_secretsInAJourney: what a request carries is masked as elsewhere.
func TestChecks_secretsInAJourney(t *testing.T) {
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "<h1>page</h1>"+r.Header.Get("X-Token"))
	}))
	defer echo.Close()
	s := mixed(t, echo.URL, "  - goto: ${base}/\n  - http: {url: /, headers: {X-Token: \"${secret.password}\"}}\n    expect: [{body: nothing}]\n")
	r := mixedPool(t).Run(t.Context(), s, slot(), nil)
	if r.Outcome != gengfu.Failed || strings.Contains(fmt.Sprintf("%+v %+v", r, r.Failure), "Correct-Horse-7") || !strings.Contains(r.Failure.Seen, gengfu.Masked) {
		t.Errorf("%s: %s", r.Outcome, cause(r))
	}
	if r.Duration > time.Minute {
		t.Error("it took", r.Duration)
	}
}
