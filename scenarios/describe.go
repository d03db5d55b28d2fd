package scenarios

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// maxName is how many characters a made name has at most.
const maxName = 80

// describe names a step that its author did not name, in the author's words:
// click 登录, goto /login, fill 账号, 密码. References stay unresolved, so a name
// never holds a secret.
func describe(s Step) string {
	words := string(s.Verb)
	if arg := argument(s); arg != "" {
		words += " " + arg
	}
	words = strings.Join(strings.Fields(words), " ")
	if r := []rune(words); len(r) > maxName {
		words = string(r[:maxName-1]) + "…"
	}
	return words
}

func argument(s Step) string {
	switch s.Verb {
	case Goto:
		return shortURL(s.URL.Source())
	case HTTP, TLS, DNS, TCP, ICMP, WebSocket, SQL:
		return netArgument(s)
	case Fill, Select, Upload:
		names := make([]string, len(s.Fields))
		for i, p := range s.Fields {
			names[i] = p.Field.Short()
		}
		return strings.Join(names, ", ")
	case Press:
		return s.Key
	case Wait:
		if s.Pause > 0 {
			return s.Pause.String()
		}
		return conditions(s.For)
	case Verify:
		return conditions(s.Expect)
	case Save:
		names := make([]string, len(s.Saves))
		for i, v := range s.Saves {
			names[i] = v.Name
		}
		return strings.Join(names, ", ")
	case PDF:
		return s.File
	case Drag:
		if s.Target != nil && s.To != nil {
			return s.Target.Short() + " → " + s.To.Short()
		}
		return ""
	case Check:
		return comparisons(s.Cond)
	}
	switch {
	case s.Rounds != nil:
		return conditions(s.Rounds.Until)
	case s.Store != nil:
		return strings.Join(s.Store.names(), ", ")
	case s.Script != nil:
		return s.Script.Source.Source()
	case s.Audit != nil:
		return s.Audit.Fail
	case s.Target != nil:
		return s.Target.Short()
	case s.CloseTab:
		return "tab"
	case s.Scroll.Edge != "":
		return s.Scroll.Edge
	case s.Scroll.By != 0:
		return strconv.Itoa(s.Scroll.By)
	}
	return ""
}

// comparisons are those of a check, as the author joined them.
func comparisons(list []Comparison) string {
	var words []string
	for i, c := range list {
		switch {
		case i > 0 && c.Or:
			words = append(words, "or")
		case i > 0:
			words = append(words, "and")
		}
		words = append(words, c.Source)
	}
	return strings.Join(words, " ")
}

var baseRef = regexp.MustCompile(`^\$\{[^}]*\}(/.*)$`)

// shortURL leaves out a leading variable and the query.
func shortURL(url string) string {
	if m := baseRef.FindStringSubmatch(url); m != nil {
		url = m[1]
	}
	url, _, _ = strings.Cut(url, "?")
	return url
}

func conditions(es []Expect) string {
	words := make([]string, len(es))
	for i, e := range es {
		words[i] = e.String()
	}
	return strings.Join(words, ", ")
}

// String is the expectation in the author's words, references unresolved:
// visible 我的申请, url /apply, count css=tr 20.
func (e Expect) String() string {
	parts := []string{string(e.Kind)}
	if e.Locator != nil {
		parts = append(parts, e.Locator.Short())
	}
	if e.Attribute != "" {
		parts = append(parts, e.Attribute)
	}
	if e.Match != nil {
		parts = append(parts, e.Match.String())
	}
	parts = append(parts, e.words()...)
	if (e.Kind == ExpectEnabled || e.Kind == ExpectChecked) && !e.Want {
		parts = append(parts, "false")
	}
	if len(e.Status) > 0 {
		parts = append(parts, strings.Trim(fmt.Sprint(e.Status), "[]"))
	}
	return strings.Join(append(parts, bounds(e.Min, e.Max)...), " ")
}

func bounds(lo, hi *int) []string {
	switch {
	case lo != nil && hi != nil && *lo == *hi:
		return []string{strconv.Itoa(*lo)}
	case lo != nil && hi != nil:
		return []string{fmt.Sprintf("%d-%d", *lo, *hi)}
	case lo != nil:
		return []string{fmt.Sprintf(">= %d", *lo)}
	case hi != nil:
		return []string{fmt.Sprintf("<= %d", *hi)}
	}
	return nil
}

// String is the condition in the author's words.
func (m Match) String() string {
	var parts []string
	for _, t := range []struct {
		sign string
		text *Text
	}{{"", m.Path}, {"= ", m.Equals}, {"", m.Contains}} {
		if t.text != nil {
			parts = append(parts, t.sign+t.text.Source())
		}
	}
	if m.Pattern != nil {
		parts = append(parts, "~ "+m.Pattern.String())
	}
	if m.Not != nil {
		parts = append(parts, "not "+m.Not.String())
	}
	return strings.Join(parts, " ")
}
