package chrome

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gengfu"
	"gengfu/egress"
)

// openEgress is for tests whose pages lie on many ports of this machine.
var openEgress = Egress{Policy: egress.Policy{Loopback: true}}

// heldPool holds pages to the policy.
func heldPool(t *testing.T, cfg Egress) *Pool {
	t.Helper()
	p, err := NewPool(Config{Profiles: t.TempDir(), Overload: -1, Parallel: 2, Egress: cfg})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// canary is a listener that counts who connects, on all of the machine's
// addresses, and what they asked for.
type canary struct {
	port  string
	conns atomic.Int32

	mu    sync.Mutex
	asked map[string]bool
}

func newCanary(t *testing.T) *canary {
	t.Helper()
	c := &canary{asked: map[string]bool{}}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		c.mu.Lock()
		c.asked[q.URL.Query().Get("by")] = true
		c.mu.Unlock()
		w.Header().Set("Access-Control-Allow-Origin", "*")
		_, _ = fmt.Fprint(w, "<!doctype html><h1>tweet</h1>")
	}))
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	_ = srv.Listener.Close()
	srv.Listener = l
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			c.conns.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	_, c.port, _ = net.SplitHostPort(l.Addr().String())
	return c
}

// seeks tries every way a page has to reach each of the addresses, then says
// that it is done.
const seeks = `<h1>page</h1><p id=state>busy</p><script>
const list = %s, own = %q, wait = ms => new Promise(r => setTimeout(r, ms))
const by = (u, way) => u + (u.includes('?') ? '&' : '?') + 'by=' + way
const settle = (p, ms) => Promise.race([p, wait(ms)]).catch(() => 0)
const make = (tag, set) => { const e = document.createElement(tag); Object.assign(e, set); document.body.append(e); return e }
async function ways(u) {
  try { navigator.sendBeacon(by(u, 'beacon'), 'x') } catch {}
  make('iframe', {src: by(u, 'iframe')}); make('script', {src: by(u, 'script')}); make('link', {rel: 'stylesheet', href: by(u, 'css')})
  make('link', {rel: 'preconnect', href: u}); make('link', {rel: 'dns-prefetch', href: u}); make('link', {rel: 'prefetch', href: by(u, 'prefetch')})
  make('object', {data: by(u, 'object')}); make('video', {src: by(u, 'video'), preload: 'auto'}); make('embed', {src: by(u, 'embed')})
  make('iframe', {srcdoc: '<meta http-equiv=refresh content="0;url=' + by(u, 'inner') + '">'})
  make('iframe', {src: 'data:text/html,<img src="' + by(u, 'data') + '">'})
  make('iframe', {src: own + '/to?code=302&url=' + encodeURIComponent(by(u, 'hop'))})
  const f = make('form', {method: 'post', action: by(u, 'form'), target: 'in'}); make('iframe', {name: 'in'}); f.submit()
  try { open(by(u, 'window'), '_blank') } catch {}
  try { new WebSocket(by(u, 'socket').replace(/^http/i, 'ws')) } catch {}
  try { new EventSource(by(u, 'events')) } catch {}
  try { new Worker(URL.createObjectURL(new Blob(['fetch(' + JSON.stringify(by(u, 'worker')) + ",{mode:'no-cors'})"]))) } catch {}
  try { const x = new XMLHttpRequest(); x.open('GET', by(u, 'xhr')); x.send() } catch {}
}
async function all() {
  for (const u of list) { new Image().src = by(u, 'img'); try { fetch(by(u, 'fetch'), {mode: 'no-cors'}).catch(() => 0) } catch {} }
  await ways(list[0])
  try {
    const rtc = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:%[3]s'}, {urls: 'turn:127.0.0.1:%[3]s?transport=tcp', username: 'a', credential: 'b'}]})
    rtc.createDataChannel('x'); rtc.setLocalDescription(await rtc.createOffer())
  } catch {}
  await settle(navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready)
    .then(r => new Promise(ok => { navigator.serviceWorker.onmessage = ok; r.active.postMessage(by(list[0], 'serviceworker')) })), 8000)
  await wait(1200)
  document.getElementById('state').textContent = 'searched'
}
all()
</script>`

// seeker serves the page, the redirects and the service worker.
func seeker(t *testing.T, targets []string, port string) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	list, err := json.Marshal(targets)
	if err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, "<!doctype html><meta charset=utf-8><body>"+seeks, list, srv.URL, port)
	})
	mux.HandleFunc("/sw.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = fmt.Fprint(w, `self.onmessage = e => e.waitUntil(fetch(e.data, {mode: 'no-cors'}).catch(() => 0).then(() => e.source.postMessage(1)))
onactivate = e => e.waitUntil(clients.claim())`)
	})
	mux.HandleFunc("/to", func(w http.ResponseWriter, q *http.Request) {
		code := 302
		_, _ = fmt.Sscan(q.FormValue("code"), &code)
		w.Header().Set("Location", q.FormValue("url"))
		w.WriteHeader(code)
	})
	mux.HandleFunc("/page", func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, "<!doctype html><meta charset=utf-8><h1>page</h1>%s", strings.ReplaceAll(q.FormValue("html"), "{canary}", targets[0]))
	})
	return srv
}

// targetsOf are the addresses of the corpus, towards the canary.
func targetsOf(t *testing.T, port string) []string {
	t.Helper()
	text, err := os.ReadFile("../../egress/testdata/corpus.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := []string{"http://127.0.0.1:" + port + "/"}
	for line := range strings.Lines(string(text)) {
		if rule, address, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " "); rule != "#" {
			out = append(out, strings.ReplaceAll(address, "{port}", port))
		}
	}
	return out
}

func TestEgress_noWayOfAPageLeadsToWhatIsRefused(t *testing.T) {
	c := newCanary(t)
	srv := seeker(t, targetsOf(t, c.port), c.port)
	stun, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:"+c.port)
	if err != nil {
		t.Fatal(err)
	}
	defer stun.Close()
	s := parse(t, srv.URL, "timeout: 60s\nsteps:\n  - goto: ${base}/\n  - wait: {text: searched}\n    timeout: 30s\n")
	r := heldPool(t, Egress{}).Run(t.Context(), s, slot(), nil)
	mustPass(t, r)
	if n := c.conns.Load(); n != 0 {
		t.Errorf("the canary was reached %d times, by %v", n, c.asked)
	}
	_ = stun.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if n, _, err := stun.ReadFrom(make([]byte, 100)); err == nil {
		t.Errorf("the canary got %d bytes of UDP", n)
	}
	if !slices.ContainsFunc(r.Requests, func(q gengfu.FailedRequest) bool { return q.Error == deniedText+"loopback" }) {
		t.Errorf("no request tells that it was refused: %v", r.Requests)
	}
	mustPass(t, pool.Run(t.Context(), s, slot(), nil)) // the ways are real: without the rule they lead there
	for way := range strings.FieldsSeq("img fetch beacon iframe script css prefetch object video embed inner data hop form window socket events worker xhr serviceworker") {
		if !c.asked[way] {
			t.Errorf("%s leads nowhere even when it may", way)
		}
	}
}

func TestEgress_refusedPagesAreOurPolicy(t *testing.T) {
	c := newCanary(t)
	target := "http://127.0.0.1:" + c.port + "/"
	srv := seeker(t, []string{target}, c.port)
	held := heldPool(t, Egress{})
	away := func(html string) string {
		return `
  - goto: ${base}/page?html=` + strings.NewReplacer(" ", "%20", "#", "%23", "&", "%26", ";", "%3B").Replace(html)
	}
	for name, steps := range map[string]string{
		"301": "\n  - goto: ${base}/to?code=301&url=" + target, "302": "\n  - goto: ${base}/to?code=302&url=" + target,
		"303": "\n  - goto: ${base}/to?code=303&url=" + target, "307": "\n  - goto: ${base}/to?code=307&url=" + target,
		"308":      "\n  - goto: ${base}/to?code=308&url=" + target,
		"refresh":  away(`<meta http-equiv=refresh content=0;url={canary}>`) + "\n  - wait: {text: tweet}",
		"link":     away(`<a href={canary}>go</a>`) + "\n  - click: go\n  - wait: {text: tweet}",
		"script":   away(`<script>location='{canary}'</script>`) + "\n  - wait: {text: tweet}",
		"window":   away(`<a href={canary} target=_blank>go</a>`) + "\n  - click: go\n  - wait: {text: tweet}\n    timeout: 2s",
		"form":     away(`<form method=post action={canary}><button>go</button></form>`) + "\n  - click: go\n  - wait: {text: tweet}",
		"metadata": "\n  - goto: http://169.254.169.254/latest/meta-data/",
	} {
		t.Run(name, func(t *testing.T) {
			r := held.Run(t.Context(), parse(t, srv.URL, "timeout: 30s\nsteps:"+steps+"\n"), slot(), nil)
			if r.Outcome != gengfu.Errored || r.Failure.Fault != gengfu.FaultPolicy || r.Failure.Reason != gengfu.ReasonEgress {
				t.Fatalf("%s: %s", r.Outcome, cause(r))
			}
			if d := r.Failure; d.Want == "" || d.Seen == "" {
				t.Errorf("the sentence names no address or rule: %s", cause(r))
			}
		})
	}
	part := parse(t, srv.URL, "timeout: 30s\nsteps:"+away(`<img src={canary} onerror=document.title='gone'>`)+"\n    expect: [{title: gone}, {requests: {failed: 0}}]\n")
	if r := held.Run(t.Context(), part, slot(), nil); r.Outcome != gengfu.Passed || len(r.Requests) != 1 || r.Requests[0].Error != deniedText+"loopback" {
		t.Errorf("a part that is refused counts as the target's: %s: %s %v", r.Outcome, cause(r), r.Requests)
	}
	for _, address := range []string{"FILE:///etc/passwd", "view-source:" + target, "data:text/html,x", "chrome://version", "javascript:1", "about:version", "http://[::ffff:169.254.169.254]/"} {
		r := held.Run(t.Context(), scenario(open(address)), slot(), nil)
		if r.Failure == nil || r.Failure.Fault != gengfu.FaultPolicy || r.Failure.Reason != gengfu.ReasonEgress {
			t.Errorf("%s: %s: %s", address, r.Outcome, cause(r))
		}
	}
	if n := c.conns.Load(); n != 0 {
		t.Errorf("the canary was reached %d times", n)
	}
}

// fickle is a name server that gives one answer and then another.
type fickle struct {
	mu      sync.Mutex
	answers []string
}

// LookupNetIP answers whatever the name.
func (f *fickle) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.answers[0]
	if len(f.answers) > 1 {
		f.answers = f.answers[1:]
	}
	var out []netip.Addr
	for s := range strings.FieldsSeq(now) {
		out = append(out, netip.MustParseAddr(s))
	}
	return out, nil
}

func TestEgress_aNameThatChangesItsMind(t *testing.T) {
	var honest, inside atomic.Int32
	serveAt := func(address string, hits *atomic.Int32) string {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", address)
		if err != nil {
			t.Fatal(err)
		}
		srv := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			hits.Add(1)
			w.Header().Set("Connection", "close") // the next request needs a new one
			_, _ = fmt.Fprint(w, `<!doctype html><p id=p>busy</p><script>
(async () => { for (let i = 0; i < 4; i++) await fetch('/again' + i); p.textContent = 'stayed' })()</script>`)
		})}
		go func() { _ = srv.Serve(l) }()
		t.Cleanup(func() { _ = srv.Close() })
		return l.Addr().String()
	}
	_, port, _ := net.SplitHostPort(serveAt("127.0.0.2:0", &honest))
	serveAt("127.0.0.1:"+port, &inside)
	rule, err := egress.ParseRule("127.0.0.2")
	if err != nil {
		t.Fatal(err)
	}
	names := &fickle{answers: []string{"127.0.0.2", "127.0.0.1", "127.0.0.2 127.0.0.1"}}
	held := heldPool(t, Egress{Policy: egress.Policy{Allow: []egress.Rule{rule}}, Resolver: names})
	s := parse(t, "http://rebind.example:"+port, "steps:\n  - goto: ${base}/\n  - wait: {text: stayed}\n")
	r := held.Run(t.Context(), s, slot(), nil)
	mustPass(t, r)
	p := r.Pages[0] // the browser may have connected ahead, and the page then waits for nothing
	if p.RemoteIP != "127.0.0.2" || p.Phases.Connect > 0 && p.Phases.DNS <= 0 || honest.Load() < 5 {
		t.Errorf("%d requests of %s, phases %+v", honest.Load(), p.RemoteIP, p.Phases)
	}
	for range 2 {
		r = held.Run(t.Context(), s, slot(), nil)
		if r.Failure == nil || r.Failure.Reason != gengfu.ReasonEgress || !strings.Contains(r.Failure.Want, "127.0.0.1") {
			t.Errorf("%s: %s", r.Outcome, cause(r))
		}
	}
	if inside.Load() != 0 {
		t.Errorf("%d requests came inside", inside.Load())
	}
}

func TestEgress_troubleKeepsItsName(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String() + "/"
	_ = l.Close()
	for address, want := range map[string]gengfu.Reason{closed: gengfu.ReasonConnect, "http://no-such-name.invalid/": gengfu.ReasonDNS} {
		r := run(t, scenario(open(address)))
		if r.Failure == nil || r.Failure.Reason != want || strings.Contains(r.Failure.Detail, "SOCKS") {
			t.Errorf("%s: %s", address, cause(r))
		}
	}
	p := heldPool(t, Egress{Policy: egress.Policy{Loopback: true}})
	p.Reserve(netip.MustParseAddrPort(strings.TrimSuffix(strings.TrimPrefix(closed, "http://"), "/")))
	r := p.Run(t.Context(), scenario(open(closed)), slot(), nil)
	if r.Failure == nil || r.Failure.Seen != string(egress.Own) {
		t.Errorf("our own listener: %s", cause(r))
	}
}
