package chrome

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"

	"gengfu"
	"gengfu/scenarios"
)

// recalled is a run that is to be remembered, and its runner.
func recalled(t *testing.T, s *scenarios.Scenario) (gengfu.Run, *runner) {
	t.Helper()
	l, err := pool.acquire(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.release(l)
	result := gengfu.Run{Slot: slot(), Started: time.Now()}
	r := newRunner(s, &result, testSecret, nil)
	r.memory, r.every = &memory{}, time.Hour
	if r.page, err = l.open(t.Context(), deviceOf(s.Browser, l.proc.userAgent), r.rec); err != nil {
		t.Fatal(err)
	}
	defer l.dispose(r.page.set)
	r.do(t.Context())
	return result, r
}

// stillsOf are the pictures of a run's steps.
func stillsOf(t *testing.T, r gengfu.Run) map[int]image.Image {
	t.Helper()
	got := map[int]image.Image{}
	for _, e := range r.Evidence {
		if e.Kind != gengfu.EvidenceStill {
			continue
		}
		img, err := jpeg.Decode(bytes.NewReader(e.Data.Bytes()))
		if err != nil || e.Size > maxMemory {
			t.Fatalf("step %d: %d bytes, %v", e.Step, e.Size, err)
		}
		got[e.Step] = img
	}
	return got
}

// is reports whether a point is about of the colour.
func is(img image.Image, x, y int, red, green, blue uint32) bool {
	r, g, b, _ := img.At(x, y).RGBA()
	near := func(a, b uint32) bool { return max(a>>8, b)-min(a>>8, b) < 40 }
	return near(r, red) && near(g, green) && near(b, blue)
}

// colourful has a page of its own colour at each path, with a password typed in.
func colourful(t *testing.T) *httptest.Server {
	page := func(ground, rest string) string {
		return `<style>body{margin:0;background:` + ground + `}</style>` + rest
	}
	return site(t, map[string]string{
		"/": page("rgb(200,0,0)", `<a href=/two>下一页</a>`),
		"/two": page("rgb(0,160,0)", `<script>
			window.touched = 0;
			addEventListener('DOMContentLoaded', () => new MutationObserver(() => touched++).observe(document, { childList: true, subtree: true, attributes: true }));
			</script><input type=password aria-label=密码 style="position:absolute;left:100px;top:100px;width:300px;height:60px;background:white">
			<button onclick="location='/three'">登录</button>`),
		"/three": page("rgb(0,0,200)", `<h1>工作台</h1>`),
	})
}

// TestStill_ofEachStep: a run that is remembered keeps a picture of each step,
// with the password painted over and nothing left of that in the page.
func TestStill_ofEachStep(t *testing.T) {
	srv := colourful(t)
	s := parse(t, srv.URL, `steps:
  - goto: ${base}/
  - click: 下一页
    expect: [{visible: 登录}]
  - fill: {密码: "${secret.password}"}
  - eval: {script: "String(window.touched)", gives: "0"}
  - click: 登录
    expect: [{visible: 工作台}]
`)
	result, r := recalled(t, s)
	mustPass(t, result)
	got := stillsOf(t, result)
	if len(got) != 5 {
		t.Fatalf("%d pictures", len(got))
	}
	for step, c := range map[int][3]uint32{1: {200, 0, 0}, 2: {0, 160, 0}, 3: {0, 160, 0}, 4: {0, 160, 0}, 5: {0, 0, 200}} {
		if !is(got[step], 600, 500, c[0], c[1], c[2]) {
			t.Errorf("step %d has another colour", step)
		}
	}
	if !is(got[3], 250, 130, 0x44, 0x44, 0x44) {
		t.Error("the password is not painted over")
	}
	var sum time.Duration
	for _, st := range result.Steps {
		sum += st.Duration
	}
	if r.notes.stills.spent <= 0 || result.Duration-sum > time.Since(result.Started)-sum-r.notes.spent {
		t.Errorf("steps %s, run %s, notes %s", sum, result.Duration, r.notes.spent)
	}
	size := 0
	for _, e := range result.Evidence {
		size += e.Size
	}
	t.Logf("%d pictures took %s, all evidence %d bytes", len(got), r.notes.stills.spent, size)
}

// TestStill_notOfAFailure: only who passes is remembered.
func TestStill_notOfAFailure(t *testing.T) {
	srv := colourful(t)
	s := parse(t, srv.URL, "steps:\n  - goto: ${base}/\n  - expect: [{visible: 不存在}]\n    timeout: 300ms\n")
	if result, _ := recalled(t, s); result.Outcome != gengfu.Failed || len(stillsOf(t, result)) > 0 {
		t.Errorf("%s with %d pictures", result.Outcome, len(stillsOf(t, result)))
	}
}

// TestStill_withoutWordsLearnedLater: a word that a later page shows under a mask
// takes the pictures away on which it stood in the open.
func TestStill_withoutWordsLearnedLater(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		body := map[string]string{
			"/1": `<h1>登录</h1><a href=/2>下一页</a>`, "/2": `<h1>欢迎 欧阳测试</h1><a href=/3>下一页</a>`,
			"/3": `<h1>首页</h1><p class=who>欧阳测试</p><a href=/4>下一页</a>`, "/4": `<h1>完</h1><p class=who>欧阳测试</p>`,
		}[q.URL.Path]
		_, _ = w.Write([]byte("<!doctype html>" + body))
	}))
	defer srv.Close()
	s := parse(t, srv.URL, `mask: {css: .who}
steps:
  - goto: ${base}/1
  - click: 下一页
    expect: [{visible: 欢迎 欧阳测试}]
  - click: 下一页
    expect: [{visible: 首页}]
  - click: 下一页
    expect: [{visible: 完}]
`)
	result, _ := recalled(t, s)
	mustPass(t, result)
	got := stillsOf(t, result)
	for step, want := range map[int]bool{1: true, 2: false, 3: true, 4: true} {
		if (got[step] != nil) != want {
			t.Errorf("step %d has a picture: %t", step, !want)
		}
	}
	if all := everything(result); strings.Contains(all, "欧阳") {
		t.Error(all)
	}
}

// TestUnmoved: paint that did not stay where it was may have shown something.
func TestUnmoved(t *testing.T) {
	at := func(world, where string, held bool) map[cdp.FrameID]paint {
		return map[cdp.FrameID]paint{"f": {world: world, Where: where, Held: held}}
	}
	for name, c := range map[string]struct {
		after map[cdp.FrameID]paint
		want  bool
	}{
		"the same":            {at("1", "1,10px", true), true},
		"a frame less":        {nil, true},
		"another document":    {at("2", "1,10px", true), false},
		"scrolled":            {at("1", "1,12px", true), false},
		"taken off":           {at("1", "1,10px", false), false},
		"a frame that is new": {map[cdp.FrameID]paint{"g": {world: "1", Held: true}}, false},
	} {
		if got := unmoved(at("1", "1,10px", true), c.after); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestStill_restlessPageShowsNoSecret: while what has to be painted over moves,
// there is no picture rather than one with a secret on it.
func TestStill_restlessPageShowsNoSecret(t *testing.T) {
	srv := serve(t, `<h1>号码</h1><p id=p style="position:absolute;top:100px">`+password+`</p>
		<script>let y = 100; setInterval(() => { p.style.top = (y += 3) % 600 + 'px' }, 1)</script>`)
	s := parse(t, srv.URL, "steps:\n  - goto: ${base}/\n    expect: [{visible: 号码}]\n  - expect: [{visible: 号码}]\n")
	s.Secrets = []string{"password"}
	result, r := recalled(t, s)
	mustPass(t, result)
	if len(r.notes.stills.list) > 0 {
		t.Error("a picture of what moved")
	}
}
