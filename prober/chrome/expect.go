package chrome

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// expect waits until all expectations hold. Those on the page are asked in one
// call for each frame; those on the network are looked at last. rules are the
// texts that end the wait early.
func (r *runner) expect(ctx context.Context, list []scenarios.Expect, frames []scenarios.Locator, rules []scenarios.OutcomeRule) error {
	stops, err := r.signs(rules, r.tries > 0)
	if err != nil {
		return err
	}
	for len(list) > 0 {
		n := sameFrame(list)
		if err := r.expectIn(ctx, list[:n], frames, stops, rules); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// sameFrame counts the leading expectations that look into the same frame.
func sameFrame(list []scenarios.Expect) int {
	path := func(e scenarios.Expect) string {
		if e.Locator == nil {
			return ""
		}
		var b strings.Builder
		for _, f := range e.Locator.Frame {
			fmt.Fprintf(&b, "%v|", f.Pos)
		}
		return b.String()
	}
	n := 1
	for n < len(list) && path(list[n]) == path(list[0]) {
		n++
	}
	return n
}

func (r *runner) expectIn(ctx context.Context, list []scenarios.Expect, frames []scenarios.Locator, stops []any, rules []scenarios.OutcomeRule) error {
	var conds []condition
	var later []scenarios.Expect
	var inner []scenarios.Locator
	for _, e := range list {
		if e.Locator != nil {
			inner = e.Locator.Frame
		}
		if slices.Contains([]scenarios.ExpectKind{scenarios.ExpectConsole, scenarios.ExpectRequests, scenarios.ExpectStatus, scenarios.ExpectDialog, scenarios.ExpectDownload}, e.Kind) {
			later = append(later, e)
			continue
		}
		c, err := r.condition(e)
		if err != nil {
			return err
		}
		conds = append(conds, c)
	}
	if len(conds) > 0 {
		id := r.page.main
		if conds[0].Q != nil {
			var err error
			if id, err = r.frameOf(ctx, frames, inner); err != nil {
				return err
			}
		}
		rep, err := r.page.ask(ctx, id, `(c,s,b)=>__gengfu.expect(c,s,b)`, conds, stops, budget{})
		if err != nil {
			return err
		}
		if err := r.judge(conds, rep, rules); err != nil {
			return err
		}
	}
	return r.expectNetwork(ctx, later)
}

func (r *runner) judge(conds []condition, rep reply, rules []scenarios.OutcomeRule) error {
	switch {
	case rep.OK:
		return nil
	case rep.Fatal == "stop" && rep.Rule < len(rules):
		return &stop{rules[rep.Rule].Failure(rep.Seen)}
	case rep.Fatal != "":
		return scenarioFault("%s", rep.Fatal)
	case rep.At >= len(conds):
		return fmt.Errorf("page script: condition %d of %d", rep.At, len(conds))
	}
	return r.unmet(conds[rep.At], rep)
}

// unmet says what an expectation saw instead.
func (r *runner) unmet(c condition, rep reply) error {
	f := gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonExpect, Want: c.words, Waited: rep.Waiting}
	what, rest, _ := strings.Cut(rep.Seen, ":")
	switch what {
	case "page":
		f.Seen = "“" + rest + "”"
	case "none":
		f.Reason, f.Want = gengfu.ReasonNotFound, c.Q.words
		if rest != "" {
			f.Hints = []string{gengfu.HintNear + rest}
		}
	case "hidden":
		f.Reason, f.Want, f.Seen = gengfu.ReasonNotVisible, c.Q.words, rest
	case "visible":
		f.Seen = rest
	default:
		f.Seen = rep.Seen
	}
	return &stop{f}
}

// expectNetwork looks at what was recorded. A status gets the rest of the
// step's time: its document may be on the way.
func (r *runner) expectNetwork(ctx context.Context, list []scenarios.Expect) error {
	for _, e := range list {
		var seen, want int
		switch e.Kind {
		case scenarios.ExpectConsole:
			seen, want = r.rec.count(func(rec *recorder) int { return rec.errors }), atMost(e.Max)
			if seen > want {
				return r.tooMany("console errors", seen, want, gengfu.FaultJSError)
			}
		case scenarios.ExpectRequests:
			seen, want = r.rec.count(func(rec *recorder) int { return rec.traffic.Failed }), atMost(e.Max)
			if seen > want {
				return r.tooMany("failed requests", seen, want, gengfu.FaultAssertion)
			}
		case scenarios.ExpectDialog:
			if err := r.expectDialog(ctx, *e.Match); err != nil {
				return err
			}
		case scenarios.ExpectDownload:
			if err := r.expectDownload(ctx, e); err != nil {
				return err
			}
		case scenarios.ExpectStatus:
			if err := r.expectStatus(ctx, e.Status); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *runner) expectStatus(ctx context.Context, wanted []int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience(ctx), errStepTime)
	defer cancel()
	err := r.page.await(ctx, func() bool { return slices.Contains(wanted, r.rec.status()) })
	if err != nil && ctx.Err() != nil && stopped(ctx) == nil {
		return statusFailure(r.rec.status())
	}
	return err
}

func (r *recorder) count(f func(*recorder) int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return f(r)
}

func atMost(limit *int) int {
	if limit == nil {
		return 0
	}
	return *limit
}

func (r *runner) tooMany(what string, seen, want int, fault gengfu.Fault) error {
	return &stop{gengfu.Failure{
		Fault: fault, Reason: gengfu.ReasonExpect, Want: fmt.Sprintf("%s ≤ %d", what, want), Seen: strconv.Itoa(seen),
	}}
}

// holds tests conditions for a moment only: the when of a step.
func (r *runner) holds(ctx context.Context, st *scenarios.Step) (bool, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, whenTime+grace, errStepTime)
	defer cancel()
	answers, pages := split(st.When)
	if ok, err := r.holdsOf(answers); err != nil || !ok {
		return false, err
	}
	err := r.retry(ctx, func() error { return r.expect(ctx, pages, st.Frame, nil) })
	var s *stop
	if err == nil {
		return true, nil
	}
	if errors.As(err, &s) && s.Fault != gengfu.FaultScenario {
		return false, nil
	}
	return false, err
}

// whenTime bounds how long a condition may take to become true.
const whenTime = time.Second
