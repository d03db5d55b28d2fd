package scenarios

import (
	"fmt"
	"regexp"
	"strings"

	"gengfu/scenarios/strict"
)

// noColon tells a step that is a verb and its object without a colon, such as
// "- click Log in".
func (r *reader) noColon(n strict.Node) bool {
	word, rest, more := strings.Cut(n.Text(), " ")
	if !more || !n.Plain() {
		return false
	}
	if _, is := r.lang.verb(word); !is {
		return false
	}
	n.Problem(fmt.Sprintf("a colon is missing after %q", word), "put it in: "+word+": "+rest)
	return true
}

// bareText tells a condition that is nothing but a text, which says not what
// of the page it is.
func bareText(n strict.Node) bool {
	text := n.Text()
	if text == "" || len(text) > 60 || strings.ContainsAny(text, ":：") {
		return false
	}
	n.Problem("want a mapping, not a text", "write text: "+text)
	return true
}

// typedInClear warns of a password that stands in the file, where whoever may
// read the scenario reads it, and evidence does not mask it.
func (l *loader) typedInClear(all []Scenario) {
	for _, s := range all {
		steps := s.Steps
		if s.Session != nil {
			steps = append(steps[:len(steps):len(steps)], s.Session.Login...)
		}
		for _, step := range Flat(steps) {
			if step.Verb != Fill {
				continue
			}
			for _, f := range step.Fields {
				if f.Field.secretive() && len(f.Value.Refs()) == 0 && len(f.Value.parts) > 0 {
					l.rep.Warn(strict.Problem{
						File: step.Pos.File, Line: step.Pos.Line, Col: step.Pos.Col,
						Finding: "a password stands in the file", Remedy: "write ${secret.password}, and the value into the secrets file",
					})
				}
			}
		}
	}
}

var secretWords = regexp.MustCompile(`(?i)密码|口令|password|passwd`)

// secretive reports whether a field is called what only secrets go into.
func (l Locator) secretive() bool {
	for _, t := range []Text{l.Bare, l.Label, l.Placeholder, l.Name} {
		for _, p := range t.parts {
			if secretWords.MatchString(p.literal) {
				return true
			}
		}
	}
	return false
}
