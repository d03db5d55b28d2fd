package notify

import (
	"errors"
	"strings"
	"testing"

	"gengfu"
)

func TestParseMatcher(t *testing.T) {
	for text, want := range map[string]string{
		`severity=major`: `severity="major"`, ` tag != "slow page" `: `tag!="slow page"`, `owner=~平台.*`: `owner=~"平台.*"`, `scenario!~"demo-(a|b)"`: `scenario!~"demo-(a|b)"`,
		`target=`: `target=""`, `owner="a \"b\" \\c"`: `owner="a \"b\" \\c"`,
	} {
		m, err := ParseMatcher(text)
		if err != nil || m.String() != want {
			t.Errorf("%s: %s, %v", text, m, err)
			continue
		}
		if again, err := ParseMatcher(m.String()); err != nil || again.Value != m.Value {
			t.Errorf("%s is not read again: %v", m, err)
		}
	}
	for text, want := range map[string]string{
		"": "no condition", "severity": "no condition", "color=red": "unknown label", `owner="x`: "quote is open", "owner=a b": "need quotes", "tag=~(": "no regular expression", "tag==x": "need quotes",
	} {
		if _, err := ParseMatcher(text); !errors.Is(err, gengfu.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// The children of a route are asked first; it stands for what none takes.
func TestRouter_tree(t *testing.T) {
	is := func(conditions ...string) Match {
		var m Match
		for _, c := range conditions {
			l, err := ParseMatcher(c)
			if err != nil {
				t.Fatal(err)
			}
			m.Labels = append(m.Labels, l)
		}
		return m
	}
	channels := toys(&toy{name: "room"}, &toy{name: "duty"}, &toy{name: "lead"}, &toy{name: "hook"})
	r, err := NewRouter([]Route{
		{Name: "portal", Match: is(`target=portal`, `tag!=quiet`), Endpoints: []string{"room"}, Routes: []Route{
			{Name: "audit", Match: is(`owner!=""`), Endpoints: []string{"hook"}, Continue: true},
			{Name: "major", Match: is(`severity=~"major|notice"`), Endpoints: []string{"lead"}, Routes: []Route{{Name: "login", Match: is(`scenario=~".*login"`)}}},
			{Name: "slow", Match: is(`tag=slow`), Endpoints: []string{"duty"}},
		}},
		{Name: DefaultRoute, Endpoints: []string{"duty"}, Routes: []Route{{Name: "hosts", Match: is(`scope=host`), Endpoints: []string{"hook"}}}},
	}, channels)
	if err != nil {
		t.Fatal(err)
	}
	inc := func(key string, g gengfu.Grade, target, owner string, tags ...string) gengfu.Incident {
		return gengfu.Incident{Key: key, Grade: g, Target: target, Owner: owner, Tags: tags}
	}
	for want, inc := range map[string]gengfu.Incident{
		"portal → room":           inc("scenario:a", gengfu.GradeOrdinary, "portal", ""),
		"audit → hook":            inc("scenario:a", gengfu.GradeOrdinary, "portal", "x"),
		"audit slow → hook duty":  inc("scenario:a", gengfu.GradeOrdinary, "portal", "x", "other", "slow"),
		"major → lead":            inc("scenario:a", gengfu.GradeMajor, "portal", "", "slow"),
		"login → lead":            inc("scenario:b-login", gengfu.GradeMajor, "portal", ""),
		"default → duty":          inc("scenario:a", gengfu.GradeMajor, "portal", "", "slow", "quiet"),
		"hosts → hook":            inc("host:local:disk", gengfu.GradeMajor, "", ""),
		"audit login → hook lead": inc("scenario:login", gengfu.GradeNotice, "portal", "x"),
	} {
		routes, endpoints := r.Match(inc)
		if got := strings.Join(routes, " ") + " → " + strings.Join(endpoints, " "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if !r.Has("login") || !r.Has("hosts") || r.Has("none") {
		t.Error("Has is wrong about the tree")
	}
	_, err = NewRouter([]Route{{Name: DefaultRoute, Routes: []Route{{Name: "a", Endpoints: []string{"pager"}}, {Name: "a"}}}}, channels)
	if err == nil || !strings.Contains(err.Error(), "pager") || !strings.Contains(err.Error(), "used twice") {
		t.Errorf("%v", err)
	}
}
