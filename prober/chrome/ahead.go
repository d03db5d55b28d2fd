package chrome

import (
	"context"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

const (
	// lead is how long before a planned run its page is made: many times what that
	// takes, on a busy machine too.
	lead = 2500 * time.Millisecond
	// near is how far off the next planned run may be for its page to be made when
	// the run before is over, or to be kept although nobody came for it.
	near = 10 * time.Second
	// idleLife is how long a page that was made ahead waits for a run. It takes some
	// 30 MiB.
	idleLife = 30 * time.Second
	// planAge is how long an answer about what is planned is relied on: scenarios
	// may be loaded meanwhile.
	planAge = 30 * time.Second
)

// Upcoming tells the next run after a moment that needs a browser, nil when none
// is planned. It may be called from any goroutine.
type Upcoming func(now time.Time) (s *scenarios.Scenario, due time.Time)

// Anticipate makes the page of each planned run shortly before it is due, until
// ctx ends, so that a browser with nothing to do holds no page. Without it, one is
// made after every run, for the next to come soon. It may be called once.
func (p *Pool) Anticipate(ctx context.Context, next Upcoming) {
	p.mu.Lock()
	p.next = next
	p.mu.Unlock()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.ctx.Done():
			return
		case <-timer.C:
		}
		wait := planAge
		if s, due := next(time.Now()); s != nil {
			if wait = min(wait, time.Until(due)-lead); wait <= 0 {
				p.ahead(ctx, s)
				wait = max(0, time.Until(due)) + time.Millisecond
			}
		}
		timer.Reset(wait)
	}
}

// ahead makes the page of a planned run, and the browser when there is none. While
// a run goes on nothing is made: its end will see to that.
func (p *Pool) ahead(ctx context.Context, s *scenarios.Scenario) {
	p.mu.Lock()
	idle := !p.cfg.NoSpare && !p.closed && (p.current == nil || p.current.users == 0)
	p.mu.Unlock()
	if !idle || s.Isolate == scenarios.IsolateBrowser {
		return
	}
	l, err := p.acquire(ctx, false)
	if err != nil {
		return // the run says what is wrong
	}
	defer p.release(l)
	p.mu.Lock()
	p.stats.Runs-- // this is none
	p.mu.Unlock()
	if d := deviceOf(s.Browser, l.proc.userAgent); p.wants(l, d) {
		p.prepare(l, d)
	}
}

// foreseen is the device of the run that comes next, and whether it comes so soon
// that its page is made now. After a run that somebody asked for, or that is to be
// confirmed, it is likely to be the same once more.
func (p *Pool) foreseen(l *lease, d device, again bool) (device, bool) {
	p.mu.Lock()
	next := p.next
	p.mu.Unlock()
	if next == nil {
		return d, true
	}
	if s, due := next(time.Now()); s != nil && time.Until(due) < near {
		return deviceOf(s.Browser, l.proc.userAgent), s.Isolate != scenarios.IsolateBrowser
	}
	return d, again
}

// followed reports whether a run is likely to be done again at once.
func followed(r *gengfu.Run) bool {
	return r.Failure != nil || r.Slot.Kind == gengfu.SlotManual
}

// wane gives a spare page up when nobody has come for it, unless somebody will
// soon.
func (p *Pool) wane(s *spare, life time.Duration) {
	timer := time.NewTimer(life)
	defer timer.Stop()
	for {
		select {
		case <-s.gone:
			return
		case <-p.ctx.Done():
			return
		case <-timer.C:
		}
		p.mu.Lock()
		next := p.next
		p.mu.Unlock()
		if next != nil {
			if planned, due := next(time.Now()); planned != nil && time.Until(due) < near {
				timer.Reset(life)
				continue
			}
		}
		p.mu.Lock()
		held := p.spare == s
		if held {
			p.drop()
		}
		p.mu.Unlock()
		if held {
			s.lease.dispose(s.page.set)
		}
		return
	}
}

// drop takes the spare page out of the pool. The lock is held.
func (p *Pool) drop() *spare {
	s := p.spare
	if s != nil {
		close(s.gone)
	}
	p.spare = nil
	return s
}
