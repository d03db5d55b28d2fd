package scenarios

import "testing"

func TestLoad_readsRulesAndCandidates(t *testing.T) {
	s := load(t, "rules.yaml")
	if len(s.Whenever) != 2 || s.Whenever[0].Times != DefaultTimes || s.Whenever[1].Times != 2 || s.Whenever[0].Do[0].Verb != Close {
		t.Errorf("rules %+v", s.Whenever)
	}
	if got := s.Steps[1].Target.String(); got != "testid=submit or role=button name=提交 or 提交" {
		t.Error(got)
	}
}
