package scenarios_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/scenarios"
)

// TestScenario_begin: a run says of its scenario all that people may ask for.
func TestScenario_begin(t *testing.T) {
	set, problems := scenarios.Parse("a.yaml", []byte("scenario: a\ntitle: 首页\ntarget: portal\nseverity: major\ntags: [p1]\nowner: 平台组\nrunbook: 预案.md\nnotify: duty\nsteps:\n  - goto: https://a.example/\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s, at := &set.Scenarios[0], time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	slot := gengfu.Slot{Scenario: "a", Due: at, Location: gengfu.DefaultLocation, Attempt: 1, Kind: gengfu.SlotScheduled}
	want := gengfu.Run{
		Slot: slot, Started: at, Revision: s.Revision, Title: "首页", Target: "portal", Severity: gengfu.GradeMajor, Tags: []string{"p1"}, Owner: "平台组", Runbook: "预案.md", Notify: "duty",
	}
	if diff := cmp.Diff(want, s.Begin(slot, at)); diff != "" || s.Revision == "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
