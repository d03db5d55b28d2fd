package triage

import (
	"context"
	"slices"
	"sync"
	"time"

	"gengfu"
	"gengfu/egress"
)

const (
	// Limit is what one look around may take.
	Limit = 5 * time.Second
	// Shared is how long a finding of trouble stands for other runs as well.
	Shared = 30 * time.Second
)

// Config says what is looked at, and how it is reached. Nothing but Controls
// is needed, and without those the own network is taken to work.
type Config struct {
	Controls []Control
	Policy   egress.Policy
	Resolver egress.Resolver
	Upstream *egress.Upstream
}

// Triage looks around. It may be used from any goroutine; runs that ask for
// the same at once get one answer.
type Triage struct {
	cfg Config

	mu    sync.Mutex
	looks map[string]*look // by target and address, "" for the controls
}

// look is a question that was asked or is being asked.
type look struct {
	done   chan struct{} // closed when probes are there
	at     time.Time
	probes []gengfu.Probe
}

// New makes a triage that has seen nothing yet.
func New(cfg Config) *Triage { return &Triage{cfg: cfg, looks: map[string]*look{}} }

// Look finds out how things stand for a run that failed after since. Controls
// that answered, or an entry that did, count only if that was after since; a
// finding of trouble stands for [Shared]. entry is left alone when empty.
func (t *Triage) Look(ctx context.Context, target, entry string, since time.Time) gengfu.Triage {
	ctx, cancel := context.WithTimeout(ctx, Limit)
	defer cancel()
	var found *look
	ready := make(chan struct{})
	if entry != "" {
		go func() {
			defer close(ready)
			found = t.ask(ctx, "target "+target, since, func(ctx context.Context) []gengfu.Probe {
				return []gengfu.Probe{t.visit(ctx, entry)}
			})
		}()
	} else {
		close(ready)
	}
	controls := t.ask(ctx, "", since, t.controls)
	<-ready
	out := gengfu.Triage{At: controls.at, Controls: controls.probes}
	out.Controls = slices.DeleteFunc(slices.Clone(out.Controls), func(p gengfu.Probe) bool { return p.Error == refused })
	if found != nil && len(found.probes) == 1 && found.probes[0].Error != refused {
		out.Entry = &found.probes[0]
	}
	return out
}

// ask answers from what was seen before, or goes and looks.
func (t *Triage) ask(ctx context.Context, key string, since time.Time, see func(context.Context) []gengfu.Probe) *look {
	t.mu.Lock()
	l := t.looks[key]
	if l != nil && l.stands(since, time.Now()) {
		t.mu.Unlock()
		select {
		case <-l.done:
			return l
		case <-ctx.Done():
			return &look{at: time.Now()}
		}
	}
	l = &look{done: make(chan struct{}), at: time.Now()}
	t.looks[key] = l
	t.mu.Unlock()
	l.probes = see(context.WithoutCancel(ctx))
	close(l.done)
	return l
}

// stands reports whether an earlier look answers for a run that failed after
// since.
func (l *look) stands(since, now time.Time) bool {
	select {
	case <-l.done:
	default:
		return true
	}
	if !l.at.Before(since) {
		return true
	}
	for _, p := range l.probes {
		if p.OK() {
			return false
		}
	}
	return len(l.probes) > 0 && now.Sub(l.at) < Shared
}

// controls looks at all control targets side by side.
func (t *Triage) controls(ctx context.Context) []gengfu.Probe {
	out := make([]gengfu.Probe, len(t.cfg.Controls))
	var all sync.WaitGroup
	for i, c := range t.cfg.Controls {
		all.Go(func() { out[i] = t.control(ctx, c) })
	}
	all.Wait()
	return out
}
