package scenarios

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gengfu"
)

// Compare does the comparisons of a check step: those joined by and are held
// together before those joined by or. It returns the first that does not hold,
// nil when the check holds; err is that of resolve.
func Compare(list []Comparison, resolve func(Text) (Value, error)) (*gengfu.Failure, error) {
	var failed *gengfu.Failure
	for i := 0; i < len(list); {
		var first *gengfu.Failure
		for j := i; ; j++ {
			f, err := list[j].hold(resolve)
			if err != nil || f != nil && f.Fault == gengfu.FaultScenario {
				return f, err
			}
			if first == nil {
				first = f
			}
			if i = j + 1; i == len(list) || list[i].Or {
				break
			}
		}
		if first == nil {
			return nil, nil //nolint:nilnil // it holds
		}
		if failed == nil {
			failed = first
		}
	}
	return failed, nil
}

func (c *Comparison) hold(resolve func(Text) (Value, error)) (*gengfu.Failure, error) {
	left, err := resolve(c.Left)
	if err != nil {
		return nil, err
	}
	right, err := resolve(c.Right)
	if err != nil {
		return nil, err
	}
	ok, err := holds(left.Text, c.Op, right.Text)
	if err != nil {
		why := err.Error()
		if left.Secret || right.Secret {
			why = "the values cannot be compared"
		}
		return &gengfu.Failure{Fault: gengfu.FaultScenario, Reason: gengfu.ReasonScenario, Detail: c.Source + ": " + why}, nil
	}
	if ok {
		return nil, nil //nolint:nilnil // it holds
	}
	seen := left.Text
	if left.Secret {
		seen = gengfu.Masked
	}
	return &gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonCheck, Want: c.Source, Seen: seen}, nil
}

// holds compares two texts as what both of them are: numbers, numbers of the
// same unit, dates, else texts.
func holds(left, op, right string) (bool, error) {
	left, right = strings.TrimSpace(left), strings.TrimSpace(right)
	switch op {
	case "contains":
		return strings.Contains(left, right), nil
	case "matches":
		re, err := regexp.Compile(right)
		if err != nil {
			return false, fmt.Errorf("%q is no pattern", right)
		}
		return re.MatchString(left), nil
	}
	sign, known := order(left, right)
	switch op {
	case "==":
		return left == right || known && sign == 0, nil
	case "!=":
		return left != right && (!known || sign != 0), nil
	}
	if !known {
		return false, fmt.Errorf("%s compares numbers, dates, or amounts of one unit, not %q and %q", op, left, right)
	}
	switch op {
	case "<":
		return sign < 0, nil
	case "<=":
		return sign <= 0, nil
	case ">":
		return sign > 0, nil
	case ">=":
		return sign >= 0, nil
	}
	return false, fmt.Errorf("unknown operator %s", op)
}

// order says which of two values is the greater; known is false for texts that
// have no order.
func order(left, right string) (sign int, known bool) {
	a, okA := amountOf(left)
	b, okB := amountOf(right)
	if okA && okB && a.unit == b.unit {
		return compareFloats(a.n, b.n), true
	}
	from, okA := dateOf(left)
	to, okB := dateOf(right)
	if okA && okB {
		return from.Compare(to), true
	}
	return 0, false
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// amount is a number with its unit; durations and sizes are brought to one unit
// each, so that 900 ms is less than 1 s.
type amount struct {
	n    float64
	unit string
}

var amountPattern = regexp.MustCompile(`^([¥￥$€]?)\s*([+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?)\s*([^\d\s]\S{0,9})?$`)

// units are those that are multiples of another.
var units = map[string]amount{
	"ns": {1e-9, "s"}, "µs": {1e-6, "s"}, "ms": {1e-3, "s"}, "毫秒": {1e-3, "s"}, "s": {1, "s"}, "秒": {1, "s"}, "min": {60, "s"}, "m": {60, "s"},
	"分钟": {60, "s"}, "h": {3600, "s"}, "小时": {3600, "s"}, "d": {86400, "s"}, "天": {86400, "s"},
	"B": {1, "B"}, "kB": {1e3, "B"}, "KB": {1e3, "B"}, "MB": {1e6, "B"}, "GB": {1e9, "B"}, "TB": {1e12, "B"},
	"KiB": {1 << 10, "B"}, "MiB": {1 << 20, "B"}, "GiB": {1 << 30, "B"},
	"元": {1, "¥"}, "万元": {1e4, "¥"}, "亿元": {1e8, "¥"}, "万": {1e4, ""}, "亿": {1e8, ""}, "％": {1, "%"},
}

func amountOf(text string) (amount, bool) {
	m := amountPattern.FindStringSubmatch(text)
	if m == nil || m[1] != "" && m[3] != "" && m[3] != "元" {
		return amount{}, false
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(m[2], ",", ""), 64)
	if err != nil {
		return amount{}, false
	}
	unit := m[3]
	if m[1] != "" {
		unit = strings.ReplaceAll(m[1], "￥", "¥")
	}
	if u, known := units[unit]; known {
		return amount{n * u.n, u.unit}, true
	}
	return amount{n, unit}, true
}

// dateOf reads the dates that pages show, those without a zone as one another's.
func dateOf(text string) (time.Time, bool) {
	text = strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-").Replace(text)
	for _, layout := range []string{"2006-1-2", "2006-1-2 15:04", "2006-1-2 15:04:05", "2006-1-2T15:04:05", time.RFC3339, "15:04", "15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
