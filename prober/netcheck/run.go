package netcheck

import (
	"context"
	"errors"
	"net/http/cookiejar"
	"os"
	"slices"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

const (
	// stepTime is how long a step may take unless it says so.
	stepTime = 10 * time.Second
	// optionalTime is that of an optional step.
	optionalTime = 2 * time.Second
	// alwaysTime is what all closing steps have together.
	alwaysTime = 5 * time.Second
	// lateAfter is the wait in the queue from which a sample no longer stands for
	// the moment it was planned for.
	lateAfter = time.Minute
)

// TimeOf is how long a step without a browser may take.
func TimeOf(st *scenarios.Step) time.Duration {
	switch {
	case st.Timeout > 0:
		return st.Timeout
	case st.Optional:
		return optionalTime
	case st.Pause > 0:
		return st.Pause + stepTime
	}
	return stepTime
}

// runner is one run without a browser; it belongs to one goroutine.
type runner struct {
	c        *Checker
	s        *scenarios.Scenario
	run      *gengfu.Run
	on       *scenarios.Errand
	env      scenarios.Env
	secrets  []gengfu.Secret
	redactor gengfu.Redactor
	watch    func(gengfu.StepResult)
	index    int
	tries    int             // of steps that an answer asked to do again
	slow     *gengfu.Failure // first reason why the run only is degraded
}

// Run executes a slot of a scenario that needs no browser; see
// [scenarios.Scenario.Browserless]. watch is told of each step as it begins
// (Status empty) and as it ended; it may be nil.
func (c *Checker) Run(ctx context.Context, s *scenarios.Scenario, slot gengfu.Slot, watch func(gengfu.StepResult)) gengfu.Run {
	run := s.Begin(slot, time.Now())
	run.QueueWait = max(0, run.Started.Sub(slot.Due))
	if slot.Attempt == 1 && run.QueueWait > lateAfter {
		run.Tainted = gengfu.TaintLate
	}
	cfg := c.config()
	if f := cfg.Vault.Refusal(s.ID); f != nil {
		run.Failure, run.Outcome = f, gengfu.Errored
		return run
	}
	r := &runner{c: c, s: s, run: &run, watch: watch}
	r.env = scenarios.Env{Saved: map[string]scenarios.Value{}, Getenv: os.LookupEnv, Secret: r.secret(cfg.Secret)}
	if zone, err := time.LoadLocation(s.Browser.Timezone); err == nil && s.Browser.Timezone != "" {
		r.env.Zone = zone
	}
	for _, name := range s.Secrets { // an answer may show one before a step uses it
		_, _ = r.env.Secret(name) // the step that asks for it will say that it is missing
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return *r.broken(err)
	}
	r.on = &scenarios.Errand{Scenario: s, Env: &r.env, Jar: jar, Hide: r.hide}
	r.do(ctx)
	if ctx.Err() == nil {
		cfg.Vault.Tell(s.ID, run.Failure, run.Outcome == gengfu.Passed || run.Outcome == gengfu.Degraded, cfg.Breaker)
	}
	return run
}

func (r *runner) broken(err error) *gengfu.Run {
	r.run.Failure = &gengfu.Failure{Fault: gengfu.FaultMachine, Reason: gengfu.ReasonProberInternal, Detail: err.Error()}
	r.run.Outcome = gengfu.Errored
	return r.run
}

func (r *runner) secret(from func(string) (gengfu.Secret, error)) func(string) (gengfu.Secret, error) {
	return func(name string) (gengfu.Secret, error) {
		if from == nil {
			return "", errors.New("no secrets are configured")
		}
		v, err := from(name)
		if err == nil {
			r.hide(v.Reveal())
		}
		return v, err
	}
}

func (r *runner) hide(texts ...string) {
	for _, t := range texts {
		if s := gengfu.Secret(t); t != "" && !slices.Contains(r.secrets, s) {
			r.secrets = append(r.secrets, s)
			r.redactor = r.redactor.With(gengfu.Secret(t))
		}
	}
}

// do does the steps and the closing ones, and gives the verdict.
func (r *runner) do(ctx context.Context) {
	steps, cancel := context.WithTimeout(ctx, r.s.Timeout)
	defer cancel()
	for i := range r.s.Steps {
		st := &r.s.Steps[i]
		if r.run.Failure != nil {
			r.index++
			r.run.Steps = append(r.run.Steps, gengfu.StepResult{Index: r.index, Name: st.Name, Verb: string(st.Verb), Status: gengfu.StepSkipped, Start: r.clock()})
			continue
		}
		r.step(steps, st, false)
		if r.run.Failure != nil && steps.Err() != nil && ctx.Err() == nil {
			r.run.Failure.Fault, r.run.Failure.Reason, r.run.Failure.Waited = gengfu.FaultTimeout, gengfu.ReasonRunTimeout, r.s.Timeout
			r.run.Failure.Detail = st.Name
		}
	}
	r.run.Duration = r.clock()
	if r.run.Failure == nil {
		r.total()
	}
	if ctx.Err() != nil {
		r.run.Failure = &gengfu.Failure{Fault: gengfu.FaultMachine, Reason: gengfu.ReasonProberInternal, Detail: "the run was stopped: " + context.Cause(ctx).Error()}
	}
	closing, end := context.WithTimeout(ctx, alwaysTime)
	defer end()
	for i := range r.s.Always {
		r.step(closing, &r.s.Always[i], true)
	}
	switch {
	case r.run.Failure != nil:
		r.run.Outcome = r.run.Failure.Fault.Outcome()
	case r.slow != nil:
		r.run.Outcome, r.run.Failure = gengfu.Degraded, r.slow
	default:
		r.run.Outcome = gengfu.Passed
	}
}

func (r *runner) clock() time.Duration { return time.Since(r.run.Started) }

// step does one step and records it.
func (r *runner) step(ctx context.Context, st *scenarios.Step, always bool) {
	r.index++
	res := gengfu.StepResult{Index: r.index, Name: st.Name, Verb: string(st.Verb), Always: always, Start: r.clock()}
	r.tell(res)
	out, skipped := r.attempt(ctx, st)
	for asksAgain(out) && r.tries < scenarios.MaxRetries && ctx.Err() == nil {
		r.tries++
		r.run.Remarks = append(r.run.Remarks, gengfu.Remark{Step: r.index, Kind: gengfu.RemarkRetried, Seen: r.redactor.Redact(out.Failure.Seen), N: r.tries})
		out, skipped = r.attempt(ctx, st)
	}
	res.Duration, res.Status = r.clock()-res.Start, gengfu.StepPassed
	if out.Failure != nil {
		out.Failure = r.placed(*out.Failure, st)
	}
	switch f := out.Failure; {
	case skipped:
		res.Status = gengfu.StepSkipped
	case f != nil && st.Optional && f.Fault.Outcome() == gengfu.Failed:
		res.Status, res.Why = gengfu.StepSkipped, f
	case f != nil && st.Soft && f.Fault.Outcome() == gengfu.Failed:
		res.Status, res.Why = gengfu.StepDegraded, f
		if !always {
			r.degrade(new(*f))
		}
	case f != nil && always:
		res.Status, res.Why = gengfu.StepFailed, f
	case f != nil:
		res.Status, r.run.Failure = gengfu.StepFailed, f
		if f.Fault.Outcome() == gengfu.Errored {
			res.Status = gengfu.StepErrored
		}
	case out.Warning != nil && !always && r.run.Tainted == "":
		w := r.placed(*out.Warning, st)
		res.Status, res.Why = gengfu.StepDegraded, w
		r.degrade(w)
	}
	if st.Verb.Browserless() && !skipped {
		check := out.Check.Redacted(r.redactor.Redact)
		res.Check, res.URL = &check, check.Address
	}
	r.overBudget(st, &res)
	r.run.Steps = append(r.run.Steps, res)
	r.tell(res)
}

func (r *runner) tell(res gengfu.StepResult) {
	if r.watch != nil {
		r.watch(res)
	}
}

// placed is a failure with its step, without secrets.
func (r *runner) placed(f gengfu.Failure, st *scenarios.Step) *gengfu.Failure {
	f.Step, f.Name, f.Verb = r.index, st.Name, string(st.Verb)
	for _, text := range []*string{&f.Want, &f.Seen, &f.Cover, &f.Detail, &f.URL} {
		*text = r.redactor.Redact(*text)
	}
	for i, h := range f.Hints {
		f.Hints[i] = r.redactor.Redact(h)
	}
	return &f
}

func (r *runner) degrade(f *gengfu.Failure) {
	if r.slow == nil {
		f.Fault = ""
		r.slow = f
	}
}

// asksAgain reports whether the answer asked for the step to be done again.
func asksAgain(out gengfu.Checked) bool {
	return out.Failure != nil && out.Failure.Reason == gengfu.ReasonToldRetry
}

// attempt does a step within its own time.
func (r *runner) attempt(ctx context.Context, st *scenarios.Step) (out gengfu.Checked, skipped bool) {
	ctx, cancel := context.WithTimeout(ctx, TimeOf(st))
	defer cancel()
	fail := func(err error) gengfu.Checked {
		e := &errand{st: st, on: r.on, began: time.Now()}
		f := e.failure(ctx, err)
		return gengfu.Checked{Failure: &f}
	}
	if len(st.When) > 0 {
		ok, err := conditions(r.on, st.When)
		if err != nil {
			return fail(err), false
		}
		if !ok {
			return out, true
		}
	}
	var err error
	switch st.Verb {
	case scenarios.Save:
		err = keep(r.on, st.Saves)
	case scenarios.Check:
		err = r.compare(st.Cond)
	case scenarios.Wait:
		select {
		case <-time.After(st.Pause):
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	default:
		return r.c.Do(ctx, st, r.on), false
	}
	if err != nil {
		return fail(err), false
	}
	return out, false
}

// overBudget holds a step's time against its budget.
func (r *runner) overBudget(st *scenarios.Step, res *gengfu.StepResult) {
	if res.Status != gengfu.StepPassed || res.Always || r.run.Tainted != "" {
		return
	}
	slow := func(limit time.Duration, fault gengfu.Fault) *gengfu.Failure {
		return r.placed(gengfu.Failure{Fault: fault, Reason: gengfu.ReasonSlow, Want: gengfu.Span(limit), Seen: gengfu.Span(res.Duration), URL: res.URL}, st)
	}
	switch b := st.Budget; {
	case b.Fail > 0 && res.Duration > b.Fail:
		res.Status, r.run.Failure = gengfu.StepFailed, slow(b.Fail, gengfu.FaultTimeout)
	case b.Warn > 0 && res.Duration > b.Warn:
		res.Status, res.Why = gengfu.StepDegraded, slow(b.Warn, "")
		r.degrade(res.Why)
	}
}

// total holds the whole run against its budget.
func (r *runner) total() {
	if r.run.Tainted != "" {
		return
	}
	slow := func(limit time.Duration, fault gengfu.Fault) *gengfu.Failure {
		return &gengfu.Failure{Fault: fault, Reason: gengfu.ReasonSlow, Want: "total " + gengfu.Span(limit), Seen: gengfu.Span(r.run.Duration)}
	}
	switch b := r.s.Budget.Total; {
	case b.Fail > 0 && r.run.Duration > b.Fail:
		r.run.Failure = slow(b.Fail, gengfu.FaultTimeout)
	case b.Warn > 0 && r.run.Duration > b.Warn:
		r.degrade(slow(b.Warn, ""))
	}
}
