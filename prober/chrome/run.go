package chrome

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"time"

	"gengfu"
	"gengfu/prober/vault"
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
	s         *scenarios.Scenario
	env       scenarios.Env
	page      *page
	rec       *recorder
	run       *gengfu.Run
	secrets   []gengfu.Secret // that may be seen on the pages
	personals []gengfu.Secret // texts under the scenario's masks
	crowded   bool            // there are too many of those to look for
	headers   rules           // which requests get headers
	offline   bool            // cut off by a step
	paper     []byte          // the last PDF
	gauge     gauge
	bodies    bodies // answers that were fetched after a failure
	accepted  int    // the status of an error page that the scenario asked for
	errands   errands
	watch     Watcher
	film      *film         // of a re-run, nil otherwise
	memory    *memory       // of what was remembered when, nil for nothing
	every     time.Duration // how often to remember
	notes     notes         // of the steps, when this run is to be remembered
	index     int
	fills     int                                            // groups of fields that were filled
	pressed   int                                            // presses that were aimed
	deadline  time.Time                                      // of the main steps
	closing   time.Time                                      // when the closing steps are to be over
	slow      *gengfu.Failure                                // first warn budget that was passed
	vault     *vault.Vault                                   // of kept log-ins
	login     *entrance                                      // nil while nothing of the log-in was begun
	refill    *refill                                        // of the storages, nil when there is nothing to restore
	group     string                                         // of the step being done
	manner    manner                                         // of all questions to the pages
	breaker   vault.Breaker                                  // of rejected log-ins
	attendant func(context.Context, gengfu.Attendance) error // nil when nobody can be asked
	tries     int                                            // of the present step that the page asked to have done again
}

func newRunner(s *scenarios.Scenario, run *gengfu.Run, secret func(string) (gengfu.Secret, error), watch Watcher) *runner {
	r := &runner{s: s, run: run, rec: newRecorder(run.Started), watch: watch}
	r.env = scenarios.Env{Saved: map[string]scenarios.Value{}, Getenv: os.LookupEnv}
	if zone, err := time.LoadLocation(s.Browser.Timezone); err == nil && s.Browser.Timezone != "" {
		r.env.Zone = zone
	}
	r.env.Secret = func(name string) (gengfu.Secret, error) {
		if secret == nil {
			return "", errors.New("no secrets are configured")
		}
		v, err := secret(name)
		if err == nil {
			r.hide(v)
		}
		return v, err
	}
	for _, name := range s.Secrets { // a page may show one before a step uses it
		_, _ = r.env.Secret(name) // the step that asks for it will say that it is missing
	}
	return r
}

// hide keeps a secret out of everything that the run tells.
func (r *runner) hide(v gengfu.Secret) {
	if v != "" && !slices.Contains(r.secrets, v) {
		r.secrets = append(r.secrets, v)
		r.rec.hide(v)
	}
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
	ctx, end := sever(ctx)
	defer end()
	limit := r.s.Timeout - min(evidenceTime, r.s.Timeout/4) // with the grace of the last step in it
	r.deadline = r.run.Started.Add(limit)
	steps, cancel := context.WithDeadlineCause(ctx, r.deadline, errRunTime)
	defer cancel()
	steps, release := r.rec.bound(steps)
	defer release()
	if err := errors.Join(r.stand(), r.equip(steps)); err != nil {
		f := r.cleaned(r.classify(steps, err, 0))
		r.run.Failure = &f
	}
	r.enter(steps)
	for i := range r.s.Steps {
		if r.run.Failure != nil || ctx.Err() != nil {
			r.skip(&r.s.Steps[i])
			continue
		}
		r.step(steps, &r.s.Steps[i], false)
		r.note(steps)
	}
	r.run.Duration = r.clock()
	switch {
	case ctx.Err() != nil && r.run.Failure == nil:
		r.run.Failure = stopped(ctx)
	case r.run.Failure == nil && r.rec.exceeded() != nil:
		r.run.Failure = new(r.cleaned(*r.rec.exceeded()))
	case r.run.Failure == nil:
		r.checkBudgets()
		r.checkAmounts()
	}
	if r.telling() && ctx.Err() == nil {
		r.evidence()
	} else if r.s.Browser.HAR && ctx.Err() == nil {
		r.archived(ctx)
	}
	if r.s.Session == nil && ctx.Err() == nil {
		r.vault.Tell(r.s.ID, r.run.Failure, r.run.Failure == nil, r.breaker)
	}
	r.keepUp(ctx)
	r.remember(ctx)
	r.always(ctx)
	r.finish()
	r.review(ctx)
}

// telling reports whether the page shows what people want to see of the run.
func (r *runner) telling() bool {
	f := r.run.Failure
	if f == nil {
		return r.s.Schedule.KeepsAll(r.run.Started)
	}
	return f.Fault != gengfu.FaultBrowser && f.Reason != gengfu.ReasonBreaker
}

// sever is a context that ends with ctx but does not have its deadline: steps
// plan their patience by the deadlines of the scenario alone.
func sever(ctx context.Context) (context.Context, func()) {
	severed, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	return severed, func() {
		stop()
		cancel(nil)
	}
}

// always does the closing steps within their own short time.
func (r *runner) always(ctx context.Context) {
	if len(r.s.Always) == 0 || r.lostBrowser() != "" || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, alwaysTime+grace, errRunTime)
	defer cancel()
	r.closing = deadline(ctx).Add(overrun)
	for i := range r.s.Always {
		r.step(ctx, &r.s.Always[i], true)
	}
}

func (r *runner) finish() {
	if len(r.s.Mask) > 0 {
		ctx, cancel := r.brief(maskTime)
		r.learn(ctx) // what is on the last page, for runs that pass too
		cancel()
	}
	r.rec.fill(r.run)
	r.guarded()
	r.forget()
	r.keepPaper()
	r.tellTabs()
	r.tellDownloads()
	r.taint()
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

func cores() int { return runtime.NumCPU() }
