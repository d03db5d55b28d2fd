package scenarios

import (
	"net/http"
	"testing"
	"time"

	"gengfu"
)

func TestLoad_readsRulesAndCandidates(t *testing.T) {
	s := load(t, "rules.yaml")
	if len(s.Whenever) != 2 || s.Whenever[0].Times != DefaultTimes || s.Whenever[1].Times != 2 || s.Whenever[0].Do[0].Verb != Close {
		t.Errorf("rules %+v", s.Whenever)
	}
	if got := s.Steps[2].Target.String(); got != "testid=submit or role=button name=提交 or 提交" {
		t.Error(got)
	}
	if allow := s.Browser.Guard.Allow; len(allow) != 3 || allow[0].Method != http.MethodPost || allow[1].Address.Source() != "${base}/api/logout" {
		t.Errorf("guard %+v", allow)
	}
	if again := s.Steps[3].Rounds; again == nil || len(again.Steps) != 2 || again.Times != 3 || again.Every != 2*time.Second || len(again.Until) != 1 {
		t.Errorf("repeat %+v", again)
	}
	if cond := s.Steps[6].Cond; len(cond) != 3 || cond[1].Or || !cond[2].Or || len(s.Steps[7].Cond) != 2 {
		t.Errorf("check %+v", cond)
	}
	if a := s.Steps[8].Audit; a.Fail != "serious" || len(a.Ignore) != 2 || a.Within == nil || !s.Steps[8].Soft || s.Steps[9].Audit.Fail != "never" {
		t.Errorf("a11y %+v", a)
	}
	if s.Budget.Requests != (Limit{100, 300}) || s.Budget.Bytes.Warn != 2_000_000 || s.Budget.Errors.Fail != 5 {
		t.Errorf("budget %+v", s.Budget)
	}
	if rules := s.Steps[1].Outcome; len(rules) != 3 || !rules[0].Retry || rules[1].Is != gengfu.FaultCredential || rules[2].Is != gengfu.FaultLockout {
		t.Errorf("outcome of the fragment's step: %+v", rules)
	}
	if rules := s.Steps[10].Outcome; rules[0].Visible == nil || rules[0].Is != gengfu.FaultMaintenance || rules[1].URL == nil || !rules[1].Retry {
		t.Errorf("outcome of the step: %+v", rules)
	}
}
