package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gengfu/scenarios/strict"
)

// reader reads one document, or one use of a fragment inside it.
type reader struct {
	load   *loader
	lang   *language
	rep    *strict.Report
	scope  *scope
	params bool     // the scope is a fragment's
	within []string // fragments being expanded, outermost first
	prefix string   // of the keys under which the fragment saves
	sum    *summary
}

// summary gathers what a scenario asks for, its fragments included.
type summary struct {
	secrets map[string]bool
	used    map[string]int  // uses of each fragment
	touched map[string]bool // names that texts refer to, by the fragments around them
	steps   int
	over    bool // the limit of steps was told
}

func (s *summary) overflow(n strict.Node) {
	if !s.over {
		n.Problem(fmt.Sprintf("the scenario has more than %d steps", maxSteps), "split it")
	}
	s.over = true
}

func newSummary() *summary {
	return &summary{secrets: map[string]bool{}, used: map[string]int{}, touched: map[string]bool{}}
}

func at(n strict.Node) Pos { return Pos{File: n.File(), Line: n.Line(), Col: n.Col()} }

func (r *reader) problem(p Pos, finding, remedy string) {
	r.rep.Problem(strict.Problem{File: p.File, Line: p.Line, Col: p.Col, Finding: finding, Remedy: remedy})
}

func (r *reader) warn(p Pos, finding, remedy string) {
	r.rep.Warn(strict.Problem{File: p.File, Line: p.Line, Col: p.Col, Finding: finding, Remedy: remedy})
}

// text reads a text with references.
func (r *reader) text(n strict.Node) Text {
	s, ok := n.String()
	if !ok {
		return Text{}
	}
	return r.parse(n, s, 0)
}

// needText is text that must not be blank.
func (r *reader) needText(n strict.Node) Text {
	t := r.text(n)
	if !t.IsZero() && strings.TrimSpace(t.Source()) == "" {
		n.Problem("the text is blank", "")
		return Text{}
	}
	return t
}

// parse splits a text at its references; $${ stands for ${. The offset is
// where the text begins in the node, for the places of mistakes.
func (r *reader) parse(n strict.Node, s string, offset int) Text {
	t := Text{source: s, scope: r.scope}
	for rest := s; rest != ""; {
		i := strings.Index(rest, "${")
		switch {
		case i < 0:
			t.literal(rest)
			return r.measured(n, t)
		case i > 0 && rest[i-1] == '$':
			t.literal(rest[:i-1] + "${")
			rest = rest[i+2:]
			continue
		}
		t.literal(rest[:i])
		where := offset + utf8.RuneCountInString(s[:len(s)-len(rest)+i])
		ref, after, closed := strings.Cut(rest[i+2:], "}")
		if !closed {
			n.ProblemAt(where, "${ is not closed", "write ${name}, or $${ for the characters themselves")
			return Text{}
		}
		if !r.known(n, where, ref) {
			return Text{}
		}
		t.parts = append(t.parts, part{ref: ref})
		rest = after
	}
	if len(t.parts) == 0 {
		t.parts = []part{{}}
	}
	return r.measured(n, t)
}

// measured refuses a text that would grow without end when it is resolved.
func (r *reader) measured(n strict.Node, t Text) Text {
	t.size = t.measure(func(ref string) size { return r.scope.names[ref].size })
	if t.size.weight > maxWeight || t.size.depth > maxDepth {
		n.Problem("the references expand to too much text", "refer to fewer others")
		return Text{}
	}
	return t
}

func (t *Text) literal(s string) {
	if s == "" {
		return
	}
	if last := len(t.parts) - 1; last >= 0 && t.parts[last].ref == "" {
		t.parts[last].literal += s
		return
	}
	t.parts = append(t.parts, part{literal: s})
}

// known checks that a reference can have a value when the text is used.
func (r *reader) known(n strict.Node, where int, ref string) bool {
	if name, ok := strings.CutPrefix(ref, "secret."); ok {
		if !validName(name) {
			n.ProblemAt(where, fmt.Sprintf("%q cannot be the name of a secret", name), "use letters, digits, _ and -")
			return false
		}
		r.sum.secrets[name] = true
		return true
	}
	if name, ok := strings.CutPrefix(ref, "env."); ok {
		switch {
		case r.params:
			n.ProblemAt(where, "a fragment sees its parameters and secrets only", "hand the environment in as a parameter")
		case !validName(name):
			n.ProblemAt(where, fmt.Sprintf("%q cannot be the name of an environment variable", name), "use letters, digits and _")
		default:
			return true
		}
		return false
	}
	if _, ok := r.scope.names[ref]; ok {
		r.touch(ref)
		return true
	}
	if _, ok := r.scope.saved[ref]; ok {
		return true
	}
	if _, ok := parseGenerator(ref); ok {
		return true
	}
	r.unknownRef(n, where, ref)
	return false
}

func (r *reader) unknownRef(n strict.Node, where int, ref string) {
	all := slices.Sorted(maps.Keys(r.scope.names))
	all = append(all, slices.Sorted(maps.Keys(r.scope.saved))...)
	finding := fmt.Sprintf("${%s} is not known here", ref)
	remedy := "declare it under vars, or save it in an earlier step"
	if r.params {
		finding = fmt.Sprintf("${%s} is not a parameter of this fragment", ref)
		remedy = "declare it under params"
	}
	if !validName(ref) {
		finding, remedy = fmt.Sprintf("${%s} is not a reference", ref), "write ${name}, ${secret.name} or ${env.NAME}; nothing is computed"
	}
	if looksComputed(ref) {
		finding, remedy = fmt.Sprintf("${%s} cannot be made", ref), "such as ${uuid}, ${random.digits(6)} or ${today + 3d | YYYY-MM-DD}"
	}
	if near := strict.Nearest(ref, all); near != "" {
		remedy = fmt.Sprintf("did you mean ${%s}?", near)
	}
	n.ProblemAt(where, finding, remedy)
}

// mustBeSecret reports a secret that stands in the file for all to read.
func (r *reader) mustBeSecret(n strict.Node, t Text, what string) {
	if !t.IsZero() && len(t.Refs()) == 0 {
		n.Problem(what+" stands in the file for all to read", "keep it outside and write ${secret.name}")
	}
}

// validName reports whether s can name a variable, a secret or a saved value:
// letters of any language, digits, _ and -, not starting with a digit or -.
func validName(s string) bool {
	for i, c := range s {
		first := unicode.IsLetter(c) || c == '_'
		if !first && (i == 0 || !unicode.IsDigit(c) && c != '-') {
			return false
		}
	}
	return s != "" && len(s) <= 100
}

// validID reports whether s can be an identifier: it becomes a metric label
// and part of URLs.
func validID(s string) bool {
	for i, c := range s {
		first := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !first && (i == 0 || c != '-' && c != '_') {
			return false
		}
	}
	return s != "" && len(s) <= 63
}
