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
}

// take returns the spare page of the browser if it fits the device.
func (p *Pool) take(l *lease, d device) *page {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.spare
	if s == nil || s.lease != l || !reflect.DeepEqual(s.device, d) || s.page.s.ended() != nil {
		return nil
	}
	p.spare = nil
	return s.page
}

// finish gives back what a run used and makes the next spare page. It runs
// beside the caller, who has his result already; Close waits for it.
func (p *Pool) finish(l *lease, d device, used *page) {
	defer p.tasks.Done()
	l.dispose(used.set)
	if p.wants(l) {
		p.prepare(l, d)
	}
	p.release(l)
}

// wants reports whether a spare page is missing on a browser that goes on.
func (p *Pool) wants(l *lease) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.closed && !l.retired && p.current == l && l.users == 1 && (p.spare == nil || p.spare.lease != l)
}

func (p *Pool) prepare(l *lease, d device) {
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	pg, err := l.open(ctx, d, newRecorder(time.Now()))
	if err != nil {
		return // the next run opens its own and says what is wrong
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.current != l || p.spare != nil && p.spare.lease == l {
		go l.dispose(pg.set)
		return
	}
	p.spare = &spare{lease: l, device: d, page: pg}
}
