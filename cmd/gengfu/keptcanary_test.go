package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tellingSite logs in with a cookie and a token, and shows and logs both on the
// page after it.
func tellingSite(t *testing.T) *httptest.Server {
	t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		c, err := q.Cookie("sid")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch {
		case q.Method == http.MethodPost:
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "sid-canary-5f3a91c7", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
			http.Redirect(w, q, "/home", http.StatusSeeOther)
		case q.URL.Path == "/login" || err != nil:
			fmt.Fprint(w, "<!doctype html><title>登录</title><form method=post><button>登录</button></form>")
		default:
			fmt.Fprintf(w, `<!doctype html><title>%[1]s</title><h1>我的申请</h1><p>%[1]s</p><a href="/%[1]s">%[1]s</a><script>
localStorage.token = 'token-canary-81d2e4'
console.error('%[1]s ' + localStorage.token)
document.querySelector('p').append(localStorage.token)
fetch('/missing?t=' + localStorage.token)
setTimeout(() => { throw new Error('%[1]s' + localStorage.token) })
</script>`, c.Value)
		}
	}))
	t.Cleanup(site.Close)
	return site
}

const tellingScenario = `scenario: telling
title: 保持登录
vars: {base: %q}
session:
  name: applicant
  keep: 30m
  at: ${base}/home
  valid: [{text: 我的申请}]
  login:
    - goto: ${base}/login
    - click: 登录
      expect: [{text: 我的申请}]
steps:
  - goto: ${base}/work
    expect: [{text: 不会有的}]
    timeout: 500ms
schedule: {every: 1s}
confirm: {retries: 0}
`

// TestCanary_keptLoginsAreNotInTheLedger: neither in its file nor in the log of
// what is yet to be written there, while the daemon works and after.
func TestCanary_keptLoginsAreNotInTheLedger(t *testing.T) {
	d := prepare(t)
	d.scenario("telling", fmt.Sprintf(tellingScenario, tellingSite(t).URL))
	d.start("gengfu")
	d.told("incident.opened", 1, 1)
	var restored string
	ctx := d.within(60 * time.Second)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for restored == "" {
		var doc struct{ Runs []struct{ ID string } }
		d.fetch("/api/v1/scenarios/telling/runs", &doc)
		for _, r := range doc.Runs {
			if text := d.read("/api/v1/runs/" + r.ID); strings.Contains(text, `"restored"`) {
				restored = text
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("no log-in was restored:\n%s", d.daemon.log())
		}
	}
	if masked := strings.Count(restored, "***"); masked < 3 {
		t.Errorf("%d masks in the run: it did not leak enough to be masked", masked)
	}
	texts := map[string]string{"the run": restored}
	for _, name := range []string{"gengfu.db", "gengfu.db-wal"} {
		b, err := os.ReadFile(filepath.Join(d.dir, "data", name))
		if err != nil || len(b) == 0 {
			t.Fatalf("%s: %d bytes, %v", name, len(b), err)
		}
		texts[name+" at work"] = string(b)
	}
	d.end()
	after := map[string]string{}
	d.sent(t, after)
	d.written(t, after)
	maps.Copy(texts, after)
	for place, text := range texts {
		if at := strings.Index(text, "-canary-"); at >= 0 {
			t.Errorf("%s: …%q…", place, text[max(0, at-80):min(len(text), at+40)])
		}
	}
}
