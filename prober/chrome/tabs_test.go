package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"gengfu"
)

// opener has every way to open a window, and counts what was asked for.
func opener(t *testing.T) (*httptest.Server, func() []string) {
	t.Helper()
	var mu sync.Mutex
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		mu.Lock()
		asked = append(asked, q.URL.Path)
		mu.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><meta charset=utf-8><body>")
		switch q.URL.Path {
		case "/":
			fmt.Fprint(w, `<h1>总页</h1><a href=/new?1 target=_blank rel=opener>新页</a> <a href=/new?2 target=_blank rel=noopener>无来源</a>
<button onclick="window.open('/new?3','','width=300,height=200')">小窗</button>
<button onclick="const w=window.open(''); w.document.write('<title>written</title><h1>写出</h1><button onclick=&quot;opener.document.title=1; window.close()&quot;>完成</button>')">空白</button>
<button onclick="window.open('/shut')">闪退</button><button onclick="setTimeout(()=>window.open('/new?4'),300)">稍后</button>
<form target=_blank rel=opener action=/new method=post><button>提交</button></form>`)
		case "/new":
			fmt.Fprint(w, `<title>新</title><h1>新页面</h1><button onclick="window.close()">关闭</button><script>fetch('/api')</script>`)
		case "/shut":
			fmt.Fprint(w, `<script>close()</script>`)
		case "/ad":
			fmt.Fprint(w, `<h1>正文</h1><button onclick="document.title='pressed'">办理</button><script>open('/new?ad')</script>`)
		}
	}))
	t.Cleanup(srv.Close)
	return srv, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(asked)
	}
}

const throughTabs = `
steps:
  - goto: ${base}/
  - click: 新页
    expect: [{visible: {role: heading, name: 新页面}}, {url: /new}, {status: 200}]
  - click: 关闭
    expect: [{visible: 总页}]
  - click: 无来源
    expect: [{title: 新}]
  - expect: [{visible: 总页}]
    tab: main
  - expect: [{visible: 新页面}]
    tab: "*/new?2"
  - close: tab
    expect: [{visible: 总页}]
  - click: 小窗
    expect: [{text: 新页面}]
  - close: tab
  - click: 空白
    expect: [{title: written}, {visible: 写出}]
  - click: 完成
    expect: [{title: "1"}]
  - click: 闪退
  - expect: [{visible: 总页}]
  - click: 提交
    expect: [{url: /new}]
  - click: 关闭
  - click: 稍后
  - expect: [{url: "?4"}]
    tab: popup
`

// TestTabs_followThePressThatOpenedThem: in both browsers, as a person sees
// them, from their first request on.
func TestTabs_followThePressThatOpenedThem(t *testing.T) {
	for _, p := range []*Pool{pool, fullChromium(t)} {
		srv, asked := opener(t)
		r := p.Run(t.Context(), parse(t, srv.URL, throughTabs), slot(), nil)
		mustPass(t, r)
		if n := len(r.Tabs); n != 8 {
			t.Errorf("%d tabs: %+v", n, r.Tabs)
		}
		if r.Steps[0].Tab != 0 || r.Steps[1].Tab != 2 || r.Steps[4].Tab != 1 || r.Steps[5].Tab != 3 {
			t.Errorf("steps are in tabs %d %d %d %d", r.Steps[0].Tab, r.Steps[1].Tab, r.Steps[4].Tab, r.Steps[5].Tab)
		}
		documents := 0
		for _, path := range asked() {
			if path == "/new" {
				documents++
			}
		}
		if documents != 5 || len(r.Pages) != 7 {
			t.Errorf("%d documents were asked for, %d pages told", documents, len(r.Pages))
		}
	}
}

// TestTab_thatOpensAfterItsStep, by a timer: the steps that wait for it go on in
// it, and what it asked for and said is in the run.
func TestTab_thatOpensAfterItsStep(t *testing.T) {
	srv, asked := opener(t)
	for _, p := range []*Pool{pool, fullChromium(t)} {
		before := len(asked())
		r := p.Run(t.Context(), parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - click: 稍后
  - expect: [{visible: 新页面}, {status: 200}]
    tab: popup
  - expect: [{visible: 总页}]
    tab: main
  - click: 关闭
    tab: popup
  - expect: [{visible: 总页}]
`), slot(), nil)
		mustPass(t, r)
		if len(r.Tabs) != 2 || r.Tabs[1].Step < 2 || !r.Tabs[1].Closed || r.Steps[2].Tab != 2 || r.Steps[3].Tab != 1 || r.Steps[5].Tab != 1 {
			t.Errorf("%+v %+v", r.Tabs, r.Steps)
		}
		if got := asked()[before:]; !slices.Contains(got, "/new") || !slices.Contains(got, "/api") || len(r.Pages) != 2 || r.Traffic.Requests < 3 {
			t.Errorf("asked for %v, told of %d requests and %d pages", got, r.Traffic.Requests, len(r.Pages))
		}
	}
}

// TestTab_thatOpensByItself stays behind and is told.
func TestTab_thatOpensByItself(t *testing.T) {
	srv, _ := opener(t)
	for _, p := range []*Pool{pool, fullChromium(t)} {
		r := p.Run(t.Context(), parse(t, srv.URL, `
steps:
  - goto: ${base}/ad
  - click: 办理
    expect: [{title: pressed}, {visible: 正文}]
  - expect: [{visible: 没有}]
    timeout: 300ms
`), slot(), nil)
		if r.Failure == nil || r.Failure.Step != 3 || len(r.Tabs) != 2 || r.Tabs[1].Followed || r.Tabs[1].Step != 1 || r.Steps[1].Tab != 1 {
			t.Errorf("%s; tabs %+v", cause(r), r.Tabs)
		}
		if len(r.Evidence) != 4 || !strings.Contains(string(r.Evidence[2].Data.Bytes()), "正文") {
			t.Errorf("%d pieces of evidence", len(r.Evidence))
		}
	}
}

// TestTab_thatIsNotThere fails in words; the only tab stays.
func TestTab_thatIsNotThere(t *testing.T) {
	srv, _ := opener(t)
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - click: 新页
    tab: popup
    timeout: 300ms
`))
	if r.Failure == nil || r.Failure.Reason != gengfu.ReasonNotFound || !strings.Contains(cause(r), "popup") {
		t.Errorf("got %s", cause(r))
	}
	r = run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - close: tab
`))
	if r.Failure == nil || r.Failure.Fault != gengfu.FaultScenario {
		t.Errorf("got %s", cause(r))
	}
}

// TestTab_evidenceIsOfTheOneInFront.
func TestTab_evidenceIsOfTheOneInFront(t *testing.T) {
	srv, _ := opener(t)
	r := fullChromium(t).Run(t.Context(), parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - click: 新页
  - expect: [{text: 没有}]
    timeout: 300ms
`), slot(), nil)
	if len(r.Evidence) != 4 || !strings.Contains(string(r.Evidence[2].Data.Bytes()), "新页面") || !strings.HasSuffix(r.FinalURL, "/new") {
		t.Errorf("%s: %d pieces of evidence, at %s", cause(r), len(r.Evidence), r.FinalURL)
	}
}
