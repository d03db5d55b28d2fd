package chrome

import (
	"context"
	"errors"

	"gengfu"
	"gengfu/scenarios"
)

// clue is what an outcome rule is known by when that is no text.
type clue struct {
	Q     *query         `json:"q,omitempty"`
	Match map[string]any `json:"match,omitempty"`
}

// signs are what the rules are known by, in the form the script takes. In a
// repeated step those that would repeat it are left out (nil), because their
// words may still stand there.
func (r *runner) signs(rules []scenarios.OutcomeRule, repeated bool) ([]any, error) {
	out := []any{}
	for _, rule := range rules {
		var one any
		var err error
		switch {
		case rule.Retry && repeated:
		case rule.Visible != nil:
			var q *query
			if q, err = r.compile(*rule.Visible, useControl); err == nil {
				q.asText()
				one = clue{Q: q}
			}
		case rule.URL != nil:
			var m map[string]any
			m, _, err = r.match(*rule.URL)
			one = clue{Match: m}
		default:
			var v scenarios.Value
			v, err = r.resolve(rule.Text)
			one = v.Text
		}
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// repeated does a failed step again for as long as the page asks for that. Each
// try has a step's time; the context is that of the last one.
func (r *runner) repeated(run, last context.Context, st *scenarios.Step, err error) (ctx context.Context, skipped bool, _ error) {
	if !r.asksAgain(last, st, err) {
		return last, false, err
	}
	ctx, cancel := context.WithTimeoutCause(run, limitOf(st)+grace, errStepTime)
	context.AfterFunc(run, cancel)
	if skipped, err = r.attempt(ctx, st); err == nil {
		return ctx, skipped, nil
	}
	return r.repeated(run, ctx, st, err)
}

// asksAgain reports whether the page asks for a failed step to be done again,
// as a rule of the step says.
func (r *runner) asksAgain(ctx context.Context, st *scenarios.Step, err error) bool {
	asked := false
	for _, rule := range st.Outcome {
		asked = asked || rule.Retry
	}
	if !asked || r.tries >= scenarios.MaxRetries || stopped(ctx) != nil || r.late(ctx) {
		return false
	}
	var s *stop
	if !errors.As(err, &s) || s.Fault != gengfu.FaultAssertion {
		return false
	}
	f := &s.Failure
	if f.Reason != gengfu.ReasonToldRetry {
		f = r.told(st)
	}
	if f == nil || f.Reason != gengfu.ReasonToldRetry {
		return false
	}
	r.tries++
	r.remark(gengfu.Remark{Step: r.index, Kind: gengfu.RemarkRetried, Seen: f.Seen, N: r.tries})
	return true
}
