package incidents_test

import (
	"slices"
	"testing"
	"time"

	"gengfu"
	"gengfu/ops/incidents"
)

// quietly applies signals with a quiet time of ten minutes.
func (b *book) quietly(minute int, signals ...gengfu.Signal) {
	b.t.Helper()
	change, err := incidents.ApplyAround(b.snap, signals, incidents.Around{Quiet: 10 * time.Minute}, at(minute))
	if err != nil {
		b.t.Fatal(err)
	}
	b.write(change)
}

func TestDue_resolvesAfterTheQuietTime(t *testing.T) {
	b := newBook(t)
	s := firing(key, "login", 0)
	s.Grade = gengfu.GradeOrdinary
	b.quietly(0, s)
	b.quietly(5, calm(key, "login", 5))
	if change := incidents.Due(b.snap.Incidents[key], at(14)); len(change.Events) != 0 {
		t.Errorf("before its time: %+v", change)
	}
	b.quietly(9, firing(key, "login", 9))
	b.quietly(20, calm(key, "login", 20))
	b.write(incidents.Due(b.snap.Incidents[key], at(30)))
	b.want("1.1 opened 1.2 mitigated 1.3 reopened 1.4 mitigated 1.5 resolved")
	inc := b.snap.Incidents[key]
	if !inc.Resolved.Equal(at(30)) || !inc.ImpactEnd.Equal(at(18)) || inc.Reopened != 1 {
		t.Errorf("%+v", inc)
	}
}

func TestDue_aMajorOneNeedsAPerson(t *testing.T) {
	b := newBook(t)
	s := firing(key, "login", 0)
	s.Grade = gengfu.GradeMajor
	b.quietly(0, s)
	b.quietly(5, calm(key, "login", 5))
	b.write(incidents.Due(b.snap.Incidents[key], at(24*60)))
	if err := b.act(24*60, key, gengfu.EventResolved, ""); err != nil {
		t.Fatal(err)
	}
	b.want("1.1 opened 1.2 mitigated 1.3 resolved")
	if inc := b.snap.Incidents[key]; !inc.ImpactEnd.Equal(at(3)) {
		t.Errorf("impact until %s", inc.ImpactEnd)
	}
}

func TestApply_aMajorOneThatNobodyConfirmedGivesWay(t *testing.T) {
	b := newBook(t)
	s := firing(key, "login", 0)
	s.Grade = gengfu.GradeMajor
	b.quietly(0, s)
	b.quietly(5, calm(key, "login", 5))
	b.quietly(60, firing(key, "login", 60)) // the same trouble
	b.quietly(70, calm(key, "login", 70))
	b.quietly(70+121, firing(key, "login", 70+121)) // another one
	b.want("1.1 opened 1.2 mitigated 1.3 reopened 1.4 mitigated 1.5 resolved 2.1 opened")
	if inc := b.snap.Incidents[key]; inc.Number != "INC-2026-0002" || !slices.Equal(inc.Related, []string{"INC-2026-0001"}) {
		t.Errorf("%+v", inc)
	}
}

func TestApplyAround_anOldTroubleOfTheTargetTakesNobodyIn(t *testing.T) {
	b := newBook(t)
	target := gengfu.TargetKey("portal")
	s := firing(target, "home", 0)
	s.Grade = gengfu.GradeMajor
	b.quietly(0, s)
	b.quietly(5, calm(target, "home", 5))
	around := incidents.Around{Target: "portal", Quiet: 10 * time.Minute}
	for minute, want := range map[int]string{10: target, 30: key} {
		change, err := incidents.ApplyAround(b.snap, []gengfu.Signal{firing(key, "login", minute)}, around, at(minute))
		if err != nil {
			t.Fatal(err)
		}
		if got := change.Incidents[len(change.Incidents)-1].Key; got != want {
			t.Errorf("after %d minutes the failure belongs to %s, want %s", minute, got, want)
		}
	}
}

func TestApply_laterItIsAnotherOneThatIsRelated(t *testing.T) {
	b := newBook(t)
	b.apply(0, firing(key, "login", 0))
	b.apply(5, calm(key, "login", 5))
	b.apply(5+121, firing(key, "login", 5+121))
	b.want("1.1 opened 1.2 resolved 2.1 opened")
	if inc := b.snap.Incidents[key]; len(inc.Related) != 1 || inc.Related[0] != "INC-2026-0001" {
		t.Errorf("%+v", inc)
	}
}
