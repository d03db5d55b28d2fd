package chrome

import (
	"fmt"
	"regexp"
	"strings"

	"gengfu/scenarios"
)

// condition is an expectation in the form the script takes.
type condition struct {
	Kind      string         `json:"kind"`
	Q         *query         `json:"q,omitempty"`
	Match     map[string]any `json:"match,omitempty"`
	Attribute string         `json:"attribute,omitempty"`
	Want      bool           `json:"want"`
	Min       *int           `json:"min,omitempty"`
	Max       *int           `json:"max,omitempty"`
	words     string
	from      scenarios.Expect
}

// condition resolves the texts of an expectation.
func (r *runner) condition(e scenarios.Expect) (condition, error) {
	c := condition{Kind: string(e.Kind), Attribute: e.Attribute, Want: e.Want, Min: e.Min, Max: e.Max, from: e}
	c.words = string(e.Kind)
	if e.Locator != nil {
		use := useControl
		switch e.Kind {
		case scenarios.ExpectValue, scenarios.ExpectEnabled:
			use = useField
		case scenarios.ExpectChecked:
			use = useTick
		}
		q, err := r.compile(*e.Locator, use)
		if err != nil {
			return c, err
		}
		switch e.Kind {
		case scenarios.ExpectVisible, scenarios.ExpectHidden, scenarios.ExpectCount, scenarios.ExpectText:
			q.asText()
			q.Now = e.Kind == scenarios.ExpectHidden || e.Kind == scenarios.ExpectCount
		case scenarios.ExpectEnabled:
			q.useAs("either")
		}
		c.Q = q
		c.words += " " + q.words
	}
	if e.Match != nil {
		m, words, err := r.match(*e.Match)
		if err != nil {
			return c, err
		}
		c.Match = m
		c.words += " " + words
	}
	switch {
	case e.Kind == scenarios.ExpectCount:
		c.words += bounds(e.Min, e.Max)
	case (e.Kind == scenarios.ExpectEnabled || e.Kind == scenarios.ExpectChecked) && !e.Want:
		c.words = "not " + c.words
	}
	return c, nil
}

func bounds(lo, hi *int) string {
	switch {
	case lo != nil && hi != nil && *lo == *hi:
		return fmt.Sprintf(" = %d", *lo)
	case lo != nil && hi != nil:
		return fmt.Sprintf(" = %d…%d", *lo, *hi)
	case lo != nil:
		return fmt.Sprintf(" ≥ %d", *lo)
	case hi != nil:
		return fmt.Sprintf(" ≤ %d", *hi)
	}
	return ""
}

// match resolves a text condition and says it in words.
func (r *runner) match(m scenarios.Match) (map[string]any, string, error) {
	out := map[string]any{}
	var words []string
	for _, part := range []struct {
		key, sign string
		text      *scenarios.Text
	}{{"equals", "= ", m.Equals}, {"contains", "", m.Contains}, {"path", "path ", m.Path}} {
		if part.text == nil {
			continue
		}
		v, err := r.resolve(*part.text)
		if err != nil {
			return nil, "", err
		}
		out[part.key] = v.Text
		words = append(words, part.sign+"“"+v.Text+"”")
	}
	if m.Pattern != nil {
		source, flags := jsPattern(m.Pattern)
		out["pattern"], out["flags"] = source, flags
		words = append(words, "/"+m.Pattern.String()+"/")
	}
	if m.Not != nil {
		inner, w, err := r.match(*m.Not)
		if err != nil {
			return nil, "", err
		}
		out["not"] = inner
		words = append(words, "not "+w)
	}
	return out, strings.Join(words, ", "), nil
}

// jsPattern moves leading (?i) flags to where JavaScript wants them, and says
// in JavaScript what RE2 says otherwise.
func jsPattern(p *regexp.Regexp) (source, flags string) {
	source, flags = strings.NewReplacer(`\\`, `\\`, `(?P<`, `(?<`, `\A`, `^`, `\z`, `$`).Replace(p.String()), "u"
	if rest, ok := strings.CutPrefix(source, "(?"); ok {
		if i := strings.IndexByte(rest, ')'); i > 0 && strings.Trim(rest[:i], "ims") == "" {
			return rest[i+1:], "u" + rest[:i]
		}
	}
	return source, flags
}
