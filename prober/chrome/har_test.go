package chrome

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/har"
	"github.com/chromedp/cdproto/network"

	"gengfu"
)

// archiveOf is the archive of a run, after both validators have agreed to it.
func archiveOf(t *testing.T, r gengfu.Run) archiveLog {
	t.Helper()
	i := slices.IndexFunc(r.Evidence, func(e gengfu.Evidence) bool { return e.Kind == gengfu.EvidenceHAR })
	if i < 0 {
		t.Fatalf("no archive; %s", cause(r))
	}
	var a archive
	if err := json.Unmarshal(r.Evidence[i].Data.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	validate(t, r.Evidence[i].Data.Bytes())
	return a.Log
}

// validate asks har-validator, which is not ours and checks against the schemas
// of the format, and decodes into the types of cdproto.
func validate(t *testing.T, data []byte) {
	t.Helper()
	dir := filepath.Join("testdata", "npm")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "har-validator")); err != nil {
		t.Fatal("har-validator is missing: deploy/prepare.sh installs it")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	check := exec.CommandContext(ctx, "node", "check.mjs")
	check.Dir, check.Stdin = dir, bytes.NewReader(data)
	if out, err := check.CombinedOutput(); err != nil {
		t.Fatalf("not a valid archive: %s", out)
	}
	var theirs har.HAR
	plain := bytes.ReplaceAll(data, []byte(`"text":"`), []byte(`"_text":"`)) // they take texts for base64
	if err := json.Unmarshal(plain, &theirs); err != nil {
		t.Fatal(err)
	}
	for _, e := range theirs.Log.Entries {
		if e.Request == nil || e.Response == nil || e.Cache == nil || e.Timings == nil || e.Response.Content == nil {
			t.Errorf("%+v lacks a part", e)
		}
		if e.Timings.Blocked == nil || e.Timings.DNS == nil || e.Timings.Connect == nil || e.Timings.Ssl == nil {
			t.Errorf("%s: unknown timings are -1, not left out", e.Request.URL)
		}
	}
}

// entries finds the entries of an archive by a part of their address.
func (l archiveLog) entries(part string) []*harEntry {
	var out []*harEntry
	for _, e := range l.Entries {
		if strings.Contains(e.Request.URL, part) {
			out = append(out, e)
		}
	}
	return out
}

func (l archiveLog) entry(t *testing.T, part string) *harEntry {
	t.Helper()
	list := l.entries(part)
	if len(list) == 0 {
		var all []string
		for _, e := range l.Entries {
			all = append(all, e.Request.URL)
		}
		t.Fatalf("no entry of %s in %q", part, all)
	}
	return list[0]
}

func headerOf(list []harPair, name string) string {
	for _, h := range list {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

const busyRun = `
steps:
  - goto: ${base}/old
    expect: [{title: done}]
  - expect: [{text: 没有这样的字}]
    timeout: 500ms
`

// TestArchive_tellsTheWholeRun: pages, frames, workers, windows and sockets,
// each hop of a redirect, what failed and what never ended.
func TestArchive_tellsTheWholeRun(t *testing.T) {
	srv := busySite(t)
	log := archiveOf(t, run(t, parse(t, srv.URL, busyRun)))
	for part, kind := range map[string]string{
		"/old": "document", "/mid": "document", "/frame": "document", "/window": "document", "/api": "fetch", "/form": "fetch", "/of-frame": "fetch",
		"/of-worker": "fetch", "/worker.js": "script", "/missing.png": "image", "/events": "eventsource", "/socket": "websocket", "/refused": "fetch", "/never": "fetch",
	} {
		if e := log.entry(t, part); e.Type != kind || e.Page != "page_1" && part != "/window" || e.Step < 1 || e.Time < 0 {
			t.Errorf("%s: %s on %q in step %d, %f ms", part, e.Type, e.Page, e.Step, e.Time)
		}
	}
	if n := len(log.entries("data:")); n > 0 {
		t.Errorf("%d data: entries", n)
	}
	old, mid := log.entry(t, "/old"), log.entry(t, "/mid")
	if old.Response.Status != 302 || old.Response.RedirectURL != "/mid?token=***" || len(old.Response.Cookies) != 2 || mid.Response.Status != 301 {
		t.Errorf("redirects: %+v then %+v", old.Response, mid.Response)
	}
	if got := headerOf(mid.Request.Headers, "Cookie"); got != "SID=***; second=***" || len(mid.Request.Cookies) != 2 {
		t.Errorf("the second hop sent %q, %v: extra events were dealt out wrongly", got, mid.Request.Cookies)
	}
	if got := log.entry(t, "/refused").Response.FailureText; got == "" {
		t.Error("a refused connection has no failure text")
	}
	for part, open := range map[string]bool{"/events": true, "/never": true, "/socket": false, "/api": false, "/of-worker": false} {
		if e := log.entry(t, part); e.Incomplete != open {
			t.Errorf("%s: incomplete %t", part, e.Incomplete)
		}
	}
	if e := log.entry(t, "/socket"); e.Response.Status != 101 || e.Started < "2020" {
		t.Errorf("socket: %+v", e)
	}
	api := log.entry(t, "/api")
	if !strings.Contains(api.Response.Content.Text, "密码错误") || !strings.Contains(api.Request.PostData.Text, `"user":"u"`) || api.ServerIP != "127.0.0.1" {
		t.Errorf("api: %+v", api)
	}
	if e := log.entry(t, "/of-worker"); !e.Worker {
		t.Error("a worker's request is not marked")
	}
	if tm := old.Timings; tm.Connect < 0 || tm.SSL != -1 || tm.Wait < 0 || old.Time <= 0 {
		t.Errorf("timings %+v", tm)
	}
}

// TestArchive_masksWhatIsPrivateByItsName: cookies, and values under names such
// as password, in addresses, forms, JSON and headers, though no secret of the
// scenario is among them.
func TestArchive_masksWhatIsPrivateByItsName(t *testing.T) {
	srv := busySite(t)
	r := run(t, parse(t, srv.URL, busyRun))
	log := archiveOf(t, r)
	for _, e := range log.Entries {
		if e.Response.Content.MimeType == "text/html" { // the page's own source is as it is
			e.Response.Content.Text = ""
		}
	}
	all, err := json.Marshal(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{
		"cookie-value", "query-value", "fragment-value", "form-value", "multi-value", "socket-value", "answer-value", "json-value", "query-pwd",
	} {
		if strings.Contains(string(all), value) {
			t.Errorf("%s is in …%s…", value, around(string(all), value))
		}
	}
}

// TestArchive_onlyWhenItIsWanted: of a run that passed only when the scenario
// asks for it.
func TestArchive_onlyWhenItIsWanted(t *testing.T) {
	srv := serve(t, "<h1>一")
	const steps = "steps:\n  - goto: ${base}/\n"
	if r := run(t, parse(t, srv.URL, steps)); len(r.Evidence) > 0 {
		t.Errorf("%d pieces of evidence of a run that passed", len(r.Evidence))
	}
	r := run(t, parse(t, srv.URL, "browser: {har: always}\n"+steps))
	mustPass(t, r)
	if log := archiveOf(t, r); len(log.Pages) != 1 || len(log.Entries) == 0 {
		t.Errorf("%d pages, %d entries", len(log.Pages), len(log.Entries))
	}
}

// TestArchive_ofARerunHasAnswersOfEarlierPages, which the browser would have
// let go of with the page.
func TestArchive_ofARerunHasAnswersOfEarlierPages(t *testing.T) {
	srv := site(t, map[string]string{"/": `<script>fetch('/first').then(r=>r.text()).then(()=>document.title='done')</script>`, "/first": "第一页的回答", "/next": "next"})
	s := parse(t, srv.URL, `
steps:
  - goto: ${base}/
    expect: [{title: done}]
  - goto: ${base}/next
  - expect: [{text: 没有这样的字}]
    timeout: 300ms
`)
	again := slot()
	again.Attempt = 2
	r := pool.Run(t.Context(), s, again, nil)
	if e := archiveOf(t, r).entry(t, "/first"); !strings.Contains(e.Response.Content.Text, "第一页的回答") {
		t.Errorf("content %+v", e.Response.Content)
	}
}

// TestArchive_isBounded: a page that floods fills neither memory nor store, and
// what is left out is counted.
func TestArchive_isBounded(t *testing.T) {
	r := newRecorder(slot().Due)
	for i := range maxLogged + 50 {
		id := network.RequestID(fmt.Sprint(i))
		r.requestSent(nil, &network.EventRequestWillBeSent{RequestID: id, Request: &network.Request{URL: "https://platform.example/" + string(id), Method: "GET"}}, "")
		r.responseReceived(nil, &network.EventResponseReceived{RequestID: id, Response: &network.Response{Status: 200}})
		r.loadingFinished(nil, &network.EventLoadingFinished{RequestID: id, Timestamp: 1})
	}
	var a archive
	if err := json.Unmarshal(r.archive(product{}, product{}, nil), &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Log.Entries) != maxLogged || !strings.HasPrefix(a.Log.Comment, "50 requests") || len(r.har.events) != 3*maxLogged {
		t.Errorf("%d entries, %d events, %q", len(a.Log.Entries), len(r.har.events), a.Log.Comment)
	}
	big := newRecorder(slot().Due)
	for i := range 100 {
		id := network.RequestID(fmt.Sprint(i))
		q := &network.Request{URL: "https://platform.example/?" + strings.Repeat("x", 1<<20), Method: "GET"}
		big.requestSent(nil, &network.EventRequestWillBeSent{RequestID: id, Request: q}, "")
	}
	if n := len(big.har.events); n > 10 || big.har.dropped != 100-n {
		t.Errorf("%d events of a megabyte each, %d dropped", n, big.har.dropped)
	}
}

// FuzzAddress_isAnAddressWithoutPrivateValues, whatever a page asks for.
func FuzzAddress_isAnAddressWithoutPrivateValues(f *testing.F) {
	for _, s := range []string{"https://platform.example/a?token=canary-1#x", "http://[::1]:80/?q=[1]|%zz", "//x", "https://u:canary-1@h/", "ws://h/中文?口令=1"} {
		f.Add(s)
	}
	b := newArchivist(func(s string) string { return s }, nil)
	f.Fuzz(func(t *testing.T, raw string) {
		got := b.address(raw)
		if strings.ContainsAny(got, " <>\"{}|\\^`#") || strings.Contains(got, "token=canary") {
			t.Errorf("%q becomes %q", raw, got)
		}
	})
}

// TestArchive_isMadeWithoutTheLock: what the browser tells meanwhile is taken.
func TestArchive_isMadeWithoutTheLock(t *testing.T) {
	r := newRecorder(time.Now())
	ask := func(id string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.har.request(1, nil, &network.EventRequestWillBeSent{RequestID: network.RequestID(id), Request: &network.Request{Method: "GET", URL: "https://a.example/" + id}})
	}
	ask("one")
	c := r.copied()
	r.hide("Correct-Horse")
	ask("two")
	if len(c.har.events) != 1 || c.clean("Correct-Horse") != "Correct-Horse" || r.clean("Correct-Horse") == "Correct-Horse" {
		t.Errorf("%d events; an archive follows what is told while it is made", len(c.har.events))
	}
	var making, telling sync.WaitGroup
	making.Go(func() { _ = r.archive(product{}, product{}, nil) })
	telling.Go(func() { ask("three") })
	making.Wait()
	telling.Wait()
}
