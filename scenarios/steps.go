package scenarios

import (
	"fmt"
	"strings"

	"gengfu"
	"gengfu/scenarios/strict"
)

// maxSteps bounds the steps of one scenario after its fragments are expanded.
const maxSteps = 500

// modifierKeys is the table of what may stand beside a verb.
func modifierKeys() []key[Step] {
	return append([]key[Step]{
		{Field{Name: "name", Shape: shapeText, Zh: "步骤名称", En: "what people call the step"}, func(r *reader, n strict.Node, s *Step) { s.Name, _ = n.String() }},
		{Field{Name: "with", Shape: shapeTextMap, Zh: "片段的参数（仅用于 use）", En: "values for the parameters of the fragment (with use only)"}, func(r *reader, n strict.Node, s *Step) {
			n.Problem("with goes with use only", "leave it out")
		}},
		{Field{Name: "budget", Shape: shapeBudget, Zh: "耗时上限", En: "limits on the step's duration"}, func(r *reader, n strict.Node, s *Step) { s.Budget = r.budget(n) }},
		{Field{Name: "optional", Shape: shapeBool, Zh: "找不到元素时跳过", En: "skip the step when its element is not there"}, func(r *reader, n strict.Node, s *Step) { s.Optional, _ = n.Bool() }},
		{Field{Name: "when", Shape: shapeExpects, Zh: "条件成立才执行", En: "do the step only when all of this holds"}, func(r *reader, n strict.Node, s *Step) { s.When = r.expects(n) }},
		{Field{Name: "timeout", Shape: shapeDuration, Zh: "最长等待", En: "how long the step may take"}, func(r *reader, n strict.Node, s *Step) { s.Timeout, _ = n.Duration() }},
		{Field{Name: "outcome", Shape: shapeOutcomes, Zh: "已知提示对应的故障类型", En: "known messages of the page and the faults they mean"}, (*reader).outcome},
		{Field{Name: "frame", Shape: shapeFrames, Zh: "所在的 iframe", En: "the frame its locators are looked for in, outermost first"}, func(r *reader, n strict.Node, s *Step) { s.Frame = r.frames(n) }},
		{Field{Name: "level", Words: []string{"warn", "fail"}, Zh: "步骤失败时仅告警并继续", En: "warn: its failure only degrades the run, which goes on"}, func(_ *reader, n strict.Node, s *Step) {
			level, _ := n.Enum("level", "warn", "fail")
			s.Soft = level == "warn"
		}},
	}, handModifiers()...)
}

func outcomeKeys() []key[OutcomeRule] {
	return []key[OutcomeRule]{
		{Field{Name: "text", Shape: shapeText, Zh: "页面上的文字", En: "the text on the page"}, func(r *reader, n strict.Node, o *OutcomeRule) { o.Text = r.needText(n) }},
		{Field{Name: "visible", Shape: shapeLocator, Zh: "页面上可见的元素", En: "an element in sight"}, func(r *reader, n strict.Node, o *OutcomeRule) { o.Visible = r.locator(n) }},
		{Field{Name: "url", Shape: shapeURL, Zh: "页面地址", En: "the address"}, func(r *reader, n strict.Node, o *OutcomeRule) { o.URL = r.match(n, true) }},
		{Field{Name: "is", Words: outcomeWords(), Required: true, Zh: "故障类型；retry 表示重做本步骤", En: "the fault it means; retry does the step again"}, func(r *reader, n strict.Node, o *OutcomeRule) {
			is, _ := n.Enum("fault", outcomeWords()...)
			if o.Retry = is == "retry"; !o.Retry {
				o.Is = gengfu.Fault(is)
			}
		}},
	}
}

func (r *reader) outcome(n strict.Node, s *Step) {
	items, _ := n.Items()
	for _, item := range items {
		var o OutcomeRule
		if readMap(r, item, r.lang.outcomes, &o) && r.outcomeSign(item, o) {
			s.Outcome = append(s.Outcome, o)
		}
	}
}

func outcomeWords() []string { return []string{"credential", "lockout", "retry", "maintenance"} }

// outcomeSign holds a rule to one sign by which it is known.
func (r *reader) outcomeSign(n strict.Node, o OutcomeRule) bool {
	signs := 0
	for _, given := range []bool{!o.Text.IsZero(), o.Visible != nil, o.URL != nil} {
		if given {
			signs++
		}
	}
	m, _ := n.Map()
	if _, is := m.Lookup("is"); signs == 1 || !is || len(m.Entries) > signs+1 { // else something else is wrong and was told
		return signs == 1
	}
	n.Problem(fmt.Sprintf("the rule has %d signs, not one", signs), "give one of text, visible and url")
	return false
}

// steps reads a list of steps with the fragments they use in their place.
func (r *reader) steps(n strict.Node) []Step {
	if n.Kind() == strict.Mapping || n.Kind() == strict.Scalar {
		n.Problem("the steps are not a list", "begin each step with -")
		return nil
	}
	items, ok := n.Items()
	if ok && len(items) == 0 {
		n.Problem("there is no step", "such as - goto: ${base}/")
	}
	var out []Step
	for _, item := range items {
		out = append(out, r.step(item)...)
		if r.sum.steps > maxSteps {
			r.sum.overflow(item)
			return out
		}
	}
	return out
}

func (r *reader) step(n strict.Node) []Step {
	if r.noColon(n) {
		return nil
	}
	m, ok := n.Map()
	if !ok {
		return nil
	}
	verb, arg, ok := r.verb(m)
	if !ok {
		r.modify(m, "", &Step{})
		return nil
	}
	if verb.Verb == Use {
		return r.use(m, arg)
	}
	r.sum.steps++
	s := Step{Pos: at(n), Verb: verb.Verb, Fragment: r.fragmentName()}
	verb.read(r, arg, &s)
	r.modify(m, s.Verb, &s)
	r.netModifiers(n, &s)
	if s.Name == "" {
		s.Name = describe(s)
	}
	if s.Timeout > 0 && s.Budget.Fail > s.Timeout {
		n.Warn("the step times out before its budget is used up", "raise timeout or lower budget.fail")
	}
	return []Step{s}
}

func (r *reader) fragmentName() string {
	if len(r.within) == 0 {
		return ""
	}
	return r.within[len(r.within)-1]
}

// verb finds the one verb of a step; expect beside another verb is a modifier.
func (r *reader) verb(m strict.Map) (VerbSpec, strict.Node, bool) {
	var verb VerbSpec
	var arg strict.Node
	ok := true
	for _, e := range m.Entries {
		v, is := r.lang.verb(e.Key)
		switch {
		case !is, v.Verb == Verify && verb.Verb != "":
		case verb.Verb == "", verb.Verb == Verify:
			verb, arg = v, e.Value
		default:
			e.At.Problem(fmt.Sprintf("%q is a second action in one step", e.Key), "start a new step with -")
			ok = false
		}
	}
	if verb.Verb == "" {
		r.noVerb(m)
		return verb, arg, false
	}
	return verb, arg, ok
}

func (r *reader) noVerb(m strict.Map) {
	for _, e := range m.Entries {
		if _, known := r.modifier(e.Key); known {
			continue
		}
		var verbs []string
		for _, v := range r.lang.verbs {
			verbs = append(verbs, string(v.Verb))
		}
		if strings.HasSuffix(e.Key, "：") {
			e.Unknown(verbs)
			return
		}
		e.At.Problem(fmt.Sprintf("unknown verb %q", e.Key), strict.Suggest(e.Key, verbs))
		return
	}
	m.Problem("the step does nothing", "add a verb, such as click")
}

func (r *reader) modifier(name string) (key[Step], bool) {
	for _, k := range r.lang.modifiers {
		if k.Name == name {
			return k, true
		}
	}
	return key[Step]{}, false
}

// modify reads what stands beside the verb; without a sound verb the known
// modifiers are read all the same, so that their mistakes are told too.
func (r *reader) modify(m strict.Map, verb Verb, s *Step) {
	for _, e := range m.Entries {
		_, second := r.lang.verb(e.Key)
		switch k, known := r.modifier(e.Key); {
		case known:
			k.read(r, e.Value, s)
		case e.Key == string(Verify) && verb != Verify:
			s.Expect = r.expects(e.Value)
		case verb != "" && !second:
			e.Unknown(r.lang.stepWords())
		}
	}
}
