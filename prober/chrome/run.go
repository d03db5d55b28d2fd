package chrome

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// Default times of steps; a scenario's own go before.
const (
	stepTime     = 10 * time.Second
	gotoTime     = 30 * time.Second
	optionalTime = 2 * time.Second
	alwaysTime   = 5 * time.Second
)

// Watcher is told of each step as it begins (Status empty) and as it ended.
type Watcher func(gengfu.StepResult)

// runner is one run on one page. It belongs to the goroutine of [Pool.Run].
type runner struct {
	s        *scenarios.Scenario
	env      scenarios.Env
	page     *page
	rec      *recorder
	run      *gengfu.Run
	secrets  []gengfu.Secret // resolved so far
	watch    Watcher
	index    int
	deadline time.Time       // of the main steps
	slow     *gengfu.Failure // first warn budget that was passed
}

func newRunner(s *scenarios.Scenario, run *gengfu.Run, secret func(string) (gengfu.Secret, error), watch Watcher) *runner {
	r := &runner{s: s, run: run, rec: newRecorder(run.Started), watch: watch}
	r.env = scenarios.Env{Saved: map[string]scenarios.Value{}, Getenv: os.LookupEnv}
	r.env.Secret = func(name string) (gengfu.Secret, error) {
		if secret == nil {
			return "", errors.New("no secrets are configured")
		}
		v, err := secret(name)
		if err == nil && !slices.Contains(r.secrets, v) {
			r.secrets = append(r.secrets, v)
			r.rec.hide(v)
		}
		return v, err
	}
	return r
}

// resolve replaces the references in a text; what cannot be resolved is the
// scenario's fault.
func (r *runner) resolve(t scenarios.Text) (scenarios.Value, error) {
	v, err := t.Resolve(&r.env)
	var missing *scenarios.MissingSecretError
	switch {
	case errors.As(err, &missing):
		return v, &stop{gengfu.Failure{Fault: gengfu.FaultScenario, Reason: gengfu.ReasonSecret, Want: missing.Name, Detail: missing.Err.Error()}}
	case err != nil:
		return v, scenarioFault("%v", err)
	}
	return v, nil
}

// do runs the scenario's steps, then its always steps. The failure of a main
// step ends the main steps; an always step never changes the verdict.
func (r *runner) do(ctx context.Context) {
	limit := r.s.Timeout - min(evidenceTime, r.s.Timeout/4) // with the grace of the last step in it
	r.deadline = r.run.Started.Add(limit)
	steps, cancel := context.WithDeadlineCause(ctx, r.deadline, errRunTime)
	defer cancel()
	for i := range r.s.Steps {
		if r.run.Failure != nil || ctx.Err() != nil {
			r.skip(&r.s.Steps[i], false, "")
			continue
		}
		r.step(steps, &r.s.Steps[i], false)
	}
	r.run.Duration = time.Since(r.run.Started)
	if r.run.Failure == nil && ctx.Err() == nil {
		r.checkBudgets()
	}
	if r.run.Failure != nil && r.run.Failure.Fault != gengfu.FaultBrowser && ctx.Err() == nil {
		r.run.Evidence = r.evidence()
	}
	r.always(ctx)
	r.finish()
}

// always does the closing steps within their own short time.
func (r *runner) always(ctx context.Context) {
	if len(r.s.Always) == 0 || r.lostBrowser() != "" {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, alwaysTime+grace, errRunTime)
	defer cancel()
	for i := range r.s.Always {
		r.step(ctx, &r.s.Always[i], true)
	}
}

func (r *runner) finish() {
	r.rec.fill(r.run)
	r.run.FinalURL = r.rec.clean(bare(r.page.url()))
	switch {
	case r.run.Failure != nil:
		r.run.Outcome = r.run.Failure.Fault.Outcome()
	case r.slow != nil:
		r.run.Outcome, r.run.Failure = gengfu.Degraded, r.slow
	default:
		r.run.Outcome = gengfu.Passed
	}
}

// step does one step and records it.
func (r *runner) step(run context.Context, st *scenarios.Step, always bool) {
	r.index++
	r.rec.setStep(r.index)
	res := gengfu.StepResult{Index: r.index, Name: st.Name, Verb: string(st.Verb), Always: always, Start: time.Since(r.run.Started)}
	r.tell(res)
	ctx, cancel := context.WithTimeoutCause(run, limitOf(st)+grace, errStepTime)
	defer cancel()
	skipped, err := r.attempt(ctx, st)
	res.Duration = time.Since(r.run.Started) - res.Start
	res.Status = gengfu.StepPassed
	res.URL = r.rec.clean(bare(r.page.url()))
	if err != nil {
		f := r.explain(ctx, st, err, res.Duration)
		switch {
		case st.Optional && absent(f), always && run.Err() == nil && absent(f):
			skipped, res.Note = true, f.Sentence(gengfu.English)
		case always:
			res.Status, res.Note = gengfu.StepFailed, f.Sentence(gengfu.English)
		default:
			r.run.Failure = &f
			res.Status = gengfu.StepFailed
			if f.Fault.Outcome() == gengfu.Errored {
				res.Status = gengfu.StepErrored
			}
		}
	}
	if skipped {
		res.Status = gengfu.StepSkipped
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

func (r *runner) skip(st *scenarios.Step, always bool, note string) {
	r.index++
	r.run.Steps = append(r.run.Steps, gengfu.StepResult{
		Index: r.index, Name: st.Name, Verb: string(st.Verb), Always: always, Status: gengfu.StepSkipped, Note: note,
		Start: time.Since(r.run.Started),
	})
}

// absent reports whether the failure only says that an element was not there
// or could not be reached, which an optional step forgives.
func absent(f gengfu.Failure) bool {
	switch f.Reason {
	case gengfu.ReasonNotFound, gengfu.ReasonNotVisible, gengfu.ReasonDisabled, gengfu.ReasonCovered, gengfu.ReasonExpect, gengfu.ReasonOutside:
		return true
	}
	return false
}

func limitOf(st *scenarios.Step) time.Duration {
	switch {
	case st.Timeout > 0:
		return st.Timeout
	case st.Optional:
		return optionalTime
	case st.Verb == scenarios.Goto:
		return gotoTime
	case st.Pause > 0:
		return st.Pause + stepTime
	}
	return stepTime
}

// attempt does the step's action and its expectations. skipped is true when
// its condition does not hold.
func (r *runner) attempt(ctx context.Context, st *scenarios.Step) (skipped bool, err error) {
	if len(st.When) > 0 {
		ok, err := r.holds(ctx, st)
		if err != nil || !ok {
			return !ok, err
		}
	}
	before, _ := r.rec.status()
	if err := r.act(ctx, st); err != nil {
		return false, err
	}
	if len(st.Expect) > 0 {
		if st.Verb == scenarios.Goto && st.Timeout == 0 { // a page that came at last need not be waited for as long again
			brief, cancel := context.WithTimeoutCause(ctx, stepTime+grace, errStepTime)
			defer cancel()
			ctx = brief
		}
		if err := r.expectSoft(ctx, st); err != nil {
			return false, err
		}
	}
	return false, r.aftermath(st, before)
}

// expectSoft does the step's expectations; one of level warn only degrades.
func (r *runner) expectSoft(ctx context.Context, st *scenarios.Step) error {
	var hard, soft []scenarios.Expect
	for _, e := range st.Expect {
		if e.Warn {
			soft = append(soft, e)
		} else {
			hard = append(hard, e)
		}
	}
	if err := r.expect(ctx, hard, st.Frame, st.Outcome); err != nil {
		return err
	}
	for _, e := range soft {
		brief, cancel := context.WithTimeoutCause(ctx, whenTime+grace, errStepTime)
		err := r.expect(brief, []scenarios.Expect{e}, st.Frame, nil)
		cancel()
		var s *stop
		if errors.As(err, &s) && s.Fault != gengfu.FaultScenario {
			r.degrade(st, s.Failure)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// aftermath fails a step that led to an error page or let dialogs pour out,
// even though its action went through.
func (r *runner) aftermath(st *scenarios.Step, before int) error {
	r.rec.mu.Lock()
	storm, last := r.rec.storm, ""
	if n := len(r.rec.dialogs); n > 0 {
		last = r.rec.dialogs[n-1]
	}
	r.rec.mu.Unlock()
	if storm {
		return &stop{gengfu.Failure{Fault: gengfu.FaultBlockedPage, Reason: gengfu.ReasonDialogs, Seen: last}}
	}
	status, _ := r.rec.status()
	if status >= 500 && status != before && st.Verb != scenarios.Goto && len(st.Status) == 0 {
		return statusFailure(status)
	}
	return nil
}

func (r *runner) act(ctx context.Context, st *scenarios.Step) error {
	switch st.Verb {
	case scenarios.Goto:
		return r.open(ctx, st)
	case scenarios.Click:
		id, q, err := r.target(ctx, st, useControl)
		if err != nil {
			return err
		}
		return r.press(ctx, id, q, needs{})
	case scenarios.Fill:
		return r.fill(ctx, st)
	case scenarios.Select:
		return r.choose(ctx, st)
	case scenarios.Tick, scenarios.Untick:
		return r.tick(ctx, st, st.Verb == scenarios.Tick)
	case scenarios.Press:
		return r.hit(ctx, st)
	case scenarios.Hover:
		return r.hover(ctx, st)
	case scenarios.Upload:
		return r.upload(ctx, st)
	case scenarios.Close:
		return r.shut(ctx, st)
	case scenarios.TOTP:
		return r.code(ctx, st)
	case scenarios.Save:
		return r.save(ctx, st)
	case scenarios.Check:
		return r.compare(st.Cond)
	case scenarios.Wait:
		return r.wait(ctx, st)
	case scenarios.Verify:
		return nil // its expectations follow
	}
	return scenarioFault("verb %s cannot be run", st.Verb)
}

func (r *runner) wait(ctx context.Context, st *scenarios.Step) error {
	if st.Pause <= 0 {
		return r.expect(ctx, st.For, st.Frame, nil)
	}
	t := time.NewTimer(st.Pause)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-r.page.s.closed:
		return r.page.s.ended()
	}
}

// explain makes the failure of a step: the cause, what a known text on the
// page says about it, and what else happened.
func (r *runner) explain(ctx context.Context, st *scenarios.Step, err error, took time.Duration) gengfu.Failure {
	f := r.classify(ctx, err, took)
	if f.Fault == gengfu.FaultAssertion {
		if told := r.told(st); told != nil {
			f = *told
		}
	}
	f.Step, f.Name, f.Verb = r.index, st.Name, string(st.Verb)
	f.URL = r.rec.clean(bare(r.page.url()))
	f.Hints = append(f.Hints, r.hints(r.index)...)
	if f.Fault == gengfu.FaultAssertion {
		f.Hints = append(f.Hints, r.invalidFields()...)
	}
	return f
}

// told looks for the texts of the step's outcome rules, on the page and among
// the messages that have gone again.
func (r *runner) told(st *scenarios.Step) *gengfu.Failure {
	texts, err := r.ruleTexts(st.Outcome)
	if err != nil || len(texts) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var rep reply
	if s, world, ok := r.page.here(r.page.main); ok {
		_ = evaluate(ctx, s, world, `(t)=>__gengfu.says(t)`, 0, []any{texts}, &rep) // no answer is no rule
	}
	if !rep.OK {
		rep = r.messageSays(texts)
	}
	if !rep.OK || rep.Rule >= len(st.Outcome) {
		return nil
	}
	var s *stop
	if errors.As(ruled(st.Outcome[rep.Rule], r.rec.clean(rep.Seen)), &s) {
		return &s.Failure
	}
	return nil
}

func (r *runner) invalidFields() []string {
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	s, world, ok := r.page.here(r.page.main)
	if !ok {
		return nil
	}
	var fields []string
	if evaluate(ctx, s, world, `()=>__gengfu.invalid()`, 0, nil, &fields) != nil {
		return nil
	}
	for i, f := range fields {
		fields[i] = gengfu.HintInvalid + r.rec.clean(f)
	}
	return fields
}

func cores() int { return runtime.NumCPU() }
