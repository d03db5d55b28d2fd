package chrome

import (
	"context"
	"errors"
	"slices"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// step does one step and records it.
func (r *runner) step(run context.Context, st *scenarios.Step, always bool) {
	r.index++
	r.rec.setStep(r.index)
	r.tries = 0
	res := gengfu.StepResult{Index: r.index, Name: st.Name, Verb: string(st.Verb), Always: always, Group: r.group, Start: r.clock()}
	r.tell(res)
	ctx, cancel := context.WithTimeoutCause(run, limitOf(st)+grace, errStepTime)
	defer cancel()
	skipped, err := r.attempt(ctx, st)
	if err != nil && len(st.Outcome) > 0 {
		ctx, skipped, err = r.repeated(run, ctx, st, err)
	}
	res.Duration, res.Check = r.clock()-res.Start, r.takeChecked()
	res.Status, res.Tab = gengfu.StepPassed, r.tabNumber()
	res.URL = r.rec.clean(bare(r.page.url()))
	if err != nil {
		f := r.explain(ctx, st, err, res.Duration)
		switch {
		case st.Optional && (absent(f) || st.Verb.Browserless() && f.Fault.Outcome() == gengfu.Failed), always && run.Err() == nil && absent(f):
			skipped, res.Why = true, &f
		case st.Soft && f.Fault.Outcome() == gengfu.Failed && run.Err() == nil && f.Fault != gengfu.FaultRendererCrash && f.Fault != gengfu.FaultBlockedPage:
			res.Status, res.Why = gengfu.StepDegraded, &f
			if !always {
				r.degrade(st, f)
			}
		case always:
			res.Status, res.Why = gengfu.StepFailed, &f
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
	r.choices(&res)
	r.run.Steps = append(r.run.Steps, res)
	r.tell(res)
}

func (r *runner) tell(res gengfu.StepResult) {
	if r.watch != nil {
		r.watch(res)
	}
}

func (r *runner) skip(st *scenarios.Step) {
	r.index++
	r.run.Steps = append(r.run.Steps, gengfu.StepResult{
		Index: r.index, Name: st.Name, Verb: string(st.Verb), Group: r.group, Status: gengfu.StepSkipped,
		Start: r.clock(),
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
	case st.Ask != nil:
		return st.Ask.Wait + stepTime
	case st.Timeout > 0:
		return st.Timeout
	case st.Optional:
		return optionalTime
	case st.Verb == scenarios.Goto:
		return gotoTime
	case st.Rounds != nil:
		return repeatTime
	case st.Pause > 0:
		return st.Pause + stepTime
	}
	return stepTime
}

// attempt does the step's action and its expectations. skipped is true when
// its condition does not hold.
func (r *runner) attempt(ctx context.Context, st *scenarios.Step) (skipped bool, err error) {
	if err := r.begin(ctx, st); err != nil {
		return false, err
	}
	defer r.refuseFiles(ctx, st)
	if len(st.When) > 0 {
		ok, err := r.holds(ctx, st)
		if err != nil || !ok {
			return !ok, err
		}
	}
	if st.Verb.Browserless() {
		return false, r.errand(ctx, st)
	}
	before := r.rec.status()
	if err := r.retry(ctx, func() error { return r.act(ctx, st) }); err != nil {
		return false, err
	}
	if err := r.front(ctx); err != nil {
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
	err := r.retry(ctx, func() error { return r.expect(ctx, hard, st.Frame, st.Outcome) })
	if err != nil {
		return err
	}
	for _, e := range soft {
		brief, cancel := context.WithTimeoutCause(ctx, whenTime+grace, errStepTime)
		err := r.retry(brief, func() error { return r.expect(brief, []scenarios.Expect{e}, st.Frame, nil) })
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
	status := r.rec.status()
	asked := slices.ContainsFunc(st.Expect, func(e scenarios.Expect) bool { return e.Kind == scenarios.ExpectStatus })
	if status >= 500 && status != before && st.Verb != scenarios.Goto && !asked {
		return statusFailure(status)
	}
	return nil
}

// retry does what has to find its document or frame again when that went away
// meanwhile. Nothing that a page has got already is done twice: a press ends
// with its event, whatever becomes of the document.
func (r *runner) retry(ctx context.Context, f func() error) error {
	for {
		err := f()
		if handled, why := r.disturbed(ctx, err); handled {
			continue
		} else if why != nil {
			return why
		}
		if !moved(err) || patience(ctx) <= 0 || r.page.dead() && !r.back(ctx) {
			return err
		}
		pause, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		_ = r.page.await(pause, func() bool { return false })
		cancel()
	}
}

func (r *runner) act(ctx context.Context, st *scenarios.Step) error {
	switch st.Verb {
	case scenarios.Goto:
		return r.open(ctx, st)
	case scenarios.Click, scenarios.Dblclick, scenarios.Rightclick:
		return r.point(ctx, st)
	case scenarios.Drag:
		return r.drag(ctx, st)
	case scenarios.PDF:
		return r.print(ctx)
	case scenarios.Scroll:
		return r.scroll(ctx, st)
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
		if st.CloseTab {
			return r.closeTab(ctx)
		}
		return r.shut(ctx, st)
	case scenarios.TOTP:
		return r.code(ctx, st)
	case scenarios.Save:
		return r.save(ctx, st)
	case scenarios.Repeat:
		return r.repeat(ctx, st)
	case scenarios.Eval:
		return r.eval(ctx, st)
	case scenarios.Attend:
		return r.attend(ctx, st)
	case scenarios.A11y:
		return r.audit(ctx, st)
	case scenarios.Put:
		return r.set(ctx, st)
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
