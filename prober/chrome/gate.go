package chrome

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// errNoRoom: a run did not find the processor or the memory free in its time.
var errNoRoom = errors.New("no room for the run")

// What a run is taken to need before any has been measured, and what must be
// left over for everybody else.
const (
	firstGuess = 100 << 20
	headroom   = 256 << 20
)

// gate lets in as many runs as the machine can bear: more than cores spoil the
// measured times, and one without memory is ended by the kernel.
type gate struct {
	machine machine
	seats   chan struct{}

	mu      sync.Mutex
	average float64     // bytes of a run, moving
	recent  []time.Time // runs that have not yet taken what they need
	sampled time.Time
	free    uint64 // bytes then
	known   bool
}

func newGate(seats int, m machine) *gate {
	return &gate{machine: m, seats: make(chan struct{}, seats), average: firstGuess}
}

// enter waits for a seat and for memory until limit is over or ctx ends; leave
// gives the seat back.
func (g *gate) enter(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errNoRoom)
	defer cancel()
	select {
	case g.seats <- struct{}{}:
	default:
		select {
		case g.seats <- struct{}{}:
		case <-ctx.Done():
			return noRoom(ctx, limit, fmt.Sprintf("all %d places were taken", cap(g.seats)))
		}
	}
	why := g.memory(time.Now())
	if why == "" {
		return nil
	}
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for ; why != ""; why = g.memory(time.Now()) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			g.leave()
			return noRoom(ctx, limit, why)
		}
	}
	return nil
}

func (g *gate) leave() { <-g.seats }

func noRoom(ctx context.Context, limit time.Duration, why string) error {
	if !errors.Is(context.Cause(ctx), errNoRoom) {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w within %s: %s", errNoRoom, limit, why)
}

// sampleAge is how old a reading of the free memory may be: a dozen small files
// are read for it. Runs that came since are reckoned with.
const sampleAge = 200 * time.Millisecond

// settled is the time after which a run has taken its memory.
const settled = 2 * time.Second

// memory lets a run in, or says what is missing. A machine that does not tell
// lets everyone in.
func (g *gate) memory(now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Sub(g.sampled) > sampleAge {
		g.free, g.known = g.machine.free()
		g.sampled = now
	}
	free, ok := g.free, g.known
	for len(g.recent) > 0 && now.Sub(g.recent[0]) > settled {
		g.recent = g.recent[1:]
	}
	need := headroom + g.average*float64(len(g.recent)+1)
	if ok && float64(free) < need {
		return fmt.Sprintf("%d MiB of memory are free, %d MiB are needed", free>>20, int64(need)>>20)
	}
	g.recent = append(g.recent, now)
	return ""
}

// learn takes the memory that a run was seen to use.
func (g *gate) learn(bytes int64) {
	if bytes <= 0 {
		return
	}
	g.mu.Lock()
	g.average += (float64(bytes) - g.average) / 8
	g.mu.Unlock()
}
