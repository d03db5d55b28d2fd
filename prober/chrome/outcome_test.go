package chrome

import (
	"slices"
	"testing"

	"gengfu"
	"gengfu/scenarios"
)

const captchaPage = `<title>t</title><button onclick="
n = (window.n || 0) + 1;
said.textContent = n < AGAIN ? '验证码错误' : '';
if (n >= AGAIN) document.title = 'in';
">登录</button><p id=said></p>`

func captcha(t *testing.T, again string) *gengfu.Run {
	t.Helper()
	base := serve(t, "<script>const AGAIN="+again+"</script>"+captchaPage).URL
	r := run(t, parse(t, base, `
steps:
  - goto: ${base}/
  - click: 登录
    timeout: 1500ms
    expect: [{title: in}]
    outcome: [{text: 验证码错误, is: retry}]
`))
	return &r
}

func TestOutcome_retryDoesTheStepAgain(t *testing.T) {
	r := captcha(t, "3")
	mustPass(t, *r)
	if got := kindsOf(*r); !slices.Equal(got, []gengfu.RemarkKind{gengfu.RemarkRetried, gengfu.RemarkRetried}) || r.Remarks[0].Seen != "验证码错误" {
		t.Errorf("remarks %+v", r.Remarks)
	}
}

func TestOutcome_retryIsBounded(t *testing.T) {
	r := captcha(t, "100")
	if r.Outcome != gengfu.Failed || r.Failure.Reason != gengfu.ReasonToldRetry || r.Failure.Seen != "验证码错误" || len(r.Remarks) != scenarios.MaxRetries {
		t.Errorf("%s: %s; %+v", r.Outcome, cause(*r), r.Remarks)
	}
}

func TestOutcome_rulesKnowElementsAndAddresses(t *testing.T) {
	base := site(t, map[string]string{
		"/":       `<button onclick="location.href='/locked'">登录</button><button onclick="said.hidden=false">办理</button><p id=said class=notice hidden>系统升级中</p>`,
		"/locked": `<p>请联系管理员</p>`,
	}).URL
	for _, row := range []struct {
		steps  string
		fault  gengfu.Fault
		reason gengfu.Reason
		seen   string
	}{
		{"  - click: 登录\n    timeout: 2s\n    expect: [{title: in}]\n    outcome: [{url: /locked, is: lockout}]\n", gengfu.FaultLockout, gengfu.ReasonLockout, "/locked"},
		{"  - click: 办理\n    timeout: 2s\n    expect: [{title: in}]\n    outcome: [{visible: {css: .notice}, is: maintenance}]\n", gengfu.FaultMaintenance, gengfu.ReasonMaintenance, "系统升级中"},
	} {
		r := run(t, parse(t, base, "steps:\n  - goto: ${base}/\n"+row.steps))
		if r.Failure == nil || r.Failure.Fault != row.fault || r.Failure.Reason != row.reason || r.Failure.Seen != row.seen {
			t.Errorf("%s", cause(r))
		}
	}
}

func TestOutcome_anErrorPageMayMeanMaintenance(t *testing.T) {
	base := site(t, map[string]string{"/": "<a href=/gone>进入</a>"}).URL
	r := run(t, parse(t, base, `
steps:
  - goto: {url: "${base}/nosuch", status: 404}
    timeout: 2s
    expect: [{title: in}]
    outcome: [{url: /nosuch, is: maintenance}]
`))
	if r.Failure == nil || r.Failure.Fault != gengfu.FaultMaintenance || r.Outcome != gengfu.Failed {
		t.Errorf("%s", cause(r))
	}
}
