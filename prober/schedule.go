package prober

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
)

const (
	// clockCheck is how often the wall clock is compared with the running time:
	// timers follow the latter, plans the former.
	clockCheck = 10 * time.Second
	// clockStep is the difference that makes all timers be set anew.
	clockStep = time.Second
	// maxEarly is how long before its planned time a slot may be issued: as
	// much as the wall clock can drift away before the clock check sees it.
	maxEarly = 2 * time.Second
)

// schedule is the timer: one gocron job for each plan. A job does nothing but
// hand over the planned time; gocron's limit modes, run-now and past starts
// are not used, because they drop or repeat runs.
type schedule struct {
	issue func(scenario string, due time.Time) // called from many goroutines

	mu      sync.Mutex
	plans   map[string]Plan
	changed chan struct{} // holds one token when plans is news to Run
}

func newSchedule(issue func(scenario string, due time.Time)) *schedule {
	return &schedule{issue: issue, changed: make(chan struct{}, 1)}
}

// apply replaces the plans, by scenario. Jobs whose plan stays the same are
// not touched.
func (s *schedule) apply(plans map[string]Plan) {
	s.mu.Lock()
	s.plans = maps.Clone(plans)
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default: // a token is waiting, and Run reads what is newest
	}
}

// run issues slots until ctx ends.
func (s *schedule) run(ctx context.Context) (err error) {
	cron, err := gocron.NewScheduler(gocron.WithLocation(time.UTC))
	if err != nil {
		return fmt.Errorf("start timer: %w", err)
	}
	a := alarms{cron: cron, issue: s.issue, jobs: map[string]*alarm{}}
	cron.Start()
	defer func() {
		if down := cron.Shutdown(); down != nil && err == nil {
			err = fmt.Errorf("stop timer: %w", down)
		}
	}()
	tick := time.NewTicker(clockCheck)
	defer tick.Stop()
	base := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.changed:
			s.mu.Lock()
			plans := s.plans
			s.mu.Unlock()
			err = a.set(plans)
		case <-tick.C:
			now := time.Now()
			if stepped(now.Sub(base), now.Round(0).Sub(base.Round(0))) {
				base = now
				err = a.rearm(now)
			}
		}
		if err != nil {
			return fmt.Errorf("set timer: %w", err)
		}
	}
}

// stepped reports whether the wall clock was set, or the machine slept: the
// clock that drives timers stands still meanwhile.
func stepped(ran, wall time.Duration) bool { return (wall - ran).Abs() > clockStep }

// alarms are the jobs on the timer, by scenario. They belong to the goroutine
// of [schedule.run].
type alarms struct {
	cron  gocron.Scheduler
	issue func(scenario string, due time.Time)
	jobs  map[string]*alarm
}

// set adds, replaces and removes jobs until they are those of plans.
func (a *alarms) set(plans map[string]Plan) error {
	for id, al := range a.jobs {
		if plan, stays := plans[id]; stays && plan.spec == al.plan.spec {
			continue
		}
		if err := a.cron.RemoveJob(al.job.ID()); err != nil {
			return err
		}
		delete(a.jobs, id)
	}
	for id, plan := range plans {
		if a.jobs[id] != nil {
			continue
		}
		if err := a.add(id, newAlarm(plan, time.Now())); err != nil {
			return err
		}
	}
	return nil
}

// rearm sets every timer anew after the clock was set. What became due by
// that is issued once, however many times were jumped over.
func (a *alarms) rearm(now time.Time) error {
	for id, al := range a.jobs {
		if err := a.cron.RemoveJob(al.job.ID()); err != nil {
			return err
		}
		if due := al.reset(now); !due.IsZero() {
			a.issue(id, due)
		}
		if err := a.add(id, al); err != nil {
			return err
		}
	}
	return nil
}

func (a *alarms) add(id string, al *alarm) error {
	task := func() {
		if due, ok := al.fire(time.Now()); ok {
			a.issue(id, due)
		}
	}
	job, err := a.cron.NewJob(gocron.CronJob("plan", false), gocron.NewTask(task), gocron.WithName(id), gocron.WithCronImplementation(al))
	if err != nil {
		return err
	}
	al.job = job
	a.jobs[id] = al
	return nil
}

// alarm is one job: the plan in the shape that gocron asks for, and the
// planned time that its next ring stands for.
type alarm struct {
	plan Plan
	zone *time.Location // of the times that gocron is given
	job  gocron.Job     // owned by alarms

	mu   sync.Mutex
	next time.Time
}

// newAlarm makes an alarm that expects what comes after now. gocron is given
// times of a zone that nothing else uses: it takes a next time whose clock face
// shows the same second as the time it asked from for an hour that is repeated
// in autumn, and would leave out a first slot that comes within the second.
func newAlarm(plan Plan, now time.Time) *alarm {
	return &alarm{plan: plan, zone: time.FixedZone("timer", int(time.Hour/time.Second)), next: plan.Next(now)}
}

// IsValid accepts every text: the plan was checked when it was made.
func (al *alarm) IsValid(string, *time.Location, time.Time) error { return nil }

// Next is when to ring after last. It goes by the clock, not by last, when
// last is long ago, so that gocron need not walk through the past; and it is
// always after last, so that it ends gocron's own search for a free time.
func (al *alarm) Next(last time.Time) time.Time {
	t := al.plan.Next(time.Now())
	if !t.After(last) {
		t = al.plan.Next(last)
	}
	return t.In(al.zone)
}

// fire returns the planned time that a ring stands for: the latest that has
// come, or the next if the ring is a little early. It is false when that time
// was issued before.
func (al *alarm) fire(now time.Time) (due time.Time, ok bool) {
	al.mu.Lock()
	defer al.mu.Unlock()
	due = al.plan.Last(now)
	if due.Before(al.next) {
		if al.next.Sub(now) > min(maxEarly, al.plan.Interval()/4) {
			return time.Time{}, false
		}
		due = al.next
	}
	al.next = al.plan.Next(due)
	return due, true
}

// reset makes the alarm expect what comes after now, and returns the planned
// time that the clock jumped over last, if any.
func (al *alarm) reset(now time.Time) (due time.Time) {
	al.mu.Lock()
	defer al.mu.Unlock()
	if last := al.plan.Last(now); !last.Before(al.next) {
		due = last
	}
	al.next = al.plan.Next(now)
	return due
}
