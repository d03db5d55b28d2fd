package prober_test

import (
	"errors"
	"testing"
	"time"

	"gengfu"
	"gengfu/prober"
	"gengfu/scenarios"
)

func officeHours(t *testing.T, zone *time.Location) *gengfu.Calendar {
	t.Helper()
	holidays, err := gengfu.EmbeddedHolidays("cn")
	if err != nil {
		t.Fatal(err)
	}
	cfg := gengfu.CalendarConfig{Name: "cn-5x8", Zone: zone, Holidays: holidays}
	for day := time.Monday; day <= time.Friday; day++ {
		cfg.Week[day] = []gengfu.Segment{{From: 540, To: 720}, {From: 780, To: 1080}}
	}
	c, err := gengfu.NewCalendar(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func shanghai(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestPlan_layersFollowTheCalendar looks at every planned time of two months by
// the rule that is in force at it, and asks the plan all its questions.
func TestPlan_layersFollowTheCalendar(t *testing.T) {
	zone := shanghai(t)
	cal := officeHours(t, zone)
	guarded := gengfu.Window{From: time.Date(2026, 2, 26, 10, 0, 0, 0, zone), To: time.Date(2026, 2, 26, 16, 0, 0, 0, zone), Title: "两会"}
	working := scenarios.Working{During: "cn-5x8", Calendar: cal, Otherwise: 30 * time.Minute, Heightened: time.Minute, Windows: []gengfu.Window{guarded}}
	whole := scenarios.Schedule{Every: 5 * time.Minute, Working: working}
	quiet := whole
	quiet.Otherwise, quiet.Heightened = 0, 0
	shifted := scenarios.Schedule{Cron: "30 8 * * *", Working: scenarios.Working{During: "cn-5x8", Calendar: cal, Shift: true}}
	for name, s := range map[string]scenarios.Schedule{"whole": whole, "quiet": quiet, "shifted": shifted} {
		plan, err := prober.NewPlan(s, zone, "login@local")
		if err != nil {
			t.Fatal(err)
		}
		every := map[time.Duration]prober.Plan{}
		for _, d := range []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute} {
			if every[d], err = prober.NewPlan(scenarios.Schedule{Every: d}, zone, "login@local"); err != nil {
				t.Fatal(err)
			}
		}
		from, to := time.Date(2026, 2, 1, 0, 0, 0, 0, zone), time.Date(2026, 4, 1, 0, 0, 0, 0, zone)
		var want []time.Time
		for _, part := range []struct {
			every time.Duration
			holds func(time.Time) bool
		}{
			{time.Minute, func(at time.Time) bool { return name == "whole" && guarded.Covers(at) }},
			{5 * time.Minute, func(at time.Time) bool {
				return name != "shifted" && cal.Open(at) && (name == "quiet" || !guarded.Covers(at))
			}},
			{30 * time.Minute, func(at time.Time) bool { return name == "whole" && !cal.Open(at) && !guarded.Covers(at) }},
		} {
			for _, at := range every[part.every].Slots(from, to, 1<<20) {
				if part.holds(at) {
					want = append(want, at)
				}
			}
		}
		if name == "shifted" { // at the opening of each working day
			for at := from; at.Before(to); at = at.Add(time.Hour) {
				if cal.Open(at) && at.Hour() == 9 {
					want = append(want, at)
				}
			}
		}
		got := plan.Slots(from, to, 1<<20)
		if len(got) != len(want) || plan.Count(from, to) != len(want) {
			t.Fatalf("%s: %d planned, %d counted, want %d", name, len(got), plan.Count(from, to), len(want))
		}
		wanted := map[int64]bool{}
		for _, at := range want {
			wanted[at.UnixMilli()] = true
		}
		for i, at := range got {
			if !wanted[at.UnixMilli()] || i > 0 && !at.After(got[i-1]) {
				t.Fatalf("%s: %v is not planned, or not in order", name, at)
			}
			if i%37 == 0 && !plan.Last(at.Add(time.Second)).Equal(at) && name != "whole" {
				t.Fatalf("%s: last before %v is %v", name, at.Add(time.Second), plan.Last(at.Add(time.Second)))
			}
		}
	}
}

func TestPlan_saysByWhichRule(t *testing.T) {
	zone := shanghai(t)
	s := scenarios.Schedule{Every: time.Minute, Working: scenarios.Working{During: "cn-5x8", Calendar: officeHours(t, zone), Otherwise: time.Hour}}
	plan, err := prober.NewPlan(s, zone, "login@local")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"2026-02-14T10:00": "调休上班 春节，时段内 09:00-12:00, 13:00-18:00",
		"2026-02-15T10:00": "节假日 春节",
		"2026-03-09T12:30": "工作日，时段外 09:00-12:00, 13:00-18:00",
	} {
		due, err := time.ParseInLocation("2006-01-02T15:04", at, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Reason(gengfu.Chinese, due); got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
	s.Calendar = nil
	if _, err := prober.NewPlan(s, zone, "x"); !errors.Is(err, gengfu.ErrInvalid) {
		t.Errorf("without the calendar: %v", err)
	}
}
