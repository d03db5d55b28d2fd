package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"gengfu"
	"gengfu/scenarios"
	"gengfu/scenarios/strict"
)

// working is what the instance file says of working time.
type working struct {
	calendars  map[string]*gengfu.Calendar
	heightened []period[gengfu.Window]
	upkeep     []period[scenarios.Maintenance]
	doubts     strict.Problems // years whose holidays matter by now and are not announced
}

// period is when something holds for some scenarios, or for all.
type period[T any] struct {
	when      T
	every     time.Duration // heightened: zero for as often as the scenarios say
	scenarios []string
	tags      []string
	tell      string // maintenance: the route along which its begin and end are told, empty for none
}

func (in *instance) readWorking(m strict.Map) {
	in.calendars = map[string]*gengfu.Calendar{}
	if n, ok := m.Lookup("calendars"); ok {
		if all, ok := n.Map(); ok {
			for _, e := range all.Entries {
				in.readCalendar(e)
			}
		}
	}
	if n, ok := m.Lookup("heightened"); ok {
		items, _ := n.Items()
		for _, item := range items {
			in.readHeightened(item)
		}
	}
	if n, ok := m.Lookup("maintenance"); ok {
		items, _ := n.Items()
		for _, item := range items {
			in.readMaintenance(item)
		}
	}
}

func (in *instance) readCalendar(e strict.Entry) {
	before := in.report.Raised()
	cfg := gengfu.CalendarConfig{Name: e.Key, Zone: in.zone}
	fields(e.Value, map[string]func(strict.Node){
		"timezone":   func(n strict.Node) { readZoneOf(n, &cfg.Zone) },
		"week":       func(n strict.Node) { readWeek(n, &cfg.Week) },
		"holidays":   func(n strict.Node) { cfg.Holidays = in.readHolidays(n) },
		"exceptions": func(n strict.Node) { cfg.Exceptions = readExceptions(n) },
	})
	if in.report.Raised() != before {
		return
	}
	c, err := gengfu.NewCalendar(cfg)
	if err != nil {
		e.Value.Problem(err.Error(), "hours in order and apart, such as week: {mon-fri: [09:00-12:00, 13:00-18:00]}")
		return
	}
	in.calendars[e.Key] = c
	for _, d := range c.Doubts(time.Now()) {
		in.doubts = append(in.doubts, strict.Problem{
			File: e.At.File(), Line: e.At.Line(), Col: e.At.Col(), Finding: fmt.Sprintf("calendar %s: %s", e.Key, d.In(in.lang)),
		})
	}
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func readWeek(n strict.Node, to *gengfu.Week) {
	m, ok := n.Map()
	if !ok {
		return
	}
	for _, e := range m.Entries {
		days, ok := weekdayRange(e.Key)
		if !ok {
			e.At.Problem(fmt.Sprintf("%q names no days", e.Key), "such as mon, or mon-fri")
			continue
		}
		hours := readHours(e.Value)
		for _, day := range days {
			if to[day] != nil {
				e.At.Problem(weekdays[day]+" has its hours already", "name each day once")
			}
			to[day] = hours
		}
	}
}

// weekdayRange reads mon, or mon-fri; sun may begin or end it.
func weekdayRange(text string) (days []time.Weekday, ok bool) {
	first, last, ranged := strings.Cut(text, "-")
	from, to := slices.Index(weekdays, first), slices.Index(weekdays, last)
	switch {
	case from < 0 || ranged && to < 0:
		return nil, false
	case !ranged:
		to = from
	}
	for day := from; ; day = (day + 1) % 7 {
		days = append(days, time.Weekday(day))
		if day == to {
			return days, true
		}
	}
}

func readHours(n strict.Node) []gengfu.Segment {
	nodes := []strict.Node{n}
	if n.Kind() != strict.Scalar {
		nodes, _ = n.Items()
	}
	hours := []gengfu.Segment{}
	for _, item := range nodes {
		text, ok := item.String()
		if !ok {
			continue
		}
		s, ok := segment(text)
		if !ok {
			item.Problem(fmt.Sprintf("%q is no stretch of a day", text), "such as 09:00-12:00, up to 24:00")
			continue
		}
		if len(hours) > 0 && s.From < hours[len(hours)-1].To {
			item.Problem(text+" begins before "+hours[len(hours)-1].String()+" ends", "the parts of a day in order and apart")
		}
		hours = append(hours, s)
	}
	return hours
}

func segment(text string) (gengfu.Segment, bool) {
	a, b, ok := strings.Cut(text, "-")
	from, ok1 := clockTime(strings.TrimSpace(a))
	to, ok2 := clockTime(strings.TrimSpace(b))
	return gengfu.Segment{From: from, To: to}, ok && ok1 && ok2 && from < to
}

// clockTime reads 09:00 as minutes after midnight.
func clockTime(text string) (int, bool) {
	h, m, ok := strings.Cut(text, ":")
	hour, err1 := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	ok = ok && len(m) == 2 && err1 == nil && err2 == nil && hour >= 0 && minute >= 0 && minute < 60
	return hour*60 + minute, ok && hour*60+minute <= 24*60
}

// readHolidays takes the tables that come with the product, what was imported,
// and files, of which the later ones have the last word.
func (in *instance) readHolidays(n strict.Node) gengfu.Holidays {
	names, _ := n.StringList()
	all := gengfu.Holidays{}
	for _, name := range names {
		if strings.HasSuffix(name, ".json") {
			y, err := readTable(in.abs(name))
			if err != nil {
				n.Problem(err.Error(), "a table of one year in the shape of holiday-cn")
				continue
			}
			all = all.With(y)
			continue
		}
		embedded, err := gengfu.EmbeddedHolidays(name)
		if err != nil {
			n.Problem(fmt.Sprintf("unknown holidays %q", name), "cn, or a file that ends in .json")
			continue
		}
		maps.Copy(all, embedded)
		in.imported(n, name, all)
	}
	return all
}

// imported adds the tables that gengfu calendar import put into the data folder.
func (in *instance) imported(n strict.Node, name string, to gengfu.Holidays) {
	files, err := filepath.Glob(filepath.Join(in.abs(in.data), "holidays", name+"-*.json"))
	if err != nil {
		n.Problem(err.Error(), "")
	}
	for _, file := range files {
		in.beside = append(in.beside, file)
		y, err := readTable(file)
		if err != nil {
			n.Problem(err.Error(), "import it again")
			continue
		}
		to[y.Year] = y
	}
}

func readTable(file string) (gengfu.HolidayYear, error) {
	data, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return gengfu.HolidayYear{}, fmt.Errorf("no file %s: %w", file, fs.ErrNotExist)
	case err != nil:
		return gengfu.HolidayYear{}, fmt.Errorf("read holidays: %w", err)
	}
	y, err := gengfu.ParseHolidays(data)
	if err != nil {
		return y, fmt.Errorf("%s: %w", file, err)
	}
	return y, nil
}

func readExceptions(n strict.Node) map[gengfu.Date]gengfu.Exception {
	m, ok := n.Map()
	if !ok {
		return nil
	}
	out := map[gengfu.Date]gengfu.Exception{}
	for _, e := range m.Entries {
		date, err := gengfu.ParseDate(e.Key)
		if err != nil {
			e.At.Problem(fmt.Sprintf("%q is no date", e.Key), "such as 2026-09-22")
			continue
		}
		var x gengfu.Exception
		given := 0
		fields(e.Value, map[string]func(strict.Node){
			"off": func(n strict.Node) { given++; truth(&x.Off)(n) },
			"as": func(n strict.Node) {
				given++
				if v, ok := n.Enum("day", weekdays...); ok {
					day := time.Weekday(slices.Index(weekdays, v))
					x.As = &day
				}
			},
			"hours": func(n strict.Node) { given++; x.Hours = readHours(n) },
			"note":  func(n strict.Node) { x.Note, _ = n.String() },
		})
		if given != 1 {
			e.Value.Problem(fmt.Sprintf("%d rules for the day", given), "one of off: true, as: mon, hours: [09:00-12:00]")
		}
		out[date] = x
	}
	return out
}

func (in *instance) readHeightened(n strict.Node) {
	var h period[gengfu.Window]
	var given [2]bool
	fields(n, map[string]func(strict.Node){
		"from":      func(n strict.Node) { h.when.From, given[0] = in.moment(n, false) },
		"to":        func(n strict.Node) { h.when.To, given[1] = in.moment(n, true) },
		"title":     in.text(&h.when.Title),
		"every":     span(&h.every),
		"scenarios": func(n strict.Node) { h.scenarios, _ = n.StringList() },
		"tags":      func(n strict.Node) { h.tags, _ = n.StringList() },
	})
	switch {
	case !given[0] || !given[1]:
		n.Problem("the period has no from or no to", "such as {from: 2026-09-28, to: 2026-10-08}")
	case !h.when.From.Before(h.when.To):
		n.Problem("the period ends before it begins", "swap from and to")
	case h.every != 0 && h.every < time.Second:
		n.Problem(fmt.Sprintf("every %s is too often", h.every), "at least 1s")
	}
	in.heightened = append(in.heightened, h)
}

// moment reads 2026-09-28 or 2026-09-28T08:00 by the instance's clocks. A date
// that ends something includes its day.
func (in *instance) moment(n strict.Node, end bool) (time.Time, bool) {
	return momentIn(n, in.zone, end)
}

func momentIn(n strict.Node, zone *time.Location, end bool) (time.Time, bool) {
	text, ok := n.String()
	if !ok {
		return time.Time{}, false
	}
	if date, err := gengfu.ParseDate(text); err == nil {
		if end {
			date = date.Add(1)
		}
		return date.Start(zone), true
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", text, zone)
	if err != nil {
		n.Problem(fmt.Sprintf("%q is no time", text), "such as 2026-09-28, or 2026-09-28T08:00")
		return time.Time{}, false
	}
	return t, true
}

func (h period[T]) meets(s *scenarios.Scenario) bool {
	if len(h.scenarios) == 0 && len(h.tags) == 0 {
		return true
	}
	return slices.Contains(h.scenarios, s.ID) || slices.ContainsFunc(s.Tags, func(tag string) bool { return slices.Contains(h.tags, tag) })
}

// equip gives a scenario's schedule the calendar it names and the heightened
// periods that it is part of.
func (in *instance) equip(s *scenarios.Scenario) strict.Problems {
	for _, h := range in.heightened {
		if !h.meets(s) {
			continue
		}
		s.Schedule.Windows = append(s.Schedule.Windows, h.when)
		if s.Schedule.Heightened == 0 {
			s.Schedule.Heightened = h.every
		}
	}
	for _, m := range in.upkeep {
		if m.meets(s) {
			s.Schedule.Upkeep = append(s.Schedule.Upkeep, m.when)
		}
	}
	name := s.Schedule.During
	if name == "" {
		return nil
	}
	if s.Schedule.Calendar = in.calendars[name]; s.Schedule.Calendar != nil {
		return nil
	}
	known := slices.Sorted(maps.Keys(in.calendars))
	remedy := "the instance file names none: calendars"
	if len(known) > 0 {
		remedy = suggest(name, known)
	}
	return strict.Problems{{
		File: s.Pos.File, Line: s.Pos.Line, Col: s.Pos.Col,
		Finding: fmt.Sprintf("scenario %s: unknown calendar %q", s.ID, name), Remedy: remedy,
	}}
}
