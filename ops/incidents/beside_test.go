package incidents_test

import (
	"testing"
	"time"

	"gengfu"
	"gengfu/ops/incidents"
)

func TestBeside(t *testing.T) {
	now := time.Date(2026, 3, 6, 9, 0, 0, 0, time.UTC)
	host := gengfu.Incident{
		Key: gengfu.HostKey("db01", "disk /"), State: gengfu.IncidentOpen, Title: "db01 · disk /",
		Failure: &gengfu.Failure{Reason: gengfu.ReasonThreshold, Want: "disk /", Seen: "98 %"},
	}
	open := gengfu.Incident{Number: "INC-2026-0001", Key: gengfu.ScenarioKey("home"), State: gengfu.IncidentOpen, Opened: now.Add(-time.Minute), Seq: 1}
	line := incidents.BesideLine([]gengfu.Incident{host})
	if zh, en := gengfu.Say(line, gengfu.Chinese), gengfu.Say(line, gengfu.English); zh != "关联: db01 磁盘 / 98 %" || en != "At the same time: db01 disk / 98 %" {
		t.Errorf("%q, %q", zh, en)
	}
	again := host
	again.Failure = &gengfu.Failure{Reason: gengfu.ReasonThreshold, Want: "disk /", Seen: "99 %"}
	other := host
	other.Failure = &gengfu.Failure{Reason: gengfu.ReasonThreshold, Want: "disk /var", Seen: "99 %"}
	with := func(change func(*gengfu.Incident)) gengfu.Incident {
		inc := open
		change(&inc)
		return inc
	}
	for _, row := range []struct {
		name string
		inc  gengfu.Incident
		host gengfu.Incident
		want bool
	}{
		{"soon after", open, host, true},
		{"of the whole target", with(func(inc *gengfu.Incident) { inc.Key = gengfu.TargetKey("portal") }), host, true},
		{"too late", with(func(inc *gengfu.Incident) { inc.Opened = now.Add(-time.Hour) }), host, false},
		{"over", with(func(inc *gengfu.Incident) { inc.State = gengfu.IncidentResolved }), host, false},
		{"of an account", with(func(inc *gengfu.Incident) { inc.Key = gengfu.AccountKey("home") }), host, false},
		{"said before", with(func(inc *gengfu.Incident) { inc.Cause = line }), again, false},
		{"another disk", with(func(inc *gengfu.Incident) { inc.Cause = line }), other, true},
		{"nothing measured", open, gengfu.Incident{Key: host.Key, Title: host.Title}, false},
	} {
		change := incidents.Beside(row.inc, row.host, now)
		if got := len(change.Events) == 1 && change.Events[0].Seq == 2 && change.Incidents[0].Cause != row.inc.Cause; got != row.want {
			t.Errorf("%s: %+v", row.name, change)
		}
	}
}
