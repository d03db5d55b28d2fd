package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gengfu/scenarios/strict"
)

// Cron is a schedule of five fields: minute, hour, day of month, day of
// week (0 and 7 are Sunday). Fields take *, lists, ranges, steps and the
// English short names. When both kinds of days are restricted, either is
// enough, as in POSIX cron.
//
// Clock changes: with every hour allowed the schedule follows real time, so no
// hour is left out or doubled up. Otherwise a slot is a time on the wall clock
// and comes once: the first of two equal times in autumn, and for a time that
// is left out in spring the first moment after the gap.
type Cron struct {
	minute, hour, dom, month, dow uint64 // bit sets
	anyDom, anyDow                bool
	loc                           *time.Location
}

// CronError says what is wrong with an expression and where.
type CronError struct {
	Offset          int // characters before the mistake
	Finding, Remedy string
}

func (e *CronError) Error() string {
	if e.Remedy == "" {
		return e.Finding
	}
	return e.Finding + " (" + e.Remedy + ")"
}

// cronField is one of the five.
type cronField struct {
	name   string
	lo, hi int
	names  []string // of lo and so on
}

func cronFields() []cronField {
	return []cronField{
		{"minute", 0, 59, nil},
		{"hour", 0, 23, nil},
		{"day of month", 1, 31, nil},
		{"month", 1, 12, []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
		{"day of week", 0, 7, []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
	}
}

// ParseCron reads an expression for the zone loc. The result is nil when it is
// fine.
func ParseCron(expr string, loc *time.Location) (Cron, *CronError) {
	words, offsets := splitWords(expr)
	if strings.HasPrefix(expr, "@") {
		return Cron{}, &CronError{Finding: fmt.Sprintf("%q is not known", expr), Remedy: "write five fields, or every: 1h"}
	}
	if len(words) != 5 {
		remedy := "minute, hour, day of month, month and day of week"
		if len(words) == 6 {
			remedy = "leave the seconds out"
		}
		return Cron{}, &CronError{Finding: fmt.Sprintf("cron has %d fields, not 5", len(words)), Remedy: remedy}
	}
	c := Cron{loc: loc, anyDom: words[2] == "*", anyDow: words[4] == "*"}
	sets := []*uint64{&c.minute, &c.hour, &c.dom, &c.month, &c.dow}
	for i, f := range cronFields() {
		set, err := f.set(words[i])
		if err != nil {
			err.Offset += offsets[i]
			return Cron{}, err
		}
		*sets[i] = set
	}
	if c.dow&(1<<7) != 0 {
		c.dow |= 1
	}
	if c.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Cron{}, &CronError{Offset: offsets[2], Finding: "no such day ever comes", Remedy: "check day of month and month"}
	}
	return c, nil
}

func splitWords(s string) (words []string, offsets []int) {
	for i, rest := 0, s; ; {
		trimmed := strings.TrimLeft(rest, " \t")
		i += len(rest) - len(trimmed)
		if trimmed == "" {
			return words, offsets
		}
		end := strings.IndexAny(trimmed, " \t")
		if end < 0 {
			end = len(trimmed)
		}
		words, offsets = append(words, trimmed[:end]), append(offsets, i)
		i, rest = i+end, trimmed[end:]
	}
}

func (f cronField) set(word string) (uint64, *CronError) {
	var set uint64
	offset := 0
	for part := range strings.SplitSeq(word, ",") {
		bits, err := f.part(part)
		if err != nil {
			err.Offset += offset
			return 0, err
		}
		set |= bits
		offset += len(part) + 1
	}
	return set, nil
}

func (f cronField) part(part string) (uint64, *CronError) {
	span, stepText, stepped := strings.Cut(part, "/")
	lo, hi, step := f.lo, f.hi, 1
	if f.name == "day of week" {
		hi = 6
	}
	var err *CronError
	if span != "*" {
		from, to, ranged := strings.Cut(span, "-")
		if lo, err = f.number(from); err != nil {
			return 0, err
		}
		hi = lo
		if ranged {
			if hi, err = f.number(to); err != nil {
				return 0, err
			}
		}
		switch {
		case lo > hi:
			return 0, &CronError{Finding: fmt.Sprintf("the range %s runs backwards", span), Remedy: "write two ranges"}
		case stepped && !ranged:
			return 0, &CronError{Finding: fmt.Sprintf("%s has a step and no range", part), Remedy: fmt.Sprintf("write %d-%d/%s", lo, f.hi, stepText)}
		}
	}
	if stepped {
		n, bad := strconv.Atoi(stepText)
		if bad != nil || n < 1 || n > f.hi {
			return 0, &CronError{Finding: fmt.Sprintf("%q is not a step", stepText), Remedy: fmt.Sprintf("from 1 to %d", f.hi)}
		}
		step = n
	}
	var set uint64
	for i := lo; i <= hi; i += step {
		set |= 1 << i
	}
	return set, nil
}

func (f cronField) number(s string) (int, *CronError) {
	if i := slices.Index(f.names, strings.ToLower(s)); i >= 0 {
		return f.lo + i, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < f.lo || n > f.hi || s[0] == '+' {
		remedy := fmt.Sprintf("from %d to %d", f.lo, f.hi)
		if near := strict.Nearest(s, f.names); near != "" {
			remedy = fmt.Sprintf("did you mean %q?", near)
		}
		return 0, &CronError{Finding: fmt.Sprintf("%q does not fit the field %s", s, f.name), Remedy: remedy}
	}
	return n, nil
}
