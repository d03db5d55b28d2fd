package chrome

import (
	"context"
	"errors"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// manner is how the questions of a run are put: with its standing rules, and so
// that candidates of locators are told. It belongs to the run's own goroutine.
type manner struct {
	on    bool
	rules []*query    // of the standing rules; nil for one that is no longer followed
	times []int       // how often each was followed
	turns []*query    // that have candidates
	used  map[int]int // number of the candidate by the turn of its query
}

// dress makes a question one that heeds the rules.
func (m *manner) dress(fn string, args []any) (string, []any) {
	if m == nil || !m.on {
		return fn, args
	}
	rules := m.rules
	if rules == nil {
		rules = []*query{} // else the last ones would still be in force in the document
	}
	return "(R,...a)=>__gengfu.mannered(R," + fn + ",a)", append([]any{rules}, args...)
}

func (m *manner) took(rep reply) {
	for turn, n := range rep.Took {
		if m.used == nil {
			m.used = map[int]int{}
		}
		m.used[turn] = n
	}
}

// hush lifts the standing rules until restore is called.
func (m *manner) hush() (restore func()) {
	rules := m.rules
	m.rules = nil
	return func() { m.rules = rules }
}

// disturbed is the error of a question that was not answered, because something
// is on the page that a standing rule is about.
type disturbed struct{ rule int }

// Error is for the log only: such an error never leaves [runner.retry].
func (d *disturbed) Error() string { return "a standing rule applies" }

// stand resolves the standing rules.
func (r *runner) stand() error {
	r.page.set.manner = &r.manner
	for _, rule := range r.s.Whenever {
		q, err := r.compile(*rule.Visible, useControl)
		if err != nil {
			return err
		}
		q.asText()
		q.Now = true
		r.manner.rules = append(r.manner.rules, q)
		r.manner.on = true
	}
	r.manner.times = make([]int, len(r.manner.rules))
	return nil
}

// disturbed follows the standing rule that held up what ended in err, and
// reports whether to do that again.
func (r *runner) disturbed(ctx context.Context, err error) (handled bool, why error) {
	var d *disturbed
	switch {
	case errors.As(err, &d):
	case len(r.manner.rules) == 0 || !coveredFrame(err):
		return false, nil
	default:
		if d = r.lookForRules(ctx); d == nil {
			return false, nil
		}
	}
	if d.rule >= len(r.manner.rules) || r.manner.rules[d.rule] == nil {
		return false, nil
	}
	if why := r.obey(ctx, d.rule); why != nil {
		return false, why
	}
	return true, nil
}

func coveredFrame(err error) bool {
	var s *stop
	return errors.As(err, &s) && s.Reason == gengfu.ReasonCovered
}

// lookForRules asks the main document, which a step inside a frame does not.
func (r *runner) lookForRules(ctx context.Context) *disturbed {
	s, world, ok := r.page.here(r.page.main)
	if !ok {
		return nil
	}
	brief, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var rep reply
	if evaluate(brief, s, world, `(R)=>__gengfu.disturbs(R)`, 0, []any{r.manner.rules}, &rep) != nil || rep.Standing == 0 {
		return nil
	}
	return &disturbed{rep.Standing - 1}
}

// standingTime bounds each step of a standing rule.
const standingTime = 3 * time.Second

// obey does what a standing rule says. A rule that cannot be followed, or was
// followed often enough, is given up: the step then says itself what is in its
// way. The error is of the run, not of the rule.
func (r *runner) obey(ctx context.Context, i int) error {
	rule := &r.s.Whenever[i]
	r.manner.times[i]++
	n := r.manner.times[i]
	words := r.manner.rules[i].words
	restore := r.manner.hush()
	err := r.deal(ctx, rule)
	restore()
	var s *stop
	switch {
	case err == nil:
		r.remark(gengfu.Remark{Step: r.index, Kind: gengfu.RemarkStanding, Want: words, N: n})
	case errors.As(err, &s) && ctx.Err() == nil:
		r.remark(gengfu.Remark{Step: r.index, Kind: gengfu.RemarkUnhandled, Want: words, Seen: s.Error()})
	default:
		return err
	}
	if err != nil || n >= rule.Times {
		r.manner.rules[i] = nil
	}
	return nil
}

func (r *runner) deal(ctx context.Context, rule *scenarios.Standing) error {
	for i := range rule.Do {
		if err := r.dealStep(ctx, &rule.Do[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) dealStep(ctx context.Context, st *scenarios.Step) error {
	limit := standingTime
	if st.Timeout > 0 {
		limit = st.Timeout
	}
	brief, cancel := context.WithTimeoutCause(ctx, limit+grace, errStepTime)
	defer cancel()
	if len(st.When) > 0 {
		if ok, err := r.holds(brief, st); err != nil || !ok {
			return err
		}
	}
	err := r.retry(brief, func() error { return r.act(brief, st) })
	var s *stop
	if errors.As(err, &s) && st.Optional && absent(s.Failure) {
		return nil
	}
	if err != nil || len(st.Expect) == 0 {
		return err
	}
	return r.expectSoft(brief, st)
}
