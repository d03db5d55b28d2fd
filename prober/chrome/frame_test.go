package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gengfu"
)

// framed serves a page with a frame of the same origin, a frame in a frame, and
// one of another site: localhost is another site than 127.0.0.1.
func framed(t *testing.T) *httptest.Server {
	t.Helper()
	const form = `<label>姓名<input id=n></label><button onclick="document.getElementById('out').textContent='你好 '+document.getElementById('n').value">提交</button><p id=out></p>`
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		other := strings.Replace("http://"+q.Host, "127.0.0.1", "localhost", 1)
		switch q.URL.Path {
		case "/":
			fmt.Fprintf(w, `<h1>外层</h1><div style="height:900px"></div><iframe id=same src=/form style="border:7px solid;padding:9px"></iframe>
<iframe id=outer src=/nest></iframe><iframe id=foreign src=%[1]s/form></iframe><iframe id=foreign2 src=%[1]s/nest></iframe>`, other)
		case "/nest":
			fmt.Fprint(w, `<p>中层</p><iframe title=里层 src=/form></iframe>`)
		default:
			fmt.Fprint(w, form)
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

const inFrames = `
steps:
  - goto: {url: "${base}/", until: load}
  - fill: {姓名: 一}
    frame: {css: "#same"}
  - click: 提交
    frame: {css: "#same"}
    expect: [{text: {of: {css: "#out"}, equals: 你好 一}}]
  - fill: {姓名: 二}
    frame: [{css: "#outer"}, {title: 里层}]
  - click: {role: button, name: 提交, frame: [{css: "#outer"}, {title: 里层}]}
    expect:
      - visible: {text: 你好 二, frame: [{css: "#outer"}, {title: 里层}]}
      - visible: 外层
  - fill: [{field: {label: 姓名, frame: {css: "#foreign"}}, value: 三}]
  - click: 提交
    frame: {css: "#foreign"}
    expect: [{value: {of: 姓名, equals: 三}}, {text: {of: {css: "#out"}, equals: 你好 三}}]
  - fill: {姓名: 四}
    frame: [{css: "#foreign2"}, {title: 里层}]
  - click: 提交
    frame: [{css: "#foreign2"}, {title: 里层}]
    expect: [{text: {of: {css: "#out"}, equals: 你好 四}}]
`

// TestFrames_ofAllKinds: the same words reach every frame, in the same process.
func TestFrames_ofAllKinds(t *testing.T) {
	r := run(t, parse(t, framed(t).URL, inFrames))
	mustPass(t, r)
	if len(r.Pages) != 1 {
		t.Errorf("pages %+v", r.Pages)
	}
}

// TestFrame_thatIsReplacedWhileActing is found again.
func TestFrame_thatIsReplacedWhileActing(t *testing.T) {
	srv := site(t, map[string]string{
		"/":      `<div id=box></div><script>let n=0; const put=()=>{box.innerHTML='<iframe src=/inner?'+(n++)+'></iframe>'; if(n<5)setTimeout(put,250)}; put()</script>`,
		"/inner": `<script>document.write(location.search=='?4' ? '<button onclick="parent.document.title=1234">go</button>' : '<p>not yet')</script>`,
	})
	p, _ := ownPool(t)
	r := p.Run(t.Context(), parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - click: go
    frame: {css: iframe}
    expect: [{title: "1234"}]
`), slot(), nil)
	mustPass(t, r)
	if n := p.current.proc.conn.next.Load(); n > 400 {
		t.Errorf("%d commands", n)
	}
}

// TestFrame_thatIsGone is said to be missing, in time and without a storm of
// questions; an element that is no frame is the scenario's mistake.
func TestFrame_thatIsGone(t *testing.T) {
	srv := site(t, map[string]string{
		"/": `<p>text</p><iframe src=/inner></iframe><script>setTimeout(()=>document.querySelector('iframe').remove(),600)</script>`, "/inner": "<p>in",
	})
	before := pool.current.proc.conn.next.Load()
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - click: never
    frame: {css: iframe}
    timeout: 1500ms
`))
	if r.Failure == nil || r.Failure.Reason != gengfu.ReasonNotFound || !strings.Contains(cause(r), "iframe") {
		t.Errorf("got %s", cause(r))
	}
	if n := pool.current.proc.conn.next.Load() - before; n > 300 {
		t.Errorf("%d commands", n)
	}
	r = run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - click: never
    frame: {css: p}
`))
	if r.Failure == nil || r.Failure.Fault != gengfu.FaultScenario || r.Duration > 3*time.Second {
		t.Errorf("got %s", cause(r))
	}
}

// TestFrames_ofThePageBefore do not keep the screenshot away.
func TestFrames_ofThePageBefore(t *testing.T) {
	srv := framed(t)
	s := parse(t, srv.URL, `
steps:
  - goto: {url: "${base}/", until: load}
  - goto: {url: "`+strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)+`/form", until: load}
  - fill: {姓名: "${secret.password}"}
  - expect: [{text: 没有}]
    timeout: 300ms
`)
	for _, p := range []*Pool{pool, fullChromium(t)} {
		r := p.Run(t.Context(), s, slot(), nil)
		if len(r.Evidence) != 4 || r.Evidence[0].Kind != gengfu.EvidenceScreenshot {
			t.Errorf("%s: %d pieces of evidence after %s", r.Browser, len(r.Evidence), cause(r))
		}
	}
}
