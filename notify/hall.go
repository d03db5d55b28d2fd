package notify

import (
	"cmp"
	"context"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"gengfu"
)

// task is a claimed delivery and the end of its lease.
type task struct {
	gengfu.Delivery
	until time.Time
}

// fits reports whether there is time left for a try and for marking it. One
// that waited too long is somebody else's to claim.
func (t task) fits(now time.Time) bool { return now.Add(maxTry + markWithin).Before(t.until) }

// lane is the queue of one endpoint.
type lane struct {
	endpoint string
	channel  Channel // nil when the endpoint left the configuration
	limiter  *rate.Limiter
	waiting  []task // the most urgent first
	busy     bool
}

// turn waits until the endpoint's rate lets a task through. It is false at once
// when that would outlast the lease, so that nobody's turn is used up by it.
func (l *lane) turn(ctx context.Context, t task) bool {
	now := time.Now()
	ticket := l.limiter.ReserveN(now, 1)
	wait := ticket.DelayFrom(now)
	if !t.fits(now.Add(wait)) {
		ticket.CancelAt(now)
		return false
	}
	if wait == 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// result ends a try; rest is set when the endpoint is to be left alone.
type result struct {
	lane *lane
	rest time.Time
}

// hall is where claimed deliveries wait for their turn. It belongs to the
// goroutine of Run.
type hall struct {
	channels Channels
	lanes    map[string]*lane
	ready    []*lane // with something waiting and nothing under way, in the order of their turn
	workers  int
	busy     int
	held     int // waiting or under way
	done     chan result
}

func newHall(channels Channels, workers int) *hall {
	return &hall{channels: channels, lanes: map[string]*lane{}, workers: workers, done: make(chan result, workers)}
}

func (h *hall) add(t task) {
	l := h.lanes[t.Endpoint]
	if l == nil {
		l = h.open(t.Endpoint)
	}
	at, _ := slices.BinarySearchFunc(l.waiting, t.Priority, func(w task, priority int) int {
		return cmp.Or(cmp.Compare(w.Priority, priority), -1) // behind its equals
	})
	l.waiting = slices.Insert(l.waiting, at, t)
	h.held++
	if !l.busy && len(l.waiting) == 1 {
		h.ready = append(h.ready, l)
	}
}

func (h *hall) open(endpoint string) *lane {
	ch, ok := h.channels.For(endpoint)
	if !ok {
		ch = gone{}
	}
	limits := ch.Limits()
	l := &lane{endpoint: endpoint, channel: ch, limiter: rate.NewLimiter(rate.Limit(limits.PerSecond), limits.Burst)}
	h.lanes[endpoint] = l
	return l
}

// start sends for as many endpoints as there are workers. The channel of
// results holds one for each, so that no sender is left behind.
func (h *hall) start(send func(task, *lane) result) {
	for len(h.ready) > 0 && h.busy < h.workers {
		l := h.ready[0]
		h.ready = h.ready[1:]
		t := l.waiting[0]
		l.waiting = l.waiting[1:]
		l.busy = true
		h.busy++
		go func() { h.done <- send(t, l) }()
	}
}

// finished makes room after a try and returns the deliveries that are to wait
// with the one that failed.
func (h *hall) finished(r result) []task {
	h.busy--
	h.held--
	r.lane.busy = false
	var tired []task
	if !r.rest.IsZero() {
		tired, r.lane.waiting = r.lane.waiting, nil
		h.held -= len(tired)
	}
	if len(r.lane.waiting) > 0 {
		h.ready = append(h.ready, r.lane)
	}
	return tired
}

// clear takes out everything that was not begun.
func (h *hall) clear() []task {
	var all []task
	for _, l := range h.lanes {
		all = append(all, l.waiting...)
		l.waiting = nil
	}
	h.ready = nil
	h.held -= len(all)
	return all
}
