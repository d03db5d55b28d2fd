package chrome

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// Run executes a slot of the scenario and returns the whole run, evidence
// included. A slot of kind recovery gets a new browser. When ctx is cancelled
// the run ends at once; the caller records the slot as aborted.
func (p *Pool) Run(ctx context.Context, s *scenarios.Scenario, slot gengfu.Slot, watch Watcher) gengfu.Run {
	return p.run(ctx, s, slot, watch, func(*runner) {})
}

// run is Run with something that is done at the end, while the page is there.
func (p *Pool) run(ctx context.Context, s *scenarios.Scenario, slot gengfu.Slot, watch Watcher, last func(*runner)) gengfu.Run {
	run := s.Begin(slot, time.Now())
	run.Load = loadPerCore()
	if s.Session == nil { // one that keeps its log-in may do without
		if f := p.cfg.Vault.Refusal(s.ID); f != nil {
			run.Failure, run.Outcome = f, gengfu.Errored
			return run
		}
	}
	err := p.gate.enter(ctx, s.Timeout)
	run.QueueWait = max(0, time.Since(slot.Due))
	if err != nil {
		return turnedAway(run, err)
	}
	defer p.gate.leave()
	l, err := p.browser(ctx, s, slot)
	if err != nil {
		return errored(run, gengfu.ReasonBrowserStart, err)
	}
	run.Browser = l.proc.version
	r := newRunner(s, &run, p.secret(), watch)
	d := deviceOf(s.Browser, l.proc.userAgent)
	if err = r.resolveHeaders(); err == nil {
		if err = p.page(ctx, l, d, r); err != nil && l.gone(err) {
			p.release(l) // nothing was begun: another browser will do
			if l, err = p.browser(ctx, s, slot); err != nil {
				return errored(run, gengfu.ReasonBrowserStart, err)
			}
			err = p.page(ctx, l, d, r)
		}
	}
	if err != nil {
		p.release(l)
		return r.notBegun(err)
	}
	if slot.Attempt > 1 {
		r.durable()
		r.record(ctx)
	}
	r.gauge = gauge{read: p.strain, limit: p.cfg.Overload, start: p.strain()}
	run.Started = time.Now() // what came before is ours, not the page's
	r.rec.begin(run.Started)
	defer func() { go p.finish(l, d, r.page, followed(&run)) }() // after a panic too, which the caller may catch
	r.memory, r.every = &p.memory, p.cfg.Remember
	r.vault, r.breaker = p.cfg.Vault, p.cfg.Breaker
	r.errands.checks, r.attendant = p.cfg.Checks, p.cfg.Ask
	r.rec.confine(p.cfg.Limits)
	r.declare()
	unwatch := l.watch(r.rec, p.cfg.Limits)
	defer func() { p.gate.learn(unwatch()) }()
	r.do(ctx)
	last(r)
	if f := run.Failure; f != nil && (f.Fault == gengfu.FaultBrowser || f.Fault == gengfu.FaultMachine) {
		p.doubt(l)
	}
	return run
}

// browser is the shared one, or the run's own when the scenario asks for that.
func (p *Pool) browser(ctx context.Context, s *scenarios.Scenario, slot gengfu.Slot) (*lease, error) {
	if s.Isolate == scenarios.IsolateBrowser {
		return p.private(ctx)
	}
	return p.acquire(ctx, slot.Kind == gengfu.SlotRecovery)
}

// turnedAway is a run that the gate did not let in.
func turnedAway(run gengfu.Run, err error) gengfu.Run {
	if !errors.Is(err, errNoRoom) {
		return errored(run, gengfu.ReasonProberInternal, err)
	}
	run = errored(run, gengfu.ReasonMachine, err)
	run.Failure.Fault = gengfu.FaultMachine
	return run
}

// page gives the runner a blank page: the spare one, or a new one.
func (p *Pool) page(ctx context.Context, l *lease, d device, r *runner) (err error) {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if r.page = p.take(l, d); r.page != nil {
		r.rec = r.page.set.rec
		r.rec.hide(r.secrets...)
		return nil
	}
	r.page, err = l.open(ctx, d, r.rec)
	return err
}

// notBegun is a run that ended before its first step.
func (r *runner) notBegun(err error) gengfu.Run {
	var st *stop
	if !errors.As(err, &st) {
		return errored(*r.run, gengfu.ReasonBrowserGone, errors.New(r.rec.clean(err.Error())))
	}
	f := r.cleaned(st.Failure)
	r.run.Failure, r.run.Outcome, r.run.Duration = &f, f.Fault.Outcome(), time.Since(r.run.Started)
	return *r.run
}

func errored(run gengfu.Run, reason gengfu.Reason, err error) gengfu.Run {
	run.Outcome = gengfu.Errored
	run.Failure = &gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: reason, Detail: err.Error()}
	run.Duration = time.Since(run.Started)
	return run
}

// loadPerCore is the load average of the last minute for each core, 0 where
// the system does not tell.
func loadPerCore() float64 {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	var load float64
	if _, err := fmt.Sscan(string(b), &load); err != nil {
		return 0
	}
	return load / float64(cores())
}
