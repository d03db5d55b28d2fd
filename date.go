package gengfu

import (
	"fmt"
	"time"
)

// Date is a day of the civil calendar, of no zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day that the clocks of zone show at t.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// ParseDate reads 2026-02-14. What is no day of the calendar is [ErrInvalid].
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("%q is no date such as 2026-02-14: %w", text, ErrInvalid)
	}
	return DateOf(t, time.UTC), nil
}

// String is the day as 2026-02-14.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Add is the day that is n days later.
func (d Date) Add(n int) Date { return dateOfDay(d.day() + int64(n)) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return weekdayOf(d.day()) }

// Start is the first moment of the day in zone.
func (d Date) Start(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// Before reports whether d comes before other.
func (d Date) Before(other Date) bool { return d.day() < other.day() }

// day counts the days since 1970-01-01.
func (d Date) day() int64 {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / daySeconds
}

const daySeconds = 24 * 60 * 60

func dateOfDay(day int64) Date { return DateOf(time.Unix(day*daySeconds, 0), time.UTC) }

// weekdayOf is the weekday of a day that is counted from 1970-01-01, a Thursday.
func weekdayOf(day int64) time.Weekday { return time.Weekday(((day+4)%7 + 7) % 7) }
