package chrome

import (
	"maps"
	"slices"
	"syscall"
	"time"
)

// guard looks after the processes of a browser while runs are on it: it ends a
// page that eats the memory, and a browser with a process that was stopped.
type guard struct {
	e      *engine
	limits Limits
	every  time.Duration
	stop   chan struct{}
	done   chan struct{}

	kinds   map[int]*kind // by process id, of those that the last look saw
	bloated int           // looks in a row that saw the browser over its memory
	stopped int           // looks in a row that saw a stopped process
}

// watched is what the guard knows of one run. The engine's lock guards it.
type watched struct {
	grown int64 // bytes of the browser's own processes when the run was first seen
	share int64 // bytes of the pages' processes for each run that was on, at most
}

// kind is what is known of a process from earlier looks.
type kind struct {
	began  string
	render bool
	ticks  int64
	busy   int  // looks in a row that found it burning the processor
	full   int  // looks in a row that found it without any rest
	crowd  int  // of those, the last in a row that found it with many threads at work
	manner int  // how far it gives way: 0, modest, humble or leftover
	paced  bool // it stands still most of the time
}

// A page that has burnt this part of a core for so many looks gives way to its
// neighbours, whose times are being measured. One that did not rest at all gives
// way sooner and more, and after a while is left what they do not want: no page
// that a person could use holds a core for so long, and it still has all that is
// free. Neither does one keep many threads at work at once: the kernel deals out the
// processor by threads, so that they would take it all however modest each is.
const (
	busyTicks  = 8 // of the 25 between two looks
	fullTicks  = 22
	busyLooks  = 8
	fullLooks  = 3
	crowdLooks = 2
)

// How far a process gives way.
const (
	modest   = 1 + iota // half of its share
	humble              // nine tenths of it
	leftover            // all that anybody else wants
)

// glances are the looks at the pages' memory alone for each at everything.
const glances = 5

// overTree is what a browser's own processes may take during runs over what they
// may keep between them: one that is merely worn is replaced when its runs are
// over.
const overTree = 512 << 20

// watch guards the browser during a run; end waits until nobody looks any more
// and tells what memory the run took, 0 when it was over too soon to see.
func (e *engine) watch(rec *recorder, limits Limits) (end func() int64) {
	e.mu.Lock()
	w := &watched{}
	e.guarded[rec] = w
	if len(e.guarded) > 1 {
		e.shared = time.Now()
	}
	if e.guard == nil && e.proc.pid() > 0 {
		e.guard = &guard{e: e, limits: limits, every: 250 * time.Millisecond, stop: make(chan struct{}), done: make(chan struct{}), kinds: map[int]*kind{}}
		go e.guard.run()
	}
	e.mu.Unlock()
	return func() int64 {
		e.mu.Lock()
		delete(e.guarded, rec)
		g := e.guard
		last := len(e.guarded) == 0
		if last {
			e.guard = nil
		}
		e.mu.Unlock()
		if last && g != nil {
			close(g.stop)
			<-g.done
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		return w.share
	}
}

func (g *guard) run() {
	defer close(g.done)
	defer g.release()
	tick := time.NewTicker(g.every / glances)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-g.stop:
			return
		case <-g.e.proc.gone:
			return
		case <-tick.C:
			g.step(n % glances)
			if n%glances == 0 {
				g.look()
			} else {
				g.glance()
			}
		}
	}
}

// glance looks between two looks at the memory of the pages that are known: one
// that fills it does so by hundreds of megabytes a second.
func (g *guard) glance() {
	for pid, k := range g.kinds {
		if !k.render {
			continue
		}
		if m, ok := look(pid); ok && m.began == k.began && m.private > g.limits.Page {
			g.execute(m)
		}
	}
}

func (g *guard) look() {
	var pages, rest int64
	stopped := false
	users, beside := g.e.runners()
	all := family(g.e.proc.pid())
	g.forget(all)
	for _, m := range all {
		k := g.kind(m)
		stopped = stopped || m.stopped && !k.paced
		if !k.render {
			rest += m.private
			continue
		}
		if burns := k.burns(m); beside {
			k.yield(m.pid, burns)
		}
		g.pace(m.pid, k, beside)
		pages += m.private
		if m.private > g.limits.Page {
			g.execute(m)
		}
	}
	g.note(pages, rest)
	if g.bloated++; rest <= g.limits.Tree+overTree {
		g.bloated = 0
	}
	if g.bloated > 0 {
		g.overfull(users, rest)
	}
	if g.stopped++; !stopped {
		g.stopped = 0
	}
	if g.stopped > 3 { // a debugger, or somebody's signal; a moment of it is no harm
		g.e.freeze()
	}
}

// forget drops what is known of processes that are gone: runs may overlap for days,
// and one guard sees them all.
func (g *guard) forget(all []member) {
	maps.DeleteFunc(g.kinds, func(pid int, k *kind) bool {
		return !slices.ContainsFunc(all, func(m member) bool { return m.pid == pid && m.began == k.began })
	})
}

// note keeps for each run what it shares in the pages' memory, and what the
// browser's own processes took when it came.
func (g *guard) note(pages, rest int64) {
	g.e.mu.Lock()
	defer g.e.mu.Unlock()
	for _, w := range g.e.guarded {
		if w.grown == 0 {
			w.grown = rest
		}
		w.share = max(w.share, pages/int64(len(g.e.guarded)))
	}
}

func (g *guard) kind(m member) *kind {
	k := g.kinds[m.pid]
	if k == nil || k.began != m.began {
		k = &kind{began: m.began, render: renders(m.pid), ticks: m.ticks}
		g.kinds[m.pid] = k
	}
	return k
}

// burns reports that a process has been burning the processor.
func (k *kind) burns(m member) bool {
	used := m.ticks - k.ticks
	k.ticks = m.ticks
	if k.busy++; used < busyTicks {
		k.busy = 0
	}
	if k.full++; !k.restless(m, used) {
		k.full = 0
	}
	if k.crowd++; used < fullTicks || k.manner < leftover && !crowded(m.pid) {
		k.crowd = 0
	}
	return k.busy >= busyLooks
}

// yield makes a process give way that burns the processor beside others.
func (k *kind) yield(pid int, burns bool) {
	want := 0
	switch {
	case k.full >= busyLooks, k.crowd >= crowdLooks:
		want = leftover
	case k.full >= fullLooks:
		want = humble
	case burns:
		want = modest
	}
	if want <= k.manner {
		return
	}
	k.manner = want
	switch want {
	case modest:
		giveWay(pid, 3)
	case humble:
		giveWay(pid, 10)
	case leftover:
		standBack(pid)
	}
}

// execute ends a page's process. Its session hears of that as a crash.
func (g *guard) execute(m member) {
	g.e.mu.Lock()
	g.e.executed = time.Now()
	g.e.mu.Unlock()
	_ = syscall.Kill(m.pid, syscall.SIGKILL)
}

// overfull ends the run that fills the browser's own processes, be it with data
// or with storage: the only one, or the one that has loaded the most by far. When
// that does not help, nobody stands out, or the browser was as full before, it is
// ended itself.
func (g *guard) overfull(users []*recorder, bytes int64) {
	var most *recorder
	var top, sum int64
	for _, u := range users {
		n := u.loaded()
		if sum += n; n >= top {
			most, top = u, n
		}
	}
	g.e.mu.Lock()
	g.e.why = "the browser grew to " + size(bytes)
	grown := bytes
	if w := g.e.guarded[most]; w != nil {
		grown = w.grown
	}
	g.e.mu.Unlock()
	if most != nil && bytes-grown > overTree/2 && g.bloated <= busyLooks && (len(users) == 1 || top > sum-top && top > g.limits.Tree/100) {
		most.exceed(overMemory(g.limits.Tree))
		return
	}
	go g.e.proc.kill()
}

// lately is how long ago a neighbour may have been there for a page to give way:
// runs are short, and come again.
const lately = 2 * time.Second

// runners are the recorders of the runs that are on the browser; beside tells
// whether there was more than one lately.
func (e *engine) runners() (all []*recorder, beside bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for r := range e.guarded {
		all = append(all, r)
	}
	if len(all) > 1 {
		e.shared = time.Now()
	}
	return all, time.Since(e.shared) < lately
}

// halted reports whether a process of the browser is stopped.
func (e *engine) halted() bool {
	if e.proc.pid() == 0 {
		return false
	}
	e.mu.Lock()
	paced := maps.Clone(e.paced)
	e.mu.Unlock()
	for _, m := range family(e.proc.pid()) {
		if m.stopped && !paced[m.pid] {
			return true
		}
	}
	return false
}

// weigh measures the browser between runs, every few seconds at most.
func (l *lease) weigh() {
	l.mu.Lock()
	due := l.proc.pid() > 0 && time.Since(l.weighed) > 10*time.Second
	if due {
		l.weighed = time.Now()
	}
	l.mu.Unlock()
	if !due {
		return
	}
	var sum int64
	for _, m := range family(l.proc.pid()) {
		sum += m.private
	}
	disk := spread(l.proc.profile)
	l.mu.Lock()
	l.weight, l.disk = sum, disk
	l.mu.Unlock()
}
