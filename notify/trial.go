package notify

import (
	"context"
	"fmt"
	"time"

	"gengfu"
)

// Trial is what became of the test message to one endpoint.
type Trial struct {
	Endpoint string
	Ref      string // the provider's name for it, if any
	Took     time.Duration
	Err      error // nil when it was accepted
}

// Test sends a test message to every endpoint of a route, past the outbox and
// one after the other, and tells how each went. The error is
// [gengfu.ErrNotFound] when there is no such route.
func (r *Router) Test(ctx context.Context, route string, now time.Time) ([]Trial, error) {
	rt, ok := r.named(route)
	if !ok {
		return nil, fmt.Errorf("route %q: %w", route, gengfu.ErrNotFound)
	}
	n := sample(now)
	var trials []Trial
	for _, ep := range rt.Endpoints {
		ch, ok := r.channels.For(ep)
		if !ok {
			continue
		}
		start := time.Now()
		ref, err := try(ctx, ch, n, ep, now)
		trials = append(trials, Trial{Endpoint: ep, Ref: ref, Took: time.Since(start), Err: err})
	}
	return trials, nil
}

func try(ctx context.Context, ch Channel, n gengfu.Notice, endpoint string, now time.Time) (string, error) {
	d := newDraft(ch, n, n.Event.Kind)
	if d.err != nil {
		return "", d.err
	}
	ctx, cancel := context.WithTimeout(ctx, maxTry)
	defer cancel()
	return ch.Send(ctx, address(n, d, hearer{endpoint, n.Event.Kind}, now))
}

// sample is the notice of a test. Its number is made of the moment, so that no
// two tests are taken for repeats.
func sample(now time.Time) gengfu.Notice {
	number := "TEST-" + now.UTC().Format("20060102-150405.000")
	return gengfu.Notice{
		Event: gengfu.Event{Incident: number, Seq: 1, At: now, Actor: gengfu.Machine, Kind: eventTest},
		Incident: gengfu.Incident{
			Number: number, State: gengfu.IncidentOpen, Grade: gengfu.GradeNotice, Title: "通知通道测试 / channel test", Opened: now, ImpactStart: now, Seq: 1,
		},
	}
}
