package scenarios

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLoad_readsSessions(t *testing.T) {
	s := load(t, "session.yaml")
	se := s.Session
	if se == nil || se.Name != "applicant" || se.Keep != 2*time.Hour || len(se.Valid) != 2 || resolve(t, se.At, nil).Text != "https://platform.example/home" {
		t.Fatalf("%+v", se)
	}
	if diff := cmp.Diff([]string{"applicant_password"}, s.Secrets); diff != "" {
		t.Error(diff)
	}
	if n := len(se.Login); n != 3 || se.Login[2].Fragment != "sign-in" || len(se.Login[2].Outcome) != 1 {
		t.Errorf("%d steps of the log-in: %+v", n, se.Login)
	}
	want := []string{"session applicant", "goto https://platform.example/login", "fill 账号, 密码", "click 登录", "goto /apply"}
	if diff := cmp.Diff(want, s.Card().Steps); diff != "" {
		t.Error(diff)
	}
}

// TestSession_keepsThirtyMinutesUnlessTold, and nothing when it is told so.
func TestSession_keepsThirtyMinutesUnlessTold(t *testing.T) {
	const rest = "\n  login: [{goto: https://a.example/login}]\nsteps: [{goto: https://a.example/, expect: [{title: x}]}]\n"
	for text, want := range map[string]time.Duration{"name: a": DefaultKeep, "name: a\n  keep: 0": 0, "name: a\n  keep: 12h": 12 * time.Hour} {
		set, problems := Parse("s.yaml", []byte("scenario: x\nsession:\n  "+text+rest))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if got := set.Scenarios[0].Session.Keep; got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
