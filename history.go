package gengfu

import "time"

// Availability sums up the planned runs of a scenario since some time, at all
// locations.
type Availability struct {
	N        int // passed, degraded and failed: those that say something about the target
	Failed   int
	Degraded int
	Errored  int           // no data, not in N
	P50, P95 time.Duration // of those that worked and are not tainted
}

// Ratio is the part of the runs that did not fail, 0…1; it says nothing when N
// is 0.
func (a Availability) Ratio() float64 {
	if a.N == 0 {
		return 0
	}
	return 1 - float64(a.Failed)/float64(a.N)
}

// Rollup counts the planned runs of a scenario, or of one step of it, in one
// hour or day. Re-runs and runs started by hand are not in it.
type Rollup struct {
	Scenario  string
	Location  string
	Step      int // 0 for the whole run
	Bucket    time.Time
	N         int // passed, degraded and failed
	Failed    int
	Degraded  int
	Errored   int           // not in N
	Sum       time.Duration // of those that worked and are not tainted, as are the two below
	Max       time.Duration
	Durations Histogram
}

// Backlog counts the deliveries to one endpoint that wait and those that were
// given up.
type Backlog struct {
	Endpoint string
	Pending  int
	Dead     int
	Oldest   time.Time // creation of the oldest pending one, zero when none
}
