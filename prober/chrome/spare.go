package chrome

import (
	"context"
	"reflect"
	"time"
)

// spare is a blank page in a context of its own, made ahead for a run that
// presents itself as the same device. Starting a renderer is then no part of
// the run, which is both faster and a truer measure of the page.
type spare struct {
	lease  *lease
	device device
	page   *page
	gone   chan struct{} // closed when it was taken out of the pool
}

// take returns the spare page of the browser if it fits the device and is still
// alive.
func (p *Pool) take(l *lease, d device) *page {
	p.mu.Lock()
	s := p.spare
	fits := s != nil && s.lease == l && reflect.DeepEqual(s.device, d)
	if fits {
		p.drop()
	}
	p.mu.Unlock()
	switch {
	case !fits:
		return nil
	case s.page.dead():
		l.dispose(s.page.set)
		return nil
	}
	p.mu.Lock()
	p.stats.Ready++
	p.mu.Unlock()
	return s.page
}

// dead reports whether the page is of no more use.
func (p *page) dead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.crashed || p.s.ended() != nil
}

// breath is the pause between a run and the making of the next spare page, which
// must not take the processor from what waits for the result.
const breath = 50 * time.Millisecond

// finish gives back what a run used and makes the next spare page. It runs
// beside the caller, who has his result already; Close waits for it.
func (p *Pool) finish(l *lease, d device, used *page, again bool) {
	l.dispose(used.set)
	select {
	case <-time.After(breath): // the run's result is being stored meanwhile
	case <-p.ctx.Done():
	}
	if d, soon := p.foreseen(l, d, again); soon && p.wants(l, d) {
		p.prepare(l, d)
	}
	l.weigh()
	p.attend()
	p.release(l)
}

// wants reports whether a spare page is missing on a browser that goes on. One
// for another device makes way: the device that was used last is the likeliest.
func (p *Pool) wants(l *lease, d device) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cfg.NoSpare || p.closed || l.retired || p.current != l || l.users > 1 {
		return false
	}
	return p.spare == nil || p.spare.lease != l || p.spare.page.dead() || !reflect.DeepEqual(p.spare.device, d)
}

func (p *Pool) prepare(l *lease, d device) {
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	pg, err := l.open(ctx, d, newRecorder(time.Now()))
	if err != nil {
		return // the next run opens its own and says what is wrong
	}
	if pg.complete(ctx) != nil {
		l.dispose(pg.set)
		return
	}
	made := &spare{lease: l, device: d, page: pg, gone: make(chan struct{})}
	p.mu.Lock()
	old := made
	if !p.closed && p.current == l {
		old = p.drop()
		p.spare = made
		p.beats.Go(func() { p.wane(made, idleLife) })
	}
	p.mu.Unlock()
	if old != nil && old.lease == l {
		l.dispose(old.page.set)
	}
}
