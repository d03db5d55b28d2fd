package prober

import (
	"time"

	"gengfu/scenarios"
)

// Upcoming is the scenario that will need a browser next after a moment, planned
// or to be done again, and when; nil when there is none. What waits for a worker
// already does not count.
func (p *Prober) Upcoming(now time.Time) (*scenarios.Scenario, time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var first *loaded
	var due time.Time
	sooner := func(l *loaded, at time.Time) {
		if first == nil || at.Before(due) {
			first, due = l, at
		}
	}
	for _, l := range p.loads {
		if l.scenario.Browserless() {
			continue
		}
		if !l.next.After(now) {
			l.next = l.plan.Next(now)
		}
		sooner(l, l.next)
	}
	if id, at, ok := p.dispatch.upcoming(now); ok && p.loads[id] != nil {
		sooner(p.loads[id], at)
	}
	if first == nil {
		return nil, due
	}
	s := first.scenario
	return &s, due
}

// upcoming is the queued job that is due next after a moment and needs a browser.
func (d *dispatcher) upcoming(now time.Time) (scenario string, at time.Time, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, j := range d.queue {
		if !j.light && j.at.After(now) && (!ok || j.at.Before(at)) {
			scenario, at, ok = j.slot.Scenario, j.at, true
		}
	}
	return scenario, at, ok
}
