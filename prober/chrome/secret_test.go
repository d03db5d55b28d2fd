package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"gengfu"
)

const password = "Correct-Horse-7"

// everything is all text of a run, evidence included.
func everything(r gengfu.Run) string {
	evidence := r.Evidence
	r.Evidence = nil
	var all strings.Builder
	fmt.Fprintf(&all, "%+v", r)
	if r.Failure != nil {
		fmt.Fprintf(&all, "%+v %s %s", *r.Failure, cause(r), r.Failure.HintLines(gengfu.Chinese))
	}
	for _, e := range evidence {
		if e.Kind != gengfu.EvidenceScreenshot {
			all.WriteString(string(e.Data.Bytes()))
		}
	}
	return all.String()
}

// TestSecrets_areInNoWordOfAFailure: whichever way a page or a scenario brings
// one into a message, and even a part of one that was cut.
func TestSecrets_areInNoWordOfAFailure(t *testing.T) {
	for name, c := range map[string][2]string{
		"comparison": {`<p>x`, `
  - check: ${secret.password} < 5`},
		"unequal": {`<p id=echo>` + password, `
  - save: {echo: {from: {css: "#echo"}}}
  - check: ${echo} == ${secret.password}x`},
		"near": {`<button>` + password + ` 登录</button>`, `
  - click: "${secret.password} 登陆"
    timeout: 500ms`},
		"role name": {`<p>x`, `
  - click: {role: button, name: "${secret.password}"}
    timeout: 500ms`},
		"cut description": {`<button>` + strings.Repeat("长", 30) + password + `</button><button>` + strings.Repeat("长", 30) + password + `</button>`, `
  - click: {css: button}
    timeout: 500ms`},
		"cut page text": {`<p>` + strings.Repeat("长", 70) + password, `
  - expect: [{text: 没有}]
    timeout: 500ms`},
		"cut console": {`<script>console.error('长'.repeat(490)+'` + password + `')</script>`, `
  - expect: [{console: {errors: 0}}]
    timeout: 500ms`},
		"cut toast": {`<div role=alert></div><script>setTimeout(()=>document.querySelector('div').textContent='长'.repeat(190)+'` + password + `',50)</script>`, `
  - expect: [{text: 没有}]
    timeout: 500ms`},
		"soft": {`<title>` + password + `</title>`, `
  - expect: [{title: "${secret.password}!", level: warn}]
    timeout: 500ms
  - fill: {没有: "${secret.password}"}
    timeout: 500ms`},
		"console before it was used": {`<script>console.error("` + password + `")</script>`, `
  - fill: {没有: "${secret.password}"}
    timeout: 500ms`},
		"address": {`<p>x`, `
  - goto: "${secret.password}/x"`},
	} {
		t.Run(name, func(t *testing.T) {
			srv := site(t, map[string]string{"/": c[0]})
			s := parse(t, srv.URL, "steps:\n  - goto: ${base}/"+c[1]+"\n")
			s.Secrets = []string{"password", "absent"}
			r := run(t, s)
			if r.Failure == nil {
				t.Fatal("passed")
			}
			all := everything(r)
			for n := len(password); n >= 6; n-- {
				if strings.Contains(all, password[:n]) {
					t.Fatalf("…%s…", around(all, password[:n]))
				}
			}
		})
	}
}

// TestHeaders_goToTheScenariosOwnOrigins: other sites neither learn them nor
// are broken by them.
func TestHeaders_goToTheScenariosOwnOrigins(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]string{}
	note := func(q *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen[q.URL.Path] = q.Header.Get("X-Probe")
	}
	third := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		note(q)
		w.Header().Set("Access-Control-Allow-Origin", "*")
		fmt.Fprint(w, "{}")
	}))
	defer third.Close()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		note(q)
		switch q.URL.Path {
		case "/old":
			http.Redirect(w, q, "/", http.StatusFound)
		case "/":
			fmt.Fprintf(w, `<iframe src=/frame></iframe><script>(async()=>{await fetch('/api'); await fetch('%s/third'); document.title='done'})().catch(e=>document.title=e)</script>`, third.URL)
		}
	}))
	defer srv.Close()
	mustPass(t, run(t, parse(t, srv.URL, `
browser:
  headers: {X-Probe: "key-${secret.password}"}
steps:
  - goto: ${base}/old
    expect: [{title: done}]
`)))
	mu.Lock()
	defer mu.Unlock()
	for path, want := range map[string]string{"/old": "key-" + password, "/": "key-" + password, "/api": "key-" + password, "/frame": "key-" + password, "/third": ""} {
		if got, asked := seen[path]; !asked || got != want {
			t.Errorf("%s got %q (asked %t), want %q", path, got, asked, want)
		}
	}
}
