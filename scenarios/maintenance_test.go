package scenarios

import (
	"testing"
	"time"

	"gengfu"
)

func TestMaintenance_covers(t *testing.T) {
	cron, bad := ParseCron("0 22 * * sat", time.UTC)
	if bad != nil {
		t.Fatal(bad)
	}
	saturday := time.Date(2026, 3, 7, 22, 0, 0, 0, time.UTC)
	s := Schedule{Working: Working{Upkeep: []Maintenance{
		{Cron: &cron, For: 2 * time.Hour},
		{Window: gengfu.Window{From: saturday.AddDate(0, 0, 2), To: saturday.AddDate(0, 0, 3)}},
	}}}
	for after, want := range map[time.Duration]bool{
		-time.Millisecond: false, 0: true, time.Hour: true, 2*time.Hour - 1: true, 2 * time.Hour: false, 7 * 24 * time.Hour: true,
		48*time.Hour - 1: false, 48 * time.Hour: true, 72*time.Hour - 1: true, 72 * time.Hour: false,
	} {
		if s.Maintained(saturday.Add(after)) != want {
			t.Errorf("%v after it began: %v", after, !want)
		}
	}
}
