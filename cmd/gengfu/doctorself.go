package main

import (
	"context"
	"fmt"
	"time"

	"gengfu"
	"gengfu/ops/selfcheck"
	"gengfu/ops/triage"
)

// selfWatched is how long doctor watches timers and clocks.
const selfWatched = 500 * time.Millisecond

// examineSelf looks at this machine as a running prober does every 15 s.
func examineSelf(ctx context.Context, in *instance) []finding {
	f := finding{name: "self-check", remedy: "runs of a prober on this machine would count as no data until this is over"}
	began := time.Now()
	timer := time.NewTimer(selfWatched)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	now := time.Now()
	s := selfcheck.Sample{At: now, Lag: max(0, now.Sub(began)-selfWatched), Jump: now.Round(0).Sub(began.Round(0)) - now.Sub(began)}
	measure(existing(in.abs(in.data)), &s)
	var wrong []gengfu.SelfFinding
	for _, w := range selfcheck.Find(s, in.selfLimits()) {
		if w.Kind.Freezes(true) {
			wrong = append(wrong, w)
		}
	}
	f.said = fmt.Sprintf("timer late by %s, load of %.1f per core", gengfu.Span(s.Lag), s.Load)
	if f.ok = len(wrong) == 0; !f.ok {
		f.said = gengfu.SelfSentence(wrong, gengfu.English)
	}
	list := []finding{f}
	if len(in.controls) > 0 {
		list = append(list, examineControls(ctx, in))
	}
	return list
}

// examineControls asks the control targets.
func examineControls(ctx context.Context, in *instance) finding {
	f := finding{name: "controls", remedy: "the network of this machine, or controls: in the instance file"}
	found := triage.New(triage.Config{Controls: in.controls, Policy: in.policy(), Resolver: in.egress.Resolver, Upstream: in.egress.Upstream}).Controls(ctx)
	if f.ok = !found.OwnTrouble(); f.ok {
		f.said = fmt.Sprintf("%d, and the own network works", len(in.controls))
	}
	if said := found.Sentence(gengfu.English); said != "" {
		f.said = said
	}
	return f
}
