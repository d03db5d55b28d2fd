package main

import (
	"testing"
	"time"
)

func TestWeekly_last(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin") // the hour from 02:00 is missing on 2026-03-29
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		when      weekly
		now, want string
	}{
		{usualDigest(), "2026-03-09 09:07:00", "2026-03-09 09:07:00"},
		{usualDigest(), "2026-03-09 09:06:59", "2026-03-02 09:07:00"},
		{usualDigest(), "2026-03-15 23:59:59", "2026-03-09 09:07:00"},
		{usualDigest(), "2026-03-30 12:00:00", "2026-03-30 09:07:00"},
		{weekly{time.Sunday, 2*time.Hour + 30*time.Minute, true}, "2026-03-29 12:00:00", "2026-03-29 03:30:00"},
		{weekly{time.Sunday, 0, true}, "2026-04-04 12:00:00", "2026-03-29 00:00:00"},
	} {
		now, err := time.ParseInLocation(time.DateTime, row.now, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := row.when.last(now).Format(time.DateTime); got != row.want {
			t.Errorf("at %s: %s, want %s", row.now, got, row.want)
		}
	}
}
