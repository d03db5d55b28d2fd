package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gengfu"
	"gengfu/scenarios/strict"
)

// Defaults of a scenario.
const (
	DefaultTimeout = time.Minute
	DefaultEvery   = 5 * time.Minute
	DefaultRetries = 1
)

// scenarioKeys is the table of the keys of a scenario document. vars stands
// before what may refer to them; the order of the author's keys is free.
func scenarioKeys() []key[Scenario] {
	text := func(name, zh, en string, at func(*Scenario) *string) key[Scenario] {
		return key[Scenario]{Field{Name: name, Shape: shapeText, Zh: zh, En: en}, func(r *reader, n strict.Node, s *Scenario) { *at(s), _ = n.String() }}
	}
	later := func(*reader, strict.Node, *Scenario) {}
	return []key[Scenario]{
		{Field{Name: "scenario", Shape: shapeText, Required: true, Zh: "场景标识，不再更改", En: "the scenario's id; it is never renamed"}, func(r *reader, n strict.Node, s *Scenario) { s.ID = identifier(n) }},
		text("title", "标题", "what people call it", func(s *Scenario) *string { return &s.Title }),
		text("target", "所属平台", "the platform it watches", func(s *Scenario) *string { return &s.Target }),
		{Field{Name: "tags", Shape: shapeTexts, Zh: "标签", En: "words to group scenarios by"}, func(r *reader, n strict.Node, s *Scenario) { s.Tags, _ = n.StringList() }},
		text("owner", "负责人或班组", "who looks after it", func(s *Scenario) *string { return &s.Owner }),
		text("runbook", "预案", "what to do when it fails: a page or a file", func(s *Scenario) *string { return &s.Runbook }),
		{Field{Name: "notify", Shape: shapeText, Zh: "通知路由", En: "the route its notices take"}, func(r *reader, n strict.Node, s *Scenario) {
			s.Notify, _ = n.String()
			s.NotifyPos = at(n)
		}},
		{Field{Name: "severity", Words: []string{"notice", "ordinary", "major"}, Zh: "故障等级", En: "how bad its failure is; ordinary unless given"}, func(r *reader, n strict.Node, s *Scenario) {
			if g, ok := n.Enum("severity", "notice", "ordinary", "major"); ok {
				s.Severity = gengfu.Grade(g)
			}
		}},
		{Field{Name: "timeout", Shape: shapeDuration, Zh: "整个场景的时限", En: "how long a run may take; 60s unless given"}, func(r *reader, n strict.Node, s *Scenario) {
			if d, ok := n.Duration(); ok {
				s.Timeout = d
			}
		}},
		{Field{Name: "vars", Shape: shapeTextMap, Zh: "变量", En: "texts by name, used as ${name}"}, later},
		{Field{Name: "browser", Shape: shapeBrowser, Zh: "浏览器设置", En: "how the browser presents itself"}, func(r *reader, n strict.Node, s *Scenario) { readMap(r, n, r.lang.browser, &s.Browser) }},
		{Field{Name: "isolate", Words: []string{"context", IsolateBrowser}, Zh: "隔离方式", En: "browser for a browser of its own, ended after the run; a context of its own unless given"}, (*reader).isolate},
		{Field{Name: "session", Shape: shapeSession, Zh: "登录一次，后续运行复用登录状态", En: "a log-in that is done once and kept for the runs that follow"}, later},
		{Field{Name: "steps", Shape: shapeSteps, Required: true, Zh: "步骤", En: "what to do, in order"}, later},
		{Field{Name: "always", Shape: shapeSteps, Zh: "收尾步骤，不影响结论", En: "steps that follow in any case and never change the verdict"}, later},
		{Field{Name: "whenever", Shape: shapeStanding, Zh: "随时可能出现的对话框及处理办法", En: "what may come up at any time, and what to do about it"}, func(r *reader, n strict.Node, s *Scenario) { s.Whenever = r.whenever(n) }},
		{Field{Name: "budget", Shape: shapeBudgets, Zh: "整体耗时上限", En: "limits on the whole run"}, func(r *reader, n strict.Node, s *Scenario) { readMap(r, n, r.lang.budgets, &s.Budget) }},
		{Field{Name: "on_dialog", Shape: shapeDialog, Zh: "如何回应对话框；默认取消，但同意离开页面", En: "what to answer dialogs of the pages; unless given they are dismissed, and leaving a page is agreed to"}, func(r *reader, n strict.Node, s *Scenario) { s.OnDialog = *r.dialogAnswer(n) }},
		{Field{Name: "mask", Shape: shapeFrames, Zh: "证据中要遮盖的元素（个人信息）", En: "elements that no evidence shows: personal data"}, func(r *reader, n strict.Node, s *Scenario) { s.Mask = r.masks(n) }},
		{Field{Name: "schedule", Shape: shapeSchedule, Zh: "执行计划", En: "when it is due; every 5m unless given"}, func(r *reader, n strict.Node, s *Scenario) { s.Schedule = r.schedule(n) }},
		{Field{Name: "confirm", Shape: shapeConfirm, Zh: "失败确认", En: "how a failure is confirmed"}, func(r *reader, n strict.Node, s *Scenario) { readMap(r, n, r.lang.confirm, &s.Confirm) }},
	}
}

func (r *reader) isolate(n strict.Node, s *Scenario) {
	if v, ok := n.Enum("isolation", "context", IsolateBrowser); ok && v == IsolateBrowser {
		s.Isolate = v
	}
}

func identifier(n strict.Node) string {
	s, ok := n.String()
	if ok && !validID(s) {
		n.Problem(fmt.Sprintf("%q cannot be an id", s), "use a-z, 0-9, - and _, at most 63; people see the title")
		return ""
	}
	return s
}

// scenario reads a whole document. The second result is false when anything
// in it, or in a fragment it uses, is wrong.
func (r *reader) scenario(doc strict.Document) (Scenario, bool) {
	before := r.rep.Raised()
	s := Scenario{
		Pos: at(doc.Root), Source: doc.Source, Severity: gengfu.GradeOrdinary, Timeout: DefaultTimeout,
		Browser: desktop(), Schedule: Schedule{Every: DefaultEvery}, Confirm: Confirm{Retries: DefaultRetries},
	}
	m, ok := doc.Root.Map()
	if !ok {
		return s, false
	}
	if vars, given := m.Lookup("vars"); given {
		s.Vars = r.vars(vars)
	}
	readKeys(r, m, r.lang.top, &s)
	if s.Title == "" {
		s.Title = s.ID
	}
	if session, given := m.Lookup("session"); given {
		s.Session = r.session(session)
	}
	if steps, given := m.Lookup("steps"); given {
		s.Steps = r.steps(steps)
	}
	if always, given := m.Lookup("always"); given {
		s.Always = r.steps(always)
	}
	if session, given := m.Lookup("session"); given {
		r.validAt(&s, session)
	}
	r.attended(&s, m)
	r.netScenario(s)
	s.Confirm.Every = s.Schedule.Interval()
	s.Secrets = sortedKeys(r.sum.secrets)
	s.Revision = r.revision(doc.Source)
	sound := r.rep.Raised() == before
	if sound {
		r.remarks(s, doc.Root)
		r.advise(s, doc.Root)
	}
	return s, sound
}

// vars reads the variables, which may refer to each other in any order but not
// in a circle.
func (r *reader) vars(n strict.Node) map[string]Text {
	m, ok := n.Map()
	if !ok {
		return nil
	}
	for _, e := range m.Entries {
		if !validName(e.Key) {
			e.At.Problem(fmt.Sprintf("%q cannot be a name", e.Key), "use letters, digits, _ and -")
		}
		r.scope.names[e.Key] = Text{}
	}
	for _, e := range m.Entries {
		r.scope.names[e.Key] = r.text(e.Value)
	}
	c := circles{names: r.scope.names, state: map[string]int{}}
	for _, e := range m.Entries {
		if chain := c.visit(e.Key, nil); chain != nil {
			e.Value.Problem(fmt.Sprintf("${%s} refers to itself", e.Key), strings.Join(chain, " → "))
		} else if t := r.scope.names[e.Key]; t.size.weight > maxWeight || t.size.depth > maxDepth {
			e.Value.Problem("the references expand to too much text", "refer to fewer others")
			r.scope.names[e.Key] = Literal("")
		}
	}
	return r.scope.names
}

// circles walks the variables once, each after those it refers to: it finds
// the way from a variable back to itself and measures the sound ones.
type circles struct {
	names map[string]Text
	state map[string]int // 1 while being walked, 2 when done
}

// visit returns a chain that ends where it began, nil if there is none. The
// variables on the way to it are emptied, so that it is told once.
func (c *circles) visit(name string, chain []string) []string {
	t, known := c.names[name]
	if !known || c.state[name] == 2 {
		return nil
	}
	chain = append(chain, name)
	if c.state[name] == 1 {
		return chain[slices.Index(chain, name):]
	}
	c.state[name] = 1
	for _, ref := range t.Refs() {
		if found := c.visit(ref, chain); found != nil {
			c.state[name], c.names[name] = 2, Literal("")
			return found
		}
	}
	c.state[name] = 2
	t.size = t.measure(func(ref string) size { return c.names[ref].size })
	c.names[name] = t
	return nil
}

// remarks warns of what is allowed and probably not meant.
func (r *reader) remarks(s Scenario, root strict.Node) {
	r.unguarded(s)
	expects := false
	for _, step := range s.Steps {
		expects = expects || len(step.Expect) > 0 || step.Verb == Check || step.Verb == A11y || step.Verb.Browserless()
	}
	if !expects {
		root.Warn("the scenario expects nothing", "add expect to a step, or it only proves that something opened")
	}
	if len(s.Steps) > 0 && s.Steps[0].Verb != Goto && !s.Steps[0].Verb.Browserless() {
		r.warn(s.Steps[0].Pos, "the first step does not open a page", "begin with goto")
	}
	if s.Budget.Total.Fail > s.Timeout {
		root.Warn("the run times out before its total budget is used up", "raise timeout or lower budget.total.fail")
	}
	for _, step := range append(s.Steps[:len(s.Steps):len(s.Steps)], s.Always...) {
		if !step.URL.IsZero() && step.URL.Tainted() {
			r.warn(step.Pos, fmt.Sprintf("the address of step %q holds a secret", step.Name), "addresses are logged by servers and proxies; fill a form instead")
		}
	}
}

// Card is what pages, metrics and messages show of the scenario.
func (s Scenario) Card() gengfu.ScenarioCard {
	return gengfu.ScenarioCard{
		ID: s.ID, Title: s.Title, Target: s.Target, Tags: s.Tags, Owner: s.Owner, Runbook: s.Runbook,
		Severity: s.Severity, Notify: s.Notify, Schedule: s.Schedule.String(), Interval: s.Schedule.Interval(),
		File: s.Pos.File, Revision: s.Revision, Source: s.Source, Steps: s.stepNames(),
	}
}
