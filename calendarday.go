package gengfu

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

// DayKind says by which rule a date has its hours.
type DayKind string

// The kinds of days.
const (
	DayWork      DayKind = "workday"
	DayRest      DayKind = "weekend" // the week has no hours for it
	DayHoliday   DayKind = "holiday"
	DayMakeup    DayKind = "makeup" // worked because of a holiday elsewhere
	DayException DayKind = "exception"
)

// CalendarDay is what a calendar says of one date.
type CalendarDay struct {
	Date  Date
	Kind  DayKind
	Name  string // of the holiday, or the note of the exception
	Hours []Segment
}

// Day looks up a date.
func (c *Calendar) Day(d Date) CalendarDay {
	day := CalendarDay{Date: d, Kind: DayWork, Hours: c.hours(d)}
	if e, ok := c.cfg.Exceptions[d]; ok {
		day.Kind, day.Name = DayException, e.Note
		return day
	}
	if h, ok := c.days[d]; ok {
		day.Kind, day.Name = DayMakeup, h.Name
		if h.Off {
			day.Kind = DayHoliday
		}
		return day
	}
	if len(day.Hours) == 0 {
		day.Kind = DayRest
	}
	return day
}

// Special are the dates of a year that do not follow the week, in order.
func (c *Calendar) Special(year int) []CalendarDay {
	var out []CalendarDay
	for d := (Date{year, time.January, 1}); d.Year == year; d = d.Add(1) {
		_, exception := c.cfg.Exceptions[d]
		if _, holiday := c.days[d]; holiday || exception {
			out = append(out, c.Day(d))
		}
	}
	return out
}

// Status is how sure the holidays of a year are. A calendar without holidays is
// always official.
func (c *Calendar) Status(year int) HolidayStatus {
	if !c.cfg.observes() {
		return HolidaysOfficial
	}
	return c.cfg.Holidays.Status(year)
}

// Working counts the days of a year with hours, and the hours.
func (c *Calendar) Working(year int) (days int, hours time.Duration) {
	for d := (Date{year, time.January, 1}); d.Year == year; d = d.Add(1) {
		segments := c.hours(d)
		if len(segments) > 0 {
			days++
		}
		for _, s := range segments {
			hours += time.Duration(s.To-s.From) * time.Minute
		}
	}
	return days, hours
}

// Hours are the segments in one line: 09:00-12:00, 13:00-18:00.
func Hours(segments []Segment) string {
	var out []string
	for _, s := range segments {
		out = append(out, s.String())
	}
	return strings.Join(out, ", ")
}

// In names the kind of day in lang.
func (k DayKind) In(lang Lang) string {
	en := map[DayKind]string{DayWork: "workday", DayRest: "weekend", DayHoliday: "holiday", DayMakeup: "make-up workday", DayException: "exception"}
	zh := map[DayKind]string{DayWork: "工作日", DayRest: "休息日", DayHoliday: "节假日", DayMakeup: "调休上班", DayException: "特别安排"}
	if lang == English {
		return en[k]
	}
	return zh[k]
}

// In names the status in lang.
func (s HolidayStatus) In(lang Lang) string {
	zh := map[HolidayStatus]string{HolidaysOfficial: "正式", HolidaysProvisional: "暂定", HolidaysMissing: "缺少"}
	if lang == English {
		return string(s)
	}
	return zh[s]
}

// Reason says why a moment is or is not working time: "make-up workday 春节,
// outside 09:00-12:00, 13:00-18:00".
func (c *Calendar) Reason(lang Lang, t time.Time) string {
	day := c.Day(DateOf(t, c.cfg.Zone))
	text := day.Kind.In(lang)
	if day.Name != "" {
		text += " " + day.Name
	}
	if len(day.Hours) == 0 {
		return text
	}
	within, outside, comma := "within", "outside", ", "
	if lang != English {
		within, outside, comma = "时段内", "时段外", "，"
	}
	if c.Open(t) {
		return fmt.Sprintf("%s%s%s %s", text, comma, within, Hours(day.Hours))
	}
	return fmt.Sprintf("%s%s%s %s", text, comma, outside, Hours(day.Hours))
}

// Revision tells calendars with other hours or holidays apart: what is planned
// or due by one is computed anew when it changes.
func (c *Calendar) Revision() string {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, c.cfg.Zone, c.from, c.to) // never fails
	for year := firstYear; year <= lastYear; year++ {
		_, _ = fmt.Fprint(h, c.Status(year))
	}
	return strconv.FormatUint(h.Sum64(), 36)
}
