package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// canary is a password that every encoding changes in a way of its own.
const canary = `Kana "rie</b>&+='7351/金丝雀`

// leaky is a page that puts a password wherever it can.
const leaky = `<!doctype html><meta charset=utf-8><title>登录</title>
<input id=p placeholder=密码><button onclick="leak()">登录</button><div id=out></div>
<script>
function leak() {
  const v = document.getElementById('p').value, out = document.getElementById('out')
  console.error('password ' + v)
  out.textContent = 'sent ' + v
  out.title = v
  out.dataset.base64 = btoa(unescape(encodeURIComponent(v)))
  out.dataset.json = JSON.stringify({v})
  fetch('/missing?p=' + encodeURIComponent(v))
  fetch('/missing', {method: 'POST', body: JSON.stringify({v})})
  const toast = document.createElement('div')
  toast.setAttribute('role', 'alert')
  toast.textContent = 'rejected: ' + v
  document.body.append(toast)
  history.replaceState(null, '', '?' + new URLSearchParams({p: v}))
  setTimeout(() => { throw new Error('bad ' + v) }, 10)
}
</script>`

const leakyScenario = `scenario: leaky
title: 泄密页面
steps:
  - goto: %s/
  - fill: {密码: "${secret.applicant_password}"}
  - click: 登录
    expect: [{url: /home}, {title: "${secret.applicant_password}"}]
    timeout: 1500ms
schedule: {every: 1s}
confirm: {retries: 0}
`

// traces are the forms that the canary could be found in.
func traces() map[string]string {
	quoted, _ := json.Marshal(canary)
	plain := []byte(canary)
	element := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(canary)
	return map[string]string{
		"plain": canary, "json": strings.Trim(string(quoted), `"`), "html": html.EscapeString(canary),
		"element": element, "attribute": strings.ReplaceAll(element, `"`, "&quot;"),
		"query": url.QueryEscape(canary), "path": url.PathEscape(canary),
		"script's url":  strings.NewReplacer("+", "%20", "%27", "'").Replace(url.QueryEscape(canary)),
		"script's json": strings.ReplaceAll(canary, `"`, `\"`),
		"base64":        base64.StdEncoding.EncodeToString(plain), "base64url": base64.URLEncoding.EncodeToString(plain),
	}
}

// TestCanary_isNowhere runs a page that puts the password everywhere, and then
// looks for it in all that Gengfu wrote, showed and sent.
func TestCanary_isNowhere(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path != "/" {
			http.NotFound(w, q)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, leaky)
	}))
	t.Cleanup(site.Close)
	d := prepare(t)
	d.secrets(canary)
	d.scenario("leaky", fmt.Sprintf(leakyScenario, site.URL))
	d.start("gengfu")
	number := d.told("incident.opened", 1, 1).Data.Incident
	texts := map[string]string{}
	for _, path := range []string{
		"/", "/scenarios/leaky", "/incidents", "/incidents/" + number, "/deliveries", "/hosts", "/metrics", "/api/v1/overview", "/api/v1/scenarios",
		"/api/v1/incidents", "/api/v1/incidents/" + number, "/api/v1/deliveries",
	} {
		texts[path] = d.read(path)
	}
	var doc struct {
		Runs []struct{ ID string }
	}
	d.fetch("/api/v1/scenarios/leaky/runs", &doc)
	kinds := map[string]int{}
	for _, r := range doc.Runs {
		texts["/runs/"+r.ID] = d.read("/runs/" + r.ID)
		texts["run "+r.ID] = d.read("/api/v1/runs/" + r.ID)
		var run struct {
			Detail struct{ Evidence []struct{ Kind, URL string } }
		}
		d.fetch("/api/v1/runs/"+r.ID, &run)
		for _, e := range run.Detail.Evidence {
			kinds[e.Kind]++
			texts[e.URL] = d.read(e.URL)
		}
	}
	if kinds["dom"] == 0 || kinds["outline"] == 0 || kinds["screenshot"] == 0 {
		t.Errorf("evidence: %v", kinds)
	}
	d.end()
	got, err := json.Marshal(d.got.Received())
	if err != nil {
		t.Fatal(err)
	}
	texts["receivers, as JSON"] = string(got)
	for i, w := range d.got.Webhooks() {
		texts[fmt.Sprint("webhook ", i)] = w.Body
	}
	for i, m := range d.got.Mails() {
		texts[fmt.Sprint("mail ", i)] = m.Text + m.HTML + string(m.Raw)
	}
	texts["log"] = d.daemon.log()
	files, err := filepath.Glob(filepath.Join(d.dir, "data", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil {
			texts[f] = string(b)
		}
	}
	masked := 0
	for place, text := range texts {
		masked += strings.Count(text, "***")
		for form, trace := range traces() {
			if at := strings.Index(text, trace); at >= 0 {
				t.Errorf("%s holds the password as %s: …%.200s", place, form, text[max(0, at-60):])
			}
		}
	}
	if masked == 0 || len(texts) < 20 {
		t.Errorf("%d places, %d masks: the page did not leak anything to be masked", len(texts), masked)
	}
}
