package notify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gengfu"
)

// eventAsk is the kind of the message that asks a person to see to a page.
const eventAsk gengfu.EventKind = "attend"

// Ask tells the endpoints of a route that a run waits for a person, past the
// outbox: the picture that comes with it is kept nowhere, and what comes late is
// of no use. A route that does not exist is the default one. link is the address
// of a page that shows the picture, empty for none. It is an error when nobody
// could be told.
func (r *Router) Ask(ctx context.Context, a gengfu.Attendance, link string) error {
	route, ok := r.named(a.Route)
	if !ok {
		route = r.fallback
	}
	ctx, cancel := context.WithDeadline(ctx, a.Until)
	defer cancel()
	errs := make([]error, len(route.Endpoints))
	var group sync.WaitGroup
	for i, ep := range route.Endpoints {
		if ch, ok := r.channels.For(ep); ok {
			group.Go(func() { errs[i] = askOne(ctx, ch, a, ep, link) })
		}
	}
	group.Wait()
	for _, err := range errs {
		if err == nil && len(errs) > 0 {
			return nil
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return fmt.Errorf("route %q leads to nobody: %w", a.Route, gengfu.ErrNotFound)
}

// askOne tries an endpoint a second time when that may help.
func askOne(ctx context.Context, ch Channel, a gengfu.Attendance, endpoint, link string) error {
	number := fmt.Sprintf("ASK-%s-%d", a.At.UTC().Format("20060102-150405.000"), a.Turn)
	text := a.At.Format("15:04") + " – " + a.Until.Format("15:04")
	if a.Text != "" {
		text = a.Text + "\n" + text
	}
	n := gengfu.Notice{
		Event:    gengfu.Event{Incident: number, Seq: 1, At: a.At, Actor: gengfu.Machine, Kind: eventAsk, Text: text},
		Incident: gengfu.Incident{Number: number, Key: "attend:" + a.Scenario, State: gengfu.IncidentClosed, Grade: gengfu.GradeNotice, Title: a.Title, Opened: a.At},
		URL:      link, Picture: a.Picture,
	}
	_, err := try(ctx, ch, n, endpoint, a.At)
	var retry *RetryError
	if err == nil || !errors.As(err, &retry) || retry.Ambiguous {
		return err
	}
	pause := time.NewTimer(max(retry.After, 2*time.Second))
	defer pause.Stop()
	select {
	case <-pause.C:
		_, err = try(ctx, ch, n, endpoint, a.At)
	case <-ctx.Done():
	}
	return err
}
