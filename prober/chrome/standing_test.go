package chrome

import (
	"slices"
	"strings"
	"testing"

	"gengfu"
)

const noticePage = `<title>t</title><h1>首页</h1>
<button onclick="document.title='done'">办理</button>
<script>
let n = 0;
const notice = () => {
  const d = document.createElement('div');
  d.innerHTML = '<div role=dialog aria-label=公告 style="position:fixed;inset:0;background:#fffd;z-index:9"><p>系统公告</p><button class=x>知道了</button></div>';
  document.body.append(d);
  d.querySelector('.x').onclick = () => { d.remove(); n++; document.body.dataset.closed = n; if (n < LIMIT) setTimeout(notice, 30); };
};
setTimeout(notice, 50);
</script>`

// kindsOf are the remarks of a run by kind.
func kindsOf(r gengfu.Run) []gengfu.RemarkKind {
	var out []gengfu.RemarkKind
	for _, m := range r.Remarks {
		out = append(out, m.Kind)
	}
	return out
}

func TestWhenever_dealsWithNoticesThatHoldUpAStep(t *testing.T) {
	base := serve(t, strings.Replace(noticePage, "LIMIT", "2", 1)).URL
	r := run(t, parse(t, base, `
whenever:
  - {visible: {text: 系统公告}, close: 系统公告}
steps:
  - goto: ${base}/
    expect: [{visible: {css: "body[data-closed='2']"}}]
  - click: 办理
    expect: [{title: done}]
`))
	mustPass(t, r)
	if got := kindsOf(r); !slices.Equal(got, []gengfu.RemarkKind{gengfu.RemarkStanding, gengfu.RemarkStanding}) {
		t.Errorf("remarks %+v", r.Remarks)
	}
}

func TestWhenever_isBoundedAndThenTellsWhatIsInTheWay(t *testing.T) {
	base := serve(t, strings.Replace(noticePage, "LIMIT", "1000", 1)).URL
	r := run(t, parse(t, base, `
whenever:
  - {visible: {text: 系统公告}, do: [{click: 知道了}], times: 2}
steps:
  - goto: ${base}/
    expect: [{visible: {text: 系统公告 不会出现}}]
    timeout: 2s
`))
	if r.Outcome != gengfu.Failed || r.Failure.Reason != gengfu.ReasonNotFound || len(r.Remarks) != 2 {
		t.Errorf("%s: %s; %+v", r.Outcome, cause(r), r.Remarks)
	}
}

func TestWhenever_thatCannotBeFollowedIsGivenUp(t *testing.T) {
	base := serve(t, `<button>办理</button><div style="position:fixed;inset:0;background:#fff">系统公告</div>`).URL
	r := run(t, parse(t, base, `
whenever:
  - {visible: {text: 系统公告}, do: [{click: 没有这个按钮, timeout: 300ms}]}
steps:
  - goto: ${base}/
  - click: 办理
    timeout: 2s
`))
	if r.Outcome != gengfu.Failed || r.Failure.Reason != gengfu.ReasonCovered || !slices.Equal(kindsOf(r), []gengfu.RemarkKind{gengfu.RemarkUnhandled}) {
		t.Errorf("%s: %s; %+v", r.Outcome, cause(r), r.Remarks)
	}
}

func TestWhenever_freesAFrameThatIsCovered(t *testing.T) {
	base := site(t, map[string]string{
		"/": `<iframe src=/inner style="width:400px;height:200px"></iframe>
<div id=n role=dialog style="position:fixed;inset:0;background:#fff">系统公告<button onclick="n.remove()">知道了</button></div>`,
		"/inner": `<button onclick="this.textContent='好了'">办理</button>`,
	}).URL
	r := run(t, parse(t, base, `
whenever:
  - {visible: {text: 系统公告}, do: [{click: 知道了}]}
steps:
  - goto: ${base}/
  - click: 办理
    frame: {css: iframe}
    expect: [{text: {of: {css: button}, equals: 好了}}]
`))
	mustPass(t, r)
	if len(r.Remarks) != 1 {
		t.Errorf("%+v", r.Remarks)
	}
}

func TestCandidates_useTheFirstThatMatchesAndTellIt(t *testing.T) {
	base := serve(t, `<title>t</title><button id=new onclick="document.title='new'">登录</button>
<label>姓名 <input></label><div id=late></div>
<script>setTimeout(() => late.innerHTML = '<p id=first>早</p><p id=second>晚</p>', 200)</script>`).URL
	r := run(t, parse(t, base, `
steps:
  - goto: ${base}/
    expect: [{visible: [{css: "#first"}, {css: "#second"}]}]
  - click: [{css: "#old"}, {role: button, name: 登录}]
    expect: [{title: new}]
  - fill: [{field: [{label: 名字}, 姓名], value: 李}]
  - save: {name: {from: [{css: input}, {css: textarea}], source: value}}
  - check: ${name} == 李
`))
	mustPass(t, r)
	var used []int
	for _, s := range r.Steps {
		used = append(used, s.Used)
	}
	if !slices.Equal(used, []int{1, 2, 2, 1, 0}) {
		t.Errorf("candidates %v", used)
	}
	if len(r.Remarks) != 2 || r.Remarks[0] != (gengfu.Remark{Step: 2, Kind: gengfu.RemarkCandidate, Want: "css “#old”", Seen: "button “登录”", N: 2}) {
		t.Errorf("remarks %+v", r.Remarks)
	}
}

func TestCandidates_thatAllFailAreNamed(t *testing.T) {
	base := serve(t, `<p>nothing</p>`).URL
	r := run(t, parse(t, base, `
steps:
  - goto: ${base}/
    expect: [{hidden: [{css: .a}, {css: .b}]}]
  - click: [{css: .a}, 登录]
    timeout: 1500ms
`))
	if r.Failure == nil || r.Failure.Reason != gengfu.ReasonNotFound || r.Failure.Want != "css “.a” / “登录”" {
		t.Errorf("%s", cause(r))
	}
}
