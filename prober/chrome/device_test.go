package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// TestBrowserSettings_arrive: the page and the server see the device that the
// scenario asks for.
func TestBrowserSettings_arrive(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]http.Header{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		mu.Lock()
		asked[q.URL.Path] = q.Header.Clone()
		mu.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<meta name=viewport content="width=device-width"><iframe src=/inner></iframe><img src=/logo.png><img src=/ad/banner.png><video src=/film.mp4 preload=auto></video>
<pre></pre><script>document.querySelector('pre').textContent=[navigator.language,navigator.languages,Intl.DateTimeFormat().resolvedOptions().timeZone,
Intl.DateTimeFormat().resolvedOptions().locale,innerWidth,innerHeight,devicePixelRatio,'ontouchstart' in window,navigator.userAgent].join('|')</script>`)
	}))
	defer srv.Close()
	s := parse(t, srv.URL, `
browser:
  device: {width: 390, height: 700, scale: 3, mobile: true}
  locale: en-GB
  timezone: America/New_York
  user_agent: Watchman/1.0
  headers: {X-Round: seven}
  block: ["*.mp4", "*/ad/*"]
steps:
  - goto: {url: "${base}/", until: load}
  - save: {seen: {from: {css: pre}}}
  - check: "${seen} contains en-GB|en-GB,en|America/New_York|en-GB|390|700|3|true|Watchman/1.0"
`)
	mustPass(t, run(t, s))
	mu.Lock()
	defer mu.Unlock()
	top := asked["/"]
	for name, want := range map[string]string{"Accept-Language": "en-GB,en;q=0.9", "User-Agent": "Watchman/1.0", "X-Round": "seven"} {
		if top.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, top.Get(name), want)
		}
	}
	if asked["/logo.png"] == nil || asked["/film.mp4"] != nil || asked["/ad/banner.png"] != nil {
		t.Errorf("asked for %v", asked)
	}
}

// TestBrowserSettings_byDefault: a Chinese reader in Shanghai, with a browser
// that says who drives it and not that it has no window.
func TestBrowserSettings_byDefault(t *testing.T) {
	srv := site(t, map[string]string{"/": `<pre></pre><script>document.querySelector('pre').textContent=[navigator.languages,Intl.DateTimeFormat().resolvedOptions().timeZone,navigator.userAgent].join('|')</script>`})
	s := parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - save: {seen: {from: {css: pre}}}
  - check: "${seen} contains zh-CN,zh|"
  - check: "${seen} contains Gengfu"
`)
	r := run(t, s)
	mustPass(t, r)
	if !strings.Contains(r.Browser, "/") {
		t.Errorf("browser %q", r.Browser)
	}
}
