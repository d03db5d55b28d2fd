package gengfu

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"time"
)

//go:embed holidays/*.json
var holidayFiles embed.FS

// HolidayStatus says how sure the holidays of a year are.
type HolidayStatus string

// The states of a year, from sure to unknown.
const (
	HolidaysOfficial    HolidayStatus = "official"    // announced, with make-up workdays
	HolidaysProvisional HolidayStatus = "provisional" // statutory days only: nothing was announced yet
	HolidaysMissing     HolidayStatus = "missing"     // nothing is known, every day follows its weekday
)

// Holiday is one day that does not follow its weekday.
type Holiday struct {
	Date Date
	Name string
	Off  bool // false for a make-up workday
}

// HolidayYear is the announcement for one year. Its days may lie in the
// neighbouring years, too.
type HolidayYear struct {
	Year   int
	Papers []string // addresses of what announced it; none for a provisional year
	Days   []Holiday
}

// Status is official when a paper is named.
func (y HolidayYear) Status() HolidayStatus {
	switch {
	case len(y.Days) == 0:
		return HolidaysMissing
	case len(y.Papers) == 0:
		return HolidaysProvisional
	}
	return HolidaysOfficial
}

// Holidays are announcements by year.
type Holidays map[int]HolidayYear

// Status is that of one year.
func (h Holidays) Status(year int) HolidayStatus {
	y, ok := h[year]
	if !ok {
		return HolidaysMissing
	}
	return y.Status()
}

// With is a copy in which a year is replaced.
func (h Holidays) With(y HolidayYear) Holidays {
	out := maps.Clone(h)
	if out == nil {
		out = Holidays{}
	}
	out[y.Year] = y
	return out
}

// days are all of them by date. A later year has the last word on a day.
func (h Holidays) days() map[Date]Holiday {
	from := map[Date]int{}
	out := map[Date]Holiday{}
	for year, y := range h {
		for _, d := range y.Days {
			if year >= from[d.Date] {
				from[d.Date], out[d.Date] = year, d
			}
		}
	}
	return out
}

// ParseHolidays reads the table of one year in the shape that the project
// holiday-cn publishes: {"year", "papers": […], "days": [{"name", "date",
// "isOffDay"}]}. Errors are [ErrInvalid].
func ParseHolidays(data []byte) (HolidayYear, error) {
	var file struct {
		Year   int      `json:"year"`
		Papers []string `json:"papers"`
		Days   []struct {
			Name string `json:"name"`
			Date string `json:"date"`
			Off  *bool  `json:"isOffDay"`
		} `json:"days"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return HolidayYear{}, fmt.Errorf("holiday table: %w: %w", err, ErrInvalid)
	}
	if file.Year < firstYear || file.Year > lastYear {
		return HolidayYear{}, fmt.Errorf("holiday table: year %d is not between %d and %d: %w", file.Year, firstYear, lastYear, ErrInvalid)
	}
	y := HolidayYear{Year: file.Year, Papers: file.Papers}
	seen := map[Date]bool{}
	for i, d := range file.Days {
		date, err := ParseDate(d.Date)
		switch {
		case err != nil:
			return HolidayYear{}, fmt.Errorf("holiday table %d: day %d: %w", file.Year, i+1, err)
		case d.Off == nil:
			return HolidayYear{}, fmt.Errorf("holiday table %d: %s does not say isOffDay: %w", file.Year, date, ErrInvalid)
		case seen[date]:
			return HolidayYear{}, fmt.Errorf("holiday table %d: %s stands there twice: %w", file.Year, date, ErrInvalid)
		case date.Year < file.Year-1 || date.Year > file.Year+1:
			return HolidayYear{}, fmt.Errorf("holiday table %d: %s is far from it: %w", file.Year, date, ErrInvalid)
		}
		seen[date] = true
		y.Days = append(y.Days, Holiday{Date: date, Name: d.Name, Off: *d.Off})
	}
	return y, nil
}

// EmbeddedHolidays are the tables that come with the product: cn has 2025 and
// 2026 as the State Council announced them, and for 2027 to 2030 the statutory
// days alone. Another name is [ErrNotFound].
func EmbeddedHolidays(name string) (Holidays, error) {
	out := Holidays{}
	for year := firstYear; year <= lastYear; year++ {
		data, err := fs.ReadFile(holidayFiles, fmt.Sprintf("holidays/%s-%d.json", name, year))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read holidays %s %d: %w", name, year, err)
		}
		y, err := ParseHolidays(data)
		if err != nil {
			return nil, err
		}
		out[year] = y
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no holidays %q: %w", name, ErrNotFound)
	}
	return out, nil
}

// warnFrom is the month in which next year's table is waited for: the
// announcement usually comes in November.
const warnFrom = time.November

// Doubt is a year whose holidays are not announced although they matter by now.
type Doubt struct {
	Year   int
	Status HolidayStatus // provisional or missing
}

// Doubts are what somebody should look after at the time now: this year, and
// from 1 November the next, if it is not official. A calendar without holidays
// has none.
func (c *Calendar) Doubts(now time.Time) []Doubt {
	if !c.cfg.observes() {
		return nil
	}
	today := DateOf(now, c.cfg.Zone)
	years := []int{today.Year}
	if today.Month >= warnFrom {
		years = append(years, today.Year+1)
	}
	var out []Doubt
	for _, year := range years {
		if s := c.cfg.Holidays.Status(year); s != HolidaysOfficial {
			out = append(out, Doubt{year, s})
		}
	}
	return out
}

// String says it in English; [Doubt.In] in both languages.
func (d Doubt) String() string { return d.In(English) }

// In says which year is in doubt, and what to do.
func (d Doubt) In(lang Lang) string {
	provisional := d.Status == HolidaysProvisional
	switch {
	case lang == English && provisional:
		return fmt.Sprintf("the holidays of %d are provisional: statutory days only, no make-up workdays; import the announcement with gengfu calendar import", d.Year)
	case lang == English:
		return fmt.Sprintf("the holidays of %d are missing, every day follows its weekday; import the announcement with gengfu calendar import", d.Year)
	case provisional:
		return fmt.Sprintf("%d 年节假日为暂定：只有法定节日，没有调休；公布后请用 gengfu calendar import 导入", d.Year)
	}
	return fmt.Sprintf("缺少 %d 年节假日，各日按星期计算；公布后请用 gengfu calendar import 导入", d.Year)
}
