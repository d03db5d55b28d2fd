package chrome

import (
	"testing"
	"time"

	"gengfu"
	"gengfu/prober/vault"
)

// careful is the shared pool's browser with a breaker of its own.
func careful(t *testing.T) (*Pool, *vault.Vault) {
	t.Helper()
	v := vault.Open(t.TempDir(), nil)
	p, err := NewPool(Config{Profiles: t.TempDir(), Secret: testSecret, Overload: -1, Egress: openEgress, Vault: v, NoSpare: true, Breaker: vault.Breaker{After: 2, For: time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, v
}

func TestBreaker_stopsLogInsThatAreRejected(t *testing.T) {
	p, v := careful(t)
	o := newOffice(t)
	alone := parse(t, o.URL, `
steps:
  - goto: ${base}/login
  - fill: {密码: wrong}
  - click: 登录
    timeout: 2s
    expect: [{url: /home}]
    outcome: [{text: 密码错误, is: credential}]
`)
	kept := parse(t, o.URL, `
session:
  name: clerk
  login:
    - goto: ${base}/login
    - fill: {密码: wrong}
    - click: 登录
      timeout: 2s
      expect: [{url: /home}]
      outcome: [{text: 密码错误, is: credential}]
steps:
  - goto: ${base}/home
`)
	for range 2 {
		for _, r := range []gengfu.Run{p.Run(t.Context(), alone, slot(), nil), p.Run(t.Context(), kept, slot(), nil)} {
			if r.Failure == nil || r.Failure.Reason != gengfu.ReasonCredential {
				t.Fatal(cause(r))
			}
		}
	}
	before := o.refused
	r := p.Run(t.Context(), alone, slot(), nil)
	if r.Outcome != gengfu.Errored || r.Failure.Reason != gengfu.ReasonBreaker || r.Failure.Want != "test" || r.Failure.Seen != "2" || len(r.Steps) != 0 {
		t.Errorf("alone: %s", cause(r))
	}
	r = p.Run(t.Context(), kept, slot(), nil)
	if r.Outcome != gengfu.Errored || r.Failure.Reason != gengfu.ReasonBreaker || r.Failure.Want != "clerk" {
		t.Errorf("kept: %s", cause(r))
	}
	for _, s := range r.Steps {
		if s.Verb != "session" && s.Status != gengfu.StepSkipped {
			t.Errorf("step %+v", s)
		}
	}
	if o.refused != before {
		t.Error("the platform was asked all the same")
	}
	if err := v.Accepted("test"); err != nil {
		t.Fatal(err)
	}
	if r = p.Run(t.Context(), alone, slot(), nil); r.Failure == nil || r.Failure.Reason != gengfu.ReasonCredential {
		t.Errorf("resumed: %s", cause(r))
	}
}
