package notify

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gengfu"
)

// Matcher is one condition on a label, written as in Alertmanager:
// severity="major", tag!=slow, owner=~"平台.*", scenario!~"demo-.*". Regular
// expressions hold for the whole value. Of a label with several values, = and
// =~ want one of them to fit, != and !~ none.
type Matcher struct {
	Label string
	Op    string // =, !=, =~ or !~
	Value string
	whole *regexp.Regexp // of =~ and !~
}

// labelNames are the labels of incidents.
var labelNames = []string{"scenario", "tag", "severity", "target", "owner", "scope"}

var matcherForm = regexp.MustCompile(`^\s*([A-Za-z_]+)\s*(=~|!~|!=|=)\s*(.*?)\s*$`)

// ParseMatcher reads a condition. Its errors are [gengfu.ErrInvalid].
func ParseMatcher(text string) (Matcher, error) {
	wrong := func(finding string, args ...any) (Matcher, error) {
		return Matcher{}, fmt.Errorf("matcher %q: %s: %w", text, fmt.Sprintf(finding, args...), gengfu.ErrInvalid)
	}
	part := matcherForm.FindStringSubmatch(text)
	if part == nil {
		return wrong(`is no condition, want a label, one of = != =~ !~, and a value, such as severity="major"`)
	}
	m := Matcher{Label: part[1], Op: part[2], Value: part[3]}
	if !slices.Contains(labelNames, m.Label) {
		return wrong("unknown label %q, want one of %s", m.Label, strings.Join(labelNames, ", "))
	}
	quoted := strings.HasPrefix(m.Value, `"`)
	switch {
	case quoted && (len(m.Value) < 2 || !strings.HasSuffix(m.Value, `"`)):
		return wrong("a quote is open, want it closed")
	case quoted:
		m.Value = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m.Value[1 : len(m.Value)-1])
	case strings.ContainsAny(m.Value, `{}!=~,"' `):
		return wrong(`the value holds signs that need quotes, want %s%s"…"`, m.Label, m.Op)
	}
	if strings.HasSuffix(m.Op, "~") {
		whole, err := regexp.Compile("^(?:" + m.Value + ")$")
		if err != nil {
			return wrong("no regular expression, want one of RE2: %v", err)
		}
		m.whole = whole
	}
	return m, nil
}

// String writes the condition so that it can be read again.
func (m Matcher) String() string {
	return m.Label + m.Op + `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(m.Value) + `"`
}

func (m Matcher) holds(inc gengfu.Incident) bool {
	fits := slices.ContainsFunc(labelOf(inc, m.Label), func(v string) bool {
		if m.whole != nil {
			return m.whole.MatchString(v)
		}
		return v == m.Value
	})
	return fits != strings.HasPrefix(m.Op, "!")
}

// labelOf are the values of a label; one that is not there is empty, as in
// Alertmanager.
func labelOf(inc gengfu.Incident, label string) []string {
	switch label {
	case "scenario":
		if name, ok := strings.CutPrefix(inc.Key, gengfu.ScenarioKey("")); ok {
			return []string{name}
		}
	case "tag":
		if len(inc.Tags) > 0 {
			return inc.Tags
		}
	case "severity":
		return []string{string(inc.Grade)}
	case "target":
		return []string{inc.Target}
	case "owner":
		return []string{inc.Owner}
	case "scope":
		return []string{scopeOf(inc.Key)}
	}
	return []string{""}
}

// take returns the routes of a tree that an incident takes and where they
// lead; none when its root does not fit. The children are asked first, and the
// root stands for what none of them takes.
func (rt Route) take(inc gengfu.Incident) (routes, endpoints []string) {
	if !rt.Match.holds(inc) {
		return nil, nil
	}
	for _, child := range rt.Routes {
		names, more := child.take(inc)
		routes, endpoints = append(routes, names...), append(endpoints, more...)
		if len(names) > 0 && !child.Continue {
			break
		}
	}
	if len(routes) == 0 {
		return []string{rt.Name}, rt.Endpoints
	}
	return routes, endpoints
}

// find is the route of a name in a tree.
func (rt Route) find(name string) (Route, bool) {
	if rt.Name == name {
		return rt, true
	}
	for _, child := range rt.Routes {
		if found, ok := child.find(name); ok {
			return found, true
		}
	}
	return Route{}, false
}

// raise checks the children of a route, expands their endpoints, and lets
// those without any have the parent's.
func (rt Route) raise(channels Channels, seen map[string]bool, wrong func(name, finding string, args ...any)) Route {
	children := slices.Clone(rt.Routes)
	for i, child := range children {
		if child.Name == "" || child.Name == DefaultRoute || seen[child.Name] {
			wrong(child.Name, "name: is empty or used twice, want names that differ")
		}
		seen[child.Name] = true
		var unknown []string
		if child.Endpoints, unknown = expand(child.Endpoints, channels); len(child.Endpoints) == 0 && len(unknown) == 0 {
			child.Endpoints = rt.Endpoints
		}
		child.Escalate = cmp.Or(child.Escalate, rt.Escalate)
		if child.none() {
			child.Manners = rt.Manners
		}
		for _, finding := range child.validate() {
			wrong(child.Name, "%s", finding)
		}
		for _, name := range unknown {
			wrong(child.Name, "endpoints: there is no channel or endpoint %q, want one of %s", name, strings.Join(channels.endpoints, ", "))
		}
		children[i] = child.raise(channels, seen, wrong)
	}
	rt.Routes = children
	return rt
}
