package gengfu_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"gengfu"
)

func cn(t testing.TB) gengfu.Holidays {
	t.Helper()
	h, err := gengfu.EmbeddedHolidays("cn")
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func calendar(t testing.TB, cfg gengfu.CalendarConfig) *gengfu.Calendar {
	t.Helper()
	c, err := gengfu.NewCalendar(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func place(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// days gives the same hours to a range of weekdays; Sunday is 7.
func days(from, to int, segments ...gengfu.Segment) gengfu.Week {
	var w gengfu.Week
	for d := from; d <= to; d++ {
		w[d%7] = segments
	}
	return w
}

func seg(h1, m1, h2, m2 int) gengfu.Segment { return gengfu.Segment{From: h1*60 + m1, To: h2*60 + m2} }

func officeWeek() gengfu.Week { return days(1, 5, seg(9, 0, 12, 0), seg(13, 0, 18, 0)) }

func office(t testing.TB) *gengfu.Calendar {
	t.Helper()
	return calendar(t, gengfu.CalendarConfig{Name: "cn-5x8", Zone: place(t, "Asia/Shanghai"), Holidays: cn(t), Week: officeWeek()})
}

func wall(t testing.TB, zone *time.Location, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestCalendar_workedExamples are due times that a person computed by hand, for
// a day with a lunch break, one without, a southern one, and round the clock.
func TestCalendar_workedExamples(t *testing.T) {
	zone := place(t, "Asia/Shanghai")
	calendars := []*gengfu.Calendar{
		office(t),
		calendar(t, gengfu.CalendarConfig{Name: "b", Zone: zone, Holidays: cn(t), Week: days(1, 5, seg(9, 0, 17, 0))}),
		calendar(t, gengfu.CalendarConfig{Name: "c", Zone: zone, Holidays: cn(t), Week: days(1, 5, seg(8, 30, 12, 0), seg(14, 30, 17, 30))}),
		calendar(t, gengfu.CalendarConfig{Name: "always", Zone: zone, Week: days(1, 7, seg(0, 0, 24, 0))}),
	}
	for _, row := range []struct {
		from  string
		hours int
		due   [4]string
	}{
		{"2026-03-06 17:30", 4, [4]string{"2026-03-09 13:30", "2026-03-09 13:00", "2026-03-09 15:00", "2026-03-06 21:30"}},
		{"2026-03-06 20:00", 4, [4]string{"2026-03-09 14:00", "2026-03-09 13:00", "2026-03-09 15:00", "2026-03-07 00:00"}},
		{"2026-03-07 10:00", 4, [4]string{"2026-03-09 14:00", "2026-03-09 13:00", "2026-03-09 15:00", "2026-03-07 14:00"}},
		{"2026-03-09 11:30", 2, [4]string{"2026-03-09 14:30", "2026-03-09 13:30", "2026-03-09 16:00", "2026-03-09 13:30"}},
		{"2026-02-13 17:30", 4, [4]string{"2026-02-14 13:30", "2026-02-14 13:00", "2026-02-14 15:00", "2026-02-13 21:30"}},
		{"2026-02-14 16:00", 4, [4]string{"2026-02-24 11:00", "2026-02-24 12:00", "2026-02-24 11:00", "2026-02-14 20:00"}},
		{"2026-02-28 10:00", 4, [4]string{"2026-02-28 15:00", "2026-02-28 14:00", "2026-02-28 16:30", "2026-02-28 14:00"}},
		{"2026-04-03 17:00", 4, [4]string{"2026-04-07 12:00", "2026-04-07 13:00", "2026-04-07 12:00", "2026-04-03 21:00"}},
		{"2026-09-18 17:00", 4, [4]string{"2026-09-20 12:00", "2026-09-20 13:00", "2026-09-20 12:00", "2026-09-18 21:00"}},
		{"2026-09-30 17:30", 4, [4]string{"2026-10-08 13:30", "2026-10-08 13:00", "2026-10-08 15:00", "2026-09-30 21:30"}},
		{"2026-10-09 17:30", 8, [4]string{"2026-10-10 17:30", "2026-10-10 17:00", "2026-10-12 10:00", "2026-10-10 01:30"}},
		{"2026-03-09 09:00", 8, [4]string{"2026-03-09 18:00", "2026-03-09 17:00", "2026-03-10 10:30", "2026-03-09 17:00"}},
	} {
		for i, c := range calendars {
			got, err := c.Add(wall(t, zone, row.from), time.Duration(row.hours)*time.Hour)
			if err != nil || !got.Equal(wall(t, zone, row.due[i])) {
				t.Errorf("%s + %d h by %s: %v %v, want %s", row.from, row.hours, c.Name(), got, err, row.due[i])
			}
		}
	}
	for _, row := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2026-03-06 17:30", "2026-03-09 10:00", 90 * time.Minute},
		{"2026-02-13 17:30", "2026-02-24 10:00", 9*time.Hour + 30*time.Minute},
		{"2026-03-09 10:00", "2026-03-06 17:30", -90 * time.Minute},
	} {
		got, err := calendars[0].Between(wall(t, zone, row.from), wall(t, zone, row.to))
		if err != nil || got != row.want {
			t.Errorf("%s to %s: %v %v, want %v", row.from, row.to, got, err, row.want)
		}
	}
}

func TestCalendar_workingDays(t *testing.T) {
	c := office(t)
	for _, row := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-02-13 20:00", 1, "2026-02-14 18:00"},
		{"2026-02-13 20:00", 2, "2026-02-24 18:00"},
		{"2026-09-30 23:59", 5, "2026-10-13 18:00"}, // 8, 9, the make-up Saturday, 12, 13
	} {
		got, err := c.AddDays(wall(t, c.Zone(), row.from), row.n)
		if err != nil || !got.Equal(wall(t, c.Zone(), row.want)) {
			t.Errorf("%s + %d days: %v %v, want %s", row.from, row.n, got, err, row.want)
		}
	}
}

// minutes is the slow truth: the open minutes of the clock face, one by one.
type minutes struct {
	zone  *time.Location
	open  func(d gengfu.Date) []gengfu.Segment
	start time.Time
	sum   []int32 // open minutes before each minute
}

func newMinutes(zone *time.Location, from, to gengfu.Date, open func(gengfu.Date) []gengfu.Segment) *minutes {
	m := &minutes{zone: zone, open: open, start: from.Start(zone)}
	end := to.Start(zone)
	var total int32
	var hours []gengfu.Segment
	day := -1
	for at := m.start; at.Before(end); at = at.Add(time.Minute) {
		m.sum = append(m.sum, total)
		local := at.In(zone)
		if d := local.YearDay(); d != day {
			day, hours = d, open(gengfu.DateOf(at, zone))
		}
		face := local.Hour()*60 + local.Minute()
		if slices.ContainsFunc(hours, func(s gengfu.Segment) bool { return s.From <= face && face < s.To }) {
			total++
		}
	}
	m.sum = append(m.sum, total)
	return m
}

func (m *minutes) at(i int) time.Time { return m.start.Add(time.Duration(i) * time.Minute) }

// add steps until enough open minutes have passed.
func (m *minutes) add(i, want int) (int, bool) {
	j := i
	for ; j < len(m.sum) && int(m.sum[j]-m.sum[i]) < want; j++ {
	}
	return j, j < len(m.sum)
}

func TestCalendar_agreesWithMinutes(t *testing.T) {
	shanghai, newYork, lordHowe := place(t, "Asia/Shanghai"), place(t, "America/New_York"), place(t, "Australia/Lord_Howe")
	holidays := map[gengfu.Date]bool{}
	for _, year := range []int{2025, 2026} {
		for _, d := range cn(t)[year].Days {
			holidays[d.Date] = d.Off
		}
	}
	nights := days(7, 13, seg(0, 0, 2, 45), seg(3, 10, 4, 0), seg(22, 0, 24, 0)) // every day, across the hours that change
	for _, row := range []struct {
		cfg  gengfu.CalendarConfig
		open func(gengfu.Date) []gengfu.Segment
	}{
		{gengfu.CalendarConfig{Name: "shanghai", Zone: shanghai, Holidays: cn(t), Week: officeWeek()}, func(d gengfu.Date) []gengfu.Segment {
			off, special := holidays[d]
			if rest := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday; special && off || !special && rest {
				return nil
			}
			return officeWeek()[1]
		}},
		{gengfu.CalendarConfig{Name: "new york", Zone: newYork, Week: nights}, func(gengfu.Date) []gengfu.Segment { return nights[0] }},
		{gengfu.CalendarConfig{Name: "half an hour", Zone: lordHowe, Week: nights}, func(gengfu.Date) []gengfu.Segment { return nights[0] }},
	} {
		c := calendar(t, row.cfg)
		oracle := newMinutes(row.cfg.Zone, gengfu.Date{Year: 2025, Month: 1, Day: 1}, gengfu.Date{Year: 2027, Month: 1, Day: 1}, row.open)
		random := rand.New(rand.NewPCG(7, 2026))
		for range 1500 {
			i, j := random.IntN(len(oracle.sum)), random.IntN(len(oracle.sum))
			got, err := c.Between(oracle.at(i), oracle.at(j))
			if want := time.Duration(oracle.sum[j]-oracle.sum[i]) * time.Minute; err != nil || got != want {
				t.Fatalf("%s: between %v and %v: %v %v, want %v", c.Name(), oracle.at(i), oracle.at(j), got, err, want)
			}
		}
		for range 1500 {
			i, want := random.IntN(len(oracle.sum)), 1+random.IntN(60*60)
			j, inside := oracle.add(i, want)
			if !inside {
				continue
			}
			if got, err := c.Add(oracle.at(i), time.Duration(want)*time.Minute); err != nil || !got.Equal(oracle.at(j)) {
				t.Fatalf("%s: %v + %d min: %v %v, want %v", c.Name(), oracle.at(i), want, got, err, oracle.at(j))
			}
		}
	}
}

// TestCalendar_addAndBetweenAgree to the nanosecond.
func TestCalendar_addAndBetweenAgree(t *testing.T) {
	c := office(t)
	start := wall(t, c.Zone(), "2026-01-01 00:00")
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		at := start.Add(time.Duration(random.Int64N(int64(300 * 24 * time.Hour))))
		d := time.Duration(random.Int64N(int64(100 * time.Hour)))
		due, err := c.Add(at, d)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Between(at, due); err != nil || got != d {
			t.Fatalf("%v + %v = %v, but between them lie %v %v", at, d, due, got, err)
		}
		if earlier, _ := c.Between(at, due.Add(-1)); d > 0 && earlier >= d {
			t.Fatalf("%v + %v: %v is not the earliest", at, d, due)
		}
	}
}

func TestCalendar_exceptionsGoFirst(t *testing.T) {
	monday := time.Monday
	c := calendar(t, gengfu.CalendarConfig{
		Zone: place(t, "Asia/Shanghai"), Holidays: cn(t), Week: officeWeek(),
		Exceptions: map[gengfu.Date]gengfu.Exception{
			{Year: 2026, Month: 9, Day: 22}: {Off: true, Note: "台风停工"},
			{Year: 2026, Month: 10, Day: 1}: {As: &monday},
			{Year: 2026, Month: 10, Day: 2}: {Hours: []gengfu.Segment{seg(10, 0, 11, 0)}},
		},
	})
	for at, want := range map[string]bool{
		"2026-09-22 10:00": false, "2026-09-23 10:00": true,
		"2026-10-01 17:59": true, "2026-10-01 18:00": false, "2026-10-01 12:30": false,
		"2026-10-02 10:00": true, "2026-10-02 11:00": false, "2026-10-03 10:00": false,
	} {
		if c.Open(wall(t, c.Zone(), at)) != want {
			t.Errorf("%s: open is %v", at, !want)
		}
	}
	if got, want := c.Reason(gengfu.Chinese, wall(t, c.Zone(), "2026-09-22 10:00")), "特别安排 台风停工"; got != want {
		t.Errorf("reason %q, want %q", got, want)
	}
	if got, want := c.Reason(gengfu.English, wall(t, c.Zone(), "2026-02-14 12:30")), "make-up workday 春节, outside 09:00-12:00, 13:00-18:00"; got != want {
		t.Errorf("reason %q, want %q", got, want)
	}
}

// TestCalendar_yearEnd: without the next year's announcement a due time falls on
// a day that may be a holiday, and says so.
func TestCalendar_yearEnd(t *testing.T) {
	embedded := cn(t)
	missing := gengfu.Holidays{2026: embedded[2026]}
	announced := embedded.With(gengfu.HolidayYear{Year: 2027, Papers: []string{"https://www.gov.cn/2027"}, Days: embedded[2027].Days})
	for _, row := range []struct {
		name     string
		holidays gengfu.Holidays
		due      string
		status   gengfu.HolidayStatus
		doubts   int
	}{
		{"missing", missing, "2027-01-01 13:30", gengfu.HolidaysMissing, 1},
		{"statutory days", embedded, "2027-01-04 13:30", gengfu.HolidaysProvisional, 1},
		{"announced", announced, "2027-01-04 13:30", gengfu.HolidaysOfficial, 0},
	} {
		c := calendar(t, gengfu.CalendarConfig{Zone: place(t, "Asia/Shanghai"), Holidays: row.holidays, Week: officeWeek()})
		from := wall(t, c.Zone(), "2026-12-31 17:30")
		due, err := c.Add(from, 4*time.Hour)
		if err != nil || !due.Equal(wall(t, c.Zone(), row.due)) {
			t.Errorf("%s: due %v %v, want %s", row.name, due, err, row.due)
		}
		if got := c.Certainty(from, due); got != row.status {
			t.Errorf("%s: %s, want %s", row.name, got, row.status)
		}
		if got := c.Certainty(from, from); got != gengfu.HolidaysOfficial {
			t.Errorf("%s: the old year is %s", row.name, got)
		}
		if got := c.Doubts(wall(t, c.Zone(), "2026-10-31 23:59")); len(got) != 0 {
			t.Errorf("%s: warned in October: %v", row.name, got)
		}
		if got := c.Doubts(wall(t, c.Zone(), "2026-11-01 00:00")); len(got) != row.doubts {
			t.Errorf("%s: doubts in November: %v", row.name, got)
		}
	}
}

// TestHolidays_asAnnounced checks totals that the announcements name.
func TestHolidays_asAnnounced(t *testing.T) {
	for year, want := range map[int][2]int{2025: {28, 5}, 2026: {33, 6}, 2027: {13, 0}, 2028: {12, 0}} {
		var got [2]int
		for _, d := range cn(t)[year].Days {
			if d.Off {
				got[0]++
			} else {
				got[1]++
			}
		}
		if got != want {
			t.Errorf("%d: %d days off and %d make-up days, want %v", year, got[0], got[1], want)
		}
	}
	if _, err := gengfu.EmbeddedHolidays("../xx"); !errors.Is(err, gengfu.ErrNotFound) {
		t.Errorf("another country: %v", err)
	}
}

func TestHolidays_badTables(t *testing.T) {
	for _, text := range []string{
		``, `[]`, `{"year": 1999, "days": []}`, `{"year": 2027, "days": [{"date": "2027-02-30", "isOffDay": true}]}`,
		`{"year": 2027, "days": [{"date": "2027-02-05"}]}`, `{"year": 2027, "days": [{"date": "2030-02-05", "isOffDay": true}]}`,
		`{"year": 2027, "days": [{"date": "2027-02-05", "isOffDay": true}, {"date": "2027-02-05", "isOffDay": false}]}`,
	} {
		if y, err := gengfu.ParseHolidays([]byte(text)); !errors.Is(err, gengfu.ErrInvalid) {
			t.Errorf("%s: %v %v", text, y, err)
		}
	}
}

func TestCalendar_refusesToGuess(t *testing.T) {
	c := office(t)
	end := wall(t, c.Zone(), "2040-12-31 17:00")
	for _, bad := range []func() error{
		func() error { _, err := c.Add(end, 100*time.Hour); return err },
		func() error { _, err := c.Add(end.AddDate(1, 0, 0), time.Hour); return err },
		func() error { _, err := c.Add(end, -time.Hour); return err },
		func() error { _, err := c.Between(end.AddDate(-30, 0, 0), end); return err },
		func() error { _, err := c.AddDays(end, 5); return err },
		func() error { _, err := gengfu.NewCalendar(gengfu.CalendarConfig{}); return err },
		func() error {
			_, err := gengfu.NewCalendar(gengfu.CalendarConfig{Week: days(1, 1, seg(9, 0, 12, 0), seg(11, 0, 13, 0))})
			return err
		},
	} {
		if err := bad(); !errors.Is(err, gengfu.ErrInvalid) {
			t.Errorf("got %v", err)
		}
	}
}

func BenchmarkCalendar_Add(b *testing.B) {
	c := office(b)
	at := wall(b, c.Zone(), "2026-03-06 17:30")
	for b.Loop() {
		if _, err := c.Add(at, 4*time.Hour); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewCalendar(b *testing.B) {
	for b.Loop() {
		office(b)
	}
}
