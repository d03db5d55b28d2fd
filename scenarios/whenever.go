package scenarios

import (
	"fmt"

	"gengfu/scenarios/strict"
)

// DefaultTimes is how often a standing rule is followed in one run unless the
// author says otherwise.
const DefaultTimes = 5

// Standing is a rule about something that may come up at any time, such as a
// notice: while Visible is on the page, no step goes on before Do was done.
type Standing struct {
	Pos     Pos
	Visible *Locator
	Do      []Step
	Times   int // at most, in one run
}

func standingKeys() []key[Standing] {
	return []key[Standing]{
		{Field{Name: "visible", Shape: shapeLocator, Required: true, Zh: "可能出现的元素", En: "what may come up"}, func(r *reader, n strict.Node, s *Standing) {
			if s.Visible = r.locator(n); s.Visible != nil && len(s.Visible.Frame) > 0 {
				n.Problem("what comes up is looked for where the step is", "leave frame out")
			}
		}},
		{Field{Name: "close", Shape: shapeLocator, Zh: "关闭含有此内容的对话框", En: "the dialog that is closed, found by what it says"}, func(r *reader, n strict.Node, s *Standing) {
			st := Step{Pos: at(n), Verb: Close}
			if r.closeStep(n, &st); st.CloseTab {
				n.Problem("a standing rule closes dialogs, not tabs", "")
			}
			st.Name = describe(st)
			s.Do = append(s.Do, st)
		}},
		{Field{Name: "do", Shape: shapeSteps, Zh: "处理步骤", En: "the steps that deal with it"}, func(r *reader, n strict.Node, s *Standing) { s.Do = append(s.Do, r.steps(n)...) }},
		{Field{Name: "times", Shape: shapeInt, Zh: "每次运行最多处理几次，默认 5", En: "how often in one run at most; 5 unless given"}, func(_ *reader, n strict.Node, s *Standing) { s.Times, _ = n.Int(1, 50) }},
	}
}

// whenever reads the standing rules.
func (r *reader) whenever(n strict.Node) []Standing {
	items, _ := n.Items()
	var out []Standing
	for _, item := range items {
		s := Standing{Pos: at(item), Times: DefaultTimes}
		m, ok := mapping(item)
		if !ok {
			item.Problem("a rule is a mapping", "write {visible: …, close: …}")
			continue
		}
		readKeys(r, m, r.lang.standing, &s)
		_, closes := m.Lookup("close")
		_, does := m.Lookup("do")
		switch {
		case closes && does:
			item.Problem("close and do exclude each other", "keep one of them")
		case !closes && !does:
			item.Problem("the rule does not say what to do", "add close or do")
		}
		out = append(out, s)
	}
	return out
}

// candidates reads a list of locators: the first that matches is used.
func (r *reader) candidates(n strict.Node) *Locator {
	items, _ := n.Items()
	if len(items) < 2 {
		n.Problem("a list of locators has two at least", "leave the - out, or add another")
		return nil
	}
	var all []Locator
	for i, item := range items {
		if item.Kind() == strict.List {
			item.Problem("a list of locators stands in another", "make it one list")
			return nil
		}
		l := r.locator(item)
		if l == nil {
			return nil
		}
		if i > 0 && len(l.Frame) > 0 {
			item.Problem(fmt.Sprintf("candidate %d names a frame", i+1), "all are looked for in one frame: name it at the step")
			return nil
		}
		all = append(all, *l)
	}
	all[0].Or = all[1:]
	return &all[0]
}
