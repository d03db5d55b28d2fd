package chrome

import "syscall"

// A page that has not rested for so many looks, which no page that a person could
// use does, stands still for four fifths of the time while others are measured
// beside it. What it leaves them by giving way is not enough: two threads of one
// core slow each other down whatever their priorities are.
const (
	pacedLooks = 12 // 3 s
	pacedTicks = 4  // of the 5 that it gets between two looks
)

// restless reports that a process did not rest: it took a core, or it would have,
// had it not been for others and for us.
func (k *kind) restless(m member, used int64) bool {
	return used >= fullTicks || m.running && used >= busyTicks || k.manner == leftover && m.running || k.paced && used >= pacedTicks
}

// pace begins and ends the pacing of a page's process. One that rests in the time
// it gets is let go.
func (g *guard) pace(pid int, k *kind, beside bool) {
	want := beside && k.full >= pacedLooks
	if want == k.paced {
		return
	}
	k.paced = want
	g.e.mu.Lock()
	if want {
		g.e.paced[pid] = true
	} else {
		delete(g.e.paced, pid)
	}
	g.e.mu.Unlock()
	if !want {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
}

// step lets paced processes go at the first of the glances between two looks, and
// stops them at the second.
func (g *guard) step(glance int) {
	signal := map[int]syscall.Signal{1: syscall.SIGCONT, 2: syscall.SIGSTOP}[glance]
	if signal == 0 {
		return
	}
	for pid, k := range g.kinds {
		if !k.paced {
			continue
		}
		if m, ok := look(pid); ok && m.began == k.began {
			_ = syscall.Kill(pid, signal)
		}
	}
}

// release lets all paced processes go.
func (g *guard) release() {
	for pid, k := range g.kinds {
		if m, ok := look(pid); ok && m.began == k.began {
			g.pace(pid, k, false)
		}
	}
	g.e.mu.Lock()
	clear(g.e.paced)
	g.e.mu.Unlock()
}
