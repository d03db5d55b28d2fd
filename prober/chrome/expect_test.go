package chrome

import (
	"strings"
	"testing"

	"gengfu"
)

const expectPage = `<title>智慧健康养老</title><h1>我的申请</h1><p id=p data-state=on>共 12 条</p><p id=h hidden>藏</p>
<button disabled>下一步</button><button id=go>上一步</button><label>姓名<input value="张 三"></label><label><input type=checkbox checked>同意</label><ul><li>1<li>2<li>3</ul>
<script>console.error('noise'); </script><script src=/missing></script>`

// TestExpect_everyKind holds where it should, and says what it saw where it
// does not. want is empty for what holds.
func TestExpect_everyKind(t *testing.T) {
	srv := site(t, map[string]string{"/申请/列表": expectPage})
	for _, row := range []struct{ expect, want string }{
		{`url: /申请/列表`, ``},
		{`url: "列表?页=1"`, ``},
		{`url: {path: /申请/列表}`, ``},
		{`url: {match: '页=\d+$'}`, ``},
		{`url: {not: {path: /login}}`, ``},
		{`url: /login`, `expected url path “/login”`},
		{`url: {not: {path: /申请/列表}}`, `expected url not path`},
		{`title: 健康 养老`, ``},
		{`title: {equals: 智慧健康养老}`, ``},
		{`title: {match: '^智慧.+养老$'}`, ``},
		{`title: {not: {contains: 错误}}`, ``},
		{`title: {equals: 养老}`, `saw “智慧健康养老”`},
		{`text: 我的申请`, ``},
		{`text: {match: '共 \d+ 条'}`, ``},
		{`text: {match: '(?i)\d+\s条'}`, ``},
		{`text: {match: '共 (?P<n>\d+)\-? 条'}`, ``},
		{`text: {not: {contains: 系统异常}}`, ``},
		{`text: 藏`, `expected text “藏”`},
		{`text: {of: {css: "#p"}, equals: 共 12 条}`, ``},
		{`text: {of: {css: "#p"}, equals: 共13条}`, `saw “共 12 条”`},
		{`text: {of: {css: li}, equals: "1"}`, `saw 3: li`},
		{`visible: 我的申请`, ``},
		{`visible: {role: heading}`, ``},
		{`visible: {css: "#h"}`, `exists but is not visible`},
		{`visible: {css: "#none"}`, `css “#none” was not found`},
		{`hidden: {css: "#h"}`, ``},
		{`hidden: {css: "#none"}`, ``},
		{`hidden: 我的申请`, `expected hidden`},
		{`enabled: 上一步`, ``},
		{`enabled: {of: 下一步, is: false}`, ``},
		{`enabled: 下一步`, `saw disabled`},
		{`checked: 同意`, ``},
		{`checked: {of: 同意, is: false}`, `expected not checked “同意”, saw checked`},
		{`value: {of: 姓名, equals: 张三}`, ``},
		{`value: {of: 姓名, match: '^张'}`, ``},
		{`value: {of: 姓名, equals: 李四}`, `saw “张 三”`},
		{`count: {of: {css: li}, is: 3}`, ``},
		{`count: {of: {css: li}, min: 1, max: 5}`, ``},
		{`count: {of: {css: li}, max: 2}`, `expected count css “li” ≤ 2, saw 3`},
		{`attribute: {of: {css: "#p"}, name: data-state, equals: on}`, ``},
		{`attribute: {of: {css: "#p"}, name: data-state, not: {equals: on}}`, `saw “on”`},
		{`status: 200`, ``},
		{`status: [301, 302]`, `answered HTTP 200`},
		{`console: {errors: 1}`, ``},
		{`console: {errors: 0}`, `console errors ≤ 0, saw 1`},
		{`requests: {failed: 1}`, ``},
		{`requests: {failed: 0}`, `failed requests ≤ 0, saw 1`},
	} {
		t.Run(row.expect, func(t *testing.T) {
			r := run(t, parse(t, srv.URL, `
steps:
  - goto: {url: "${base}/申请/列表?页=1", until: load}
  - expect: [{`+row.expect+`}]
    timeout: 150ms
`))
			switch {
			case row.want == "":
				mustPass(t, r)
			case r.Failure == nil || r.Failure.Step != 2 || !strings.Contains(cause(r), row.want):
				t.Errorf("got %s, want %s", cause(r), row.want)
			}
		})
	}
}

// TestBudgets_degradeAndFail: a warn limit degrades the run, a fail limit fails
// it, and the first cause is kept.
func TestBudgets_degradeAndFail(t *testing.T) {
	const body = `<h1>页</h1><div id=a></div><p>移动</p><script>setTimeout(()=>a.style.height='500px',150);new PerformanceObserver(()=>document.body.append('见移动')).observe({type:'layout-shift',buffered:true})</script>`
	for _, row := range []struct {
		name, budget, step string
		outcome            gengfu.Outcome
		want               string
	}{
		{"nothing", "{}", "", gengfu.Passed, "no failure"},
		{"step warn", "{}", "budget: {warn: 100ms}", gengfu.Degraded, "step 2 (wait 400ms): took"},
		{"step fail", "{}", "budget: {warn: 1ms, fail: 100ms}", gengfu.Failed, "over the limit of 100 ms"},
		{"total warn", "{total: {warn: 100ms}}", "", gengfu.Degraded, "over the limit of total 100 ms"},
		{"total fail", "{total: {fail: 100ms}}", "", gengfu.Failed, "over the limit of total 100 ms"},
		{"paint", "{lcp: {warn: 1ms}}", "", gengfu.Degraded, "over the limit of LCP 1 ms"},
		{"first byte", "{ttfb: {fail: 10s}, fcp: {fail: 10s}, load: {fail: 10s}}", "", gengfu.Passed, "no failure"},
		{"shift warn", "{cls: {warn: 0.0001}}", "", gengfu.Degraded, "CLS 0."},
		{"shift fail", "{cls: {fail: 0.0001}}", "", gengfu.Failed, "CLS 0."},
		{"soft expectation", "{}", "expect: [{text: 没有, level: warn}]", gengfu.Degraded, "expected text “没有”"},
	} {
		t.Run(row.name, func(t *testing.T) {
			srv := site(t, map[string]string{"/": body})
			r := run(t, parse(t, srv.URL, `
budget: `+row.budget+`
steps:
  - goto: {url: "${base}/", until: load}
  - wait: 400ms
    timeout: 2s
    `+row.step+"\n  - expect: [{text: 见移动}]\n")) // a busy machine paints late
			if r.Outcome != row.outcome || !strings.Contains(cause(r), row.want) {
				t.Errorf("outcome %s: %s; pages %+v", r.Outcome, cause(r), r.Pages)
			}
		})
	}
}
