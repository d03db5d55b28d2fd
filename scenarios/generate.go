package scenarios

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// generator is a reference that makes its value: uuid, random.digits(6),
// today + 3d | YYYY-MM-DD. What follows # tells two of the same kind apart.
type generator struct {
	kind   string // uuid random today now
	letter string // digits letters hex
	n      int
	shift  []shift
	format string
}

// shift is one term of date arithmetic.
type shift struct {
	n    int
	unit string
}

var (
	madePattern   = regexp.MustCompile(`^(uuid|random\.(digits|letters|hex)\(\s*(\d{1,3})\s*\))\s*(?:#\s*[\p{L}\d_-]+\s*)?$`)
	datePattern   = regexp.MustCompile(`^(today|now)\s*((?:[+-]\s*\d{1,5}\s*(?:mo|[smhdwy])\s*)*)(?:\|\s*(\S.*?)\s*)?$`)
	shiftPattern  = regexp.MustCompile(`([+-])\s*(\d+)\s*(mo|[smhdwy])`)
	formatPattern = regexp.MustCompile(`YYYY|YY|MM|M|DD|D|HH|H|mm|ss|unix|iso`)
)

// parseGenerator reads a reference that computes; ok is false for a name.
func parseGenerator(ref string) (g generator, ok bool) {
	ref = strings.TrimSpace(ref)
	if m := madePattern.FindStringSubmatch(ref); m != nil {
		if m[2] == "" {
			return generator{kind: "uuid"}, true
		}
		n, _ := strconv.Atoi(m[3]) // the pattern has digits only
		return generator{kind: "random", letter: m[2], n: n}, n >= 1 && n <= 100
	}
	m := datePattern.FindStringSubmatch(ref)
	if m == nil {
		return g, false
	}
	g = generator{kind: m[1], format: m[3]}
	for _, s := range shiftPattern.FindAllStringSubmatch(m[2], -1) {
		n, _ := strconv.Atoi(s[1] + s[2]) // a sign and digits
		g.shift = append(g.shift, shift{n, s[3]})
	}
	return g, true
}

// looksComputed reports whether a reference was meant to make its value.
func looksComputed(ref string) bool {
	for _, word := range []string{"uuid", "random", "today", "now"} {
		if rest, is := strings.CutPrefix(strings.TrimSpace(ref), word); is && (rest == "" || !validName(word+rest)) {
			return true
		}
	}
	return false
}

// generated is the value of a reference that makes its own. Within a run it is
// made once.
func (env *Env) generated(ref string) (Value, bool) {
	g, ok := parseGenerator(ref)
	if !ok {
		return Value{}, false
	}
	if v, made := env.made[ref]; made {
		return Value{Text: v}, true
	}
	if env.made == nil {
		env.made = map[string]string{}
	}
	v := g.value(env.now())
	env.made[ref] = v
	return Value{Text: v}, true
}

// now is the run's one moment, in its zone.
func (env *Env) now() time.Time {
	if env.moment.IsZero() {
		env.moment = time.Now()
	}
	if env.Zone == nil {
		return env.moment
	}
	return env.moment.In(env.Zone)
}

func (g generator) value(now time.Time) string {
	switch g.kind {
	case "uuid":
		var b [16]byte
		_, _ = rand.Read(b[:]) // never fails
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
		return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	case "random":
		return randomText(g.letter, g.n)
	}
	format := g.format
	if g.kind == "today" {
		now = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	}
	if format == "" {
		format = map[string]string{"today": "YYYY-MM-DD", "now": "YYYY-MM-DD HH:mm:ss"}[g.kind]
	}
	for _, s := range g.shift {
		now = s.apply(now)
	}
	return formatted(now, format)
}

func randomText(kind string, n int) string {
	letters := map[string]string{"digits": "0123456789", "letters": "abcdefghijklmnopqrstuvwxyz", "hex": "0123456789abcdef"}[kind]
	out := make([]byte, n)
	for i := range out {
		k, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil { // the reader of the system never fails
			return strings.Repeat("0", n)
		}
		out[i] = letters[k.Int64()]
	}
	return string(out)
}

// apply adds to a time; days and more are of the calendar, so that a day more
// is the same time of the day.
func (s shift) apply(t time.Time) time.Time {
	switch s.unit {
	case "y":
		return months(t, 12*s.n)
	case "mo":
		return months(t, s.n)
	case "w":
		return t.AddDate(0, 0, 7*s.n)
	case "d":
		return t.AddDate(0, 0, s.n)
	case "h":
		return t.Add(time.Duration(s.n) * time.Hour)
	case "m":
		return t.Add(time.Duration(s.n) * time.Minute)
	}
	return t.Add(time.Duration(s.n) * time.Second)
}

// months stays in the month it comes to: a month after 31 January is the last
// day of February.
func months(t time.Time, n int) time.Time {
	first := t.AddDate(0, 0, 1-t.Day()).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

func formatted(t time.Time, format string) string {
	return formatPattern.ReplaceAllStringFunc(format, func(word string) string {
		switch word {
		case "unix":
			return strconv.FormatInt(t.Unix(), 10)
		case "iso":
			return t.Format(time.RFC3339)
		}
		return t.Format(map[string]string{
			"YYYY": "2006", "YY": "06", "MM": "01", "M": "1", "DD": "02", "D": "2", "HH": "15", "H": "15", "mm": "04", "ss": "05",
		}[word])
	})
}

// Generated reports whether any part of the text makes its value anew in each
// run.
func (t Text) Generated() bool { return t.generates(0) }

func (t Text) generates(depth int) bool {
	for _, ref := range t.Refs() {
		if t.scope != nil {
			if bound, is := t.scope.names[ref]; is {
				if depth <= maxDepth && bound.generates(depth+1) {
					return true
				}
				continue
			}
		}
		if _, is := parseGenerator(ref); is {
			return true
		}
	}
	return false
}
