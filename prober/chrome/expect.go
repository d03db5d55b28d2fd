package chrome

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"

	"gengfu"
	"gengfu/scenarios"
)

// condition is an expectation in the form the script takes.
type condition struct {
	Kind      string         `json:"kind"`
	Q         *query         `json:"q,omitempty"`
	Match     map[string]any `json:"match,omitempty"`
	Attribute string         `json:"attribute,omitempty"`
	Want      bool           `json:"want"`
	Min       *int           `json:"min,omitempty"`
	Max       *int           `json:"max,omitempty"`
	words     string
	from      scenarios.Expect
}

// expect waits until all expectations hold. Those on the page are asked in one
// call for each frame; those on the network are looked at last. rules are the
// texts that end the wait early.
func (r *runner) expect(ctx context.Context, list []scenarios.Expect, frames []scenarios.Locator, rules []scenarios.OutcomeRule) error {
	stops, err := r.ruleTexts(rules)
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

func (r *runner) expectIn(ctx context.Context, list []scenarios.Expect, frames []scenarios.Locator, stops []string, rules []scenarios.OutcomeRule) error {
	var conds []condition
	var later []scenarios.Expect
	var inner []scenarios.Locator
	for _, e := range list {
		if e.Locator != nil {
			inner = e.Locator.Frame
		}
		if slices.Contains([]scenarios.ExpectKind{scenarios.ExpectConsole, scenarios.ExpectRequests, scenarios.ExpectStatus}, e.Kind) {
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
		return ruled(rules[rep.Rule], r.rec.clean(rep.Seen))
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
	f.Seen = r.rec.clean(f.Seen)
	return &stop{f}
}

func ruled(rule scenarios.OutcomeRule, seen string) error {
	reason := gengfu.ReasonCredential
	if rule.Is == gengfu.FaultLockout {
		reason = gengfu.ReasonLockout
	}
	return &stop{gengfu.Failure{Fault: rule.Is, Reason: reason, Seen: seen}}
}

func (r *runner) ruleTexts(rules []scenarios.OutcomeRule) ([]string, error) {
	texts := []string{}
	for _, rule := range rules {
		v, err := r.resolve(rule.Text)
		if err != nil {
			return nil, err
		}
		texts = append(texts, v.Text)
	}
	return texts, nil
}

// condition resolves the texts of an expectation.
func (r *runner) condition(e scenarios.Expect) (condition, error) {
	c := condition{Kind: string(e.Kind), Attribute: e.Attribute, Want: e.Want, Min: e.Min, Max: e.Max, from: e}
	c.words = string(e.Kind)
	if e.Locator != nil {
		use := useControl
		switch e.Kind {
		case scenarios.ExpectValue, scenarios.ExpectEnabled:
			use = useField
		case scenarios.ExpectChecked:
			use = useTick
		}
		q, err := r.compile(*e.Locator, use)
		if err != nil {
			return c, err
		}
		if q.Kind == "bare" && (e.Kind == scenarios.ExpectVisible || e.Kind == scenarios.ExpectHidden || e.Kind == scenarios.ExpectCount || e.Kind == scenarios.ExpectText) {
			q.Kind = "text"
		}
		if q.Kind == "bare" && e.Kind == scenarios.ExpectEnabled {
			q.Use = "either"
		}
		c.Q = q
		c.words += " " + q.words
	}
	if e.Match != nil {
		m, words, err := r.match(*e.Match)
		if err != nil {
			return c, err
		}
		c.Match = m
		c.words += " " + words
	}
	switch {
	case e.Kind == scenarios.ExpectCount:
		c.words += bounds(e.Min, e.Max)
	case (e.Kind == scenarios.ExpectEnabled || e.Kind == scenarios.ExpectChecked) && !e.Want:
		c.words = "not " + c.words
	}
	return c, nil
}

func bounds(lo, hi *int) string {
	switch {
	case lo != nil && hi != nil && *lo == *hi:
		return fmt.Sprintf(" = %d", *lo)
	case lo != nil && hi != nil:
		return fmt.Sprintf(" = %d…%d", *lo, *hi)
	case lo != nil:
		return fmt.Sprintf(" ≥ %d", *lo)
	case hi != nil:
		return fmt.Sprintf(" ≤ %d", *hi)
	}
	return ""
}

// match resolves a text condition and says it in words.
func (r *runner) match(m scenarios.Match) (map[string]any, string, error) {
	out := map[string]any{}
	var words []string
	for _, part := range []struct {
		key, sign string
		text      *scenarios.Text
	}{{"equals", "= ", m.Equals}, {"contains", "", m.Contains}, {"path", "path ", m.Path}} {
		if part.text == nil {
			continue
		}
		v, err := r.resolve(*part.text)
		if err != nil {
			return nil, "", err
		}
		out[part.key] = v.Text
		words = append(words, part.sign+"“"+r.rec.clean(v.Text)+"”")
	}
	if m.Pattern != nil {
		source, flags := jsPattern(m.Pattern)
		out["pattern"], out["flags"] = source, flags
		words = append(words, "/"+m.Pattern.String()+"/")
	}
	if m.Not != nil {
		inner, w, err := r.match(*m.Not)
		if err != nil {
			return nil, "", err
		}
		out["not"] = inner
		words = append(words, "not "+w)
	}
	return out, strings.Join(words, ", "), nil
}

// jsPattern moves leading (?i) flags to where JavaScript wants them.
func jsPattern(p *regexp.Regexp) (source, flags string) {
	source, flags = p.String(), "u"
	if rest, ok := strings.CutPrefix(source, "(?"); ok {
		if i := strings.IndexByte(rest, ')'); i > 0 && strings.Trim(rest[:i], "ims") == "" {
			return rest[i+1:], "u" + rest[:i]
		}
	}
	return source, flags
}

// expectNetwork looks at what was recorded; what is late in coming gets the
// rest of the step's time.
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
		case scenarios.ExpectStatus:
			if status, _ := r.rec.status(); !slices.Contains(e.Status, status) {
				return statusFailure(status)
			}
		}
	}
	return ctx.Err()
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
	err := r.expect(ctx, st.When, st.Frame, nil)
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

// save takes values from the page into variables.
func (r *runner) save(ctx context.Context, st *scenarios.Step) error {
	for _, sv := range st.Saves {
		value, err := r.valueOf(ctx, st, sv)
		if err != nil {
			return err
		}
		if sv.Pattern != nil {
			m := sv.Pattern.FindStringSubmatch(value)
			if m == nil {
				return r.notSaved(sv, "/"+sv.Pattern.String()+"/", value)
			}
			value = m[len(m)-1]
		}
		if sv.Number {
			if _, err := strconv.ParseFloat(strings.ReplaceAll(value, ",", ""), 64); err != nil {
				return r.notSaved(sv, "number", value)
			}
			value = strings.ReplaceAll(value, ",", "")
		}
		r.env.Saved[sv.Name] = scenarios.Value{Text: value}
	}
	return nil
}

func (r *runner) notSaved(sv scenarios.SaveValue, want, seen string) error {
	return &stop{gengfu.Failure{
		Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonExpect, Want: sv.Name + " " + want, Seen: "“" + r.rec.clean(cut(seen)) + "”",
	}}
}

func (r *runner) valueOf(ctx context.Context, st *scenarios.Step, sv scenarios.SaveValue) (string, error) {
	var id cdp.FrameID = r.page.main
	if sv.From == nil {
		var doc struct{ URL, Title string }
		s, world, err := r.page.world(ctx, id)
		if err != nil {
			return "", err
		}
		if err := evaluate(ctx, s, world, `()=>({URL:location.href,Title:document.title})`, 0, nil, &doc); err != nil {
			return "", err
		}
		if sv.Source == "url" {
			return doc.URL, nil
		}
		return doc.Title, nil
	}
	q, err := r.compile(*sv.From, useControl)
	if err != nil {
		return "", err
	}
	if q.Kind == "bare" && sv.Source == "value" {
		q.Use = useField
	}
	if id, err = r.frameOf(ctx, st.Frame, sv.From.Frame); err != nil {
		return "", err
	}
	rep, err := r.page.ask(ctx, id, `(q,s,a,b)=>__gengfu.read(q,s,a,b)`, q, sv.Source, sv.Attribute, budget{})
	if err != nil {
		return "", err
	}
	if !rep.OK {
		return "", r.unready(q, rep)
	}
	return rep.Value, nil
}

// compare does a check step.
func (r *runner) compare(c *scenarios.Comparison) error {
	left, err := r.resolve(c.Left)
	if err != nil {
		return err
	}
	right, err := r.resolve(c.Right)
	if err != nil {
		return err
	}
	ok, err := holds(left.Text, c.Op, right.Text)
	if err != nil {
		return scenarioFault("%s: %v", c.Source, err)
	}
	if ok {
		return nil
	}
	seen := left.Text
	if left.Secret {
		seen = gengfu.Masked
	}
	return &stop{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonCheck, Want: c.Source, Seen: seen}}
}

func holds(left, op, right string) (bool, error) {
	a, errA := strconv.ParseFloat(strings.TrimSpace(left), 64)
	b, errB := strconv.ParseFloat(strings.TrimSpace(right), 64)
	numbers := errA == nil && errB == nil
	switch op {
	case "==":
		return left == right || numbers && a == b, nil
	case "!=":
		return left != right && (!numbers || a != b), nil
	case "contains":
		return strings.Contains(left, right), nil
	}
	if !numbers {
		return false, fmt.Errorf("%s compares numbers, not %q and %q", op, left, right)
	}
	switch op {
	case "<":
		return a < b, nil
	case "<=":
		return a <= b, nil
	case ">":
		return a > b, nil
	case ">=":
		return a >= b, nil
	}
	return false, fmt.Errorf("unknown operator %s", op)
}
