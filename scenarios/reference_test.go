package scenarios

import (
	"slices"
	"strings"
	"testing"

	"gengfu"
)

// TestReference_isUpToDate holds the pages in docs to the tables; -update
// writes them.
func TestReference_isUpToDate(t *testing.T) {
	golden(t, "../docs/reference.md", Reference(gengfu.English))
	golden(t, "../docs/reference.zh-CN.md", Reference(gengfu.Chinese))
}

// TestReference_examplesAreSound puts every example in its place in a scenario.
func TestReference_examplesAreSound(t *testing.T) {
	const login = "---\nfragment: login\nparams: {account: {default: a}}\nsteps:\n  - fill: {账号: \"${account}\"}\n"
	const head = "scenario: x\nvars: {base: \"https://a.example\", queue: \"1\"}\nsteps:\n  - goto: ${base}/\n"
	sound := func(what, text string) {
		t.Helper()
		if _, problems := Parse("x.yaml", []byte(text+login)); len(problems) > 0 {
			t.Errorf("the example of %s: %v\n%s", what, problems, text)
		}
	}
	l := newLanguage()
	for _, v := range l.verbs {
		if v.Verb == Upload {
			continue // its file lies beside a scenario
		}
		sound(string(v.Verb), strings.Replace(head, ", queue: \"1\"", map[Verb]string{Check: ", queue: \"1\""}[v.Verb], 1)+"  - "+v.Example+"\n")
	}
	for _, f := range fields(l.modifiers) {
		verb := map[string]string{"with": "use: login", "by_keys": "fill: {账号: a}"}[f.Name]
		if verb == "" {
			verb = "click: 登录"
		}
		sound(f.Name, head+"  - "+verb+"\n    "+example(t, modifierExamples, f.Name)+"\n")
	}
	for _, f := range fields(l.locator) {
		sound(f.Name, head+"  - click: "+example(t, locatorExamples, f.Name)+"\n")
	}
	for _, f := range fields(l.expects) {
		text := example(t, expectExamples, f.Name)
		if f.Name == "level" {
			text = "text: a\n        " + text
		}
		step := "expect:\n      - " + text + "\n"
		for _, v := range l.verbs {
			if slices.Contains(ExpectKind(f.Name).beside(), v.Verb) {
				step = v.Example + "\n    " + step
				break
			}
		}
		sound(f.Name, head+"  - "+step)
	}
	for _, f := range fields(l.top) {
		text := example(t, documentExamples, f.Name)
		switch f.Name {
		case "scenario", "steps":
			continue // in the head
		case "vars":
			sound(f.Name, "scenario: x\n"+text+"\nsteps: [{click: \"${name}\"}]\n")
			continue
		}
		sound(f.Name, head+text+"\n")
	}
	for _, f := range fields(l.fragment) {
		example(t, documentExamples, f.Name)
	}
}

func example(t *testing.T, of map[string]string, name string) string {
	t.Helper()
	if of[name] == "" {
		t.Errorf("%s has no example for the reference page", name)
	}
	return of[name]
}
