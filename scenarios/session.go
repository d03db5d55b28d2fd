package scenarios

import (
	"strings"
	"time"

	"gengfu/scenarios/strict"
)

// DefaultKeep is how long a log-in is kept unless the author says otherwise.
const DefaultKeep = 30 * time.Minute

// Session is a log-in that outlives the run: it is done once, and later runs of
// all scenarios that name it begin with the browser state it led to.
type Session struct {
	Pos   Pos
	Name  string
	Keep  time.Duration // a state that is older is not used; 0 for a log-in in each run
	At    Text          // the address that Valid is looked for at; zero without Valid
	Valid []Expect      // what holds there while the log-in does
	Login []Step
}

func sessionKeys() []key[Session] {
	return []key[Session]{
		{Field{Name: "name", Shape: shapeText, Required: true, Zh: "登录身份的标识，多个场景可共用", En: "the identity; scenarios that name the same one share it"}, func(_ *reader, n strict.Node, s *Session) { s.Name = identifier(n) }},
		{Field{Name: "keep", Shape: shapeKeep, Zh: "登录状态最长保留多久，默认 30m；0 表示每次都重新登录", En: "how long the log-in is kept, 30m unless given; 0 for a log-in in each run"}, func(_ *reader, n strict.Node, s *Session) {
			if strings.TrimSpace(n.Text()) == "0" {
				s.Keep = 0
			} else if d, ok := n.Duration(); ok {
				s.Keep = d
			}
		}},
		{Field{Name: "at", Shape: shapeText, Zh: "检查登录状态时打开的地址", En: "the address that is opened to see whether the log-in still holds"}, func(r *reader, n strict.Node, s *Session) { s.At = r.address(n) }},
		{Field{Name: "valid", Shape: shapeExpects, Zh: "仍处于登录状态时成立的条件", En: "what must hold at that address while the log-in does"}, func(r *reader, n strict.Node, s *Session) { s.Valid = r.expects(n) }},
		{Field{Name: "login", Shape: shapeSteps, Required: true, Zh: "登录步骤", En: "the steps that log in, done when no kept log-in can be used"}, func(r *reader, n strict.Node, s *Session) { s.Login = r.steps(n) }},
	}
}

// session reads the log-in of a scenario. What its steps save is theirs alone:
// they are not done in every run.
func (r *reader) session(n strict.Node) *Session {
	inner := *r
	inner.scope = &scope{names: r.scope.names, saved: map[string]string{}}
	inner.prefix = r.prefix + "session."
	s := &Session{Pos: at(n), Keep: DefaultKeep}
	readMap(&inner, n, r.lang.session, s)
	switch {
	case !s.At.IsZero() && len(s.Valid) == 0:
		n.Problem("at is opened and nothing is looked for there", "add valid: with what that page shows after the log-in")
	}
	return s
}

// validAt completes a log-in that is looked for without saying where: on the
// page that the steps begin with.
func (r *reader) validAt(s *Scenario, n strict.Node) {
	se := s.Session
	switch {
	case !se.At.IsZero() || len(se.Valid) == 0:
	case len(s.Steps) > 0 && s.Steps[0].Verb == Goto:
		se.At = s.Steps[0].URL
	default:
		n.Problem("valid needs a page to look at", "add at: with the address of a page that only shows after the log-in")
	}
}

// stepName is what the step is called that takes the kept log-in up.
func (s *Session) stepName() string { return string(Restore) + " " + s.Name }

// stepNames are the names of all steps of a run, in order.
func (s Scenario) stepNames() []string {
	var names []string
	if s.Session != nil {
		names = append(names, s.Session.stepName())
		for _, step := range s.Session.Login {
			names = append(names, step.Name)
		}
	}
	for _, step := range append(s.Steps[:len(s.Steps):len(s.Steps)], s.Always...) {
		names = append(names, step.Name)
	}
	return names
}

// RestoreStep stands for taking up the kept log-in. It comes before the steps
// of the log-in in every run.
func (s *Session) RestoreStep() Step {
	return Step{Pos: s.Pos, Name: s.stepName(), Verb: Restore}
}

// CheckStep opens the page that shows whether the log-in still holds.
func (s *Session) CheckStep() Step {
	return Step{Pos: s.Pos, Name: string(Goto) + " " + shortURL(s.At.Source()), Verb: Goto, URL: s.At}
}

// Opening are the steps that may open an address; none for a nil Session.
func (s *Session) Opening() []Step {
	switch {
	case s == nil:
		return nil
	case s.At.IsZero():
		return s.Login
	}
	return append(s.Login[:len(s.Login):len(s.Login)], s.CheckStep())
}
