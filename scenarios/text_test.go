package scenarios

import (
	"errors"
	"strings"
	"testing"

	"gengfu"
)

func resolve(t *testing.T, text Text, saved map[string]Value) Value {
	t.Helper()
	v, err := text.Resolve(environment(saved))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func environment(saved map[string]Value) *Env {
	return &Env{
		Saved: saved,
		Secret: func(name string) (gengfu.Secret, error) {
			if name != "pw" {
				return "", errors.New("it is not known")
			}
			return "s3cret!", nil
		},
		Getenv: func(name string) (string, bool) { return "https://env.example", name == "BASE" },
	}
}

const scoped = `scenario: s
vars:
  base: ${env.BASE}
  user: caller
  login: ${base}/login?${user}
steps:
  - goto: ${login}
    expect: [{title: a}]
  - save: {no: {from: {css: .no}}}
  - use: f
    with: {user: "x-${user}", password: "${secret.pw}", no: "${no}"}
  - use: f
    with: {user: second, password: "${secret.pw}"}
  - fill: {编号: "${no}"}
  - fill: {密码: "a${secret.nosuch}"}
---
fragment: f
params:
  user: {required: true}
  password: {secret: true}
  no: {default: none}
  both: {default: "${user}/${no}"}
steps:
  - fill: {a: "${user}", b: "${password}", c: "${both}", d: "<${password}>"}
  - save: {own: {from: {css: .own}}}
  - fill: {e: "${own}"}
`

func TestText_resolvesInTheScopeItWasWrittenIn(t *testing.T) {
	set, problems := Parse("s.yaml", []byte(scoped))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	steps := set.Scenarios[0].Steps
	saved := map[string]Value{"no": {Text: "7"}, "f.own": {Text: "first"}, "f#2.own": {Text: "other", Secret: true}}
	for _, row := range []struct {
		text   Text
		want   string
		secret bool
	}{
		{steps[0].URL, "https://env.example/login?caller", false},
		{steps[2].Fields[0].Value, "x-caller", false},
		{steps[2].Fields[1].Value, "s3cret!", true},
		{steps[2].Fields[2].Value, "x-caller/7", false},
		{steps[2].Fields[3].Value, "<s3cret!>", true},
		{steps[4].Fields[0].Value, "first", false},
		{steps[5].Fields[2].Value, "second/none", false},
		{steps[7].Fields[0].Value, "other", true},
		{steps[8].Fields[0].Value, "7", false},
	} {
		got := resolve(t, row.text, saved)
		if got.Text != row.want || got.Secret != row.secret {
			t.Errorf("%s = %+v, want %q secret %v", row.text.Source(), got, row.want, row.secret)
		}
	}
	if steps[3].Saves[0].Name != "f.own" || steps[6].Saves[0].Name != "f#2.own" {
		t.Errorf("saved as %s and %s", steps[3].Saves[0].Name, steps[6].Saves[0].Name)
	}
	if !steps[2].Fields[3].Value.Tainted() || steps[2].Fields[2].Value.Tainted() {
		t.Error("taint does not follow the secret")
	}
}

func TestText_saysWhichReferenceHasNoValue(t *testing.T) {
	set, _ := Parse("s.yaml", []byte(scoped))
	steps := set.Scenarios[0].Steps
	_, err := steps[9].Fields[0].Value.Resolve(environment(nil))
	var missing *MissingSecretError
	if !errors.As(err, &missing) || missing.Name != "nosuch" {
		t.Errorf("got %v", err)
	}
	if _, err := steps[8].Fields[0].Value.Resolve(environment(nil)); err == nil || !strings.Contains(err.Error(), "${no} has no value yet") {
		t.Errorf("got %v", err)
	}
	env := environment(nil)
	env.Secret = nil
	if _, err := steps[9].Fields[0].Value.Resolve(env); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	env.Getenv = nil
	if _, err := steps[0].URL.Resolve(env); err == nil {
		t.Error("an unset environment variable resolved")
	}
}

func TestStepName_neverHoldsASecret(t *testing.T) {
	set, _ := Parse("s.yaml", []byte(scoped))
	for _, s := range set.Scenarios[0].Steps {
		if strings.Contains(s.Name, "s3cret") {
			t.Error(s.Name)
		}
	}
	if got := set.Scenarios[0].Steps[0].Name; got != "goto ${login}" {
		t.Error(got)
	}
}
