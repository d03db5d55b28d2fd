package chrome

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"

	"gengfu"
	"gengfu/scenarios"
)

// maxValue bounds the value of a script.
const maxValue = 64 << 10

// eval runs a script in the page's own world, once: a script may do something,
// so it is not repeated in the next document.
func (r *runner) eval(ctx context.Context, st *scenarios.Step) error {
	source, err := r.resolve(st.Script.Source)
	if err != nil {
		return err
	}
	left, began := max(patience(ctx), 0), time.Now()
	got, err := cdp.Call(ctx, r.page.s, runtime.Evaluate, runtime.EvaluateParams{
		Expression: source.Text, AwaitPromise: new(true), ReturnByValue: new(true), UserGesture: new(true),
		ReplMode: new(strings.Contains(source.Text, "await ")), // which knows await, and does not wait for a promise that is the value
		Timeout:  runtime.TimeDelta(left.Milliseconds()),
	})
	switch {
	case moved(err):
		return &stop{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNavigate, Detail: "the page moved on before the script had ended"}}
	case err != nil && ctx.Err() != nil:
		return stalled(ctx, err)
	case err != nil && time.Since(began) >= left: // the browser ended it
		return &stop{gengfu.Failure{Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonTimeout, Waited: left, Detail: "the script"}}
	case err != nil:
		return err
	case got.ExceptionDetails != nil:
		return scriptFailure(got.ExceptionDetails)
	}
	value := valueText(got.Result)
	if st.Script.Gives != nil {
		if err := r.gives(ctx, *st.Script.Gives, value, source.Secret); err != nil {
			return err
		}
	}
	if st.Script.Name != "" {
		if source.Secret {
			r.hide(gengfu.Secret(value))
		}
		r.env.Saved[st.Script.Name] = scenarios.Value{Text: value, Secret: source.Secret}
	}
	return nil
}

// scriptFailure tells a script that is wrong from one that the page made fail.
func scriptFailure(d *runtime.ExceptionDetails) error {
	text := exceptionText(d)
	if strings.HasPrefix(text, "SyntaxError") {
		return scenarioFault("eval: %s", text)
	}
	return &stop{gengfu.Failure{Fault: gengfu.FaultJSError, Reason: gengfu.ReasonJS, Detail: text}}
}

// valueText is a value as a text: what is no text, as JSON.
func valueText(o *runtime.RemoteObject) string {
	if o == nil || len(o.Value) == 0 {
		return ""
	}
	var s string
	if json.Unmarshal(o.Value, &s) != nil {
		s = string(o.Value)
	}
	return s[:min(len(s), maxValue)]
}

// gives holds a value against a condition, in the page, where all others are.
func (r *runner) gives(ctx context.Context, m scenarios.Match, value string, secret bool) error {
	want, words, err := r.match(m)
	if err != nil {
		return err
	}
	rep, err := r.page.ask(ctx, r.page.main, `(m,v)=>({ok:__gengfu.matches(m,v),stop:true})`, want, value)
	if err != nil || rep.OK {
		return err
	}
	return &stop{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonExpect, Want: "value " + words, Seen: "“" + cut(masked(value, secret)) + "”"}}
}

//go:embed audit.js
var auditScript string

// finding is what an audit found, with the elements it is about.
type finding struct {
	Rule   string   `json:"rule"`
	Impact string   `json:"impact"`
	N      int      `json:"n"`
	Where  []string `json:"where"`
}

// audit looks for what hinders people with disabilities. What it finds is told
// in the run's remarks, whatever becomes of the step.
func (r *runner) audit(ctx context.Context, st *scenarios.Step) error {
	var within any
	if st.Audit.Within != nil {
		q, err := r.compile(*st.Audit.Within, useControl)
		if err != nil {
			return err
		}
		q.asText()
		rep, err := r.page.ask(ctx, r.page.main, `(q,b)=>__gengfu.ready(q,{},b)`, q, budget{})
		if err != nil {
			return err
		}
		if !rep.OK {
			return r.unready(q, rep)
		}
		within = q
	}
	s, world, err := r.page.world(ctx, r.page.main)
	if err != nil {
		return err
	}
	var found []finding
	if err := evaluate(ctx, s, world, auditScript, 0, []any{within}, &found); err != nil {
		return err
	}
	impacts := scenarios.Impacts()
	limit := slices.Index(impacts, st.Audit.Fail)
	var bad []string
	for _, f := range found {
		if slices.Contains(st.Audit.Ignore, f.Rule) {
			continue
		}
		r.remark(gengfu.Remark{Step: r.index, Kind: gengfu.RemarkA11y, Want: f.Impact + " " + f.Rule, Seen: strings.Join(f.Where, " | "), N: f.N})
		if slices.Index(impacts, f.Impact) <= limit {
			bad = append(bad, fmt.Sprintf("%s × %d", f.Rule, f.N))
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return &stop{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonA11y, Want: st.Audit.Fail, Seen: strings.Join(bad, ", ")}}
}
