package prober

import (
	"context"
	"time"

	"gengfu"
)

// resume takes over from a prober that stopped or died: what it had begun is
// lost, what was planned meanwhile is missed, and what waited for a confirming
// run gets it.
func (p *Prober) resume(ctx context.Context) error {
	if err := p.closeLost(ctx); err != nil {
		return err
	}
	states, err := p.cfg.Ledger.States(ctx)
	if err != nil {
		return err
	}
	ran := map[string]bool{}
	for _, c := range states {
		ran[c.Check] = ran[c.Check] || c.Location == p.cfg.Location
		if err := p.confirm(ctx, c); err != nil {
			return err
		}
	}
	for _, id := range p.ids() {
		if err := p.catchUp(ctx, id); err != nil {
			return err
		}
		if ran[id] || !p.cfg.Eager {
			continue
		}
		if err := p.first(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (p *Prober) ids() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	ids := make([]string, 0, len(p.loads))
	for id := range p.loads {
		ids = append(ids, id)
	}
	return ids
}

// closeLost gives a fate to the slots of this location that a dead prober left
// open.
func (p *Prober) closeLost(ctx context.Context) error {
	slots, err := p.cfg.Ledger.OpenSlots(ctx)
	if err != nil {
		return err
	}
	for _, slot := range slots {
		if slot.Location != p.cfg.Location {
			continue
		}
		if err := p.cfg.Ledger.Abandon(ctx, slot, gengfu.FateLost, "the prober died"); err != nil {
			return err
		}
		p.cfg.Log.Warn("slot lost", "slot", slot.ID())
	}
	return nil
}

// catchUp accounts for the planned times since the last known one. The latest
// of them is run late, once, if it is not older than an interval; a schedule
// that rests for the night is not woken up.
func (p *Prober) catchUp(ctx context.Context, id string) error {
	last, err := p.cfg.Ledger.LastDue(ctx, id, p.cfg.Location)
	if err != nil {
		return err
	}
	now := time.Now()
	l, ok := p.find(id)
	if !ok {
		return nil
	}
	p.settled(id, l.plan, now)
	if last.IsZero() || l.plan.Count(last, now) == 0 {
		return nil
	}
	const why = "the prober was not running"
	latest := l.plan.Last(now)
	if now.Sub(latest) > l.plan.Interval() {
		return p.missed(ctx, id, l.plan, last, now, why)
	}
	if err := p.missed(ctx, id, l.plan, last, latest.Add(-time.Millisecond), why); err != nil {
		return err
	}
	slot := gengfu.Slot{Scenario: id, Due: latest, Location: p.cfg.Location, Attempt: 1, Kind: gengfu.SlotScheduled}
	return p.queue(ctx, job{slot: slot, at: latest})
}

// first gives a scenario that has never run its first result at once. One with
// fixed hours waits for them: its author chose when the target is logged in to.
func (p *Prober) first(ctx context.Context, id string) error {
	l, ok := p.find(id)
	if !ok || l.scenario.Schedule.Every <= 0 {
		return nil
	}
	now := time.Now().Round(0).UTC().Truncate(time.Millisecond)
	slot := gengfu.Slot{Scenario: l.scenario.ID, Due: now, Location: p.cfg.Location, Attempt: 1, Kind: gengfu.SlotManual}
	return p.queue(ctx, job{slot: slot, at: now})
}

// confirm queues the run that a check waited for when the prober stopped.
func (p *Prober) confirm(ctx context.Context, c gengfu.CheckState) error {
	waiting := c.State == gengfu.StateSuspect || c.State == gengfu.StateRecovering
	if _, known := p.find(c.Check); !known || !waiting || c.Location != p.cfg.Location {
		return nil
	}
	slot, err := gengfu.ParseSlotID(c.LastRun)
	if err == nil && slot.Attempt < maxAttempts {
		slot.Attempt++
		slot.Kind = gengfu.SlotConfirm
		return p.queue(ctx, job{slot: slot, at: time.Now()})
	}
	return nil // the next planned run goes on with it
}
