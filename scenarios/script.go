package scenarios

import (
	"gengfu/scenarios/strict"
)

// Script is what an eval step does: JavaScript in the page's own world.
type Script struct {
	Source Text
	Name   string // the value is saved under it; empty for nowhere
	Gives  *Match // what the value must be; nil for anything
}

// Audit is what an a11y step asks for.
type Audit struct {
	Fail   string   // the least impact that fails the step: critical, serious, moderate or minor; never for none
	Ignore []string // names of rules
	Within *Locator // a part of the page; nil for all of it
}

// Impacts are how much a finding of an a11y step hinders people, the worst first.
func Impacts() []string { return []string{"critical", "serious", "moderate", "minor"} }

// AuditRules are the names of what an a11y step looks for.
func AuditRules() []string {
	return []string{"contrast", "duplicate-id", "field-name", "button-name", "frame-title", "heading-order", "image-alt", "lang", "link-name", "title", "zoom"}
}

// scriptVerbs are the rows of the table of verbs for what looks into the page.
func scriptVerbs() []VerbSpec {
	return []VerbSpec{
		{Eval, shapeScript, fields(scriptKeys()), "在页面中执行 JavaScript（最后手段）", "run JavaScript in the page: a last resort", "eval: document.fonts.size", (*reader).evalStep},
		{A11y, shapeAudit, fields(auditKeys()), "检查无障碍问题", "look for what hinders people with disabilities", "a11y: {fail: serious}", (*reader).auditStep},
	}
}

func scriptKeys() []key[Step] {
	return []key[Step]{
		{Field{Name: "script", Shape: shapeText, Required: true, Zh: "JavaScript，最后一个表达式的值即结果", En: "the JavaScript; its last expression is the value"}, func(r *reader, n strict.Node, s *Step) { s.Script.Source = r.needText(n) }},
		{Field{Name: "save", Shape: shapeText, Zh: "把值存为", En: "the name that the value is saved under"}, func(r *reader, n strict.Node, s *Step) { s.Script.Name = r.saves(n) }},
		{Field{Name: "gives", Shape: shapeMatch, Zh: "值应当是", En: "what the value must be"}, func(r *reader, n strict.Node, s *Step) { s.Script.Gives = r.match(n, false) }},
	}
}

func (r *reader) evalStep(n strict.Node, s *Step) {
	s.Script = &Script{}
	if n.Kind() == strict.Mapping {
		readMap(r, n, r.lang.script, s)
	} else {
		s.Script.Source = r.needText(n)
	}
	n.Warn("a script knows the inside of the page, which changes without notice", "use expect, save or set where they can say it")
}

func auditKeys() []key[Audit] {
	return []key[Audit]{
		{Field{Name: "fail", Words: append(Impacts(), "never"), Zh: "从哪个程度起算失败，默认 critical", En: "the least impact that fails the step; critical unless given"}, func(_ *reader, n strict.Node, a *Audit) {
			a.Fail, _ = n.Enum("impact", append(Impacts(), "never")...)
		}},
		{Field{Name: "ignore", Shape: shapeTexts, Zh: "不检查的规则", En: "rules that are left out"}, func(_ *reader, n strict.Node, a *Audit) {
			items, _ := n.Items()
			for _, item := range items {
				if rule, ok := item.Enum("rule", AuditRules()...); ok {
					a.Ignore = append(a.Ignore, rule)
				}
			}
		}},
		{Field{Name: "within", Shape: shapeLocator, Zh: "只检查这个元素之内", En: "the element that is looked into"}, func(r *reader, n strict.Node, a *Audit) { a.Within = r.locator(n) }},
	}
}

func (r *reader) auditStep(n strict.Node, s *Step) {
	s.Audit = &Audit{Fail: "critical"}
	if n.Kind() == strict.Scalar {
		s.Audit.Fail, _ = n.Enum("impact", append(Impacts(), "never")...)
		return
	}
	readMap(r, n, r.lang.audit, s.Audit)
}

// Limit bounds an amount; zero means no limit.
type Limit struct{ Warn, Fail int64 }

func limitKeys(read func(strict.Node) int64, shape Shape) []key[Limit] {
	return []key[Limit]{
		{Field{Name: "warn", Shape: shape, Zh: "超过则降级", En: "over it the run is degraded"}, func(_ *reader, n strict.Node, l *Limit) { l.Warn = read(n) }},
		{Field{Name: "fail", Shape: shape, Zh: "超过则失败", En: "over it the run has failed"}, func(_ *reader, n strict.Node, l *Limit) { l.Fail = read(n) }},
	}
}

func countOf(n strict.Node) int64 {
	i, _ := n.Int(1, 1_000_000)
	return int64(i)
}

func (r *reader) limit(n strict.Node, keys []key[Limit]) Limit {
	var l Limit
	before := r.rep.Raised()
	if !readMap(r, n, keys, &l) || r.rep.Raised() != before {
		return l
	}
	switch {
	case l == Limit{}:
		n.Problem("the budget has no limit", "add warn, fail or both")
	case l.Fail > 0 && l.Warn > l.Fail:
		n.Problem("warn is more than fail", "swap them")
	}
	return l
}

// amountKeys are the rows of the table of budgets that bound no time.
func amountKeys() []key[Budgets] {
	row := func(name, zh, en string, size bool, at func(*Budgets) *Limit) key[Budgets] {
		shape := shapeCounts
		if size {
			shape = shapeSizes
		}
		return key[Budgets]{Field{Name: name, Shape: shape, Zh: zh, En: en}, func(r *reader, n strict.Node, b *Budgets) {
			keys := r.lang.counts
			if size {
				keys = r.lang.sizes
			}
			*at(b) = r.limit(n, keys)
		}}
	}
	return []key[Budgets]{
		row("requests", "请求数", "requests of the run", false, func(b *Budgets) *Limit { return &b.Requests }),
		row("failed_requests", "失败的本站请求数", "failed requests to the site itself", false, func(b *Budgets) *Limit { return &b.Failures }),
		row("errors", "控制台错误数", "errors and exceptions on the console", false, func(b *Budgets) *Limit { return &b.Errors }),
		row("bytes", "收到的数据量", "what was received, compressed as it came", true, func(b *Budgets) *Limit { return &b.Bytes }),
	}
}
