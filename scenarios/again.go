package scenarios

import (
	"fmt"
	"maps"
	"time"

	"gengfu/scenarios/strict"
)

// Defaults of a repeat step.
const (
	DefaultRounds = 10
	DefaultPause  = 500 * time.Millisecond
	maxRounds     = 200
)

// Rounds are what a repeat step does: its steps, until all conditions hold or the
// rounds are over.
type Rounds struct {
	Steps []Step
	Until []Expect // looked at after each round; none for all rounds
	Times int
	Every time.Duration // how long a round waits for the conditions
}

// Store is what a set step puts into the browser.
type Store struct {
	At      Text // the address that cookies belong to; zero for the page's own
	Cookies []Pair
	Local   []Pair // of the page's origin
	Session []Pair
}

// storeVerbs are the rows of the table of verbs for rounds and for what the
// browser keeps.
func storeVerbs() []VerbSpec {
	return []VerbSpec{
		{Repeat, shapeRepeat, fields(repeatKeys()), "重复若干步骤，直到条件成立", "do steps again until something holds", "repeat: {steps: [{click: 下一页}], until: {visible: 末页}, times: 5}", (*reader).repeatStep},
		{Put, shapeStore, fields(storeKeys()), "写入 Cookie 或页面存储", "put cookies, or values of the page's storages, into the browser", "set: {local_storage: {theme: dark}}", (*reader).setStep},
	}
}

func repeatKeys() []key[Rounds] {
	return []key[Rounds]{
		{Field{Name: "steps", Shape: shapeSteps, Required: true, Zh: "步骤", En: "the steps of a round"}, func(r *reader, n strict.Node, s *Rounds) { s.Steps = r.steps(n) }},
		{Field{Name: "until", Shape: shapeExpects, Zh: "直到这些条件成立", En: "the conditions that end it"}, func(r *reader, n strict.Node, s *Rounds) { s.Until = r.expects(n) }},
		{Field{Name: "times", Shape: shapeInt, Zh: "最多几轮，默认 10", En: "rounds at most; 10 unless given"}, func(_ *reader, n strict.Node, s *Rounds) { s.Times, _ = n.Int(1, maxRounds) }},
		{Field{Name: "every", Shape: shapeDuration, Zh: "每轮等条件成立多久，默认 500ms", En: "how long a round waits for the conditions; 500ms unless given"}, func(_ *reader, n strict.Node, s *Rounds) {
			if s.Every, _ = n.Duration(); s.Every > time.Minute {
				n.Problem("a round waits too long", "1m at most")
			}
		}},
	}
}

func (r *reader) repeatStep(n strict.Node, s *Step) {
	s.Rounds = &Rounds{Times: DefaultRounds, Every: DefaultPause}
	if !readMap(r, n, r.lang.repeat, s.Rounds) {
		return
	}
	for _, inner := range s.Rounds.Steps {
		switch {
		case inner.Verb == Repeat:
			r.problem(inner.Pos, "a repeat stands in another", "put the inner steps into one round")
		case inner.Budget != (Budget{}):
			r.problem(inner.Pos, "a step of a round has no budget of its own", "put it on the repeat")
		}
	}
}

func storeKeys() []key[Store] {
	pairs := func(name, zh, en string, to func(*Store) *[]Pair) key[Store] {
		return key[Store]{Field{Name: name, Shape: shapeTextMap, Zh: zh, En: en}, func(r *reader, n strict.Node, s *Store) { *to(s) = r.pairs(n, "") }}
	}
	return []key[Store]{
		{Field{Name: "at", Shape: shapeText, Zh: "Cookie 所属网址，默认为当前页面", En: "the address that the cookies belong to; the page's own unless given"}, func(r *reader, n strict.Node, s *Store) { s.At = r.address(n) }},
		pairs("cookie", "Cookie 的名称与值", "cookies by name", func(s *Store) *[]Pair { return &s.Cookies }),
		pairs("local_storage", "localStorage 的键与值", "values of the local storage by key", func(s *Store) *[]Pair { return &s.Local }),
		pairs("session_storage", "sessionStorage 的键与值", "values of the session storage by key", func(s *Store) *[]Pair { return &s.Session }),
	}
}

func (r *reader) setStep(n strict.Node, s *Step) {
	s.Store = &Store{}
	if !readMap(r, n, r.lang.store, s.Store) {
		return
	}
	switch {
	case len(s.Store.Cookies)+len(s.Store.Local)+len(s.Store.Session) == 0:
		n.Problem("nothing is set", "add cookie, local_storage or session_storage")
	case !s.Store.At.IsZero() && len(s.Store.Cookies) == 0:
		n.Problem("at goes with cookie only", "storages are those of the page that is open")
	}
}

// names are what a set step is called by.
func (s *Store) names() []string {
	var out []string
	for _, p := range append(append(append([]Pair(nil), s.Cookies...), s.Local...), s.Session...) {
		out = append(out, p.Key)
	}
	return out
}

// Flat are the steps and those inside them.
func Flat(steps []Step) []Step {
	var out []Step
	for _, s := range steps {
		out = append(out, s)
		if s.Rounds != nil {
			out = append(out, Flat(s.Rounds.Steps)...)
		}
	}
	return out
}

// Dealing are the steps of all standing rules.
func (s *Scenario) Dealing() []Step {
	var out []Step
	for _, rule := range s.Whenever {
		out = append(out, Flat(rule.Do)...)
	}
	return out
}

// saveMore are the rows of the table of save for what is no element.
func saveMore() []key[SaveValue] {
	return []key[SaveValue]{
		{Field{Name: "cookie", Shape: shapeText, Zh: "Cookie 名称", En: "the name of a cookie of the page"}, func(_ *reader, n strict.Node, s *SaveValue) { s.Cookie, _ = n.String() }},
		{Field{Name: "answer", Shape: shapeText, Zh: "本站接口的路径，可用 *；取其最近的应答", En: "the path of an interface of the site, with *: its latest answer"}, func(r *reader, n strict.Node, s *SaveValue) { s.Answer = r.pointer(n) }},
	}
}

// checkElsewhere checks a value that is taken from no element. It reports
// whether it was one.
func checkElsewhere(n strict.Node, v *SaveValue) bool {
	sources := map[string]bool{"cookie": v.Cookie != "", "answer": v.Answer != nil}
	maps.DeleteFunc(sources, func(_ string, given bool) bool { return !given })
	switch {
	case len(sources) == 0:
		return false
	case len(sources) > 1 || v.From != nil || v.Source != "" || v.Attribute != "":
		n.Problem("the value is taken from two places", "give one of from, source, cookie and answer")
	case v.Cookie != "" && v.Path != nil:
		n.Problem("json is of an answer", fmt.Sprintf("leave it out, or use match with cookie %s", v.Cookie))
	}
	return true
}
