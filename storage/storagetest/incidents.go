package storagetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/storage"
)

func incidentRoundTrip(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	failure := &gengfu.Failure{Fault: gengfu.FaultHTTPStatus, Reason: gengfu.ReasonStatus, Seen: "502", Hints: []string{"网关错误"}}
	at := func(m int) time.Time { return start.Add(time.Duration(m) * time.Minute) }
	want := gengfu.Incident{
		Number: "INC-2026-0001", Key: "scenario:a", State: gengfu.IncidentResolved, Grade: gengfu.GradeOrdinary, Title: "登录失败", Target: "portal",
		Tags: []string{"login"}, Owner: "ops", Runbook: "https://wiki.example", Notify: "night", Members: []string{"a", "b"}, Failure: failure,
		FirstRun: "a@local-1", LastRun: "a@local-2", ImpactStart: at(0), Opened: at(1), Acked: at(2), AckedBy: "王工", Assignee: "李工",
		Resolved: at(3), ImpactEnd: at(4), Closed: at(5), Reopened: 2, Seq: 2,
	}
	log := []gengfu.Event{
		{Incident: want.Number, Seq: 1, At: at(1), Actor: gengfu.Machine, Kind: gengfu.EventOpened, Failure: failure, Run: "a@local-1"},
		{Incident: want.Number, Seq: 2, At: at(2), Actor: "王工", Kind: gengfu.EventAcked, Text: "在看"},
	}
	must(t, s.Amend(ctx, "", "", nil, func(gengfu.Snapshot) (gengfu.Change, error) {
		return gengfu.Change{Incidents: []gengfu.Incident{want}, Events: log}, nil
	}))
	if diff := cmp.Diff(want, got[gengfu.Incident](t)(s.Incident(ctx, want.Number))); diff != "" {
		t.Errorf("incident (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(log, got[[]gengfu.Event](t)(s.Events(ctx, want.Number))); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if active := got[[]gengfu.Incident](t)(s.Incidents(ctx, storage.IncidentFilter{Active: true})); len(active) != 0 {
		t.Errorf("a resolved incident is active: %v", active)
	}
	if list := got[[]gengfu.Incident](t)(s.Incidents(ctx, storage.IncidentFilter{Limit: 1})); len(list) != 1 {
		t.Errorf("%d incidents", len(list))
	}
	_, err := s.Incident(ctx, "INC-2026-0099")
	wantError(t, err, gengfu.ErrNotFound)
}

func incidentNumbers(t *testing.T, s *storage.Store) {
	newYear := time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC) // midnight in the zone
	for _, at := range []time.Time{start, newYear.Add(-time.Second), newYear, newYear.Add(time.Minute)} {
		r := planned("a", at, gengfu.Failed)
		r.Started = at
		must(t, s.Record(t.Context(), r, nil, opening("scenario:a", at, "mail")))
	}
	var numbers []string
	for _, inc := range got[[]gengfu.Incident](t)(s.Incidents(t.Context(), storage.IncidentFilter{})) {
		numbers = append(numbers, inc.Number)
	}
	want := []string{"INC-2027-0002", "INC-2027-0001", "INC-2026-0002", "INC-2026-0001"}
	if diff := cmp.Diff(want, numbers); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
	for _, number := range []string{"", "INC-2026-1", "INC-2026-0001x", "42"} {
		err := s.Amend(t.Context(), "", "", nil, func(gengfu.Snapshot) (gengfu.Change, error) {
			return gengfu.Change{Incidents: []gengfu.Incident{{Number: number, State: gengfu.IncidentOpen}}}, nil
		})
		wantError(t, err, gengfu.ErrInvalid)
	}
}

func denseEvents(t *testing.T, s *storage.Store) {
	must(t, s.Amend(t.Context(), "", "", nil, opening("scenario:a", start)))
	number := got[[]gengfu.Incident](t)(s.Incidents(t.Context(), storage.IncidentFilter{}))[0].Number
	add := func(seq int) error {
		return s.AmendIncident(t.Context(), number, func(inc gengfu.Incident, _ gengfu.Snapshot) (gengfu.Change, error) {
			inc.Seq = seq
			ev := gengfu.Event{Incident: number, Seq: seq, At: start, Actor: "王工", Kind: gengfu.EventNoted}
			return gengfu.Change{Incidents: []gengfu.Incident{inc}, Events: []gengfu.Event{ev}}, nil
		})
	}
	wantError(t, add(1), gengfu.ErrConflict)
	wantError(t, add(3), gengfu.ErrConflict)
	must(t, add(2))
	if inc := got[gengfu.Incident](t)(s.Incident(t.Context(), number)); inc.Seq != 2 {
		t.Errorf("seq %d, want 2", inc.Seq)
	}
}

func snapshots(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	state := gengfu.CheckState{
		Check: "a", Location: "local", State: gengfu.StateDown, Since: start, Streak: 2, ImpactStart: start.Add(-time.Minute), Flips: 1,
		FlipsSince: start.Add(-time.Hour), ErrorStreak: 1, LastRun: "a@local-1", LastOutcome: gengfu.Failed, LastStart: start,
		LastTook: 2400 * time.Millisecond, LastPassed: start.Add(-5 * time.Minute),
		Flipped: [4]time.Time{start.Add(-time.Minute), start.Add(-time.Hour)}, StaleSince: start.Add(-time.Second),
	}
	first := planned("a", start, gengfu.Failed)
	must(t, s.Record(ctx, first, []string{"scenario:a"}, func(snap gengfu.Snapshot) (gengfu.Change, error) {
		want := gengfu.Snapshot{
			Check:     gengfu.CheckState{Check: "a", Location: "local", State: gengfu.StateUnknown},
			Incidents: map[string]gengfu.Incident{}, Next: "INC-2026-0001", Told: map[string][]string{},
		}
		if diff := cmp.Diff(want, snap); diff != "" {
			t.Errorf("first snapshot (-want +got):\n%s", diff)
		}
		c, err := opening("scenario:a", start, "room", "mail")(snap)
		c.Check = &state
		return c, err
	}))
	second := planned("a", start.Add(time.Minute), gengfu.Failed)
	must(t, s.Record(ctx, second, []string{"scenario:a", "account:a"}, func(snap gengfu.Snapshot) (gengfu.Change, error) {
		if diff := cmp.Diff(state, snap.Check); diff != "" {
			t.Errorf("check (-want +got):\n%s", diff)
		}
		if inc := snap.Incidents["scenario:a"]; inc.Number != "INC-2026-0001" || len(snap.Incidents) != 1 || snap.Next != "INC-2026-0002" {
			t.Errorf("incidents %v, next %s", snap.Incidents, snap.Next)
		}
		if diff := cmp.Diff(map[string][]string{"INC-2026-0001": {"mail", "room"}}, snap.Told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		return opening("scenario:a", start, "mail")(snap)
	}))
	must(t, s.Amend(ctx, "a", "local", []string{"scenario:a"}, func(snap gengfu.Snapshot) (gengfu.Change, error) {
		if inc := snap.Incidents["scenario:a"]; inc.Number != "INC-2026-0002" {
			t.Errorf("the newest incident of the key is %s", inc.Number)
		}
		return gengfu.Change{}, nil
	}))
	if diff := cmp.Diff([]gengfu.CheckState{state}, got[[]gengfu.CheckState](t)(s.States(ctx))); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

func amend(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	check := "host:local:cpu"
	must(t, s.Amend(ctx, check, "local", []string{check}, func(snap gengfu.Snapshot) (gengfu.Change, error) {
		c, err := opening(check, start, "mail")(snap)
		snap.Check.State = gengfu.StateDown
		c.Check = &snap.Check
		return c, err
	}))
	must(t, s.Amend(ctx, check, "north", nil, func(snap gengfu.Snapshot) (gengfu.Change, error) {
		if len(snap.Elsewhere) != 1 || snap.Elsewhere[0].Location != "local" || snap.Elsewhere[0].State != gengfu.StateDown || snap.Check.State != gengfu.StateUnknown {
			t.Errorf("elsewhere %+v, here %+v", snap.Elsewhere, snap.Check)
		}
		return gengfu.Change{}, nil
	}))
	number := got[[]gengfu.Incident](t)(s.Incidents(ctx, storage.IncidentFilter{Active: true}))[0].Number
	must(t, s.AmendIncident(ctx, number, func(inc gengfu.Incident, snap gengfu.Snapshot) (gengfu.Change, error) {
		if diff := cmp.Diff(map[string][]string{number: {"mail"}}, snap.Told); diff != "" || snap.Incidents[check].Number != number {
			t.Errorf("snapshot %+v", snap)
		}
		inc.State, inc.Acked, inc.AckedBy, inc.Seq = gengfu.IncidentAcked, start, "王工", 2
		ev := gengfu.Event{Incident: number, Seq: 2, At: start, Actor: "王工", Kind: gengfu.EventAcked}
		return gengfu.Change{Incidents: []gengfu.Incident{inc}, Events: []gengfu.Event{ev}}, nil
	}))
	if inc := got[gengfu.Incident](t)(s.Incident(ctx, number)); inc.State != gengfu.IncidentAcked || inc.AckedBy != "王工" {
		t.Errorf("incident %+v", inc)
	}
	refuse := func(gengfu.Incident, gengfu.Snapshot) (gengfu.Change, error) { return gengfu.Change{}, errRefused }
	wantError(t, s.AmendIncident(ctx, number, refuse), errRefused)
	wantError(t, s.AmendIncident(ctx, "INC-2026-0099", refuse), gengfu.ErrNotFound)
}
