package chrome

import (
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gengfu"
)

// hostile is a page that does its worst, and what its run must come to.
type hostile struct {
	name    string
	body    string // of the document, unless serve is set
	serve   http.HandlerFunc
	steps   string // after goto; expects the text ok unless given
	want    []gengfu.Outcome
	reasons []gengfu.Reason // of which the failure has one; empty for any
}

var (
	passes = []gengfu.Outcome{gengfu.Passed}
	fails  = []gengfu.Outcome{gengfu.Failed}
)

const (
	thenClick = "  - click: {css: button}\n  - expect: [{text: done}]\n    timeout: 2s\n"
	thenLeave = "  - expect: [{text: ok}]\n  - goto: '${base}/plain'\n"
	linger    = "  - expect: [{text: ok}]\n  - wait: 500ms\n  - expect: [{text: ok}]\n"
)

// hostilePages are served by name.
func hostilePages() []hostile {
	ok := func(script string) string { return "<h1>ok</h1><button>go</button><script>" + script + "</script>" }
	return []hostile{
		{name: "alert-storm", body: ok("for(;;)alert('again')"), want: fails, reasons: []gengfu.Reason{gengfu.ReasonDialogs}},
		{name: "busy-at-load", body: ok("for(;;){}"), want: fails},
		{name: "busy-in-handler", body: ok("document.querySelector('button').onclick=()=>{for(;;){}}"), steps: thenClick, want: fails},
		{name: "endless-html", serve: endless("<p>more", 1<<16), want: fails, reasons: []gengfu.Reason{gengfu.ReasonTooLarge, gengfu.ReasonPageMemory, gengfu.ReasonTooMuch}},
		{name: "slow-drip", serve: drip, want: fails},
		{name: "gzip-bomb", serve: gzipBomb, want: fails, reasons: []gengfu.Reason{gengfu.ReasonTooLarge, gengfu.ReasonTooMuch, gengfu.ReasonPageMemory}},
		{name: "huge-body", serve: huge, want: fails, reasons: []gengfu.Reason{gengfu.ReasonTooLarge, gengfu.ReasonTooMuch, gengfu.ReasonPageMemory}},
		{name: "heap-bomb", body: ok("const a=[];setTimeout(()=>{for(;;)a.push(new Uint8Array(4e6).fill(1))},50)"), steps: linger, want: fails, reasons: []gengfu.Reason{gengfu.ReasonPageMemory}},
		{name: "wasm-burner", body: ok("setTimeout(()=>new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,9,1,7,0,3,64,12,0,11,11]))).exports.f(),50)"), steps: linger, want: fails},
		{name: "webgl-burner", body: ok(webgl), steps: linger, want: fails},
		{name: "many-windows", body: ok("for(let i=0;i<40;i++)open('/plain?'+i)"), steps: linger, want: passes},
		{name: "download-bomb", body: ok("for(let i=0;i<20;i++){const a=document.createElement('a');a.href='/file?'+i;a.download='x';a.click()}"), steps: linger, want: passes},
		{name: "beforeunload", body: ok("onbeforeunload=e=>{e.preventDefault();e.returnValue='stay'}"), steps: "  - click: {css: button}\n" + thenLeave, want: passes},
		{name: "print", body: ok("setInterval(print,50)"), steps: linger, want: passes},
		{name: "fullscreen", body: ok("document.querySelector('button').onclick=()=>{document.documentElement.requestFullscreen();document.body.append('done')}"), steps: thenClick, want: passes},
		{name: "permissions", body: ok("navigator.geolocation.getCurrentPosition(()=>0);navigator.mediaDevices?.getUserMedia({audio:true,video:true}).catch(()=>0);navigator.clipboard?.readText().catch(()=>0)"), steps: linger, want: passes},
		{name: "notifications", body: ok("setInterval(()=>Notification.requestPermission().then(()=>new Notification('x')),20)"), steps: linger, want: passes},
		{name: "huge-dom", body: "<h1>ok</h1>" + strings.Repeat("<div><i>x</i></div>", 30_000), steps: "  - expect: [{visible: {css: h1}}]\n", want: passes},
		{name: "console-flood", body: ok("setInterval(()=>{for(let i=0;i<100;i++)console.log('line',i,{a:i})},10)"), steps: linger, want: passes},
		{name: "request-flood", body: ok("setInterval(()=>{for(let i=0;i<200;i++)fetch('/plain?'+Math.random()).catch(()=>0)},10)"), steps: "  - wait: 20s\n", want: fails, reasons: []gengfu.Reason{gengfu.ReasonRequests}},
		{name: "iframe-nest", serve: nest, steps: linger, want: passes},
		{name: "endless-animation", body: ok("") + "<style>@keyframes s{to{transform:rotate(1turn)}}i{display:block;animation:s .1s linear infinite}</style>" + strings.Repeat("<i>x</i>", 300), steps: linger, want: passes},
		{name: "redirect-loop", serve: func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, q.URL.Path, http.StatusFound) }, want: fails, reasons: []gengfu.Reason{gengfu.ReasonRedirects}},
		{name: "refresh-loop", body: "<meta http-equiv=refresh content=0>" + ok(""), steps: linger, want: passes},
		{name: "history-flood", body: ok("let n=0;setInterval(()=>{for(let i=0;i<50;i++)history.pushState(0,'','#'+n++)},10)"), steps: linger, want: passes},
		{name: "service-worker-trap", body: ok("navigator.serviceWorker.register('/trap.js').then(()=>navigator.serviceWorker.ready).then(()=>{const d=document.createElement('p');d.textContent='trapped';document.body.append(d)})"), steps: "  - expect: [{text: trapped}]\n  - goto: '${base}/plain'\n", want: fails},
		{name: "worker-bomb", body: ok("const f=`onmessage=()=>0;let i=0;setInterval(()=>{i++},0)`;const u=URL.createObjectURL(new Blob([f]));for(let i=0;i<120;i++)new Worker(u)"), steps: linger, want: fails, reasons: []gengfu.Reason{gengfu.ReasonWorkers}},
		{name: "message-flood", body: ok("onmessage=()=>{postMessage(0,'*')};for(let i=0;i<50;i++)postMessage(0,'*')"), steps: linger, want: passes},
		{name: "storage-fill", body: ok(fill), steps: linger, want: passes},
		{name: "bad-charset", serve: badCharset, want: passes},
		{name: "blocked-unload", body: ok("onpagehide=()=>{for(;;){}}"), steps: thenLeave, want: fails},
		{name: "sync-xhr", body: ok("setTimeout(()=>{const x=new XMLHttpRequest;x.open('GET','/hang',false);x.send()},50)"), steps: linger, want: fails},
	}
}

const (
	webgl = `const c=document.createElement('canvas');document.body.append(c);const g=c.getContext('webgl');if(!g)for(;;){}{const s=(t,x)=>{const h=g.createShader(t);g.shaderSource(h,x);g.compileShader(h);return h};
const p=g.createProgram();g.attachShader(p,s(g.VERTEX_SHADER,'attribute vec2 a;void main(){gl_Position=vec4(a,0,1);gl_PointSize=300.;}'));
g.attachShader(p,s(g.FRAGMENT_SHADER,'precision highp float;void main(){float x=0.;for(int i=0;i<9999;i++)x+=sin(float(i)*gl_FragCoord.x);gl_FragColor=vec4(x);}'));
g.linkProgram(p);g.useProgram(p);const f=()=>{for(let i=0;i<50;i++)g.drawArrays(g.POINTS,0,9);requestAnimationFrame(f)};f()}`
	fill = `try{for(let i=0;;i++)localStorage['k'+i]='x'.repeat(1e5)}catch(e){}
const q=indexedDB.open('d');q.onupgradeneeded=()=>q.result.createObjectStore('s',{autoIncrement:true});
q.onsuccess=()=>{const put=()=>{const t=q.result.transaction('s','readwrite');t.objectStore('s').add(new Uint8Array(4e6).fill(7));t.oncomplete=put};put()}`
)

func endless(chunk string, n int) http.HandlerFunc {
	block := strings.Repeat(chunk, n/len(chunk))
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		for {
			if _, err := fmt.Fprint(w, block); err != nil {
				return
			}
		}
	}
}

func drip(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		fmt.Fprint(w, ".")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-tick.C:
		case <-q.Context().Done():
			return
		}
	}
}

func gzipBomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	block := make([]byte, 1<<20)
	for i := range block {
		block[i] = ' '
	}
	for range 400 {
		if _, err := z.Write(block); err != nil {
			return
		}
	}
	_ = z.Close()
}

func huge(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Content-Length", "1073741824")
	block := make([]byte, 1<<18)
	for i := range block {
		block[i] = 'x'
	}
	for range 4096 {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

func nest(w http.ResponseWriter, q *http.Request) {
	n := 0
	_, _ = fmt.Sscan(q.URL.Query().Get("n"), &n)
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, "<h1>ok</h1><iframe src='?n=%d'></iframe><iframe src='?n=%d&b'></iframe>", n+1, n+1)
}

func badCharset(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=no-such-thing")
	_, _ = w.Write([]byte("<meta charset=x-nothing><h1>ok</h1>\xff\xfe\x80\xc3(\xf0\x28\x8c\x28"))
}

func hostileSite(t testing.TB) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	for _, h := range hostilePages() {
		page := h.serve
		if page == nil {
			page = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				fmt.Fprint(w, "<!doctype html><body>", h.body)
			}
		}
		mux.HandleFunc("/"+h.name, page)
	}
	mux.HandleFunc("/plain", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<h1>ok</h1>") })
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() })
	mux.HandleFunc("/file", func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Disposition", "attachment")
		huge(w, q)
	})
	mux.HandleFunc("/trap.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, "oninstall=()=>skipWaiting();onactivate=e=>e.waitUntil(clients.claim());onfetch=e=>e.respondWith(new Promise(()=>0))")
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	return srv
}

// TestHostilePages_areContained: whatever a page does, its run ends in time with
// the right verdict, the browser stays within its memory, and a neighbour on it
// is served.
func TestHostilePages_areContained(t *testing.T) {
	p, err := NewPool(Config{
		Profiles: t.TempDir(), Parallel: 3,
		Limits:   Limits{Page: 300 << 20, Document: 4 << 20, Received: 64 << 20, Requests: 500},
		Overload: -1, // the verdict on the page is asked for here, not that on the machine
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	srv := hostileSite(t)
	slow := stalls(t)
	most, whole := highest(t, p), heaviest(t, p)
	todo := make(chan hostile)
	var hosts sync.WaitGroup
	for range 2 {
		hosts.Go(func() {
			for h := range todo {
				h.meet(t, p, srv.URL, slow)
			}
		})
	}
	over := make(chan struct{})
	var neighbour sync.WaitGroup
	neighbour.Go(func() { beside(t, p, srv.URL, over) })
	for _, h := range hostilePages() {
		todo <- h
	}
	close(todo)
	hosts.Wait()
	close(over)
	neighbour.Wait()
	bound := p.cfg.Limits.Tree + int64(p.cfg.Parallel)*p.cfg.Limits.Page
	if peak := whole(); peak > bound {
		t.Errorf("the browser with its pages took %s of %s", size(peak), size(bound))
	} else {
		t.Logf("the browser with its pages never took more than %s", size(peak))
	}
	if peak := most(); peak > p.cfg.Limits.Page+pageHeadroom {
		t.Errorf("a page took %s", size(peak))
	} else {
		t.Logf("no page took more than %s", size(peak))
	}
}

// pageHeadroom is what a page may grow between the look that finds it over its
// limit and its end.
const pageHeadroom = 200 << 20

// highest samples the memory of the pages' processes until it is asked for the
// most that one of them took.
func highest(t *testing.T, p *Pool) func() int64 {
	var peak int64
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-t.Context().Done():
				return
			case <-tick.C:
			}
			p.mu.Lock()
			all := slices.Clone(p.all)
			p.mu.Unlock()
			for _, l := range all {
				for _, m := range family(l.proc.pid()) {
					if m.private > peak && renders(m.pid) {
						peak = m.private
					}
				}
			}
		}
	}()
	return func() int64 {
		close(stop)
		<-ended
		return peak
	}
}

// timeout is short for what only ends by it.
func (h hostile) timeout() time.Duration {
	switch {
	case len(h.want) == 1 && h.want[0] == gengfu.Passed, len(h.reasons) > 0: // over long before, unless the machine is busy
		return 20 * time.Second
	}
	return 2 * time.Second
}

func (h hostile) meet(t *testing.T, p *Pool, base string, slow *stall) {
	steps := h.steps
	if steps == "" {
		steps = "  - expect: [{text: ok}]\n"
	}
	s := parse(t, base, "steps:\n  - goto: '${base}/"+h.name+"'\n"+steps)
	s.Timeout = h.timeout()
	began, stalled := time.Now(), slow.since()
	r := p.Run(t.Context(), s, slot(), nil)
	took := time.Since(began)
	t.Logf("%-20s %6.2f s  %-8s %s", h.name, took.Seconds(), r.Outcome, cause(r))
	if !slices.Contains(h.want, r.Outcome) {
		t.Errorf("%s: outcome %s: %s", h.name, r.Outcome, cause(r))
	}
	if r.Failure != nil && len(h.reasons) > 0 && !slices.Contains(h.reasons, r.Failure.Reason) {
		t.Errorf("%s: %s", h.name, cause(r))
	}
	if over := time.Since(r.Started) - s.Timeout - (slow.since() - stalled); over > 2*time.Second {
		t.Errorf("%s: ended %s after its deadline", h.name, over)
	}
}

// beside keeps a well-behaved scenario running next to the hostile ones.
func beside(t *testing.T, p *Pool, base string, over chan struct{}) {
	t.Helper()
	s := parse(t, base, "timeout: 30s\nsteps:\n  - goto: '${base}/plain'\n  - expect: [{text: ok}]\n    timeout: 20s\n")
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	var times []time.Duration
	for {
		r := p.Run(t.Context(), s, slot(), nil)
		if r.Outcome != gengfu.Passed {
			t.Errorf("the neighbour: %s: %s", r.Outcome, cause(r))
		}
		times = append(times, r.Duration)
		select {
		case <-over:
			slices.Sort(times)
			t.Logf("%d runs of the neighbour, median %s, longest %s", len(times), times[len(times)/2], times[len(times)-1])
			return
		case <-tick.C:
		}
	}
}
