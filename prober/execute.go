package prober

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

const (
	// grace is what a run may take over the scenario's own timeout, for the
	// browser's start, closing steps and evidence, before it is cut off.
	grace = 30 * time.Second
	// writeTimeout bounds a write that must not be lost to a stop signal.
	writeTimeout = 30 * time.Second
)

var (
	errGone    = errors.New("the scenario was removed")
	errOverdue = errors.New("the run did not end")
	errUnkept  = errors.New("the run could not be recorded")
)

// execute runs a job, records it, and queues the re-run that it asks for.
func (p *Prober) execute(ctx context.Context, j job) {
	l, ok := p.find(j.slot.Scenario)
	if !ok {
		p.giveUp(j.slot, errGone)
		return
	}
	run := p.browse(ctx, &l.scenario, j)
	if ctx.Err() != nil {
		p.giveUp(j.slot, errStopped)
		return
	}
	state, err := p.record(ctx, run, l.scenario.Confirm)
	if err != nil {
		p.cfg.Log.Error("run not recorded", "slot", j.slot.ID(), "error", err)
		if !errors.Is(err, gengfu.ErrDuplicate) {
			p.giveUp(j.slot, errUnkept)
		}
		return
	}
	p.cfg.Log.Debug("run recorded", "slot", j.slot.ID(), "outcome", string(told(run, state)), "state", string(state.State))
	if slot, wait, again := Again(run, state, l.scenario.Confirm); again {
		if err := p.queue(ctx, job{slot: slot, at: time.Now().Add(wait)}); err != nil {
			p.cfg.Log.Error("slot not issued", "slot", slot.ID(), "error", err)
		}
	}
}

// told is the outcome that was recorded: what looks around after a failure may
// have found that it was our own.
func told(run gengfu.Run, state gengfu.CheckState) gengfu.Outcome {
	if state.LastRun == run.Slot.ID() {
		return state.LastOutcome
	}
	return run.Outcome
}

// browse executes the slot under a deadline of its own, so that a browser that
// never comes back blocks a worker for a while only.
func (p *Prober) browse(ctx context.Context, s *scenarios.Scenario, j job) gengfu.Run {
	ctx, cancel := context.WithTimeoutCause(ctx, s.Timeout+grace, errOverdue)
	defer cancel()
	began := time.Now()
	run, err := p.call(ctx, s, j.slot)
	if err == nil && errors.Is(context.Cause(ctx), errOverdue) {
		err = errOverdue
	}
	if err != nil {
		run = broken(s, j.slot, err)
		run.Started, run.Duration = began, time.Since(began)
	}
	run.QueueWait = max(0, run.Started.Sub(j.at))
	return run
}

// call is the call of the browser; a panic in it is an error.
func (p *Prober) call(ctx context.Context, s *scenarios.Scenario, slot gengfu.Slot) (run gengfu.Run, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
			p.cfg.Log.Error("browser call panicked", "slot", slot.ID(), "error", err, "stack", string(debug.Stack()))
		}
	}()
	return p.cfg.Browser(ctx, s, slot, func(st gengfu.StepResult) { p.cfg.Watch(slot, st) }), nil
}

// broken is the run of a slot whose execution failed on our side.
func broken(s *scenarios.Scenario, slot gengfu.Slot, err error) gengfu.Run {
	reason := gengfu.ReasonProberInternal
	if errors.Is(err, errOverdue) {
		reason = gengfu.ReasonBrowserFrozen
	}
	run := s.Begin(slot, time.Time{})
	run.Outcome, run.Failure = gengfu.Errored, &gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: reason, Detail: err.Error()}
	return run
}

// record writes a run, even when the prober is being stopped meanwhile.
func (p *Prober) record(ctx context.Context, run gengfu.Run, confirm scenarios.Confirm) (gengfu.CheckState, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	return p.cfg.Record(ctx, run, confirm)
}

// giveUp closes a slot that will have no run.
func (p *Prober) giveUp(slot gengfu.Slot, why error) {
	fate := gengfu.FateSkipped
	switch {
	case errors.Is(why, errStopped), errors.Is(why, errGone):
		fate = gengfu.FateAborted
	case errors.Is(why, errUnkept):
		fate = gengfu.FateLost
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	if err := p.cfg.Ledger.Abandon(ctx, slot, fate, why.Error()); err != nil {
		p.cfg.Log.Error("slot not closed", "slot", slot.ID(), "fate", string(fate), "error", err)
		return
	}
	p.cfg.Log.Info("slot without a run", "slot", slot.ID(), "fate", string(fate), "reason", why.Error())
}
