package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"gengfu"
	"gengfu/prober/vault"
	"gengfu/scenarios"
)

const (
	// validTime is how long what shows a log-in may take to appear on its page.
	validTime = 3 * time.Second
	// glanceTime is enough for what is there already.
	glanceTime = 300 * time.Millisecond
	// reviewTime bounds the look whether the log-in still holds, after a failure.
	reviewTime = 5 * time.Second
)

// entrance is how a run comes by the log-in that its scenario keeps. It belongs to
// the goroutine of the run.
type entrance struct {
	r          *runner
	se         *scenarios.Session
	use        *gengfu.SessionUse
	definition string
	state      vault.State // the one in force; Made is zero while there is none
	refused    time.Time   // when the state was made that the platform did not take
	turn       *vault.Turn // the right to log in, while the run has it
}

// end gives the turn back. What it tells goes to those who wait for the same
// log-in: theirs would come to the same.
func (l *entrance) end(told error) {
	if l.turn != nil {
		l.turn.End(told)
		l.turn = nil
	}
}

// enter brings the run into the log-in of its scenario: with the state that an
// earlier run left, else by the steps of the log-in. In every run those stand
// among its steps, done or skipped.
func (r *runner) enter(ctx context.Context) {
	se := r.s.Session
	if se == nil {
		return
	}
	r.group = gengfu.GroupLogin
	defer func() { r.group = "" }()
	restore := se.RestoreStep()
	if r.run.Failure != nil || ctx.Err() != nil {
		r.skip(&restore)
		r.skipLogin()
		return
	}
	r.login = &entrance{r: r, se: se, use: &gengfu.SessionUse{Name: se.Name, Keep: se.Keep}}
	r.run.Session = r.login.use
	if se.Keep == 0 {
		r.login.use.How = gengfu.SessionFresh
		r.skip(&restore)
		r.doLogin(ctx)
		return
	}
	defer r.login.end(nil) // after a panic, too
	if !r.login.takeUp(ctx, &restore) {
		r.skipLogin()
		return
	}
	r.login.renew(ctx)
}

func (r *runner) skipLogin() {
	for i := range r.s.Session.Login {
		r.skip(&r.s.Session.Login[i])
	}
}

// doLogin does the steps of the log-in.
func (r *runner) doLogin(ctx context.Context) {
	if r.run.Failure == nil {
		r.run.Failure = r.vault.Refusal(r.s.Session.Name)
	}
	defer func() {
		r.vault.Tell(r.s.Session.Name, r.run.Failure, r.run.Failure == nil && ctx.Err() == nil, r.breaker)
	}()
	for i := range r.s.Session.Login {
		if r.run.Failure != nil || ctx.Err() != nil {
			r.skip(&r.s.Session.Login[i])
			continue
		}
		r.step(ctx, &r.s.Session.Login[i], false)
		r.note(ctx)
	}
}

// takeUp does the step that restores a kept state. It reports whether the run
// has to log in, for which it has the turn then.
func (l *entrance) takeUp(ctx context.Context, st *scenarios.Step) bool {
	r := l.r
	r.index++
	r.rec.setStep(r.index)
	res := gengfu.StepResult{Index: r.index, Name: st.Name, Verb: string(st.Verb), Group: r.group, Start: r.clock()}
	r.tell(res)
	why, err := l.restored(ctx)
	res.Duration = r.clock() - res.Start
	res.Status, res.Tab = gengfu.StepPassed, r.tabNumber()
	res.URL = r.rec.clean(bare(r.page.url()))
	switch {
	case err != nil:
		f := l.failed(ctx, st, err, res.Duration)
		r.run.Failure = &f
		res.Status = gengfu.StepFailed
		if f.Fault.Outcome() == gengfu.Errored {
			res.Status = gengfu.StepErrored
		}
	case l.turn != nil:
		res.Status, res.Why = gengfu.StepSkipped, why
	}
	r.run.Steps = append(r.run.Steps, res)
	r.tell(res)
	return l.turn != nil
}

// failed is the failure of a run that could not come by its log-in. What the
// log-in of another run came to is this run's failure, too.
func (l *entrance) failed(ctx context.Context, st *scenarios.Step, err error, took time.Duration) gengfu.Failure {
	var told *vault.ToldError
	var s *stop
	if !errors.As(err, &told) || !errors.As(told.Err, &s) {
		return l.r.explain(ctx, st, err, took)
	}
	f := s.Failure
	f.Hints = append([]string{gengfu.HintLogin + f.Name}, f.Hints...)
	f.Step, f.Name, f.Verb = l.r.index, st.Name, string(st.Verb)
	return l.r.cleaned(f)
}

// restored tries to take up the kept state, and takes the turn to log in when
// there is none to use. why is what the platform showed to a state that it did
// not take.
func (l *entrance) restored(ctx context.Context) (why *gengfu.Failure, err error) {
	if l.definition, err = l.r.definition(l.se); err != nil {
		return nil, l.trouble(err)
	}
	began := time.Now()
	for {
		st, miss := l.r.vault.Load(l.se.Name, l.definition, l.se.Keep, time.Now())
		switch {
		case miss == vault.Usable && !st.Made.Equal(l.refused):
			l.end(nil) // another run has logged in meanwhile
			if why, err = l.try(ctx, st); err != nil || why == nil {
				return nil, err
			}
		case l.use.Why == "":
			l.use.Why = gengfu.SessionWhy(miss)
		}
		if l.turn != nil {
			return why, nil
		}
		waits := l.r.vault.Busy(l.se.Name)
		if l.turn, err = l.r.vault.Take(ctx, l.se.Name, l.definition); err != nil {
			return nil, l.untaken(ctx, err, time.Since(began))
		}
		if waits {
			l.use.Waited = time.Since(began)
		}
	}
}

// trouble is our own: the state cannot be had.
func (l *entrance) trouble(err error) error {
	return &stop{gengfu.Failure{Fault: gengfu.FaultMachine, Reason: gengfu.ReasonSession, Want: l.se.Name, Detail: err.Error()}}
}

// untaken says why the turn to log in did not come.
func (l *entrance) untaken(ctx context.Context, err error, waited time.Duration) error {
	var told *vault.ToldError
	if errors.As(err, &told) || stopped(ctx) != nil {
		return err
	}
	return &stop{gengfu.Failure{Fault: gengfu.FaultScenario, Reason: gengfu.ReasonSessionBusy, Want: l.se.Name, Waited: waited}}
}

// try restores a state and looks whether it holds. The failure says what showed
// that it does not; it is nil when the state is in force.
func (l *entrance) try(ctx context.Context, st vault.State) (*gengfu.Failure, error) {
	var k kept
	if err := json.Unmarshal(st.Data, &k); err != nil {
		return nil, l.trouble(err)
	}
	l.r.rec.hide(k.values()...)
	if err := l.r.restore(ctx, &k); err != nil {
		return nil, err
	}
	noise := l.r.rec.noise()
	f, ended := l.check(ctx, l.se.At.IsZero())
	if f == nil {
		l.state = st
		l.use.How, l.use.Why, l.use.Age, l.use.Ended = gengfu.SessionRestored, "", time.Since(st.Made), false
		return nil, nil
	}
	l.r.rec.quiet(noise)
	l.refused, l.use.Why = st.Made, gengfu.SessionUnreached
	if ended {
		l.use.Why, l.use.Age, l.use.Ended = gengfu.SessionRefused, time.Since(st.Made), true
	}
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case f.Fault.Outcome() == gengfu.Errored && !f.Fault.Account():
		return nil, &stop{*f}
	}
	return f, l.r.forgetState(ctx, &k)
}

// check opens the page that shows whether the log-in holds. The failure is what
// was seen instead, nil when it holds; ended is true when the platform said so,
// and false when the page could not be had at all.
func (l *entrance) check(ctx context.Context, nothing bool) (f *gengfu.Failure, ended bool) {
	if nothing {
		return nil, false
	}
	r, st := l.r, l.se.CheckStep()
	opened, cancel := context.WithTimeoutCause(ctx, stepTime+grace, errStepTime)
	defer cancel()
	_, err := r.attempt(opened, &st)
	if err == nil {
		brief, cancel := context.WithTimeoutCause(ctx, l.patience()+grace, errStepTime)
		defer cancel()
		err = r.retry(brief, func() error { return r.expect(brief, l.se.Valid, nil, nil) })
		if err == nil {
			return nil, false
		}
		opened = brief
	}
	seen := r.cleaned(r.classify(opened, err, stepTime))
	return &seen, strange(seen)
}

// patience is how long what shows the log-in is waited for. Who asked for a page
// and was sent to the one that the log-in begins on knows enough at a look.
func (l *entrance) patience() time.Duration {
	here := bare(l.r.page.url())
	at, err := l.se.At.Resolve(&l.r.env)
	for _, st := range l.se.Login {
		if err != nil || st.Verb != scenarios.Goto {
			continue
		}
		if v, err := st.URL.Resolve(&l.r.env); err == nil && bare(v.Text) == here && bare(at.Text) != here {
			return glanceTime
		}
	}
	return validTime
}

// strange reports whether a failure says that nobody is logged in. A platform
// that is down says nothing about that.
func strange(f gengfu.Failure) bool {
	return f.Fault == gengfu.FaultAssertion || f.Fault == gengfu.FaultHTTPStatus && (f.Seen == "401" || f.Seen == "403")
}

// renew logs in and keeps the state that this led to.
func (l *entrance) renew(ctx context.Context) {
	l.use.How = gengfu.SessionRenewed
	l.r.doLogin(ctx)
	if f := l.r.run.Failure; f != nil {
		if f.Fault.Account() || f.Fault.Outcome() == gengfu.Failed {
			l.end(&stop{*f})
		}
		return
	}
	if ctx.Err() == nil {
		l.save(ctx)
	}
}

// save keeps the state. A run that cannot do that goes on: it is logged in.
func (l *entrance) save(ctx context.Context) {
	k, err := l.r.capture(ctx)
	l.r.conceal(&k)
	var data []byte
	if err == nil {
		data, err = json.Marshal(k)
	}
	if err != nil && !errors.Is(err, vault.ErrTooLarge) {
		l.use.Unkept = "unreadable"
		return
	}
	st := vault.State{Made: time.Now(), Definition: l.definition, Keep: l.se.Keep, Origins: k.origins(), Data: data}
	if err == nil {
		err = l.r.vault.Save(l.se.Name, st)
	}
	switch {
	case errors.Is(err, vault.ErrTooLarge):
		l.use.Unkept = "too_large"
		_ = l.r.vault.Forget(l.se.Name) // the one before is of no more use
	case err != nil:
		l.use.Unkept = "unwritable"
		l.r.vault.Warn(l.se.Name, err)
	default:
		l.state = st
	}
}

// review looks once, after a run that failed, whether its log-in still holds,
// and throws the state away when it does not: the re-run logs in anew. It comes
// when the run has been told, and changes nothing of that.
func (r *runner) review(ctx context.Context) {
	l, f := r.login, r.run.Failure
	if l == nil || l.state.Made.IsZero() || f == nil || ctx.Err() != nil || r.lostBrowser() != "" || f.Fault.Outcome() != gengfu.Failed && !f.Fault.Account() {
		return
	}
	ended := strange(*f) // the best that is known when nothing shows the log-in
	if !l.se.At.IsZero() {
		if r.page.dead() {
			return
		}
		ctx, cancel := context.WithTimeoutCause(ctx, reviewTime, errStepTime)
		defer cancel()
		_, ended = l.check(ctx, false)
	}
	if !ended {
		return
	}
	if err := r.vault.ForgetState(l.se.Name, l.state.Made); err != nil {
		r.vault.Warn(l.se.Name, err)
	}
	if !l.se.At.IsZero() {
		l.use.Age, l.use.Ended = time.Since(l.state.Made), true
	}
}

// noise counts what expectations on the whole run look at.
type noise struct{ errors, failed int }

func (r *recorder) noise() noise {
	r.mu.Lock()
	defer r.mu.Unlock()
	return noise{r.errors, r.traffic.Failed}
}

// quiet takes back what a look at a log-in that had ended brought with it: a
// platform that turns a stranger away is in order.
func (r *recorder) quiet(n noise) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors, r.traffic.Failed = n.errors, n.failed
}
