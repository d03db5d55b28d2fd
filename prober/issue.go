package prober

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gengfu"
)

// issue opens the slot of each planned time as it comes.
func (p *Prober) issue(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-p.orders:
			p.planned(ctx, o)
		}
	}
}

// planned issues one planned time, and accounts for those that were jumped
// over because the machine slept or the ledger could not be written. If it
// cannot be written now, the time is accounted for with the next.
func (p *Prober) planned(ctx context.Context, o order) {
	l, ok := p.find(o.scenario)
	if !ok {
		return
	}
	err := p.missed(ctx, o.scenario, l.plan, l.last, o.due.Add(-time.Millisecond), "not issued in time")
	if err == nil {
		slot := gengfu.Slot{Scenario: o.scenario, Due: o.due, Location: p.cfg.Location, Attempt: 1, Kind: gengfu.SlotScheduled}
		if l.scenario.Schedule.Maintained(o.due) {
			slot.Kind = gengfu.SlotMaintenance
		}
		err = p.queue(ctx, job{slot: slot, at: slot.Due})
	}
	if err != nil {
		p.cfg.Log.Error("slot not issued", "scenario", o.scenario, "due", o.due, "error", err)
		return
	}
	p.settled(o.scenario, l.plan, o.due)
}

// settled notes that the times of a plan are accounted for; it is no news when
// another plan was loaded meanwhile.
func (p *Prober) settled(scenario string, plan Plan, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.loads[scenario]; l != nil && l.plan.spec == plan.spec {
		l.last = until
	}
}

// missed records the planned times after from, up to and including to.
func (p *Prober) missed(ctx context.Context, scenario string, plan Plan, from, to time.Time, why string) error {
	n := plan.Count(from, to)
	if n == 0 {
		return nil
	}
	gap := gengfu.Gap{
		Scenario: scenario, Location: p.cfg.Location, From: plan.Next(from), To: plan.Last(to), Count: n,
		Fate: gengfu.FateMissed, Reason: why,
	}
	if err := p.cfg.Ledger.AddGap(ctx, gap); err != nil {
		return err
	}
	p.cfg.Log.Warn("planned runs missed", "scenario", scenario, "count", n, "reason", why)
	return nil
}

// queue is [Prober.enqueue] for jobs that nobody waits for: that a slot is
// taken, or the dispatcher refuses it, is in the ledger and no error.
func (p *Prober) queue(ctx context.Context, j job) error {
	if err := p.enqueue(ctx, j); !errors.Is(err, gengfu.ErrConflict) {
		return err
	}
	return nil
}

// enqueue opens a slot in the ledger, so that its fate is known whatever
// happens, and gives it to the dispatcher. A slot that the dispatcher refuses
// is closed again; the error is then [gengfu.ErrConflict].
func (p *Prober) enqueue(ctx context.Context, j job) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	issued, err := p.cfg.Ledger.Issue(ctx, j.slot)
	if err != nil {
		return err
	}
	if !issued {
		return fmt.Errorf("slot %s is taken: %w", j.slot.ID(), gengfu.ErrConflict)
	}
	j.light = p.light(j.slot.Scenario)
	if refused := p.dispatch.submit(j); refused != nil {
		p.giveUp(j.slot, refused)
		return fmt.Errorf("%w: %w", refused, gengfu.ErrConflict)
	}
	return nil
}

// light reports whether a scenario needs no browser.
func (p *Prober) light(scenario string) bool {
	l, ok := p.find(scenario)
	return ok && l.scenario.Browserless()
}
