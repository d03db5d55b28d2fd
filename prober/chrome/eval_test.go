package chrome

import (
	"slices"
	"testing"

	"gengfu"
)

func TestEval_takesTheValueOfTheLastExpression(t *testing.T) {
	base := serve(t, `<title>t</title><script>window.app = {version: '3.2', users: [1, 2]}</script>`).URL
	mustPass(t, run(t, parse(t, base, `
steps:
  - goto: ${base}/
  - eval: {script: "const n = await Promise.resolve(app.users.length); n + 40", save: n}
  - check: ${n} == 42
  - eval: {script: "new Promise(done => setTimeout(() => done('late'), 50))", save: word}
  - check: ${word} == late
  - eval: {script: app, gives: {contains: '"3.2"'}}
  - eval: document.title = 'set'
    expect: [{title: set}]
`)))
}

func TestEval_tellsWhoseFaultItIs(t *testing.T) {
	base := serve(t, `<title>t</title>`).URL
	for _, row := range []struct {
		step   string
		fault  gengfu.Fault
		reason gengfu.Reason
	}{
		{"eval: app.missing.thing", gengfu.FaultJSError, gengfu.ReasonJS},
		{"eval: 'const = 1'", gengfu.FaultScenario, gengfu.ReasonScenario},
		{"eval: {script: 1 + 1, gives: '3'}", gengfu.FaultAssertion, gengfu.ReasonExpect},
		{"eval: 'for (;;);'\n    timeout: 500ms", gengfu.FaultTimeout, gengfu.ReasonTimeout},
		{"eval: 'new Promise(() => 0)'\n    timeout: 500ms", gengfu.FaultTimeout, gengfu.ReasonTimeout},
	} {
		r := run(t, parse(t, base, "steps:\n  - goto: ${base}/\n  - "+row.step+"\n"))
		if r.Failure == nil || r.Failure.Fault != row.fault || r.Failure.Reason != row.reason {
			t.Errorf("%s: %s", row.step, cause(r))
		}
	}
}

const hardPage = `<title>t</title><img src=data:,><button></button><label>好 <input></label><input id=a><p id=a>x</p>
<p style="color:#bbb;background:#fff">灰色的字</p><p style="color:#333">黑色的字</p><a href=/x aria-label=帮助></a><h1>一</h1><h3>三</h3>`

func TestA11y_findsWhatHindersPeople(t *testing.T) {
	base := serve(t, hardPage).URL
	r := run(t, parse(t, base, `
steps:
  - goto: ${base}/
  - a11y: {fail: critical, ignore: heading-order}
`))
	if r.Outcome != gengfu.Failed || r.Failure.Reason != gengfu.ReasonA11y || r.Failure.Seen != "image-alt × 1, button-name × 1, field-name × 1" {
		t.Errorf("%s", cause(r))
	}
	var rules []string
	for _, m := range r.Remarks {
		rules = append(rules, m.Want)
	}
	if want := []string{"critical image-alt", "critical button-name", "critical field-name", "serious lang", "serious contrast", "minor duplicate-id"}; !slices.Equal(rules, want) {
		t.Errorf("found %v", r.Remarks)
	}
	mustPass(t, run(t, parse(t, base, `
steps:
  - goto: ${base}/
  - a11y: {fail: minor, within: {css: label}}
  - a11y: never
`)))
}

func TestLevel_letsARunGoOnDegraded(t *testing.T) {
	base := serve(t, `<title>t</title><p>好</p>`).URL
	r := run(t, parse(t, base, `
steps:
  - goto: ${base}/
  - check: 7 < 5
    level: warn
  - click: 没有
    level: warn
    timeout: 300ms
  - expect: [{text: 好}]
`))
	if r.Outcome != gengfu.Degraded || r.Failure.Step != 2 || r.Steps[1].Status != gengfu.StepDegraded || r.Steps[2].Status != gengfu.StepDegraded || r.Steps[3].Status != gengfu.StepPassed {
		t.Errorf("%s %s: %+v", r.Outcome, cause(r), r.Steps)
	}
}

func TestBudget_boundsWhatARunMoves(t *testing.T) {
	base := serve(t, `<title>t</title><img src=/a><img src=/b><script>console.error('x')</script>`).URL
	for _, row := range []struct {
		budget  string
		outcome gengfu.Outcome
		want    string
	}{
		{"{requests: {warn: 100, fail: 200}, bytes: {fail: 1 MB}}", gengfu.Passed, ""},
		{"{requests: {warn: 2}}", gengfu.Degraded, "2"},
		{"{bytes: {fail: 50}}", gengfu.Failed, "50 B"},
		{"{errors: {warn: 5, fail: 9}, failed_requests: {fail: 3}}", gengfu.Passed, ""},
	} {
		r := run(t, parse(t, base, "steps:\n  - goto: {url: \"${base}/\", until: load}\nbudget: "+row.budget+"\n"))
		if r.Outcome != row.outcome || r.Failure != nil && (r.Failure.Want != row.want || r.Failure.Reason != gengfu.ReasonOver) {
			t.Errorf("%s: %s %s", row.budget, r.Outcome, cause(r))
		}
	}
}
