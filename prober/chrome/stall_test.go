package chrome

import (
	"sync"
	"testing"
	"time"
)

// stall measures how long this process was kept from the processor: a bound on
// the engine's own timers cannot be kept by a process that does not run. Tests of
// such bounds add it, and nothing else.
type stall struct {
	mu  sync.Mutex
	sum time.Duration
}

// stalls measures until the test is over.
func stalls(t testing.TB) *stall {
	s := &stall{}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		const every = 20 * time.Millisecond
		tick := time.NewTicker(every)
		defer tick.Stop()
		for last := time.Now(); ; {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			now := time.Now()
			if late := now.Sub(last) - every; late > every/2 {
				s.mu.Lock()
				s.sum += late
				s.mu.Unlock()
			}
			last = now
		}
	}()
	t.Cleanup(func() {
		close(stop)
		<-ended
	})
	return s
}

// since is the stall so far, to be subtracted from a later one.
func (s *stall) since() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sum
}
