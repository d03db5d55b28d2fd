package gengfu

import (
	"fmt"
	"sort"
	"time"
)

// The years that calendars cover. Beyond them nothing is guessed.
const (
	firstYear = 2020
	lastYear  = 2040
)

// Segment is a stretch of a day by the clock on the wall, in minutes after
// midnight: 540 to 720 is 09:00 to 12:00. To is not part of it and at most
// 1440, which is 24:00.
type Segment struct{ From, To int }

// Week is when work is done, by weekday. The segments of a day are in order
// and apart.
type Week [7][]Segment

// Exception is a date with a rule of its own: a day off, the hours of another
// weekday, or hours of its own.
type Exception struct {
	Off   bool
	As    *time.Weekday
	Hours []Segment
	Note  string
}

// CalendarConfig describes working time. Exceptions go before holidays, and
// holidays before the week. A make-up workday has the hours of a Monday.
type CalendarConfig struct {
	Name       string
	Zone       *time.Location // nil for UTC
	Week       Week
	Holidays   Holidays // nil for none
	Exceptions map[Date]Exception
}

func (cfg CalendarConfig) observes() bool { return cfg.Holidays != nil }

// Calendar is named working time: when people work, and how much working time
// lies between two moments. It does not change after it is made and may be used
// by many goroutines.
type Calendar struct {
	cfg  CalendarConfig
	days map[Date]Holiday

	// The open stretches in seconds since 1970, in order and apart, and for
	// each the open seconds before it.
	from, to, before []int64
	first, last      int64 // what is covered
}

// NewCalendar computes the working time of the years 2020 to 2040. Errors are
// [ErrInvalid]: segments out of order, or a week and exceptions without any.
func NewCalendar(cfg CalendarConfig) (*Calendar, error) {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	for day, segments := range cfg.Week {
		if err := sound(segments); err != nil {
			return nil, fmt.Errorf("calendar %s: %s: %w", cfg.Name, time.Weekday(day), err)
		}
	}
	for date, e := range cfg.Exceptions {
		if err := sound(e.Hours); err != nil {
			return nil, fmt.Errorf("calendar %s: %s: %w", cfg.Name, date, err)
		}
	}
	c := &Calendar{cfg: cfg, days: cfg.Holidays.days()}
	c.first = Date{firstYear, time.January, 1}.Start(cfg.Zone).Unix()
	c.last = Date{lastYear + 1, time.January, 1}.Start(cfg.Zone).Unix()
	c.build()
	if len(c.from) == 0 {
		return nil, fmt.Errorf("calendar %s is never open: %w", cfg.Name, ErrInvalid)
	}
	return c, nil
}

func sound(segments []Segment) error {
	last := 0
	for _, s := range segments {
		if s.From < last || s.To <= s.From || s.To > 24*60 {
			return fmt.Errorf("%s does not fit: %w", s, ErrInvalid)
		}
		last = s.To
	}
	return nil
}

// String is the segment as 09:00-12:00.
func (s Segment) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60)
}

// build lays the hours of every day over the time line. It goes by the pieces
// in which the zone's offset stays the same: an hour that is left out in spring
// is not open, and one that is repeated in autumn is open twice.
func (c *Calendar) build() {
	for at := c.first; at < c.last; {
		_, end := time.Unix(at, 0).In(c.cfg.Zone).ZoneBounds()
		until := c.last
		if !end.IsZero() {
			// The library's bound for the last day of a leap year after 2037 lies
			// before the day: an hour at a time leads out of it.
			until = min(until, max(end.Unix(), at+60*60))
		}
		_, offset := time.Unix(at, 0).In(c.cfg.Zone).Zone()
		c.lay(at, until, int64(offset))
		at = until
	}
	c.before = make([]int64, len(c.from))
	for i := 1; i < len(c.from); i++ {
		c.before[i] = c.before[i-1] + c.to[i-1] - c.from[i-1]
	}
}

func (c *Calendar) lay(at, until, offset int64) {
	const minute = 60
	last := (until - 1 + offset) / daySeconds
	for day := (at + offset) / daySeconds; day <= last; day++ {
		midnight := day*daySeconds - offset
		for _, s := range c.hours(dateOfDay(day)) {
			from := max(at, midnight+int64(s.From)*minute)
			to := min(until, midnight+int64(s.To)*minute)
			switch n := len(c.to); {
			case from >= to:
			case n > 0 && c.to[n-1] == from: // 24:00 and the next midnight
				c.to[n-1] = to
			default:
				c.from, c.to = append(c.from, from), append(c.to, to)
			}
		}
	}
}

// hours are the segments of a date.
func (c *Calendar) hours(d Date) []Segment {
	if e, ok := c.cfg.Exceptions[d]; ok {
		switch {
		case e.Off:
			return nil
		case e.As != nil:
			return c.cfg.Week[*e.As]
		}
		return e.Hours
	}
	if h, ok := c.days[d]; ok {
		if h.Off {
			return nil
		}
		return c.cfg.Week[time.Monday]
	}
	return c.cfg.Week[d.Weekday()]
}

// Name is what configurations call the calendar.
func (c *Calendar) Name() string { return c.cfg.Name }

// Zone is where its clocks hang.
func (c *Calendar) Zone() *time.Location { return c.cfg.Zone }

// next is the index of the first stretch that ends after a second.
func (c *Calendar) next(second int64) int {
	return sort.Search(len(c.to), func(i int) bool { return c.to[i] > second })
}

// split gives whole seconds and the nanoseconds that remain.
func split(t time.Time) (second, rest int64) { return t.Unix(), int64(t.Nanosecond()) }

func (c *Calendar) covers(t time.Time) bool { return t.Unix() >= c.first && t.Unix() < c.last }

// Open reports whether t is working time.
func (c *Calendar) Open(t time.Time) bool {
	second, _ := split(t)
	i := c.next(second)
	return i < len(c.from) && c.from[i] <= second
}

// Change is the first moment after t at which working time begins or ends; the
// zero time when there is none in the years covered.
func (c *Calendar) Change(t time.Time) time.Time {
	second, _ := split(t)
	i := c.next(second)
	switch {
	case i == len(c.from):
		return time.Time{}
	case c.from[i] > second:
		return c.at(c.from[i], 0)
	}
	return c.at(c.to[i], 0)
}

// NextOpen is t when that is working time, else when it next begins; the zero
// time when it does not in the years covered.
func (c *Calendar) NextOpen(t time.Time) time.Time {
	if c.Open(t) {
		return t
	}
	return c.Change(t)
}

// ClosedSince is when the closed time that t lies in began; t itself when it is
// working time.
func (c *Calendar) ClosedSince(t time.Time) time.Time {
	if c.Open(t) {
		return t
	}
	second, _ := split(t)
	if i := c.next(second); i > 0 {
		return c.at(c.to[i-1], 0)
	}
	return c.at(c.first, 0)
}

func (c *Calendar) at(second, rest int64) time.Time { return time.Unix(second, rest).In(c.cfg.Zone) }

// worked is the working time between the beginning of the calendar and t.
func (c *Calendar) worked(t time.Time) (seconds, rest int64) {
	second, nanos := split(t)
	i := c.next(second)
	switch {
	case i == len(c.from):
		return c.before[i-1] + c.to[i-1] - c.from[i-1], 0
	case c.from[i] > second:
		return c.before[i], 0
	}
	return c.before[i] + second - c.from[i], nanos
}

// Between is the working time from one moment to another; negative when to
// comes first. A moment beyond the years covered is [ErrInvalid].
func (c *Calendar) Between(from, to time.Time) (time.Duration, error) {
	for _, t := range []time.Time{from, to} {
		if !c.covers(t) {
			return 0, c.beyond()
		}
	}
	s1, n1 := c.worked(from)
	s2, n2 := c.worked(to)
	return time.Duration(s2-s1)*time.Second + time.Duration(n2-n1), nil
}

// Add is the earliest moment by which so much working time has passed since t:
// eight hours from 09:00 end at 18:00, not at 09:00 of the next day. Nothing
// added is t itself. A result beyond the years covered, or a negative time, is
// [ErrInvalid].
func (c *Calendar) Add(t time.Time, d time.Duration) (time.Time, error) {
	switch {
	case d < 0:
		return time.Time{}, fmt.Errorf("add %v of working time: %w", d, ErrInvalid)
	case !c.covers(t):
		return time.Time{}, c.beyond()
	case d == 0:
		return t.In(c.cfg.Zone), nil
	}
	seconds, nanos := c.worked(t)
	nanos += int64(d % time.Second)
	seconds += int64(d/time.Second) + nanos/int64(time.Second)
	nanos %= int64(time.Second)
	// The last stretch with less before it than is wanted: an end is reached
	// where it ends, not where the next begins.
	i := sort.Search(len(c.before), func(i int) bool {
		return c.before[i] > seconds || c.before[i] == seconds && nanos == 0
	}) - 1
	into := seconds - c.before[i]
	if length := c.to[i] - c.from[i]; into > length || into == length && nanos > 0 {
		return time.Time{}, c.beyond()
	}
	return c.at(c.from[i]+into, nanos), nil
}

func (c *Calendar) beyond() error {
	return fmt.Errorf("calendar %s covers %d to %d only: %w", c.cfg.Name, firstYear, lastYear, ErrInvalid)
}

// AddDays is the end of work on the nth working day after the day of t: a
// report that is due in three working days.
func (c *Calendar) AddDays(t time.Time, n int) (time.Time, error) {
	d := DateOf(t, c.cfg.Zone)
	for n > 0 {
		d = d.Add(1)
		if d.Year > lastYear {
			return time.Time{}, c.beyond()
		}
		if len(c.hours(d)) > 0 {
			n--
		}
	}
	hours := c.hours(d)
	if len(hours) == 0 {
		return time.Time{}, fmt.Errorf("%s is no working day: %w", d, ErrInvalid)
	}
	return time.Date(d.Year, d.Month, d.Day, 0, hours[len(hours)-1].To, 0, 0, c.cfg.Zone), nil
}

// Certainty is the worst status of the years that a stretch of time touches: a
// due time that is not official is told as provisional.
func (c *Calendar) Certainty(from, to time.Time) HolidayStatus {
	worst := HolidaysOfficial
	if !c.cfg.observes() {
		return worst
	}
	for year := DateOf(from, c.cfg.Zone).Year; year <= DateOf(to, c.cfg.Zone).Year; year++ {
		switch s := c.cfg.Holidays.Status(year); s {
		case HolidaysMissing:
			return s
		case HolidaysProvisional:
			worst = s
		}
	}
	return worst
}
