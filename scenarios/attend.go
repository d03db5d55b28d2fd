package scenarios

import (
	"fmt"
	"time"

	"gengfu/scenarios/strict"
)

// DefaultAttend is how long a person is waited for unless the author says
// otherwise.
const DefaultAttend = 5 * time.Minute

// maxAttend bounds that: the run keeps its place meanwhile.
const maxAttend = time.Hour

// Ask is what an attend step wants of a person. The element to show is the
// step's target.
type Ask struct {
	Route   string        // whom to ask; empty for the scenario's route
	Text    Text          // what to do, in the author's words
	Wait    time.Duration // how long to wait
	Until   []Expect      // what the page shows when it was done
	Expired *Locator      // seen when the picture is out of date; nil to look for new pixels alone
	Refresh *Locator      // pressed then, for a new one; nil when the page makes one by itself
	Anytime bool          // asked outside of the schedule's working time, too
	show    *Locator
}

// attendVerbs are the rows of the table of verbs for what only a person can do.
func attendVerbs() []VerbSpec {
	return []VerbSpec{
		{Attend, shapeAttend, fields(attendKeys()), "把页面上的元素（如二维码）发给人处理，并等待完成", "show a person an element, such as a code to scan, and wait until it was seen to", "attend: {show: {css: .qrcode}, ask: duty, wait: 5m, until: {url: /admin}}", (*reader).attendStep},
	}
}

func attendKeys() []key[Ask] {
	return []key[Ask]{
		{Field{Name: "show", Shape: shapeLocator, Required: true, Zh: "要给人看的元素", En: "the element that is shown to the person"}, func(r *reader, n strict.Node, a *Ask) { a.show = r.locator(n) }},
		{Field{Name: "until", Shape: shapeExpects, Required: true, Zh: "处理完成后成立的条件", En: "what holds when it was seen to"}, func(r *reader, n strict.Node, a *Ask) { a.Until = r.expects(n) }},
		{Field{Name: "ask", Shape: shapeText, Zh: "通知路由，默认为场景的路由", En: "the route along which a person is asked; the scenario's unless given"}, func(_ *reader, n strict.Node, a *Ask) { a.Route, _ = n.String() }},
		{Field{Name: "wait", Shape: shapeDuration, Zh: "最长等待，默认 5m", En: "how long to wait for the person; 5m unless given"}, func(_ *reader, n strict.Node, a *Ask) {
			d, ok := n.Duration()
			if ok && (d < time.Second || d > maxAttend) {
				n.Problem(fmt.Sprintf("nobody can be waited for %s", d), "from 1s to 1h")
			}
			a.Wait = d
		}},
		{Field{Name: "text", Shape: shapeText, Zh: "告诉此人做什么", En: "what the person is to do"}, func(r *reader, n strict.Node, a *Ask) { a.Text = r.text(n) }},
		{Field{Name: "refresh", Shape: shapeRefresh, Zh: "图片过期的标志，以及如何换新", En: "what shows that the picture is out of date, and what to press for a new one"}, func(r *reader, n strict.Node, a *Ask) {
			readMap(r, n, r.lang.refresh, a)
		}},
		{Field{Name: "anytime", Shape: shapeBool, Zh: "工作时间之外也通知", En: "ask outside of the schedule's during, too"}, func(_ *reader, n strict.Node, a *Ask) { a.Anytime, _ = n.Bool() }},
	}
}

func refreshKeys() []key[Ask] {
	return []key[Ask]{
		{Field{Name: "visible", Shape: shapeLocator, Required: true, Zh: "过期时可见的元素", En: "an element that is seen when the picture is out of date"}, func(r *reader, n strict.Node, a *Ask) { a.Expired = r.locator(n) }},
		{Field{Name: "click", Shape: shapeLocator, Zh: "点击它换新", En: "the element to click for a new one"}, func(r *reader, n strict.Node, a *Ask) { a.Refresh = r.locator(n) }},
	}
}

func (r *reader) attendStep(n strict.Node, s *Step) {
	s.Ask = &Ask{Wait: DefaultAttend}
	if !readMap(r, n, r.lang.attend, s.Ask) {
		return
	}
	s.Target = s.Ask.show
	if s.Ask.Text.Tainted() {
		n.Problem("the text for the person holds a secret", "messages are kept by those who carry them")
	}
}

// Asks are the attend steps of a run, those of the log-in included.
func (s *Scenario) Asks() []Step {
	var out []Step
	steps := s.Steps
	if s.Session != nil {
		steps = append(s.Session.Login[:len(s.Session.Login):len(s.Session.Login)], steps...)
	}
	for _, st := range steps {
		if st.Ask != nil {
			out = append(out, st)
		}
	}
	return out
}

// attended gives a run the time that it waits for people, and refuses what
// leaves none, or asks where nobody can be waited for.
func (r *reader) attended(s *Scenario, m strict.Map) {
	var waits time.Duration
	for _, st := range s.Asks() {
		waits += st.Ask.Wait
	}
	value, given := m.Lookup("timeout")
	switch {
	case waits == 0:
	case !given:
		s.Timeout += waits
	case s.Timeout < waits+DefaultTimeout/2:
		value.Problem(fmt.Sprintf("the run times out after %s and waits %s for people", s.Timeout, waits), fmt.Sprintf("raise timeout to %s, or leave it out", waits+DefaultTimeout))
	}
	inner := append(Flat(s.Always), s.Dealing()...)
	for _, st := range append(append([]Step(nil), s.Steps...), s.Always...) {
		if st.Rounds != nil {
			inner = append(inner, Flat(st.Rounds.Steps)...)
		}
	}
	for _, st := range inner {
		if st.Ask != nil {
			r.problem(st.Pos, "a person is asked where the run cannot wait", "put attend among steps or the log-in of the session")
		}
	}
}
