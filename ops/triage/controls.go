package triage

import (
	"context"
	"slices"
	"time"

	"gengfu"
)

// Suspect reports whether no control target answered when they were last asked.
// It asks nobody.
func (t *Triage) Suspect() bool {
	t.mu.Lock()
	l := t.looks[""]
	t.mu.Unlock()
	if l == nil {
		return false
	}
	select {
	case <-l.done:
		return l.finding().OwnTrouble()
	default:
		return false
	}
}

// Controls asks the control targets now, whatever was found before. What it
// finds stands for others as well.
func (t *Triage) Controls(ctx context.Context) gengfu.Triage {
	ctx, cancel := context.WithTimeout(ctx, Limit)
	defer cancel()
	l := &look{done: make(chan struct{}), at: time.Now()}
	l.probes = t.controls(ctx)
	close(l.done)
	if ctx.Err() == nil {
		t.mu.Lock()
		t.looks[""] = l
		t.mu.Unlock()
	}
	return l.finding()
}

// finding is what a look at the controls says, without those that our own
// policy keeps us from.
func (l *look) finding() gengfu.Triage {
	return gengfu.Triage{At: l.at, Controls: slices.DeleteFunc(slices.Clone(l.probes), func(p gengfu.Probe) bool { return p.Error == refused })}
}
