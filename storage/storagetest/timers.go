package storagetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/storage"
)

// timers: they are written with their incident or not at all, replaced as a
// whole, and found by when they are due.
func timers(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	const number = "INC-2026-0001"
	at := func(m int) time.Time { return start.Add(time.Duration(m) * time.Minute) }
	set := func(list ...gengfu.Timer) gengfu.Decide {
		return func(gengfu.Snapshot) (gengfu.Change, error) {
			return gengfu.Change{Timers: map[string][]gengfu.Timer{number: list}}, nil
		}
	}
	step := gengfu.Timer{Incident: number, Kind: gengfu.TimerStep, Step: 1, Generation: 1, Due: at(10)}
	remind := gengfu.Timer{Incident: number, Kind: gengfu.TimerRemind, Generation: 1, Due: at(30)}
	if err := s.Amend(ctx, "", "", nil, set(step)); err == nil {
		t.Error("a timer of an incident that is not there")
	}
	must(t, s.Amend(ctx, "", "", nil, opening("scenario:a", start)))
	must(t, s.Amend(ctx, "", "", nil, set(remind, step)))
	if diff := cmp.Diff([]gengfu.Timer{step, remind}, got[[]gengfu.Timer](t)(s.Timers(ctx, number))); diff != "" {
		t.Errorf("timers (-want +got):\n%s", diff)
	}
	if err := s.Amend(ctx, "", "", nil, set(step, step)); err == nil {
		t.Error("the same timer twice")
	}
	wantError(t, s.Amend(ctx, "", "", nil, set(gengfu.Timer{Incident: number, Kind: gengfu.TimerAck})), gengfu.ErrInvalid)
	if all := got[[]gengfu.Timer](t)(s.Timers(ctx, "")); len(all) != 2 {
		t.Errorf("a refused change left %v", all)
	}
	for minute, want := range map[int]int{9: 0, 10: 1, 60: 1} {
		if due := got[[]string](t)(s.Due(ctx, at(minute))); len(due) != want {
			t.Errorf("after %d min: %v are due", minute, due)
		}
	}
	if next := got[time.Time](t)(s.NextTimer(ctx)); !next.Equal(at(10)) {
		t.Errorf("next at %s", next)
	}
	must(t, s.Amend(ctx, "", "", nil, set()))
	if next := got[time.Time](t)(s.NextTimer(ctx)); !next.IsZero() {
		t.Errorf("none is left, but the next is at %s", next)
	}
}
