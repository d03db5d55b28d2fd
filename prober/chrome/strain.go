package chrome

import (
	"os"
	"strconv"
	"strings"
	"time"

	"gengfu"
)

const (
	// lateAfter is the wait in the queue from which a sample no longer stands
	// for the moment it was planned for.
	lateAfter = time.Minute
	// overload is the load per core from which times are tagged, unless
	// configured.
	overload = 4
	// stalledShare of a run, and stalledTime at least, is how long tasks may wait
	// for a processor before its times say more about our machine than the target.
	stalledShare = 0.9
	stalledTime  = time.Second
)

// strain is how hard a machine works.
type strain struct {
	load    float64       // average of the last minute, for each core
	stalled time.Duration // that some task waited for a processor, since the machine's start
	at      time.Time
}

// machineStrain reads the strain of this machine; what the system does not tell
// is zero.
func machineStrain() strain {
	s := strain{load: loadPerCore(), at: time.Now()}
	b, err := os.ReadFile("/proc/pressure/cpu")
	if err != nil {
		return s
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if _, total, ok := strings.Cut(line, "total="); ok && strings.HasPrefix(line, "some") {
		if us, err := strconv.ParseInt(total, 10, 64); err == nil {
			s.stalled = time.Duration(us) * time.Microsecond
		}
	}
	return s
}

// starved reports whether the times measured since then are spoilt.
func (s strain) starved(since strain, limit float64) bool {
	if limit < 0 {
		return false
	}
	if limit == 0 {
		limit = overload
	}
	if since.load >= limit || s.load >= limit {
		return true
	}
	stalled := s.stalled - since.stalled
	return since.stalled > 0 && stalled >= stalledTime && float64(stalled) > stalledShare*float64(s.at.Sub(since.at))
}

// gauge tells whether a run's times can be trusted.
type gauge struct {
	read  func() strain
	limit float64
	start strain
}

// taint says why the run's times say nothing about the target, empty when they
// do. Only a planned run can be late: a re-run is due when its turn has come.
func (r *runner) taint() gengfu.Taint {
	switch {
	case r.run.Tainted != "":
	case r.run.Slot.Attempt == 1 && r.run.QueueWait > lateAfter:
		r.run.Tainted = gengfu.TaintLate
	case r.gauge.read != nil && r.gauge.read().starved(r.gauge.start, r.gauge.limit):
		r.run.Tainted = gengfu.TaintStarved
	}
	return r.run.Tainted
}
