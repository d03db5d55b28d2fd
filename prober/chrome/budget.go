package chrome

import (
	"strconv"
	"strings"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// overBudget holds a step's time against its budget.
func (r *runner) overBudget(st *scenarios.Step, res *gengfu.StepResult) {
	if res.Status != gengfu.StepPassed || res.Always {
		return
	}
	b := st.Budget
	over := b.Fail > 0 && res.Duration > b.Fail || b.Warn > 0 && res.Duration > b.Warn
	if !over || r.taint() != "" {
		return
	}
	switch {
	case b.Fail > 0 && res.Duration > b.Fail:
		res.Status = gengfu.StepFailed
		f := slower(gengfu.FaultTimeout, "", b.Fail, res.Duration)
		f.Step, f.Name, f.Verb = res.Index, res.Name, res.Verb
		f.URL = res.URL
		r.run.Failure = &f
	case b.Warn > 0 && res.Duration > b.Warn:
		f := slower("", "", b.Warn, res.Duration)
		res.Status, res.Why = gengfu.StepDegraded, &f
		r.degrade(st, f)
	}
}

// slower is the failure of a duration over its limit.
func slower(fault gengfu.Fault, what string, limit, took time.Duration) gengfu.Failure {
	return gengfu.Failure{
		Fault: fault, Reason: gengfu.ReasonSlow,
		Want: strings.TrimSpace(what + " " + gengfu.Span(limit)), Seen: gengfu.Span(took),
	}
}

// degrade keeps the first reason why the run is not a plain pass.
func (r *runner) degrade(st *scenarios.Step, f gengfu.Failure) {
	if r.slow != nil {
		return
	}
	f = r.cleaned(f)
	f.Fault = ""
	if st != nil {
		f.Step, f.Name, f.Verb = r.index, st.Name, string(st.Verb)
	}
	r.slow = &f
}

// checkBudgets holds the whole run and its worst page against the scenario's
// budgets.
func (r *runner) checkBudgets() {
	if r.taint() != "" {
		return
	}
	r.rec.mu.Lock()
	var worst gengfu.PageLoad
	for _, d := range r.rec.docs {
		worst.TTFB, worst.FCP = max(worst.TTFB, d.TTFB), max(worst.FCP, d.FCP)
		worst.LCP, worst.Load = max(worst.LCP, d.LCP), max(worst.Load, d.Load)
		worst.CLS = max(worst.CLS, d.CLS)
		worst.INP, worst.Long.Total = max(worst.INP, d.INP), max(worst.Long.Total, d.Long.Total)
	}
	r.rec.mu.Unlock()
	b := r.s.Budget
	for _, c := range []struct {
		what   string
		budget scenarios.Budget
		took   time.Duration
	}{
		{"total", b.Total, r.run.Duration},
		{"TTFB", b.TTFB, worst.TTFB},
		{"FCP", b.FCP, worst.FCP},
		{"LCP", b.LCP, worst.LCP},
		{"load", b.Load, worst.Load},
		{"INP", b.INP, worst.INP},
		{"long tasks", b.LongTasks, worst.Long.Total},
	} {
		switch {
		case c.budget.Fail > 0 && c.took > c.budget.Fail && r.run.Failure == nil:
			f := slower(gengfu.FaultTimeout, c.what, c.budget.Fail, c.took)
			r.run.Failure = &f
		case c.budget.Warn > 0 && c.took > c.budget.Warn:
			r.degrade(nil, slower("", c.what, c.budget.Warn, c.took))
		}
	}
	r.checkShift(worst.CLS)
}

func (r *runner) checkShift(cls float64) {
	f := gengfu.Failure{Reason: gengfu.ReasonSlow, Seen: "CLS " + strconv.FormatFloat(cls, 'f', 3, 64)}
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	switch b := r.s.Budget; {
	case b.CLSFail > 0 && cls > b.CLSFail && r.run.Failure == nil:
		f.Fault, f.Want = gengfu.FaultAssertion, number(b.CLSFail)
		r.run.Failure = &f
	case b.CLSWarn > 0 && cls > b.CLSWarn:
		f.Want = number(b.CLSWarn)
		r.degrade(nil, f)
	}
}

// messageSays looks for texts among the messages that appeared during the
// present step: a toast may be gone when the step's time is up.
func (r *runner) messageSays(signs []any) reply {
	r.rec.mu.Lock()
	defer r.rec.mu.Unlock()
	for _, m := range r.rec.messages {
		for i, sign := range signs {
			if t, is := sign.(string); is && m.Step == r.index && strings.Contains(m.Text, t) {
				return reply{OK: true, Rule: i, Seen: m.Text}
			}
		}
	}
	return reply{}
}
