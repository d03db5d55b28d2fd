package web_test

import (
	"strings"
	"testing"
	"time"

	"gengfu"
)

// TestOverview_isNotHealthyWhenBlind: a scenario whose latest run says nothing
// about the target is not called up, and the page not well.
func TestOverview_isNotHealthyWhenBlind(t *testing.T) {
	st := open(t, t.TempDir())
	t.Cleanup(func() { must(t, st.Close()) })
	if err := st.SaveScenarios(t.Context(), []gengfu.ScenarioCard{{ID: "login", Title: "登录", Target: "p", Interval: time.Minute}}); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	for i, outcome := range []gengfu.Outcome{gengfu.Passed, gengfu.Errored} {
		r := gengfu.Run{
			Slot:    gengfu.Slot{Scenario: "login", Due: now.Add(time.Duration(i-2) * time.Minute), Location: "local", Attempt: 1, Kind: gengfu.SlotScheduled},
			Started: now.Add(time.Duration(i-2) * time.Minute), Duration: time.Second, Outcome: outcome,
		}
		if outcome == gengfu.Errored {
			r.Failure = &gengfu.Failure{Fault: gengfu.FaultCredential, Reason: gengfu.ReasonCredential, Seen: "密码错误"}
		}
		err := st.Record(t.Context(), r, nil, func(gengfu.Snapshot) (gengfu.Change, error) {
			return gengfu.Change{Check: &gengfu.CheckState{Check: "login", Location: "local", State: gengfu.StateUp, Since: r.Started}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	body := siteOver(t, st).get("/", "Accept-Language", "en").Body.String()
	for _, want := range []string{"No verdict on scenarios: 1", "the log-in was rejected (our account): 密码错误"} {
		if !strings.Contains(body, want) {
			t.Errorf("the overview does not say %q", want)
		}
	}
}
