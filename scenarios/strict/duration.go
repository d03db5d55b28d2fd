package strict

import (
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads the durations of the files: Go's units and d for days of
// 24 hours, each number with its unit, positive. The second result is the
// remedy for the author, empty when the text was fine.
func ParseDuration(s string) (d time.Duration, remedy string) {
	const example = "such as 500ms, 5s, 10m, 1h30m or 2d"
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return 0, "such as " + strings.TrimPrefix(s, "-") + "s"
	}
	rest := s
	if days, after, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil || !(n >= 0 && n <= 36500) {
			return 0, example
		}
		d, rest = time.Duration(n*24*float64(time.Hour)), after
	}
	if rest != "" {
		t, err := time.ParseDuration(rest)
		if err != nil || (d > 0 && t < 0) || (t > 0 && d+t < d) {
			return 0, example
		}
		d += t
	}
	if d <= 0 {
		return 0, "it must be longer than nothing"
	}
	return d, ""
}
