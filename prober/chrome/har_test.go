package chrome

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the handshake of web sockets asks for it
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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
	if err := json.Unmarshal(r.Evidence[i].Data, &a); err != nil {
		t.Fatal(err)
	}
	validate(t, r.Evidence[i].Data)
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

// busySite has everything an archive must tell: redirects, cookies, forms,
// workers, frames, a window, a socket, a stream of events, failures and an
// answer that never ends.
func busySite(t *testing.T) *httptest.Server {
	t.Helper()
	page := func(w http.ResponseWriter, body string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><meta charset=utf-8>", body)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/old", func(w http.ResponseWriter, q *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "SID", Value: "cookie-value-1", Path: "/", HttpOnly: true})
		http.SetCookie(w, &http.Cookie{Name: "second", Value: "cookie-value-2", Path: "/"})
		http.Redirect(w, q, "/mid?token=query-value", http.StatusFound)
	})
	mux.HandleFunc("/mid", func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, "/#fragment-value", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		page(w, `<title>开始</title><iframe src=/frame></iframe><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><img src=/missing.png>
<script>(async()=>{
const post=(u,t,b)=>fetch(u,{method:'POST',headers:{'content-type':t},body:b});
await post('/api?x=|{}&pwd=query-pwd','application/json',JSON.stringify({user:'u',password:'json-value',deep:[{access_token:'json-value'}]}));
await post('/form','application/x-www-form-urlencoded','user=u&pass%77d=form-value&%E6%89%8B%E6%9C%BA%E5%8F%B7=form-value');
const d=new FormData(); d.append('password','multi-value'); await fetch('/multi',{method:'POST',body:d});
await fetch('http://127.0.0.1:1/refused').catch(()=>{});
new EventSource('/events');
const socket=new WebSocket(location.origin.replace('http','ws')+'/socket?token=socket-value');
await new Promise(r=>{socket.onopen=()=>{socket.close()}; socket.onclose=r});
const worker=new Worker('/worker.js'); await new Promise(r=>{worker.onmessage=r});
fetch('/never');
window.open('/window');
})().then(()=>document.title='done',e=>document.title=String(e))</script>`)
	})
	mux.HandleFunc("/frame", func(w http.ResponseWriter, _ *http.Request) { page(w, `<p>frame<script>fetch('/of-frame')</script>`) })
	mux.HandleFunc("/window", func(w http.ResponseWriter, _ *http.Request) { page(w, `<p>window`) })
	mux.HandleFunc("/worker.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `fetch('/of-worker').then(()=>postMessage(1))`)
	})
	mux.HandleFunc("/api", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"code":500,"msg":"密码错误","data":{"token":"answer-value"}}`)
	})
	ok := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }
	for _, path := range []string{"/form", "/multi", "/of-frame", "/of-worker"} {
		mux.HandleFunc(path, ok)
	}
	hang := func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/events" {
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "data: 1\n\n")
		}
		w.(http.Flusher).Flush()
		<-q.Context().Done()
	}
	mux.HandleFunc("/events", hang)
	mux.HandleFunc("/never", hang)
	mux.HandleFunc("/socket", upgrade)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	t.Cleanup(srv.CloseClientConnections)
	return srv
}

// upgrade accepts a web socket (RFC 6455) and waits until the other side is
// done with it.
func upgrade(w http.ResponseWriter, q *http.Request) {
	sum := sha1.Sum([]byte(q.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // as above
	conn, rw, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	answerClose(conn, rw.Reader)
}

func answerClose(conn net.Conn, in *bufio.Reader) {
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	head := make([]byte, 2+4) // opcode, length, mask
	if _, err := in.Read(head); err == nil {
		_, _ = conn.Write([]byte{0x88, 0})
	}
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
