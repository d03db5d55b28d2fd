package chrome

import (
	"context"
	"fmt"
	"time"
)

// starting is a launch that everyone who needs a browser waits for together.
type starting struct {
	done chan struct{} // closed when the browser is there or err is set
	err  error
}

// acquire returns the warm browser, or a new one when there is none, it is worn
// out or lost, or a run on it came to nothing and a fresh one is asked for.
func (p *Pool) acquire(ctx context.Context, fresh bool) (*lease, error) {
	for {
		l, coming, err := p.pick(fresh)
		if l != nil || err != nil {
			return l, err
		}
		select {
		case <-coming.done:
			if coming.err != nil {
				return nil, coming.err
			}
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for a browser: %w", context.Cause(ctx))
		}
	}
}

// pick takes the current browser, or says which launch to wait for.
func (p *Pool) pick(fresh bool) (*lease, *starting, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil, errClosed
	}
	p.renew(fresh)
	if p.current == nil {
		return nil, p.begin(), nil
	}
	p.current.users++
	p.current.busy.Add(1)
	p.tasks.Add(1)
	p.stats.Runs++
	return p.current, nil, nil
}

// renew puts the standby browser in the place of one that can serve no more. A
// worn one serves on until its successor has started. The lock is held.
func (p *Pool) renew(fresh bool) {
	if s := p.standby; s != nil && s.lost() != "" {
		p.standby = nil
		p.retire(s)
	}
	if c := p.current; c != nil {
		why := c.lost()
		switch {
		case why != "":
			p.stats.Lost++
			p.loss = time.Now()
			p.cfg.Log.Warn("browser replaced", "reason", why)
			p.dismiss(c)
		case fresh && c.doubted, c.worn(p.cfg) && p.standby != nil:
			p.dismiss(c)
		case c.worn(p.cfg):
			p.begin()
		}
	}
	if p.current == nil {
		p.current, p.standby = p.standby, nil
	}
}

func (p *Pool) dismiss(c *lease) {
	p.current = nil
	p.retire(c)
}

// worn reports whether the browser has served long enough.
func (e *engine) worn(cfg Config) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.runs >= cfg.MaxRuns || time.Since(e.started) > cfg.MaxAge || e.weight > cfg.Limits.Tree || e.disk > cfg.Limits.Disk
}

// begin starts a browser unless one is being started. The lock is held; the
// pool is open.
func (p *Pool) begin() *starting {
	if p.starting != nil {
		return p.starting
	}
	st := &starting{done: make(chan struct{})}
	p.starting = st
	p.beats.Go(func() { p.start(st) })
	return st
}

// start makes the browser of a shared launch the current one, or the standby.
func (p *Pool) start(st *starting) {
	defer close(st.done)
	e, err := p.launch(p.ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.starting = nil
	if err == nil && p.closed {
		e.proc.kill()
		err = errClosed
	}
	p.trouble.note(err)
	if err != nil {
		st.err = err
		p.cfg.Log.Warn("browser did not start", "error", err)
		return
	}
	l := &lease{engine: e}
	p.all = append(p.all, l)
	if p.current == nil {
		p.current = l
	} else {
		p.standby = l
	}
}

// private starts a browser for one run alone; it ends with the run.
func (p *Pool) private(ctx context.Context) (*lease, error) {
	if p.cfg.URL != "" {
		return nil, errNotOurs
	}
	e, err := p.launch(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		e.proc.kill()
		return nil, errClosed
	}
	l := &lease{engine: e, users: 1, retired: true}
	l.busy.Add(1)
	p.all = append(p.all, l)
	p.tasks.Add(1)
	p.stats.Runs++
	return l, nil
}

// launch starts a browser, until ctx ends or the pool is closed. The lock is not
// held: others go on meanwhile.
func (p *Pool) launch(ctx context.Context) (*engine, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(p.ctx, func() { cancel(errClosed) })()
	proc, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	e, err := newEngine(ctx, proc)
	if err != nil {
		proc.kill()
		return nil, err
	}
	e.exit = &p.exit
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Launches++
	p.stats.Browser = proc.version
	if p.closed {
		proc.kill()
		return nil, errClosed
	}
	p.beats.Go(func() { e.heartbeat(p.ctx, 2*time.Second, 3*time.Second) })
	p.beats.Go(e.closeExits)
	return e, nil
}

func (p *Pool) connect(ctx context.Context) (*process, error) {
	if p.cfg.URL != "" {
		return dial(ctx, p.cfg.URL, p.cfg.Profiles)
	}
	more := append(p.cfg.Egress.switches(), p.exit.pin()...)
	if p.cfg.Headed {
		more = append(more, headedSwitch)
	}
	return launch(ctx, p.path, p.cfg.Profiles, p.sandbox(), more...)
}

// attend starts the standby browser when one is wanted and there is none, and
// ends one that is wanted no more. It is asked between runs, never during one.
func (p *Pool) attend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.current == nil || p.current.users > 1 {
		return
	}
	auto := p.cfg.Standby == "auto" && !p.loss.IsZero() && time.Since(p.loss) < wariness
	wanted := p.cfg.Standby == "on" || auto
	switch {
	case wanted && p.standby == nil:
		if !auto || p.gate.machine.spares(standbyRoom) {
			p.begin()
		}
	case !wanted && p.standby != nil && !p.current.worn(p.cfg):
		p.retire(p.standby)
		p.standby = nil
	}
}

// wariness is how long after a loss "auto" holds a standby. A start takes about
// 0.2 s, a browser that waits for nothing 43 MiB all day.
const wariness = time.Hour

// standbyRoom is the memory that must be free for a standby browser, many times
// what it takes.
const standbyRoom = 1 << 30

// doubt notes that a run on the browser came to nothing by a fault of ours.
func (p *Pool) doubt(l *lease) {
	p.mu.Lock()
	l.doubted = true
	p.mu.Unlock()
}
