package chrome

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// weighing is how often a whole browser is weighed: the kernel walks through all
// of its memory for that.
const weighing = 200 * time.Millisecond

// heaviest weighs the pool's browsers with everything that belongs to each, pages,
// graphics and network, until it is asked for the most that one took.
func heaviest(t *testing.T, p *Pool) func() int64 {
	var peak int64
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(weighing)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-t.Context().Done():
				return
			case <-tick.C:
			}
			p.mu.Lock()
			all := slices.Clone(p.all)
			p.mu.Unlock()
			for _, l := range all {
				peak = max(peak, treeOf(l.proc.pid()))
			}
		}
	}()
	return func() int64 {
		close(stop)
		<-ended
		return peak
	}
}

// treeOf is the proportional memory of a browser and all below it, in bytes: what
// several of them share counts once.
func treeOf(root int) int64 {
	var sum int64
	for _, m := range family(root) {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", m.pid))
		if err != nil {
			continue // it ended
		}
		for line := range strings.Lines(string(b)) {
			var kib int64
			if value, is := strings.CutPrefix(line, "Pss:"); is {
				_, _ = fmt.Sscan(value, &kib)
				sum += kib << 10
			}
		}
	}
	return sum
}
