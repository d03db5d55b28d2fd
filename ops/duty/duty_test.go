package duty_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/ops/duty"
)

func place(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func at(t *testing.T, zone *time.Location, text string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func roster(t *testing.T) duty.Roster {
	t.Helper()
	zone := place(t, "Asia/Shanghai")
	r := duty.Roster{
		Name: "ops", Zone: zone, Roles: []string{"A", "B"}, Order: []string{"zhang", "li", "wang"},
		Starts: at(t, zone, "2026-01-05 09:00"), Days: 7, Overlap: 30 * time.Minute,
	}
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRoster_rotatesAtTheHandover(t *testing.T) {
	r := roster(t)
	for when, want := range map[string][2]string{
		"2026-01-05 09:00": {"zhang", "li"},
		"2026-01-12 08:59": {"zhang", "li"},
		"2026-01-12 09:00": {"li", "wang"},
		"2026-01-19 09:00": {"wang", "zhang"},
		"2026-01-26 09:00": {"zhang", "li"},
		"2026-01-05 08:59": {"wang", "zhang"}, // before it began, as if it always went on
		"2025-12-29 09:00": {"wang", "zhang"},
		"2025-12-29 08:59": {"li", "wang"},
	} {
		s := r.At(at(t, r.Zone, when))
		if got := [2]string{s.Person("A"), s.Person("B")}; got != want {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
}

func TestRoster_leaveAndOverrides(t *testing.T) {
	r := roster(t)
	day := func(text string) time.Time { return at(t, r.Zone, text+" 00:00") }
	r.Leave = []duty.Leave{
		{Person: "zhang", From: day("2026-01-06"), To: day("2026-01-07"), Cover: "zhao"}, // somebody from outside the order
		{Person: "zhang", From: day("2026-01-07"), To: day("2026-01-08"), Cover: "li"},   // who is B already
		{Person: "zhang", From: day("2026-01-08"), To: day("2026-01-09")},
		{Person: "wang", From: day("2026-01-08"), To: day("2026-01-09")},
	}
	r.Overrides = []duty.Override{{From: day("2026-01-10"), To: day("2026-01-11"), Roles: map[string]string{"A": "li"}, Note: "春节值班"}}
	for when, want := range map[string][]duty.Post{
		"2026-01-05 10:00": {{Role: "A", Person: "zhang"}, {Role: "B", Person: "li"}},
		"2026-01-06 10:00": {{Role: "A", Person: "zhao", Instead: "zhang"}, {Role: "B", Person: "li"}},
		"2026-01-07 10:00": {{Role: "A", Person: "wang", Instead: "zhang"}, {Role: "B", Person: "li"}},
		"2026-01-08 10:00": {{Role: "A", Instead: "zhang"}, {Role: "B", Person: "li"}}, // nobody is left
		"2026-01-10 10:00": {{Role: "A", Person: "li", Instead: "zhang"}, {Role: "B", Person: "wang", Instead: "li"}},
		"2026-01-11 00:00": {{Role: "A", Person: "zhang"}, {Role: "B", Person: "li"}},
	} {
		if diff := cmp.Diff(want, r.At(at(t, r.Zone, when)).Posts); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
	shifts := r.Shifts(at(t, r.Zone, "2026-01-05 09:00"), at(t, r.Zone, "2026-01-19 09:00"))
	var edges []string
	for i, s := range shifts {
		edges = append(edges, s.From.Format("01-02 15:04"))
		if i > 0 && !shifts[i-1].To.Equal(s.From) {
			t.Errorf("a hole before %v", s.From)
		}
	}
	want := []string{"01-05 09:00", "01-06 00:00", "01-07 00:00", "01-08 00:00", "01-09 00:00", "01-10 00:00", "01-11 00:00", "01-12 09:00"}
	if diff := cmp.Diff(want, edges); diff != "" {
		t.Error(diff)
	}
}

func TestRoster_handoverOverlaps(t *testing.T) {
	r := roster(t)
	for when, want := range map[string][]string{
		"2026-01-12 08:59": {"zhang", "li"},
		"2026-01-12 09:00": {"li", "wang", "zhang"},
		"2026-01-12 09:29": {"li", "wang", "zhang"},
		"2026-01-12 09:30": {"li", "wang"},
	} {
		if got := r.On(at(t, r.Zone, when)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
}

// TestRoster_keepsItsTimeOfDay where the clocks change in between.
func TestRoster_keepsItsTimeOfDay(t *testing.T) {
	zone := place(t, "America/New_York")
	r := duty.Roster{Zone: zone, Roles: []string{"A"}, Order: []string{"x", "y"}, Starts: at(t, zone, "2026-03-02 09:00"), Days: 1}
	for _, s := range r.Shifts(at(t, zone, "2026-03-02 09:00"), at(t, zone, "2026-11-10 09:00")) {
		if s.From.In(zone).Hour() != 9 {
			t.Fatalf("a handover at %v", s.From.In(zone))
		}
	}
}

func TestRoster_whatMakesNone(t *testing.T) {
	for name, spoil := range map[string]func(*duty.Roster){
		"roles":   func(r *duty.Roster) { r.Roles = nil },
		"people":  func(r *duty.Roster) { r.Order = r.Order[:1] },
		"period":  func(r *duty.Roster) { r.Days = 0 },
		"start":   func(r *duty.Roster) { r.Starts = time.Time{} },
		"overlap": func(r *duty.Roster) { r.Overlap = 100 * time.Hour },
	} {
		r := roster(t)
		spoil(&r)
		if err := r.Check(); !errors.Is(err, gengfu.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestICal_isACalendar(t *testing.T) {
	r := roster(t)
	r.Name = "运维值班, 甲; 乙"
	r.Overrides = []duty.Override{{
		From: at(t, r.Zone, "2026-02-15 00:00"), To: at(t, r.Zone, "2026-02-16 00:00"), Roles: map[string]string{"A": "li"},
		Note: strings.Repeat("春节期间由李四值班；", 8) + "\n带上 \\ 钥匙",
	}}
	from, to := at(t, r.Zone, "2026-02-09 09:00"), at(t, r.Zone, "2026-02-23 09:00")
	called := map[string]string{"zhang": "张三", "li": "李四", "wang": "王五"}
	names := func(id string) string { return called[id] }
	text := r.ICal(from, to, from, names)
	for _, line := range strings.SplitAfter(text, "\r\n") {
		if len(line) > 77 || !utf8.ValidString(line) || strings.Contains(strings.TrimSuffix(line, "\r\n"), "\n") {
			t.Errorf("a bad line: %q", line)
		}
	}
	whole := strings.ReplaceAll(text, "\r\n ", "")
	for _, want := range []string{
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", `X-WR-CALNAME:运维值班\, 甲\; 乙`, "BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\n", "TZOFFSETTO:+0800\r\n",
		"DTSTART;TZID=Asia/Shanghai:20260209T090000\r\nDTEND;TZID=Asia/Shanghai:20260215T000000\r\nSUMMARY:A 王五\r\n",
		`\n带上 \\ 钥匙`, "END:VCALENDAR\r\n",
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("without %q:\n%s", want, whole)
		}
	}
	if r.ICal(from, to, from, names) != text {
		t.Error("made twice it differs")
	}
	if begins, ends := strings.Count(whole, "BEGIN:VEVENT"), strings.Count(whole, "END:VEVENT"); begins != ends || begins != 2*len(r.Shifts(from, to)) {
		t.Errorf("%d events begin, %d end", begins, ends)
	}
	r.Zone = place(t, "Europe/Berlin")
	if got := strings.Count(r.ICal(from, from.AddDate(1, 0, 0), from, names), "BEGIN:DAYLIGHT"); got != 1 {
		t.Errorf("%d summers in a year of Berlin", got)
	}
}
