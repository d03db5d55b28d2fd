package chrome

import (
	"crypto/md5"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"gengfu"
)

// guarded asks for HTTP authentication: /basic and /digest, each with a page
// that asks for more behind it. It counts the logins that it was given.
type guarded struct {
	*httptest.Server
	mu    sync.Mutex
	given []string
}

func (g *guarded) logins() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string{}, g.given...)
}

func realm(t *testing.T, user, word string) *guarded {
	t.Helper()
	g := &guarded{}
	sum := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		auth := q.Header.Get("Authorization")
		if auth != "" {
			g.mu.Lock()
			g.given = append(g.given, auth)
			g.mu.Unlock()
		}
		var ok bool
		switch {
		case strings.HasPrefix(q.URL.Path, "/basic"):
			u, p, given := q.BasicAuth()
			ok = given && u == user && p == word
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
		case strings.HasPrefix(q.URL.Path, "/digest"):
			ok = strings.Contains(auth, `response="`+sum(sum(user+":r:"+word)+":n0:"+sum("GET:"+q.URL.RequestURI()))+`"`)
			w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n0"`)
		default:
			ok = true
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if !ok {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, "<h1>401</h1>")
			return
		}
		fmt.Fprintf(w, `<h1>内部</h1><a href=%s/more target=_blank>更多</a><img src=%[1]s/pixel>`, q.URL.Path)
	}))
	t.Cleanup(g.Close)
	return g
}

// TestAuth_isGivenToItsOriginOnly: basic and digest, in windows too.
func TestAuth_isGivenToItsOriginOnly(t *testing.T) {
	for _, p := range []*Pool{pool, fullChromium(t)} {
		g, other := realm(t, "ops", password), realm(t, "ops", password)
		r := p.Run(t.Context(), parse(t, g.URL, `
browser:
  auth: {origin: "${base}", username: ops, password: "${secret.password}"}
steps:
  - goto: ${base}/basic
    expect: [{visible: 内部}, {status: 200}]
  - click: 更多
    expect: [{url: /basic/more}, {visible: 内部}]
  - goto: ${base}/digest
    expect: [{visible: 内部}]
  - goto: {url: `+other.URL+`/basic, status: 401}
`), slot(), nil)
		mustPass(t, r)
		if got := other.logins(); len(got) > 0 {
			t.Errorf("another origin was given %q", got)
		}
	}
}

// TestAuth_thatIsRejected is our account's trouble, told at once and tried once
// for each request; without a login the page's 401 stands.
func TestAuth_thatIsRejected(t *testing.T) {
	for _, scheme := range []string{"basic", "digest"} {
		g := realm(t, "ops", "another word")
		began := time.Now()
		r := run(t, parse(t, g.URL, `
browser:
  auth: [{origin: "${base}", username: ops, password: "${secret.password}"}]
steps:
  - goto: ${base}/`+scheme+`
`))
		if r.Failure == nil || r.Failure.Fault != gengfu.FaultCredential || !strings.Contains(cause(r), "401") || time.Since(began) > 8*time.Second {
			t.Errorf("%s: got %s", scheme, cause(r))
		}
		if n := len(g.logins()); n != 1 {
			t.Errorf("%s: %d logins were given", scheme, n)
		}
		if strings.Contains(everything(r), password) {
			t.Error("the password is told")
		}
	}
	g := realm(t, "a", "b")
	if r := run(t, parse(t, g.URL, "\nsteps:\n  - goto: ${base}/basic\n")); r.Failure == nil || r.Failure.Fault != gengfu.FaultHTTPStatus {
		t.Errorf("got %s", cause(r))
	}
}

// TestEquipment_isThereFromTheFirstRequestOn.
func TestEquipment_isThereFromTheFirstRequestOn(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		cookies := "without"
		if len(q.Cookies()) > 0 {
			cookies = fmt.Sprint(q.Cookies())
		}
		fmt.Fprintf(w, `<!doctype html><meta charset=utf-8><h1>%s</h1><p id=g></p><p id=m></p><p id=c></p><script>
navigator.geolocation.getCurrentPosition(p=>g.textContent='at '+p.coords.latitude+','+p.coords.longitude+','+p.coords.accuracy, e=>g.textContent=e.message);
m.textContent=[matchMedia('(prefers-color-scheme: dark)').matches, matchMedia('(prefers-reduced-motion: reduce)').matches];</script>
<button onclick="(async()=>{await navigator.clipboard.writeText('票号 7'); c.textContent='kept '+await navigator.clipboard.readText()})().catch(e=>c.textContent=e)">复制</button>
<a href=/w target=_blank>新窗</a>`, cookies)
	}))
	t.Cleanup(srv.Close)
	for _, p := range []*Pool{pool, fullChromium(t)} {
		r := p.Run(t.Context(), parse(t, srv.URL, `
browser:
  cookies: [{name: a, value: "1", url: "${base}"}, {name: b, value: "${secret.password}", domain: 127.0.0.1, path: /}]
  geolocation: {latitude: 22.5, longitude: 113.4, accuracy: 7}
  color_scheme: dark
  reduced_motion: true
steps:
  - goto: ${base}/
    expect: [{visible: "[a=1 b=${secret.password}]"}, {text: "at 22.5,113.4,7"}, {text: "true,true"}]
  - click: 复制
    expect: [{text: kept 票号 7}]
  - click: 新窗
    expect: [{visible: "a=1"}, {text: "at 22.5,113.4,7"}, {text: "true,true"}]
`), slot(), nil)
		mustPass(t, r)
		mustPass(t, p.Run(t.Context(), parse(t, srv.URL, "\nsteps:\n  - goto: ${base}/\n    expect: [{text: without}, {hidden: \"at 22.5\"}]\n"), slot(), nil))
	}
}

// TestNetwork_isAsSlowAsAsked, and cut off and back at a step's word.
func TestNetwork_isAsSlowAsAsked(t *testing.T) {
	srv := site(t, map[string]string{"/": `<h1>首页</h1><button onclick="fetch('/two').then(()=>document.title='there',()=>document.title='cut off '+navigator.onLine)">问</button>`, "/two": "two"})
	s := `
browser:
  network: {latency: 200ms, download: 1 MB}
steps:
  - goto: ${base}/
  - click: 问
    expect: [{title: there}]
  - click: 问
    network: offline
    expect: [{title: cut off false}]
  - click: 问
    network: online
    expect: [{title: there}]
`
	for _, p := range []*Pool{pool, fullChromium(t)} {
		r := p.Run(t.Context(), parse(t, srv.URL, s), slot(), nil)
		mustPass(t, r)
		if d := r.Steps[0].Duration; d < 190*time.Millisecond {
			t.Errorf("the page came after %s", d)
		}
	}
	r := run(t, parse(t, srv.URL, "\nsteps:\n  - goto: ${base}/\n  - goto: ${base}/two\n    network: offline\n"))
	if r.Failure == nil || r.Failure.Fault != gengfu.FaultAssertion {
		t.Errorf("got %s", cause(r))
	}
}
