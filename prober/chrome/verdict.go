package chrome

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// reasons maps what the script waits for to the failure's reason.
var reasons = map[string]gengfu.Reason{
	"not_found": gengfu.ReasonNotFound, "ambiguous": gengfu.ReasonAmbiguous, "not_visible": gengfu.ReasonNotVisible,
	"disabled": gengfu.ReasonDisabled, "read_only": gengfu.ReasonReadOnly, "moving": gengfu.ReasonMoving,
	"covered": gengfu.ReasonCovered, "outside_viewport": gengfu.ReasonOutside, "no_option": gengfu.ReasonNoOption,
	"not_held": gengfu.ReasonNotHeld,
}

// unready says why an element could not be acted on.
func (r *runner) unready(q *query, rep reply) error {
	if rep.Fatal != "" {
		return scenarioFault("%s: %s", q.words, rep.Fatal)
	}
	reason, ok := reasons[rep.Why]
	if !ok {
		return fmt.Errorf("page script waits for %q", rep.Why)
	}
	f := gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: reason, Seen: rep.Seen, Cover: rep.Cover, Waited: rep.Waiting}
	if reason == gengfu.ReasonAmbiguous {
		f.Fault = gengfu.FaultScenario
	}
	if len(rep.Near) > 0 {
		f.Hints = []string{gengfu.HintNear + strings.Join(rep.Near, "、")}
	}
	return r.reason(q, f)
}

func (r *runner) reason(q *query, f gengfu.Failure) error {
	f.Want = q.words
	return &stop{f}
}

// cleaned is the failure without secrets. Every failure goes through it once,
// on its way into the run.
func (r *runner) cleaned(f gengfu.Failure) gengfu.Failure {
	for _, text := range []*string{&f.Want, &f.Seen, &f.Cover, &f.Detail, &f.URL} {
		*text = r.rec.clean(*text)
	}
	hints := make([]string, len(f.Hints))
	for i, h := range f.Hints {
		hints[i] = r.rec.clean(h)
	}
	f.Hints = hints
	return f
}

// stopped is the failure of a run that its caller gave up, nil when he did not:
// it says nothing about the target.
func stopped(ctx context.Context) *gengfu.Failure {
	why := context.Cause(ctx)
	if why == nil || errors.Is(why, errStepTime) || errors.Is(why, errRunTime) || excessOf(ctx) != nil {
		return nil
	}
	return &gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonProberInternal, Detail: "the run was stopped: " + why.Error()}
}

// explain makes the failure of a step: the cause, what a known text on the
// page says about it, and what else happened.
func (r *runner) explain(ctx context.Context, st *scenarios.Step, err error, took time.Duration) gengfu.Failure {
	if f := stopped(ctx); f != nil {
		f.Step, f.Name, f.Verb = r.index, st.Name, string(st.Verb)
		return *f
	}
	if c := (*checkError)(nil); errors.As(err, &c) {
		f := r.spared(c.Failure)
		f.Step, f.Name, f.Verb = r.index, st.Name, string(st.Verb)
		return r.cleaned(f)
	}
	f := r.spared(r.ours(r.classify(ctx, err, took)))
	if f.Fault == gengfu.FaultAssertion || f.Fault == gengfu.FaultHTTPStatus {
		if told := r.told(st); told != nil {
			f = *told
		}
	}
	if g := r.guardFault(f); g != nil {
		f = *g
	}
	f.Step, f.Name, f.Verb = r.index, st.Name, string(st.Verb)
	f.URL = bare(r.page.url())
	f.Hints = append(f.Hints, r.hints(r.index)...)
	f.Hints = append(f.Hints, r.answerHints(st, f.Fault)...)
	if f.Fault == gengfu.FaultAssertion {
		f.Hints = append(f.Hints, r.invalidFields()...)
	}
	brief, cancel := r.brief(maskTime)
	defer cancel()
	r.learn(brief) // before anything is said; again when the evidence is taken
	return r.cleaned(f)
}

// spared takes back a failure that only says how long something took, when the
// machine was starved before the run began: nobody knows how long it would have
// taken. What comes over the machine during the run may be the page's own doing.
func (r *runner) spared(f gengfu.Failure) gengfu.Failure {
	start := r.gauge.start
	if f.Fault != gengfu.FaultTimeout && f.Fault != gengfu.FaultBlockedPage || r.rec.exceeded() != nil || r.gauge.read == nil || !start.starved(start, r.gauge.limit) {
		return f
	}
	return gengfu.Failure{Fault: gengfu.FaultMachine, Reason: gengfu.ReasonMachine, Detail: "the machine was starved: " + f.Sentence(gengfu.English)}
}

// told looks for the texts of the step's outcome rules, on the page and among
// the messages that have gone again.
func (r *runner) told(st *scenarios.Step) *gengfu.Failure {
	signs, err := r.signs(st.Outcome, false)
	if err != nil || len(signs) == 0 {
		return nil
	}
	ctx, cancel := r.brief(time.Second)
	defer cancel()
	var rep reply
	if s, world, ok := r.page.here(r.page.main); ok {
		_ = evaluate(ctx, s, world, `(t)=>__gengfu.says(t)`, 0, []any{signs}, &rep) // no answer is no rule
	}
	if !rep.OK {
		rep = r.messageSays(signs)
	}
	if !rep.OK || rep.Rule >= len(st.Outcome) {
		return nil
	}
	return new(st.Outcome[rep.Rule].Failure(rep.Seen))
}

func (r *runner) invalidFields() []string {
	ctx, cancel := r.brief(500 * time.Millisecond)
	defer cancel()
	s, world, ok := r.page.here(r.page.main)
	if !ok {
		return nil
	}
	var fields []string
	if evaluate(ctx, s, world, `()=>__gengfu.more.invalid()`, 0, nil, &fields) != nil {
		return nil
	}
	for i, f := range fields {
		fields[i] = gengfu.HintInvalid + f
	}
	return fields
}

// classify turns the error that ended a step into its failure. ctx is the
// step's, over when its time is up.
func (r *runner) classify(ctx context.Context, err error, took time.Duration) gengfu.Failure {
	var s *stop
	switch {
	case excessOf(ctx) != nil:
		return *excessOf(ctx)
	case errors.As(err, &s) && s.Waited > 0 && r.late(ctx):
		return r.overtime(s.Sentence(gengfu.English))
	case errors.As(err, &s):
		return r.better(s.Failure)
	case errors.Is(err, errCrashed):
		return gengfu.Failure{Fault: gengfu.FaultRendererCrash, Reason: gengfu.ReasonCrash}
	case errors.Is(err, errBrowserGone), r.lostBrowser() != "":
		return gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonBrowserGone, Detail: r.lostBrowser()}
	case errors.Is(err, errDetached), errors.Is(err, errFrameGone):
		return gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNavigate, Detail: "the page or frame went away", Waited: took}
	case errors.Is(context.Cause(ctx), errRunTime):
		return r.overtime("no answer")
	case errors.Is(err, errBlocked), ctx.Err() != nil:
		return r.blocked(took)
	}
	return gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonProberInternal, Detail: err.Error()}
}

// late reports whether the run's time is up, rather than the step's own.
func (r *runner) late(step context.Context) bool {
	return !deadline(step).Before(r.deadline) && time.Until(r.deadline) < grace+50*time.Millisecond
}

func (r *runner) overtime(then string) gengfu.Failure {
	return gengfu.Failure{Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonRunTimeout, Waited: r.s.Timeout, Detail: then}
}

// blocked tells a busy page from a browser that answers nobody.
func (r *runner) blocked(took time.Duration) gengfu.Failure {
	if !r.page.engine.answers(time.Second) {
		return gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonBrowserFrozen}
	}
	if url := r.rec.pending(); url != "" {
		return gengfu.Failure{
			Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonNoAnswer, Waited: took,
			Hints: []string{gengfu.HintLoading + bare(url)},
		}
	}
	if r.page.answers(500 * time.Millisecond) {
		return gengfu.Failure{Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonTimeout, Waited: took, Detail: "the page kept reloading or was too slow to answer"}
	}
	return gengfu.Failure{Fault: gengfu.FaultBlockedPage, Reason: gengfu.ReasonBlocked, Waited: took}
}

func (r *runner) lostBrowser() string {
	if r.page == nil {
		return ""
	}
	select {
	case <-r.page.engine.proc.conn.done:
		return r.page.engine.lost()
	default:
		return ""
	}
}

// better replaces a failure of the page's content by its plain cause: a main
// document that was answered with an error.
func (r *runner) better(f gengfu.Failure) gengfu.Failure {
	if f.Reason == gengfu.ReasonNetworkOurs && r.offline {
		return gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNavigate, Detail: f.Detail} // as the scenario asked
	}
	if told := r.rejection(); told != nil && f.Fault.Outcome() == gengfu.Failed {
		return *told
	}
	if f.Fault != gengfu.FaultAssertion {
		return f
	}
	if why := r.rec.kept(r.page.main); why != nil {
		return *why
	}
	if status := r.rec.status(); status >= 400 && status != r.accepted {
		return gengfu.Failure{Fault: gengfu.FaultHTTPStatus, Reason: gengfu.ReasonStatus, Seen: strconv.Itoa(status), Hints: f.Hints}
	}
	return f
}
