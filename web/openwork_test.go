package web_test

import (
	"strings"
	"testing"
	"time"

	"gengfu"
)

// TestOverview_countsWhatIsMitigated: an incident is open work until it has
// recovered by itself, though people can do without what it is about.
func TestOverview_countsWhatIsMitigated(t *testing.T) {
	for name, c := range map[string]struct {
		course gengfu.Course
		member []string
		want   bool
	}{
		"worked round": {member: []string{"home"}, want: true},
		"recovered":    {course: gengfu.Course{Watched: true}},
	} {
		store := open(t, t.TempDir())
		t.Cleanup(func() { must(t, store.Close()) })
		must(t, store.SaveScenarios(t.Context(), cards()[:1]))
		inc := gengfu.Incident{
			Number: "INC-2026-0001", Key: gengfu.ScenarioKey("home"), State: gengfu.IncidentMitigated, Grade: gengfu.GradeMajor, Title: "首页可用 失败", Members: c.member,
			Opened: now.Add(-time.Hour), Course: c.course, Seq: 1,
		}
		must(t, store.Amend(t.Context(), "", "", nil, func(gengfu.Snapshot) (gengfu.Change, error) {
			return gengfu.Change{Incidents: []gengfu.Incident{inc}, Events: []gengfu.Event{{Incident: inc.Number, Seq: 1, At: inc.Opened, Actor: gengfu.Machine, Kind: gengfu.EventOpened}}}, nil
		}))
		if got := strings.Contains(siteOver(t, store).get("/?lang=en").Body.String(), "Scenarios are well, open incidents: 1"); got != c.want {
			t.Errorf("%s: counted %t", name, got)
		}
	}
}
