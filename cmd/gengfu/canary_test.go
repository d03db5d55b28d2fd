package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gengfu/storage"
)

// canaryWays are the ways in which secrets get to pages: twelve secrets.
func canaryWays() []string {
	return []string{"fill", "keys", "select", "press", "totp", "header", "cookie", "query", "basic", "upload", "storage", "clipboard"}
}

// canaryOf is a secret that every encoding changes in a way of its own.
func canaryOf(way string) string {
	switch way {
	case "totp":
		return "KRSXG5CTMVRXEZLU" // base32
	case "press":
		return "Kana9press" // a test id
	case "query":
		return "Kana-query/7351==" // as it stands in an address
	case "header", "cookie":
		return "Kana+" + way + "/&7351=="
	}
	return `Kana "` + way + `</b>&+='7351/金丝雀`
}

// traces are the forms in which a secret could be found.
func traces(secret string) map[string]string {
	quoted, _ := json.Marshal(secret) //nolint:errchkjson // a text
	element := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(secret)
	out := map[string]string{
		"plain": secret, "json": strings.Trim(string(quoted), `"`), "html": html.EscapeString(secret),
		"element": element, "attribute": strings.ReplaceAll(element, `"`, "&quot;"),
		"query": url.QueryEscape(secret), "path": url.PathEscape(secret),
		"script's url":  strings.NewReplacer("+", "%20", "%27", "'").Replace(url.QueryEscape(secret)),
		"script's json": strings.ReplaceAll(secret, `"`, `\"`), "hex": hex.EncodeToString([]byte(secret)),
	}
	for shift := range 3 {
		all := base64.StdEncoding.EncodeToString([]byte("###"[:shift] + secret))
		out[fmt.Sprint("base64 at ", shift)] = all[4 : len(all)-4]
	}
	return out
}

// leakyPage puts every secret wherever it can: those that were typed, those it
// was sent, and those that its server keeps.
const leakyPage = `<!doctype html><meta charset=utf-8><title>登录</title>
<label>密码<input id=fill></label><label>口令<input id=keys></label><label>码<input id=code></label>
<label>区域<select id=select><option>选择<option value=1>%[1]s</select></label><label>附件<input type=file id=upload></label>
<button data-testid=%[2]s id=press>确认</button><button onclick="leak()">登录</button><div id=out></div>
<script>
const known = %[3]s, out = document.getElementById('out')
async function leak() {
  const all = {...known, fill: fill.value, keys: keys.value, select: select.selectedOptions[0].label, press: press.dataset.testid,
    query: new URLSearchParams(location.search).get('q'), cookie: decodeURIComponent(document.cookie).replace('own=', ''), upload: await upload.files[0].text()}
  localStorage.all = all.storage
  await navigator.clipboard.writeText(all.clipboard)
  all.storage = localStorage.all
  all.clipboard = await navigator.clipboard.readText()
  history.replaceState(null, '', '?' + new URLSearchParams(all))
  for (const [way, v] of Object.entries(all)) {
    console.error(way + ' ' + v)
    const p = document.createElement('p')
    p.textContent = 'sent ' + v
    p.title = v
    const bytes = unescape(encodeURIComponent(v))
    p.dataset.base64 = btoa(bytes) + ' ' + btoa('x' + bytes) + ' ' + btoa('xy' + bytes)
    p.dataset.json = JSON.stringify({v})
    p.dataset.hex = [...new TextEncoder().encode(v)].map(b => b.toString(16).padStart(2, '0')).join('')
    out.append(p)
    fetch('/missing?p=' + encodeURIComponent(v)).then(r => r.text())
    fetch('/missing', {method: 'POST', body: JSON.stringify({v}), headers: {'x-other': encodeURIComponent(v)}}).then(r => r.text())
    const toast = document.createElement('div')
    toast.setAttribute('role', 'alert')
    toast.textContent = 'rejected: ' + v
    document.body.append(toast)
    setTimeout(() => { throw new Error('bad ' + v) }, 10)
  }
  document.title = all.fill
  alert('wrong: ' + all.fill)
}
</script>`

const leakyScenario = `scenario: leaky
title: 泄密页面
vars: {base: %q}
browser:
  headers: {X-Probe: "${secret.header}"}
  auth: {origin: "${base}", username: probe, password: "${secret.basic}"}
  cookies: [{name: own, value: "${secret.cookie}", url: "${base}/"}]
steps:
  - goto: ${base}/?q=${secret.query}
  - fill: {密码: "${secret.fill}"}
  - fill: {口令: "${secret.keys}"}
    by_keys: true
  - totp: {secret: "${secret.totp}", into: 码}
  - select: {区域: "${secret.select}"}
  - upload: {附件: note.txt}
  - press: {key: Enter, in: {testid: "${secret.press}"}}
  - check: ${secret.storage}${secret.clipboard} != ${secret.upload}
  - click: 登录
    expect: [{url: /home}, {title: "${secret.fill}!"}]
    timeout: 1500ms
always:
  - fill: {没有: "${secret.keys}"}
    timeout: 100ms
schedule: {every: 1s}
confirm: {retries: 1, wait: 10ms}
`

// leakySite answers with the leaky page, after its login, and repeats what it
// is sent.
func leakySite(t *testing.T) *httptest.Server {
	t.Helper()
	known, err := json.Marshal(map[string]string{"totp": canaryOf("totp"), "storage": canaryOf("storage"), "clipboard": canaryOf("clipboard")})
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if _, password, _ := q.BasicAuth(); password != canaryOf("basic") {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if q.URL.Path != "/" {
			w.WriteHeader(http.StatusNotFound)
			body, _ := io.ReadAll(q.Body)
			fmt.Fprint(w, q.Header, q.URL, string(body))
			return
		}
		fmt.Fprintf(w, leakyPage, html.EscapeString(canaryOf("select")), canaryOf("press"), known)
		fmt.Fprint(w, "<p hidden>", html.EscapeString(canaryOf("basic")), html.EscapeString(q.Header.Get("X-Probe")))
	}))
	t.Cleanup(site.Close)
	return site
}

// TestCanary_isNowhere runs a page that puts twelve secrets everywhere, and then
// looks for them in all that Gengfu wrote, showed and sent.
func TestCanary_isNowhere(t *testing.T) {
	d := prepare(t)
	var secrets strings.Builder
	fmt.Fprintf(&secrets, "signing: %q\nslack: %q\n", demoSigningKey, demoSlackToken)
	for _, way := range canaryWays() {
		quoted, err := json.Marshal(canaryOf(way))
		if err != nil {
			t.Fatal(err)
		}
		secrets.WriteString(way + ": " + string(quoted) + "\n")
	}
	writeFile(t, d.dir, "secrets.yaml", secrets.String())
	writeFile(t, d.dir, "scenarios/note.txt", canaryOf("upload"))
	d.scenario("leaky", fmt.Sprintf(leakyScenario, leakySite(t).URL))
	d.start("gengfu")
	number := d.told("incident.opened", 1, 1).Data.Incident
	texts := d.shown(t, number)
	d.end()
	d.sent(t, texts)
	d.written(t, texts)
	masked, leaked := 0, 0
	for _, way := range canaryWays() {
		for form, trace := range traces(canaryOf(way)) {
			for place, text := range texts {
				if at := strings.Index(text, trace); at >= 0 {
					t.Errorf("%s holds the secret of %s as %s: …%.200s", place, way, form, text[max(0, at-60):])
				}
			}
		}
	}
	for _, text := range texts {
		masked += strings.Count(text, "***")
		leaked = max(leaked, strings.Count(text, ">sent ***<"))
	}
	if masked < 100 || leaked < 10 || len(texts) < 25 {
		t.Errorf("%d places, %d masks, %d secrets on one page: it did not leak enough to be masked", len(texts), masked, leaked)
	}
}

// shown reads every page of the web UI and the API, evidence too.
func (d *drill) shown(t *testing.T, number string) map[string]string {
	t.Helper()
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
			Detail struct {
				Evidence []struct{ Kind, URL string }
				Failure  struct{ Step int }
			}
		}
		d.fetch("/api/v1/runs/"+r.ID, &run)
		for _, e := range run.Detail.Evidence {
			kinds[e.Kind]++
			texts[e.URL] = d.read(e.URL)
		}
	}
	for _, kind := range []string{"dom", "outline", "screenshot", "har"} {
		if kinds[kind] == 0 {
			t.Errorf("evidence: %v", kinds)
		}
	}
	return texts
}

// sent adds what the receivers got and what the daemon logged.
func (d *drill) sent(t *testing.T, texts map[string]string) {
	t.Helper()
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
}

// written adds every file of the data folder, as it is and, of evidence, its
// content.
func (d *drill) written(t *testing.T, texts map[string]string) {
	t.Helper()
	data := filepath.Join(d.dir, "data")
	var hashes []string
	err := filepath.WalkDir(data, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		texts[path] = string(b)
		if strings.Contains(path, "/evidence/") {
			hashes = append(hashes, strings.TrimSuffix(filepath.Base(path), ".zst"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ledger, err := filepath.Glob(filepath.Join(data, "*.db"))
	if err != nil || len(ledger) != 1 || len(hashes) < 4 {
		t.Fatalf("%v %v, %d files of evidence", ledger, err, len(hashes))
	}
	store, err := storage.Open(t.Context(), storage.Config{Path: ledger[0]})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, hash := range slices.Compact(hashes) {
		in, err := store.OpenEvidence(hash)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		texts["content of "+hash] = string(b)
		_ = in.Close()
	}
}
