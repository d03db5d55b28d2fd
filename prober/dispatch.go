package prober

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"gengfu"
)

// maxWaiting bounds the queue. The overlap rule keeps it far below: each
// scenario has at most one planned slot, one re-run and one run by hand in it.
const maxWaiting = 10_000

// maxLight bounds the runs at once that need no browser: they mostly wait.
const maxLight = 32

// Why a slot is not taken.
var (
	errOverlap = errors.New("the earlier run was still going")
	errTwice   = errors.New("a run by hand is waiting already")
	errFull    = errors.New("the queue is full")
	errStopped = errors.New("the prober is stopping")
)

// job is a slot on its way to a browser.
type job struct {
	slot gengfu.Slot
	at   time.Time // not before

	light bool // it needs no browser, and no worker that has one
}

// urgent jobs leave before planned ones: somebody waits for them.
func (j job) urgent() bool { return j.slot.Kind != gengfu.SlotScheduled }

// same reports another slot of the same scenario and kind.
func (j job) same(other job) bool {
	return j.slot.Scenario == other.slot.Scenario && j.slot.Kind == other.slot.Kind
}

// compare is the order of the queue: what is urgent, then by time. Equals leave
// in the order they came.
func (j job) compare(other job) int {
	if j.urgent() != other.urgent() {
		if j.urgent() {
			return -1
		}
		return 1
	}
	return cmp.Or(j.at.Compare(other.at), j.slot.Due.Compare(other.slot.Due))
}

// Queue says how busy the prober is.
type Queue struct {
	Waiting int           // slots due and not started
	Running int           // runs going on
	Oldest  time.Duration // how long the longest waiting slot has been due
}

// dispatcher gives slots to workers: at most so many at once, and never two of
// one scenario, because they would log in with the same account.
type dispatcher struct {
	workers     int
	stopTimeout time.Duration
	exec        func(ctx context.Context, j job)  // runs a job; ends soon after ctx does
	drop        func(slot gengfu.Slot, why error) // is told of each job that is given up
	wake        chan struct{}                     // holds one token when there is news for run
	done        sync.WaitGroup                    // of running jobs
	mu          sync.Mutex                        // guards what follows
	queue       []job                             // in the order of [job.compare]
	pending     map[string]int                    // queued and running jobs by scenario
	running     map[string]bool                   // by scenario
	light       int                               // running jobs that are light
	closed      bool
}

func newDispatcher(workers int, stopTimeout time.Duration, exec func(context.Context, job), drop func(gengfu.Slot, error)) *dispatcher {
	return &dispatcher{
		workers: workers, stopTimeout: stopTimeout, exec: exec, drop: drop,
		wake: make(chan struct{}, 1), pending: map[string]int{}, running: map[string]bool{},
	}
}

// submit queues a job, or says why not: a planned slot whose scenario is
// queued or running already is left out, others wait for the earlier run.
func (d *dispatcher) submit(j job) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closed:
		return errStopped
	case !j.urgent() && d.pending[j.slot.Scenario] > 0:
		return errOverlap
	case j.slot.Kind == gengfu.SlotManual && slices.ContainsFunc(d.queue, j.same):
		return errTwice
	case len(d.queue) >= maxWaiting:
		return errFull
	}
	i, _ := slices.BinarySearchFunc(d.queue, j, func(have, want job) int {
		if have.compare(want) <= 0 {
			return -1
		}
		return 1
	})
	d.queue = slices.Insert(d.queue, i, j)
	d.pending[j.slot.Scenario]++
	d.rouse()
	return nil
}

func (d *dispatcher) rouse() {
	select {
	case d.wake <- struct{}{}:
	default: // a token is waiting
	}
}

// state returns how busy the dispatcher is.
func (d *dispatcher) state(now time.Time) Queue {
	d.mu.Lock()
	defer d.mu.Unlock()
	q := Queue{Running: len(d.running)}
	for _, j := range d.queue {
		if j.at.After(now) {
			continue
		}
		q.Waiting++
		q.Oldest = max(q.Oldest, now.Sub(j.at))
	}
	return q
}

// run executes jobs until ctx ends. Then runs in progress get the stop timeout
// to finish; what is left is cancelled, and everything queued is dropped.
func (d *dispatcher) run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		j, wait, ok := d.pick(time.Now())
		if ok {
			d.done.Go(func() {
				defer d.finish(j)
				d.exec(work, j)
			})
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			d.stop(cancel)
			return nil
		case <-d.wake:
		case <-timer.C:
		}
	}
}

// pick takes the next job that may start now; otherwise it says how long it
// takes until one may, if no news comes before.
func (d *dispatcher) pick(now time.Time) (j job, wait time.Duration, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	wait = time.Hour
	full := len(d.running)-d.light >= d.workers
	if d.closed || full && d.light >= maxLight {
		return job{}, wait, false
	}
	for i, next := range d.queue {
		switch {
		case d.running[next.slot.Scenario]:
		case !next.light && full, next.light && d.light >= maxLight:
		case next.at.After(now):
			wait = min(wait, next.at.Sub(now))
		default:
			d.queue = slices.Delete(d.queue, i, i+1)
			d.running[next.slot.Scenario] = true
			if next.light {
				d.light++
			}
			return next, 0, true
		}
	}
	return job{}, wait, false
}

func (d *dispatcher) finish(j job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.running, j.slot.Scenario)
	if j.light {
		d.light--
	}
	d.release(j.slot.Scenario)
	d.rouse()
}

// release forgets one job of a scenario. The lock is held.
func (d *dispatcher) release(scenario string) {
	if d.pending[scenario]--; d.pending[scenario] <= 0 {
		delete(d.pending, scenario)
	}
}

func (d *dispatcher) stop(cancel context.CancelFunc) {
	d.mu.Lock()
	d.closed = true
	left := d.queue
	d.queue = nil
	for _, j := range left {
		d.release(j.slot.Scenario)
	}
	d.mu.Unlock()
	late := time.AfterFunc(d.stopTimeout, cancel)
	defer late.Stop()
	for _, j := range left {
		d.drop(j.slot, errStopped)
	}
	d.done.Wait()
}
