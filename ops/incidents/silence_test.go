package incidents_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/ops/incidents"
)

// hushedDesk writes to a book and notes what would be told; quiet says when
// the silence holds.
func hushedDesk(b *book, quiet func(time.Time) bool) (incidents.Desk, *[]string) {
	told := &[]string{}
	return incidents.Desk{
		Ledger: b,
		Tell: func(n gengfu.Notice, heard []string) ([]gengfu.Delivery, error) {
			if n.Incident.Active() || len(heard) > 0 { // as the router does
				*told = append(*told, string(n.Event.Kind))
			}
			return nil, nil
		},
		Silence: func(_ gengfu.Incident, at time.Time) *gengfu.Silence {
			if quiet(at) {
				return &gengfu.Silence{ID: 7, Author: "李工", Reason: "换盘"}
			}
			return nil
		},
	}, told
}

func change(t *testing.T, b *book, d incidents.Desk, minute int, s ...gengfu.Signal) {
	t.Helper()
	c, err := d.Change(b.snap, s, at(minute))
	if err != nil {
		t.Fatal(err)
	}
	b.write(c)
}

func TestDesk_silences(t *testing.T) {
	number := "INC-2026-0001"
	for name, tt := range map[string]struct {
		do          func(*testing.T, *book, incidents.Desk)
		story, told string
	}{
		"opened and over inside": {func(t *testing.T, b *book, d incidents.Desk) {
			change(t, b, d, 10, firing(key, "login", 10))
			change(t, b, d, 15, calm(key, "login", 15))
			if err := d.Hush(t.Context(), number, at(30)); err != nil || b.snap.Incidents[key].Silence != 0 {
				t.Errorf("%v %+v", err, b.snap.Incidents[key])
			}
		}, "1.1 opened 1.2 muted(#7 · 李工 · 换盘) 1.3 resolved", ""},
		"still failing at the end": {func(t *testing.T, b *book, d incidents.Desk) {
			change(t, b, d, 10, firing(key, "login", 10))
			for _, minute := range []int{25, 30, 31, 40} {
				if err := d.Hush(t.Context(), number, at(minute)); err != nil {
					t.Error(err)
				}
			}
		}, "1.1 opened 1.2 muted(#7 · 李工 · 换盘) 1.3 unmuted(#7)", "unmuted"},
		"a change after the end comes first": {func(t *testing.T, b *book, d incidents.Desk) {
			change(t, b, d, 10, firing(key, "login", 10))
			worse := firing(key, "login", 31)
			worse.Grade = gengfu.GradeMajor
			change(t, b, d, 31, worse)
			if err := d.Hush(t.Context(), number, at(32)); err != nil {
				t.Error(err)
			}
		}, "1.1 opened 1.2 muted(#7 · 李工 · 换盘) 1.3 updated 1.4 unmuted(#7)", "unmuted"},
		"begun while it was open": {func(t *testing.T, b *book, d incidents.Desk) {
			change(t, b, d, 1, firing(key, "login", 1))
			b.snap.Told[number] = []string{"room"}
			for _, minute := range []int{10, 11} {
				if err := d.Hush(t.Context(), number, at(minute)); err != nil {
					t.Error(err)
				}
			}
			if _, err := d.Act(t.Context(), number, incidents.Action{Kind: gengfu.EventNoted, Actor: "王工", Text: "在看"}); err != nil {
				t.Error(err) // it happens now, long after the silence
			}
		}, "1.1 opened 1.2 muted(#7 · 李工 · 换盘) 1.3 noted(在看) 1.4 unmuted(#7)", "opened unmuted"},
		"over inside, and somebody waits for it": {func(t *testing.T, b *book, d incidents.Desk) {
			change(t, b, d, 1, firing(key, "login", 1))
			b.snap.Told[number] = []string{"room"}
			change(t, b, d, 15, calm(key, "login", 15))
		}, "1.1 opened 1.2 resolved", "opened resolved"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(t)
			b.snap.Told = map[string][]string{}
			d, told := hushedDesk(b, func(now time.Time) bool { return !now.Before(at(5)) && now.Before(at(30)) })
			tt.do(t, b, d)
			b.want(tt.story)
			if got := strings.Join(slices.Clone(*told), " "); got != tt.told {
				t.Errorf("told %q, want %q", got, tt.told)
			}
		})
	}
}
