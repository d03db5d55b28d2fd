package clocks_test

import (
	"errors"
	"testing"
	"time"
	_ "time/tzdata"

	"gengfu"
	"gengfu/ops/clocks"
)

func zone(t *testing.T) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", text, zone(t))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// calendar is Mon-Fri 09:00-12:00, 13:00-18:00 with the holidays of China; with
// a date it is closed on that day, too.
func calendar(t *testing.T, closed ...gengfu.Date) *gengfu.Calendar {
	t.Helper()
	holidays, err := gengfu.EmbeddedHolidays("cn")
	if err != nil {
		t.Fatal(err)
	}
	cfg := gengfu.CalendarConfig{Zone: zone(t), Holidays: holidays, Exceptions: map[gengfu.Date]gengfu.Exception{}}
	for d := time.Monday; d <= time.Friday; d++ {
		cfg.Week[d] = []gengfu.Segment{{From: 540, To: 720}, {From: 780, To: 1080}}
	}
	for _, d := range closed {
		cfg.Exceptions[d] = gengfu.Exception{Off: true}
	}
	return build(t, cfg)
}

func always(t *testing.T) *gengfu.Calendar {
	t.Helper()
	cfg := gengfu.CalendarConfig{Zone: zone(t)}
	for d := range cfg.Week {
		cfg.Week[d] = []gengfu.Segment{{From: 0, To: 1440}}
	}
	return build(t, cfg)
}

func build(t *testing.T, cfg gengfu.CalendarConfig) *gengfu.Calendar {
	t.Helper()
	c, err := gengfu.NewCalendar(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stopwatch drives one clock and keeps what it says.
type stopwatch struct {
	*testing.T
	clocks.Clock
	events []clocks.Event
}

func start(t *testing.T, kind clocks.Kind, target clocks.Target, when string) *stopwatch {
	t.Helper()
	s := &stopwatch{T: t}
	s.did(clocks.Start(kind, target, at(t, when)))
	return s
}

func (s *stopwatch) did(c clocks.Clock, events []clocks.Event, err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	s.Clock, s.events = c, append(s.events, events...)
}

func (s *stopwatch) due(want string) {
	s.Helper()
	if got := s.Decides(); !got.Equal(at(s.T, want)) {
		s.Errorf("due %v, want %s", got, want)
	}
}

func (s *stopwatch) told(want ...clocks.What) {
	s.Helper()
	var got []clocks.What
	for _, e := range s.events {
		got = append(got, e.What)
	}
	if len(got) != len(want) {
		s.Fatalf("told %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			s.Fatalf("told %v, want %v", got, want)
		}
	}
}

func four(c *gengfu.Calendar) clocks.Target {
	return clocks.Target{Within: 4 * time.Hour, Calendar: c}
}

func TestClock_showsBothReadingsUntilSettled(t *testing.T) {
	s := start(t, clocks.Resolve, four(calendar(t)), "2026-03-06 17:30")
	if got, want := s.Text(gengfu.Chinese), "工作时限 03-09 13:30；自然时限 03-06 21:30"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	target := four(calendar(t))
	target.Reading = clocks.Wall
	s = start(t, clocks.Resolve, target, "2026-03-06 17:30")
	s.due("2026-03-06 21:30")
	if got, want := s.Text(gengfu.English), "by the clock 03-06 21:30"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s = start(t, clocks.Resolve, four(calendar(t)), "2026-12-31 17:30")
	if got, want := s.Text(gengfu.Chinese), "工作时限 01-04 13:30（暂定）；自然时限 12-31 21:30"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestClock_pauses: one hour on Friday, held until Monday 09:30, one hour more,
// held again and released at once: two hours are left.
func TestClock_pauses(t *testing.T) {
	s := start(t, clocks.Resolve, four(calendar(t)), "2026-03-06 16:00")
	s.did(s.Pause(at(t, "2026-03-06 17:00"), "awaiting_customer"))
	if next, err := s.Next(); !next.IsZero() || err != nil {
		t.Errorf("a paused clock waits for %v %v", next, err)
	}
	s.did(s.Resume(at(t, "2026-03-09 09:30")))
	s.did(s.Pause(at(t, "2026-03-09 10:30"), "awaiting_vendor"))
	s.did(s.Resume(at(t, "2026-03-09 10:30")))
	s.due("2026-03-09 13:30")
	if got := s.Held(at(t, "2026-03-09 12:00")); got != 64*time.Hour+30*time.Minute {
		t.Errorf("held %v", got)
	}
	s.did(s.Stop(at(t, "2026-03-09 13:30")))
	if s.State != clocks.Met {
		t.Errorf("at the due time it is %s", s.State)
	}
	s.told(clocks.Started, clocks.Pausing, clocks.Resuming, clocks.Pausing, clocks.Resuming, clocks.Reached)
	if _, _, err := s.Pause(at(t, "2026-03-09 14:00"), "x"); !errors.Is(err, gengfu.ErrConflict) {
		t.Errorf("pause after the end: %v", err)
	}
}

func TestClock_warnsOnceAndBreaches(t *testing.T) {
	s := start(t, clocks.Resolve, four(calendar(t)), "2026-03-09 09:00")
	for _, step := range []struct{ tick, next string }{
		{"2026-03-09 11:00", "2026-03-09 12:00"}, // 75 % is at noon, not at one
		{"2026-03-09 12:00", "2026-03-09 13:36"},
		{"2026-03-09 12:30", "2026-03-09 13:36"},
		{"2026-03-09 13:36", "2026-03-09 14:00"},
	} {
		s.did(s.Tick(at(t, step.tick)))
		if next, err := s.Next(); err != nil || !next.Equal(at(t, step.next)) {
			t.Errorf("at %s the next is %v %v, want %s", step.tick, next, err, step.next)
		}
	}
	s.did(s.Tick(at(t, "2026-03-09 14:05")))
	s.did(s.Stop(at(t, "2026-03-09 15:00")))
	s.told(clocks.Started, clocks.Warning, clocks.Warning, clocks.Breach)
	if s.State != clocks.Breached || !s.BreachAt.Equal(at(t, "2026-03-09 14:00")) {
		t.Errorf("%s at %v", s.State, s.BreachAt)
	}
	late := start(t, clocks.Resolve, four(calendar(t)), "2026-03-09 09:00")
	late.did(late.Tick(at(t, "2026-03-09 13:50"))) // both shares were slept through
	if e := late.events[1]; len(late.events) != 2 || e.Percent != 90 {
		t.Errorf("%+v", late.events)
	}
}

func TestClock_gradeAndCalendarChange(t *testing.T) {
	office, around := calendar(t), always(t)
	t.Run("raised, and past already", func(t *testing.T) {
		s := start(t, clocks.OnSite, four(office), "2026-03-06 17:30")
		s.did(s.Retarget(clocks.Target{Within: 2 * time.Hour, Calendar: around}, at(t, "2026-03-07 08:00"), "grade major"))
		s.due("2026-03-06 19:30")
		s.told(clocks.Started, clocks.Recomputed, clocks.Breach)
		if !s.BreachAt.Equal(at(t, "2026-03-07 08:00")) {
			t.Errorf("breached at %v, want when it was raised", s.BreachAt)
		}
		s.did(s.Retarget(four(office), at(t, "2026-03-07 09:00"), "grade ordinary"))
		if s.State != clocks.Breached {
			t.Error("lowering the grade took the breach back")
		}
	})
	t.Run("calendar revised", func(t *testing.T) {
		s := start(t, clocks.Resolve, four(office), "2026-03-06 17:30")
		typhoon := calendar(t, gengfu.Date{Year: 2026, Month: 3, Day: 9})
		s.did(s.Retarget(four(typhoon), at(t, "2026-03-08 10:00"), "typhoon"))
		s.due("2026-03-10 13:30")
		if e := s.events[1]; e.What != clocks.Recomputed || !e.Old.Equal(at(t, "2026-03-09 13:30")) || e.Reason != "typhoon" {
			t.Errorf("%+v", e)
		}
		s.did(s.Retarget(four(typhoon), at(t, "2026-03-08 11:00"), "reload"))
		s.told(clocks.Started, clocks.Recomputed) // the same due time is no news
		s.did(s.Stop(at(t, "2026-03-08 12:00")))
		s.did(s.Retarget(four(office), at(t, "2026-03-08 13:00"), "reload"))
		s.told(clocks.Started, clocks.Recomputed, clocks.Reached)
	})
	t.Run("heightened midway", func(t *testing.T) {
		s := start(t, clocks.Resolve, four(office), "2026-03-06 17:00") // one hour until Saturday
		s.did(s.Switch(four(around), at(t, "2026-03-07 10:00"), "heightened"))
		s.due("2026-03-07 13:00")
	})
}

func TestClock_reopensWithWhatWasLeft(t *testing.T) {
	s := start(t, clocks.Resolve, four(calendar(t)), "2026-03-09 09:00")
	s.did(s.Stop(at(t, "2026-03-09 12:00")))
	s.did(s.Reopen(at(t, "2026-03-10 09:00")))
	s.due("2026-03-10 10:00")
	s.told(clocks.Started, clocks.Reached, clocks.Reopened)
}

func TestClock_endsWhenNothingIsToBeWaitedFor(t *testing.T) {
	s := start(t, clocks.Resolve, four(calendar(t)), "2026-03-09 09:00")
	s.did(s.Cancel(at(t, "2026-03-09 10:00"), "false alarm"))
	s.told(clocks.Started, clocks.Dropped)
	if _, _, err := s.Cancel(at(t, "2026-03-09 11:00"), "again"); err == nil {
		t.Error("a clock ends twice")
	}
}

func TestUsual_hasTheContractsTimes(t *testing.T) {
	office, around := calendar(t), always(t)
	policy := clocks.Usual(office, around)
	s := start(t, clocks.Report, policy[gengfu.GradeMajor][clocks.Report], "2026-09-30 17:30")
	s.due("2026-10-10 18:00") // 8, 9, and the make-up Saturday
	s = start(t, clocks.OnSite, policy[gengfu.GradeOrdinary][clocks.OnSite], "2026-03-09 11:30")
	s.due("2026-03-09 14:30")
	if _, ok := policy[gengfu.GradeMajor][clocks.Resolve]; ok {
		t.Error("a major fault is resolved by what is announced, not by a target")
	}
	if _, _, err := clocks.Start(clocks.Resolve, clocks.Target{Within: time.Hour}, at(t, "2026-03-09 11:30")); !errors.Is(err, gengfu.ErrInvalid) {
		t.Errorf("without a calendar: %v", err)
	}
}
