package chrome

import (
	"strings"
	"testing"

	"gengfu"
)

const talkative = `<h1>首页</h1>
<button onclick="document.title=String(confirm('删除这条记录？'))">删除</button>
<button onclick="document.title=String(prompt('请输入原因','无'))">退回</button>
<button onclick="setTimeout(()=>alert('保存成功'),200)">保存</button>
<a href=/two>离开</a><script>addEventListener('beforeunload',e=>e.preventDefault())</script>`

const answering = `
on_dialog: accept
steps:
  - goto: ${base}/
  - click: 删除
    expect: [{title: "true"}, {dialog: 删除这条记录}]
  - click: 删除
    on_dialog: dismiss
    expect: [{title: "false"}]
  - click: 退回
    on_dialog: {accept: "材料 ${secret.password}"}
    expect: [{title: "材料 ${secret.password}"}, {dialog: {match: '^请'}}]
  - click: 退回
    expect: [{title: {equals: 无}}]
  - click: 保存
    expect: [{dialog: {equals: 保存成功}}]
  - expect: [{dialog: 保存}]
  - fill: {备注: x}
    optional: true
    timeout: 100ms
  - click: 离开
    on_dialog: dismiss
    expect: [{dialog: {match: '^$'}}, {visible: 首页}]
  - goto: ${base}/two
    on_dialog: dismiss
  - expect: [{visible: 首页}, {url: {path: /}}]
  - click: 离开
    on_dialog: accept
    expect: [{url: /two}]
`

// TestDialogs_areAnsweredAsTheStepSays, else as the scenario says; a page that
// asks whether to leave it is left unless the step says dismiss.
func TestDialogs_areAnsweredAsTheStepSays(t *testing.T) {
	for _, p := range []*Pool{pool, fullChromium(t)} {
		srv := site(t, map[string]string{"/": talkative, "/two": "two"})
		r := p.Run(t.Context(), parse(t, srv.URL, answering), slot(), nil)
		mustPass(t, r)
		if len(r.Dialogs) < 5 || r.Dialogs[0] != "confirm: 删除这条记录？" || r.Dialogs[4] != "alert: 保存成功" {
			t.Errorf("%q", r.Dialogs)
		}
	}
}

// TestDialog_thatDoesNotCome fails in words, with the one that came.
func TestDialog_thatDoesNotCome(t *testing.T) {
	srv := site(t, map[string]string{"/": talkative})
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - click: 删除
    expect: [{title: "false"}, {dialog: 成功}]
    timeout: 500ms
`))
	if !strings.Contains(cause(r), "expected dialog “成功”, saw confirm “删除这条记录？”") {
		t.Errorf("got %s", cause(r))
	}
	r = run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
    expect: [{dialog: 成功}]
    timeout: 1s
`))
	if !strings.Contains(cause(r), "saw nothing") {
		t.Errorf("got %s", cause(r))
	}
}

// TestDialog_thatKeepsThePageFromAGoto is the scenario's own mistake unless the
// step itself says so.
func TestDialog_thatKeepsThePageFromAGoto(t *testing.T) {
	srv := site(t, map[string]string{"/": talkative, "/two": "two"})
	r := run(t, parse(t, srv.URL, `
on_dialog: dismiss
steps:
  - goto: ${base}/
  - click: 删除
  - goto: ${base}/two
`))
	if r.Failure == nil || r.Failure.Fault != gengfu.FaultScenario || !strings.Contains(cause(r), "give this step on_dialog: accept") {
		t.Errorf("got %s", cause(r))
	}
}
