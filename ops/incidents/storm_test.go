package incidents_test

import (
	"fmt"
	"testing"

	"gengfu"
	"gengfu/ops/incidents"
)

func probes(oks ...bool) []gengfu.Probe {
	var out []gengfu.Probe
	for i, ok := range oks {
		p := gengfu.Probe{Name: fmt.Sprintf("control-%d", i), Stage: "tcp"}
		if !ok {
			p.Error = "connection refused"
		}
		out = append(out, p)
	}
	return out
}

func seen(controls []gengfu.Probe, entry ...bool) *gengfu.Triage {
	t := &gengfu.Triage{Controls: controls}
	if len(entry) > 0 {
		t.Entry = &probes(entry[0])[0]
	}
	return t
}

// TestDecide_table is the table of decisions, row by row.
func TestDecide_table(t *testing.T) {
	const login = "applicant"
	for _, row := range []struct {
		name     string
		around   incidents.Around
		alike    int
		want     incidents.Decision
		siblings int
	}{
		{"all controls fail, entry fails", incidents.Around{Triage: seen(probes(false, false), false)}, 1, incidents.DecideOwn, 10},
		{"all controls fail, entry answers", incidents.Around{Triage: seen(probes(false, false), true)}, 1, incidents.DecideOwn, 10},
		{"all controls fail, entry not asked", incidents.Around{Triage: seen(probes(false, false))}, 50, incidents.DecideOwn, 100},
		{"some controls fail, entry fails", incidents.Around{Triage: seen(probes(true, false), false)}, 1, incidents.DecideTarget, 10},
		{"controls answer, entry fails", incidents.Around{Triage: seen(probes(true, true), false)}, 1, incidents.DecideTarget, 10},
		{"no controls, entry fails", incidents.Around{Triage: seen(nil, false)}, 1, incidents.DecideTarget, 10},
		{"entry answers, storm", incidents.Around{Triage: seen(probes(true, true), true)}, 5, incidents.DecideStorm, 100},
		{"entry answers, 30 % of few", incidents.Around{Triage: seen(probes(true, true), true)}, 3, incidents.DecideStorm, 10},
		{"entry answers, one to four of many", incidents.Around{Triage: seen(probes(true, true), true)}, 4, incidents.DecideScenario, 100},
		{"entry answers, two of three", incidents.Around{Triage: seen(probes(true, true), true)}, 2, incidents.DecideScenario, 3},
		{"entry answers, the same log-in", incidents.Around{Triage: seen(probes(true, true), true), Login: login}, 1, incidents.DecideLogin, 10},
		{"entry fails, the same log-in", incidents.Around{Triage: seen(probes(true, true), false), Login: login}, 1, incidents.DecideTarget, 10},
		{"nobody looked", incidents.Around{}, 1, incidents.DecideScenario, 10},
	} {
		row.around.Target, row.around.Siblings = "portal", row.siblings
		if got := incidents.Decide(row.around, row.alike); got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
	nameless := incidents.Around{Triage: seen(nil, false)}
	if got := incidents.Decide(nameless, 1); got != incidents.DecideScenario {
		t.Errorf("a scenario without a target: %s", got)
	}
}

func (b *book) around(minute int, a incidents.Around, signals ...gengfu.Signal) {
	b.t.Helper()
	change, err := incidents.ApplyAround(b.snap, signals, a, at(minute))
	if err != nil {
		b.t.Fatal(err)
	}
	b.write(change)
}

func scenario(name string, minute int) gengfu.Signal {
	return firing(gengfu.ScenarioKey(name), name, minute)
}

func passing(name string, minute int) gengfu.Signal {
	return calm(gengfu.ScenarioKey(name), name, minute)
}

func TestApplyAround_entryDownIsOneIncident(t *testing.T) {
	b := newBook(t)
	down := incidents.Around{Target: "portal", Siblings: 100, Triage: seen(probes(true, true), false)}
	up := incidents.Around{Target: "portal", Siblings: 100}
	b.around(0, incidents.Around{Target: "portal", Siblings: 100, Triage: seen(probes(true, true), true)}, scenario("a", 0))
	b.around(1, down, scenario("b", 1))
	b.around(1, down, scenario("a", 1)) // its own incident is part of the target's
	b.around(2, up, scenario("c", 2))   // absorbed without another look
	b.around(3, up, passing("b", 3))
	b.around(4, up, passing("a", 4))
	b.around(5, up, passing("c", 5))
	b.want("1.1 opened 2.1 opened(入口 control-0 不通（tcp：connection refused）) 2.2 joined(+ INC-2026-0001) 1.2 merged(INC-2026-0002) " +
		"2.3 joined(+ c) 2.4 left(− b) 2.5 left(− a) 2.6 resolved")
	if inc := b.byNumber["INC-2026-0001"]; inc.State != gengfu.IncidentMerged || inc.MergedInto != "INC-2026-0002" || inc.Active() {
		t.Errorf("the merged incident: %+v", inc)
	}
}

func TestApplyAround_stormWithinTwoMinutes(t *testing.T) {
	b := newBook(t)
	fine := incidents.Around{Target: "portal", Siblings: 100, Triage: seen(probes(true, true), true)}
	b.around(0, fine, scenario("a", 0))
	b.around(3, fine, scenario("b", 3)) // a is too long ago
	b.around(4, fine, scenario("c", 4))
	b.around(4, fine, scenario("d", 4))
	b.around(5, fine, scenario("e", 5))
	if _, ok := b.snap.Incidents[gengfu.TargetKey("portal")]; ok {
		t.Fatal("four alike are no storm")
	}
	b.around(5, fine, scenario("f", 5))
	storm := b.snap.Incidents[gengfu.TargetKey("portal")]
	if !storm.Active() || len(storm.Members) != 5 || len(storm.Absorbed) != 4 {
		t.Errorf("the storm: %+v", storm)
	}
	if inc := b.snap.Incidents[gengfu.ScenarioKey("a")]; inc.State != gengfu.IncidentOpen {
		t.Errorf("the older trouble is its own: %s", inc.State)
	}
}

func TestApplyAround_sharedLoginIsOneIncident(t *testing.T) {
	b := newBook(t)
	a := incidents.Around{Target: "portal", Login: "applicant", Siblings: 9, Triage: seen(probes(true, true), true)}
	b.around(0, a, scenario("a", 0))
	b.around(1, a, scenario("b", 1))
	b.around(2, incidents.Around{Target: "portal"}, passing("a", 2))
	b.around(3, incidents.Around{Target: "portal"}, passing("b", 3))
	b.want("1.1 opened 1.2 joined(+ b) 1.3 left(− a) 1.4 resolved")
	if inc := b.byNumber["INC-2026-0001"]; inc.Key != "login:portal/applicant" || inc.Title != "portal · applicant" {
		t.Errorf("%s %s", inc.Key, inc.Title)
	}
}

// TestApplyAround_anotherLoginStaysApart: what fails in the same way without
// that log-in is no part of its trouble.
func TestApplyAround_anotherLoginStaysApart(t *testing.T) {
	b := newBook(t)
	fine := seen(probes(true, true), true)
	b.around(0, incidents.Around{Target: "portal", Siblings: 9, Triage: fine}, scenario("admin", 0))
	b.around(1, incidents.Around{Target: "portal", Login: "applicant", Siblings: 9, Triage: fine}, scenario("a", 1))
	b.want("1.1 opened 2.1 opened")
	if inc := b.byNumber["INC-2026-0002"]; inc.Key != "login:portal/applicant" || len(inc.Members) != 1 {
		t.Errorf("%s %v", inc.Key, inc.Members)
	}
}
