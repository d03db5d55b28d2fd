package chrome

import (
	"fmt"
	"strings"

	"gengfu"
	"gengfu/scenarios"
)

// query is a locator with its texts resolved, in the form the script takes.
type query struct {
	Kind   string  `json:"kind"`           // bare role label placeholder text testid title alt css xpath any
	Value  string  `json:"value"`          // the text, role, selector
	Name   *string `json:"name,omitempty"` // accessible name, with role
	Exact  *bool   `json:"exact,omitempty"`
	Nth    int     `json:"nth,omitempty"`
	Has    *query  `json:"has,omitempty"`
	Within *query  `json:"within,omitempty"`
	Use    string  `json:"use,omitempty"` // what a bare string is looked for as: control field tick option file
	choice

	secret bool
	words  string // the author's words, for messages
}

// What bare strings are looked for as.
const (
	useControl = "control"
	useField   = "field"
	useTick    = "tick"
	useOption  = "option"
	useFile    = "file"
)

// compile resolves a locator's texts. use says what a bare string means here.
func (r *runner) compile(l scenarios.Locator, use string) (*query, error) {
	if len(l.Or) > 0 {
		return r.compileAll(l, use)
	}
	q := &query{Exact: l.Exact, Nth: l.Nth, Use: use}
	kinds := []struct {
		kind string
		text scenarios.Text
	}{
		{"bare", l.Bare},
		{"label", l.Label},
		{"placeholder", l.Placeholder},
		{"text", l.Text},
		{"testid", l.TestID},
		{"title", l.Title},
		{"alt", l.Alt},
		{"css", l.CSS},
		{"xpath", l.XPath},
	}
	q.Kind = "any"
	for _, k := range kinds {
		if k.text.IsZero() {
			continue
		}
		v, err := r.resolve(k.text)
		if err != nil {
			return nil, err
		}
		q.Kind, q.Value, q.secret = k.kind, v.Text, v.Secret
	}
	if l.Role != "" {
		q.Kind, q.Value = "role", l.Role
		if !l.Name.IsZero() {
			v, err := r.resolve(l.Name)
			if err != nil {
				return nil, err
			}
			q.Name, q.secret = &v.Text, v.Secret
		}
	}
	return q, r.nest(q, l)
}

func (r *runner) nest(q *query, l scenarios.Locator) error {
	for _, inner := range []struct {
		from *scenarios.Locator
		to   **query
	}{{l.Has, &q.Has}, {l.Within, &q.Within}} {
		if inner.from == nil {
			continue
		}
		c, err := r.compile(*inner.from, useControl)
		if err != nil {
			return err
		}
		*inner.to = c
	}
	q.words = describeLocator(q)
	return nil
}

func masked(text string, secret bool) string {
	if secret {
		return gengfu.Masked
	}
	return text
}

// describeLocator says a query in few words: button “登录”, field “密码”.
func describeLocator(q *query) string {
	value := masked(q.Value, q.secret && q.Kind != "role")
	var s string
	switch q.Kind {
	case "bare":
		s = fmt.Sprintf("“%s”", value)
	case "role":
		s = q.Value
		if q.Name != nil {
			s += fmt.Sprintf(" “%s”", masked(*q.Name, q.secret))
		}
	case "any":
		s = "element"
	default:
		s = fmt.Sprintf("%s “%s”", q.Kind, value)
	}
	if q.Nth != 0 {
		s += fmt.Sprintf(" #%d", q.Nth)
	}
	if q.Has != nil {
		s += " with " + q.Has.words
	}
	if q.Within != nil {
		s += " in " + q.Within.words
	}
	return strings.TrimSpace(s)
}
