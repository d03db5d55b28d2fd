package chrome

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// One browser serves all tests of the package; each test gets a context.
var pool *Pool

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVar); role != "" {
		os.Exit(play(role))
	}
	profiles, err := os.MkdirTemp("", "gengfu-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	pool, err = NewPool(Config{Profiles: profiles, Secret: testSecret, Overload: -1, Egress: openEgress})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	pool.Close()
	if full.pool != nil {
		full.pool.Close()
	}
	if left, _ := os.ReadDir(profiles); len(left) > 0 {
		fmt.Fprintln(os.Stderr, "profiles left behind:", left)
		code = 1
	}
	_ = os.RemoveAll(profiles)
	os.Exit(code)
}

func testSecret(name string) (gengfu.Secret, error) {
	if v, ok := map[string]gengfu.Secret{"password": "Correct-Horse-7", "totp": "JBSWY3DPEHPK3PXP"}[name]; ok {
		return v, nil
	}
	return "", gengfu.ErrNotFound
}

// serve answers every path with the page, and the well-known helpers.
func serve(t *testing.T, body string) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><meta charset=utf-8>", body)
	})
	mux.HandleFunc("/simple2", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<h1>two</h1>") })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv
}

func text(s string) scenarios.Text { return scenarios.Literal(s) }

func css(s string) scenarios.Locator { return scenarios.Locator{CSS: text(s)} }

func bareLocator(s string) scenarios.Locator { return scenarios.Locator{Bare: text(s)} }

// scenario is a scenario of steps with the defaults that loading would set.
func scenario(steps ...scenarios.Step) *scenarios.Scenario {
	for i := range steps {
		if steps[i].Name == "" {
			steps[i].Name = string(steps[i].Verb)
		}
	}
	return &scenarios.Scenario{
		ID: "test", Title: "test", Timeout: time.Minute, Steps: steps,
		Browser: scenarios.Browser{Width: 1280, Height: 800, Scale: 1, Locale: "zh-CN", Timezone: "Asia/Shanghai"},
	}
}

func open(url string) scenarios.Step { return scenarios.Step{Verb: scenarios.Goto, URL: text(url)} }

func run(t *testing.T, s *scenarios.Scenario) gengfu.Run {
	t.Helper()
	return pool.Run(t.Context(), s, slot(), nil)
}

func slot() gengfu.Slot {
	return gengfu.Slot{Scenario: "test", Due: time.Now(), Location: gengfu.DefaultLocation, Attempt: 1, Kind: gengfu.SlotManual}
}

func mustPass(t *testing.T, r gengfu.Run) {
	t.Helper()
	if r.Outcome != gengfu.Passed {
		t.Fatalf("outcome %s: %s; hints %v; evidence %d", r.Outcome, cause(r), hintsOf(r), len(r.Evidence))
	}
}

func cause(r gengfu.Run) string {
	if r.Failure == nil {
		return "no failure"
	}
	return r.Failure.Cause(gengfu.English) + " [" + string(r.Failure.Fault) + "/" + string(r.Failure.Reason) + "]"
}

func hintsOf(r gengfu.Run) []string {
	if r.Failure == nil {
		return nil
	}
	return r.Failure.Hints
}

// inspect runs the scenario and asks the page's own world an expression while
// the page is still open.
func inspect(t *testing.T, pool *Pool, s *scenarios.Scenario, expression string, wait time.Duration) (gengfu.Run, bool) {
	t.Helper()
	var truth bool
	l, err := pool.acquire(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.release(l)
	result := gengfu.Run{Slot: slot(), Started: time.Now()}
	r := newRunner(s, &result, testSecret, nil)
	d := deviceOf(s.Browser, l.proc.userAgent)
	if r.page, err = l.open(t.Context(), d, r.rec); err != nil {
		t.Fatal(err)
	}
	defer l.dispose(r.page.set)
	r.do(t.Context())
	ctx, cancel := context.WithTimeout(t.Context(), wait+time.Second)
	defer cancel()
	truth = holdsInPage(ctx, r.page, expression)
	return result, truth
}

// parse is a scenario whose steps and settings are written as an author does;
// ${base} is the server's address.
func parse(t testing.TB, base, rest string) *scenarios.Scenario {
	t.Helper()
	set, problems := scenarios.Parse("test.yaml", []byte("scenario: test\nvars: {base: \""+base+"\"}\n"+rest))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return &set.Scenarios[0]
}

// site serves pages by path; what is not there is a 404.
func site(t *testing.T, pages map[string]string) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, ok := pages[q.URL.Path]
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, "<!doctype html><meta charset=utf-8><body>", body)
	}))
	t.Cleanup(srv.Close)
	return srv
}
