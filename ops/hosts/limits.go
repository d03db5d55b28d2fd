package hosts

import (
	"fmt"
	"time"

	"gengfu"
)

// Limit is the share of a resource, 0…1, that must not be used for long.
type Limit struct {
	Share float64
	For   time.Duration // how long it must stay at or over Share
}

// Limits are those of one host. A share of 0 leaves a resource unwatched.
type Limits struct {
	CPU, Memory, Disk Limit // Disk is for each mount
}

// DefaultLimits are 95 % of the processors for five minutes, 95 % of the
// memory for two, and 90 % of a disk for one.
func DefaultLimits() Limits {
	return Limits{
		CPU: Limit{0.95, 5 * time.Minute}, Memory: Limit{0.95, 2 * time.Minute}, Disk: Limit{0.90, time.Minute},
	}
}

// Validate says what is wrong with the limits.
func (l Limits) Validate() error {
	for _, row := range []struct {
		name string
		Limit
	}{{"cpu", l.CPU}, {"memory", l.Memory}, {"disk", l.Disk}} {
		if row.Share < 0 || row.Share > 1 || row.Share != row.Share {
			return fmt.Errorf("limit of %s: share %v is not between 0 and 1: %w", row.name, row.Share, gengfu.ErrInvalid)
		}
		if row.For < 0 {
			return fmt.Errorf("limit of %s: %v is less than no time: %w", row.name, row.For, gengfu.ErrInvalid)
		}
	}
	return nil
}

// Reading is how much of one resource a sample found used.
type Reading struct {
	Host     string
	Resource string // cpu, memory, disk /var
	At       time.Time
	Used     float64 // share, 0…1
	Limit    Limit
}

// Key is the reading's incident key, which is also the name of its check.
func (r Reading) Key() string { return gengfu.HostKey(r.Host, r.Resource) }

// Readings are those of a sample's resources that have a limit.
func Readings(h gengfu.HostSample, l Limits) []Reading {
	out := []Reading{
		{Host: h.Host, Resource: "cpu", At: h.At, Used: h.CPU, Limit: l.CPU},
		{Host: h.Host, Resource: "memory", At: h.At, Used: h.MemUsed(), Limit: l.Memory},
	}
	for _, m := range h.Mounts {
		out = append(out, Reading{Host: h.Host, Resource: "disk " + m.Path, At: h.At, Used: m.Used(), Limit: l.Disk})
	}
	watched := out[:0]
	for _, r := range out {
		if r.Limit.Share > 0 {
			watched = append(watched, r)
		}
	}
	return watched
}

const (
	// slack is how far below the limit a resource must come to be well again.
	slack = 0.05
	// repeatEvery is how often a resource that stays over its limit says so.
	repeatEvery = 10 * time.Minute
)

// Judge returns the state of a resource after a reading, and the signal if
// people may have to hear of it. It is pure. A resource over its limit is
// suspect until it has been so for the limit's time, then down; it is up again
// five points below the limit.
func Judge(c gengfu.CheckState, r Reading) (gengfu.CheckState, []gengfu.Signal) {
	c.Check, c.Location = r.Key(), r.Host
	over, well := r.Used >= r.Limit.Share, r.Used < r.Limit.Share-slack
	enter := func(s gengfu.State) { c.State, c.Since = s, r.At }
	switch c.State {
	case gengfu.StateDown:
		switch {
		case well:
			enter(gengfu.StateUp)
			return c, []gengfu.Signal{r.signal(c, false)}
		case over && r.At.Sub(c.LastStart) >= repeatEvery:
			c.LastStart = r.At
			return c, []gengfu.Signal{r.signal(c, true)}
		}
		return c, nil
	case gengfu.StateSuspect:
		if !over {
			enter(gengfu.StateUp)
			return c, nil
		}
	default:
		if !over {
			if c.State != gengfu.StateUp {
				enter(gengfu.StateUp)
			}
			return c, nil
		}
		enter(gengfu.StateSuspect)
		c.ImpactStart = r.At
	}
	if r.At.Sub(c.Since) < r.Limit.For {
		return c, nil
	}
	enter(gengfu.StateDown)
	c.LastStart = r.At
	return c, []gengfu.Signal{r.signal(c, true)}
}

func (r Reading) signal(c gengfu.CheckState, firing bool) gengfu.Signal {
	s := gengfu.Signal{
		Key: r.Key(), Firing: firing, At: r.At, ImpactStart: c.ImpactStart, Grade: gengfu.GradeOrdinary,
		Title: r.Host + " · " + r.Resource, Member: r.Resource,
	}
	if !firing {
		s.ImpactEnd = r.At
		return s
	}
	s.Failure = &gengfu.Failure{Reason: gengfu.ReasonThreshold, Want: r.Resource, Seen: percent(r.Used), Detail: percent(r.Limit.Share)}
	return s
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", share*100) }
