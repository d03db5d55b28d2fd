package notify

import (
	"time"

	"gengfu"
)

const (
	pageBase    = 2 * time.Second
	pageCap     = time.Minute
	brokenPause = 15 * time.Minute // between tries at an endpoint that needs repair
)

// recordDelays are the waits after each failed try of a message that nobody is
// woken by, after the recommendation of Standard Webhooks.
var recordDelays = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// backoff is how long to wait after the attempt-th failed try, counted from 1.
// Luck is from 0 to below 1: openings wait anything up to twice as long at
// each try, a minute at most, so that many that failed together do not come
// back together; the rest follow a fixed schedule with a tenth of luck.
func backoff(priority, attempt int, luck float64) time.Duration {
	attempt = max(attempt, 1)
	if priority == gengfu.PriorityOpen {
		ceiling := pageCap
		if attempt < 6 {
			ceiling = min(pageBase<<(attempt-1), pageCap)
		}
		return time.Duration(luck * float64(ceiling))
	}
	d := recordDelays[min(attempt, len(recordDelays))-1]
	return d + time.Duration(luck*float64(d)/10)
}
