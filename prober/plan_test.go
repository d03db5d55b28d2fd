package prober_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/prober"
	"gengfu/scenarios"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func plan(t *testing.T, s scenarios.Schedule, loc *time.Location, key string) prober.Plan {
	t.Helper()
	p, err := prober.NewPlan(s, loc, key)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlan_intervalKeepsItsPhase(t *testing.T) {
	start := time.Date(2026, 11, 23, 7, 0, 0, 123456789, time.UTC)
	for _, every := range []time.Duration{time.Second, 1500 * time.Millisecond, time.Minute, 5 * time.Minute, time.Hour, 24 * time.Hour} {
		p := plan(t, scenarios.Schedule{Every: every}, nil, "admin-login@local")
		first := p.Next(start)
		if d := first.Sub(start); d <= 0 || d > every {
			t.Errorf("every %v: first slot %v after the start", every, d)
		}
		if again := p.Next(first.Add(-time.Nanosecond)); !again.Equal(first) {
			t.Errorf("every %v: %v is due at %v as seen from just before", every, first, again)
		}
		for n, at := 1, first; n < 50; n++ {
			next := p.Next(at)
			if next.Sub(at) != every || next.Location() != time.UTC || next.Nanosecond()%int(time.Millisecond) != 0 {
				t.Fatalf("every %v: %v follows %v", every, next, at)
			}
			if last := p.Last(next.Add(every - 1)); !last.Equal(next) {
				t.Fatalf("every %v: latest is %v, want %v", every, last, next)
			}
			at = next
		}
		far := first.Add(100_000 * every)
		if n := p.Count(first, far); n != 100_000 {
			t.Errorf("every %v: %d slots, want 100000", every, n)
		}
		if p.Interval() != every {
			t.Errorf("interval %v, want %v", p.Interval(), every)
		}
	}
}

func TestPlan_beforeTheEpoch(t *testing.T) {
	p := plan(t, scenarios.Schedule{Every: time.Minute}, nil, "a@local")
	at := time.Date(1969, 12, 31, 23, 59, 30, 0, time.UTC)
	if next := p.Next(at); next.Sub(at) <= 0 || next.Sub(at) > time.Minute {
		t.Errorf("next of %v is %v", at, next)
	}
}

func TestPlan_scenariosOfOneTargetAreSpread(t *testing.T) {
	start := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	used := map[int64]int{}
	for i := range 60 {
		p := plan(t, scenarios.Schedule{Every: 5 * time.Minute}, nil, fmt.Sprintf("portal-%02d@local", i))
		used[p.Next(start).Sub(start).Milliseconds()/5000]++
	}
	if len(used) < 30 {
		t.Errorf("60 scenarios fall into %d of 60 slices", len(used))
	}
	for slice, n := range used {
		if n > 5 {
			t.Errorf("%d scenarios in the five seconds from %d s", n, slice*5)
		}
	}
}

func TestPlan_cron(t *testing.T) {
	day := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, row := range []struct {
		name, cron, zone, own string
		after                 string
		want                  []string
	}{
		{"site zone", "30 8 * * 1-5", "Asia/Shanghai", "", "2026-11-20T08:00:00Z", []string{"2026-11-23T00:30:00Z", "2026-11-24T00:30:00Z"}},
		{"own zone", "30 8 * * *", "Asia/Shanghai", "UTC", "2026-11-20T08:00:00Z", []string{"2026-11-20T08:30:00Z", "2026-11-21T08:30:00Z"}},
		{"gap in spring", "30 2 * * *", "America/New_York", "", "2026-03-07T12:00:00Z", []string{"2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"}},
		{"twice in autumn", "30 1 * * *", "America/New_York", "", "2026-10-31T12:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"}},
		{"hourly in autumn", "30 * * * *", "America/New_York", "", "2026-11-01T05:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z", "2026-11-01T07:30:00Z"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := plan(t, scenarios.Schedule{Cron: row.cron, Timezone: row.own}, zone(t, row.zone), "x@local")
			var got []string
			for _, at := range p.Slots(day(row.after), day(row.after).AddDate(0, 0, 30), len(row.want)) {
				got = append(got, at.Format(time.RFC3339))
				if last := p.Last(at.Add(time.Minute)); !last.Equal(at) {
					t.Errorf("latest is %v, want %v", last, at)
				}
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPlan_countEqualsSlots(t *testing.T) {
	from := time.Date(2026, 3, 1, 3, 17, 0, 0, time.UTC)
	for _, cron := range []string{"*/7 * * * *", "*/20 8-18 * * 1-5", "30 1,2 * * *", "0 0 1 * *", "0 9 29 2 *"} {
		p := plan(t, scenarios.Schedule{Cron: cron}, zone(t, "America/New_York"), "x@local")
		for _, span := range []time.Duration{0, time.Minute, 11 * time.Hour, 9 * 24 * time.Hour, 40*24*time.Hour + 5*time.Hour} {
			to := from.Add(span)
			if got, want := p.Count(from, to), len(p.Slots(from, to, 1<<20)); got != want {
				t.Errorf("%s over %v: %d, want %d", cron, span, got, want)
			}
		}
	}
}

func TestPlan_hugeGapsAreCountedAtOnce(t *testing.T) {
	from := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	p := plan(t, scenarios.Schedule{Cron: "* 8-17 * * *"}, zone(t, "Asia/Shanghai"), "x@local")
	if n := p.Count(from, from.AddDate(3, 0, 0)); n != 1096*600 {
		t.Errorf("%d slots in three years, want %d", n, 1096*600)
	}
}

func TestPlan_neverIsFarAway(t *testing.T) {
	var p prober.Plan
	now := time.Now()
	if p.Next(now).Before(now.AddDate(100, 0, 0)) || p.Count(now, now.AddDate(1, 0, 0)) != 0 || !p.Last(now).IsZero() || p.Slots(now, now.AddDate(1, 0, 0), 5) != nil {
		t.Errorf("the zero plan is due at %v", p.Next(now))
	}
}

func TestNewPlan_refuses(t *testing.T) {
	for _, s := range []scenarios.Schedule{{}, {Every: time.Millisecond}, {Cron: "61 * * * *"}, {Cron: "0 8 * * *", Timezone: "Mars/Olympus"}} {
		if _, err := prober.NewPlan(s, nil, "x@local"); err == nil {
			t.Errorf("%+v is taken", s)
		}
	}
	if _, err := prober.NewPlan(scenarios.Schedule{}, nil, "x@local"); !errors.Is(err, gengfu.ErrInvalid) {
		t.Errorf("error %v, want %v", err, gengfu.ErrInvalid)
	}
}
