package scenarios

import (
	"testing"
	"time"
)

func TestCron_next(t *testing.T) {
	const layout = "2006-01-02 15:04 -07"
	for _, row := range []struct {
		expr, zone, after string
		want              []string
	}{
		{"*/5 8-18 * * 1-5", "Asia/Shanghai", "2026-11-20 18:54 +08", []string{"2026-11-20 18:55 +08", "2026-11-23 08:00 +08", "2026-11-23 08:05 +08"}},
		{"0 9 * * mon", "Asia/Shanghai", "2026-11-23 09:00 +08", []string{"2026-11-30 09:00 +08"}},
		{"0 9 * * 7", "UTC", "2026-11-23 00:00 +00", []string{"2026-11-29 09:00 +00"}},
		{"30 2 29 2 *", "UTC", "2026-01-01 00:00 +00", []string{"2028-02-29 02:30 +00", "2032-02-29 02:30 +00"}},
		{"0 0 13 * fri", "UTC", "2026-11-10 00:00 +00", []string{"2026-11-13 00:00 +00", "2026-11-20 00:00 +00"}},
		{"0 12 1,15 jan-mar/2 *", "UTC", "2026-01-15 13:00 +00", []string{"2026-03-01 12:00 +00", "2026-03-15 12:00 +00"}},
		// Spring: 02:30 is left out on 8 March, the slot moves to the end of the gap.
		{"30 2 * * *", "America/New_York", "2026-03-07 03:00 -05", []string{"2026-03-08 03:00 -04", "2026-03-09 02:30 -04"}},
		// Several slots in the gap become one.
		{"*/15 2-3 * * *", "America/New_York", "2026-03-08 01:00 -05", []string{"2026-03-08 03:00 -04", "2026-03-08 03:15 -04"}},
		// Autumn: 01:30 comes twice on 1 November, the slot once.
		{"30 1 * * *", "America/New_York", "2026-10-31 12:00 -04", []string{"2026-11-01 01:30 -04", "2026-11-02 01:30 -05"}},
		{"0,30 1-2 * * *", "America/New_York", "2026-11-01 01:00 -04", []string{"2026-11-01 01:30 -04", "2026-11-01 02:00 -05"}},
		// With every hour allowed the schedule follows real time.
		{"0 * * * *", "America/New_York", "2026-11-01 00:30 -04", []string{"2026-11-01 01:00 -04", "2026-11-01 01:00 -05", "2026-11-01 02:00 -05"}},
		{"30 * * * *", "America/New_York", "2026-03-08 00:40 -05", []string{"2026-03-08 01:30 -05", "2026-03-08 03:30 -04"}},
		{"59 23 31 12 *", "America/New_York", "2026-12-31 23:59 -05", []string{"2027-12-31 23:59 -05"}},
	} {
		loc, err := time.LoadLocation(row.zone)
		if err != nil {
			t.Fatal(err)
		}
		c, bad := ParseCron(row.expr, loc)
		if bad != nil {
			t.Fatalf("%s: %v", row.expr, bad)
		}
		at, err := time.Parse(layout, row.after)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range row.want {
			at = c.Next(at)
			if got := at.In(loc).Format(layout); got != want {
				t.Errorf("%s: got %s, want %s", row.expr, got, want)
			}
		}
	}
}

func TestCron_countsEveryRealMinuteOfADay(t *testing.T) {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	c, bad := ParseCron("*/5 * * * *", loc)
	if bad != nil {
		t.Fatal(bad)
	}
	for day, want := range map[time.Time]int{
		time.Date(2026, 3, 8, 0, 0, 0, 0, loc):  23 * 12,
		time.Date(2026, 11, 1, 0, 0, 0, 0, loc): 25 * 12,
		time.Date(2026, 6, 1, 0, 0, 0, 0, loc):  24 * 12,
	} {
		n := 0
		for at := c.Next(day.Add(-time.Second)); at.Before(day.AddDate(0, 0, 1)); at = c.Next(at) {
			n++
		}
		if n != want {
			t.Errorf("%s has %d slots, want %d", day.Format(time.DateOnly), n, want)
		}
	}
}

func TestParseCron_refuses(t *testing.T) {
	for expr, want := range map[string]string{
		"":               "cron has 0 fields, not 5 (minute, hour, day of month, month and day of week)",
		"@daily":         `"@daily" is not known (write five fields, or every: 1h)`,
		"60 * * * *":     `"60" does not fit the field minute (from 0 to 59)`,
		"* * 0 * *":      `"0" does not fit the field day of month (from 1 to 31)`,
		"* * * jam *":    `"jam" does not fit the field month (did you mean "jan"?)`,
		"* 18-8 * * *":   "the range 18-8 runs backwards (write two ranges)",
		"*/0 * * * *":    `"0" is not a step (from 1 to 59)`,
		"* * 30 2 *":     "no such day ever comes (check day of month and month)",
		"1,,2 * * * *":   `"" does not fit the field minute (from 0 to 59)`,
		"+1 * * * *":     `"+1" does not fit the field minute (from 0 to 59)`,
		"0 30 8 * * mon": "cron has 6 fields, not 5 (leave the seconds out)",
	} {
		_, err := ParseCron(expr, time.UTC)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", expr, err, want)
		}
	}
}

func TestSchedule_intervalIsTheUsualDistance(t *testing.T) {
	for expr, want := range map[string]time.Duration{
		"*/5 8-18 * * 1-5": 5 * time.Minute, "0 9 * * mon": 7 * 24 * time.Hour, "0 8 * * *": 24 * time.Hour, "0 0 29 2 *": 1461 * 24 * time.Hour,
	} {
		if got := (Schedule{Cron: expr}).Interval(); got != want {
			t.Errorf("%s: %v, want %v", expr, got, want)
		}
	}
}
