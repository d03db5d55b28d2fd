package incidents_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"gengfu"
	"gengfu/ops/incidents"
)

var states = []gengfu.IncidentState{
	gengfu.IncidentOpen, gengfu.IncidentAcked, gengfu.IncidentWorking, gengfu.IncidentMitigated, gengfu.IncidentResolved, gengfu.IncidentReviewed,
	gengfu.IncidentClosed, gengfu.IncidentDeclined, gengfu.IncidentMerged,
}

// TestAct_transitions is the table of what people may do, and where it leads:
// a letter for each state above, a dot where it is refused.
func TestAct_transitions(t *testing.T) {
	letters := map[gengfu.IncidentState]byte{}
	for i, s := range states {
		letters[s] = "oawmrvcdx"[i]
	}
	for kind, want := range map[gengfu.EventKind]string{
		gengfu.EventAcked:       "a........",
		gengfu.EventAssigned:    "wwww.....",
		gengfu.EventMitigated:   "mmm......",
		gengfu.EventResolved:    "rrrr.....",
		gengfu.EventReviewed:    "....v....",
		gengfu.EventClosed:      "....cc...",
		gengfu.EventDeclined:    "dddd.....",
		gengfu.EventETA:         "oawm.....",
		gengfu.EventHeld:        "oawm.....",
		gengfu.EventReleased:    ".........",
		gengfu.EventOnSiteAsked: "oawm.....",
		gengfu.EventOnSite:      "oawm.....",
		gengfu.EventRelated:     "oawmrv...",
		gengfu.EventNoted:       "oawmrv...",
	} {
		got := make([]byte, len(states))
		for i, from := range states {
			inc := gengfu.Incident{Number: "INC-2026-0001", State: from, Opened: at(-10), Seq: 4}
			change, err := incidents.Act(inc, incidents.Action{Kind: kind, Actor: "李工", Text: "INC-2026-0002", Until: at(60)}, at(0))
			switch {
			case err == nil:
				got[i] = letters[change.Incidents[0].State]
			case errors.Is(err, gengfu.ErrConflict):
				got[i] = '.'
			default:
				t.Errorf("%s from %s: %v", kind, from, err)
			}
		}
		if string(got) != want {
			t.Errorf("%s: got %s, want %s", kind, got, want)
		}
	}
}

func TestAct_course(t *testing.T) {
	inc := gengfu.Incident{Number: "INC-2026-0001", State: gengfu.IncidentOpen, Opened: at(0), Members: []string{"login"}}
	do := func(minute int, a incidents.Action) error {
		a.Actor = "李工"
		change, err := incidents.Act(inc, a, at(minute))
		if err == nil {
			inc = change.Incidents[0]
		}
		return err
	}
	for i, a := range []incidents.Action{
		{Kind: gengfu.EventETA, Until: at(120)},
		{Kind: gengfu.EventETA, Until: at(180)},
		{Kind: gengfu.EventOnSiteAsked, Until: at(90)},
		{Kind: gengfu.EventHeld, Until: at(60), Text: "等厂商"},
		{Kind: gengfu.EventOnSite},
		{Kind: gengfu.EventResolved, Text: "重启后恢复"},
	} {
		if err := do(i+1, a); err != nil {
			t.Fatal(err)
		}
	}
	if inc.State != gengfu.IncidentMitigated || !inc.StillDown || len(inc.Members) != 1 || !inc.Resolved.IsZero() {
		t.Errorf("resolved while a member fails: %+v", inc)
	}
	if !inc.ETA.Equal(at(180)) || !inc.ETASaid.Equal(at(1)) || !inc.OnSite.Equal(at(5)) || inc.HoldReason != "等厂商" {
		t.Errorf("%+v", inc.Course)
	}
	for _, a := range []incidents.Action{
		{Kind: gengfu.EventETA}, {Kind: gengfu.EventETA, Until: at(1)}, {Kind: gengfu.EventOnSiteAsked, Until: at(2)}, {Kind: gengfu.EventDeclined},
	} {
		if err := do(10, a); !errors.Is(err, gengfu.ErrInvalid) {
			t.Errorf("%+v: %v", a, err)
		}
	}
	for _, a := range []incidents.Action{{Kind: gengfu.EventHeld, Until: at(99), Text: "again"}, {Kind: gengfu.EventOnSite}, {Kind: gengfu.EventMitigated}} {
		if err := do(10, a); !errors.Is(err, gengfu.ErrConflict) {
			t.Errorf("%+v: %v", a, err)
		}
	}
	if err := do(-5, incidents.Action{Kind: gengfu.EventDeclined, Text: "误报"}); !errors.Is(err, gengfu.ErrConflict) {
		t.Errorf("before it was opened: %v", err)
	}
}

func TestDue(t *testing.T) {
	held := gengfu.Incident{Number: "INC-2026-0001", State: gengfu.IncidentWorking, Course: gengfu.Course{HoldReason: "等厂商", HoldUntil: at(60)}, Seq: 3}
	ended := gengfu.Incident{Number: "INC-2026-0001", State: gengfu.IncidentResolved, Resolved: at(0), Seq: 3}
	week := int(incidents.CloseAfter / time.Minute)
	for _, row := range []struct {
		inc    gengfu.Incident
		minute int
		want   gengfu.EventKind
	}{
		{held, 59, ""},
		{held, 60, gengfu.EventReleased},
		{held, 9000, gengfu.EventReleased}, // nobody ran meanwhile
		{ended, week - 1, ""},
		{ended, week, gengfu.EventClosed},
		{gengfu.Incident{State: gengfu.IncidentOpen}, 9 * week, ""},
	} {
		var got gengfu.EventKind
		change := incidents.Due(row.inc, at(row.minute))
		if len(change.Events) == 1 {
			got = change.Events[0].Kind
			if again := incidents.Due(change.Incidents[0], at(row.minute)); len(again.Events) > 0 {
				t.Errorf("due twice: %+v", again)
			}
		}
		if got != row.want {
			t.Errorf("%s after %d min: %q, want %q", row.inc.State, row.minute, got, row.want)
		}
	}
}

func TestDesk_mergesByHand(t *testing.T) {
	b := newBook(t)
	b.apply(0, scenario("a", 0))
	b.apply(1, scenario("b", 1))
	desk := incidents.Desk{Ledger: b}
	if err := desk.Merge(t.Context(), "INC-2026-0002", "INC-2026-0001", "李工"); err != nil {
		t.Fatal(err)
	}
	b.want("1.1 opened 2.1 opened 1.2 joined(+ INC-2026-0002) 2.2 merged(INC-2026-0001)")
	if last := b.events[len(b.events)-1]; last.Actor != "李工" {
		t.Errorf("merged by %s", last.Actor)
	}
	if inc := b.byNumber["INC-2026-0001"]; len(inc.Members) != 2 || len(inc.Absorbed) != 1 {
		t.Errorf("%+v", inc)
	}
	for _, into := range []string{"INC-2026-0001", "INC-2026-0002"} {
		if err := desk.Merge(t.Context(), "INC-2026-0002", into, "李工"); !errors.Is(err, gengfu.ErrConflict) {
			t.Errorf("merged again into %s: %v", into, err)
		}
	}
	if err := desk.Merge(t.Context(), "INC-2026-0001", "INC-2026-0099", "李工"); !errors.Is(err, gengfu.ErrNotFound) {
		t.Errorf("into an unknown one: %v", err)
	}
}

// TestReducers_neverLeaveTheTable plays signals and people at random: the book
// checks every change for dense events and one incident at work for each key.
func TestReducers_neverLeaveTheTable(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	kinds := []gengfu.EventKind{
		gengfu.EventAcked, gengfu.EventAssigned, gengfu.EventNoted, gengfu.EventResolved, gengfu.EventClosed, gengfu.EventMitigated, gengfu.EventReviewed,
		gengfu.EventDeclined, gengfu.EventHeld, gengfu.EventReleased, gengfu.EventOnSite,
	}
	for range 60 {
		b := newBook(t)
		for minute := range 60 {
			name := string(rune('a' + rng.IntN(5)))
			a := incidents.Around{Target: "portal", Siblings: 5, Triage: seen(nil, rng.IntN(3) > 0)}
			switch rng.IntN(4) {
			case 0, 1:
				b.around(minute, a, scenario(name, minute))
			case 2:
				b.around(minute, a, passing(name, minute))
			default:
				for _, inc := range b.byNumber {
					change, err := incidents.Act(inc, incidents.Action{Kind: kinds[rng.IntN(len(kinds))], Actor: "李工", Text: "x", Until: at(minute + 5)}, at(minute))
					if err == nil && change.Incidents[0].State != "" && b.snap.Incidents[inc.Key].Number == inc.Number {
						b.write(change)
					}
					break
				}
			}
		}
		for minute := 60; minute < 64; minute++ {
			for name := 'a'; name <= 'e'; name++ {
				b.around(minute, incidents.Around{Target: "portal"}, passing(string(name), minute))
			}
		}
		for _, inc := range b.byNumber {
			if inc.Active() && len(inc.Members) > 0 {
				t.Fatalf("everything passes, and %s still has %v", inc.Number, inc.Members)
			}
		}
	}
}
