package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"gengfu"
	"gengfu/egress"
	"gengfu/scenarios/strict"
	"gengfu/storage"
)

// deadman is who is told, over and over, that the prober is well; when that
// stops, it tells people.
type deadman struct {
	url   gengfu.Secret // empty for nobody
	every time.Duration
}

const (
	auditEvery = time.Minute
	// auditGrace is how late a timer or an urgent message may be.
	auditGrace  = 2 * time.Minute
	pingTimeout = 10 * time.Second
)

// readDeadman reads deadman: an address, and how often it is asked for.
func (in *instance) readDeadman(n strict.Node) {
	in.deadman.every = auditEvery
	fields(n, map[string]func(strict.Node){"url": in.secret(&in.deadman.url), "every": span(&in.deadman.every)})
	u, err := url.Parse(in.deadman.url.Reveal())
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		n.Problem("deadman has no address of the web", "such as url: https://watch.example.org/ping/gengfu")
	case in.deadman.every < 10*time.Second:
		n.Problem("deadman is asked for more often than every 10 s", "such as every: 60s")
	}
}

// audit looks over and over whether every incident is in somebody's hands, puts
// right what it can, and tells the watch outside while all is well.
func (d *daemon) audit(ctx context.Context) error {
	every := auditEvery
	if d.in.deadman.url != "" {
		every = d.in.deadman.every
	}
	client := &http.Client{Timeout: pingTimeout, Transport: d.in.transport}
	if d.in.transport == nil {
		client.Transport = &http.Transport{
			DialContext: (&egress.Dialer{Policy: d.in.policy(), Purpose: egress.Notice}).DialContext, DisableKeepAlives: true,
		}
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		err := errors.Join(d.heed(ctx, clock()), d.inspect(ctx, clock()))
		if err == nil && d.in.deadman.url != "" {
			err = ping(ctx, client, d.in.deadman.url)
		}
		if err != nil && ctx.Err() == nil {
			d.log.Error("prober does not look after everything", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// inspect says what is wrong, after having set the timers that were missing.
func (d *daemon) inspect(ctx context.Context, now time.Time) error {
	active, err := d.store.Incidents(ctx, storage.IncidentFilter{Active: true})
	if err != nil {
		return err
	}
	var wrong []error
	for _, inc := range active {
		timers, err := d.store.Timers(ctx, inc.Number)
		if err != nil {
			return err
		}
		if !forgotten(inc, timers, d.desk.Timers(inc), now) {
			continue
		}
		wrong = append(wrong, fmt.Errorf("nobody is told of %s any more: %w", inc.Number, gengfu.ErrConflict))
		if err := d.desk.Expire(ctx, inc.Number, now); err != nil {
			wrong = append(wrong, err)
		}
	}
	pending, err := d.store.Deliveries(ctx, storage.DeliveryFilter{State: gengfu.DeliveryPending})
	for _, del := range pending {
		if del.Priority == gengfu.PriorityOpen && now.Sub(del.Created) > auditGrace {
			wrong = append(wrong, fmt.Errorf("message for %s waits since %s: %w", del.Endpoint, del.Created.Format(time.RFC3339), gengfu.ErrConflict))
			break
		}
	}
	return errors.Join(append(wrong, err)...)
}

// forgotten reports whether an incident that nobody has taken is waited for by
// no timer, or by one that should have done its work. want are the timers that
// it needs.
func forgotten(inc gengfu.Incident, have, want []gengfu.Timer, now time.Time) bool {
	if inc.State != gengfu.IncidentOpen || !inc.HoldUntil.IsZero() || inc.Escalation != nil && len(want) == 0 {
		return false
	}
	for _, t := range have {
		if t.Due.After(now.Add(-auditGrace)) {
			return false
		}
	}
	return true
}

// ping asks for the address of the watch. Its errors do not show the address,
// which may be a secret.
func ping(ctx context.Context, client *http.Client, address gengfu.Secret) error {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, address.Reveal(), http.NoBody)
	if err != nil {
		return fmt.Errorf("deadman: no address: %w", gengfu.ErrInvalid)
	}
	a, err := client.Do(q)
	var shown *url.Error
	if errors.As(err, &shown) {
		return fmt.Errorf("deadman: %w", shown.Err)
	}
	if err != nil {
		return fmt.Errorf("deadman: %w", err)
	}
	_ = a.Body.Close()
	if a.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("deadman: answered %d: %w", a.StatusCode, gengfu.ErrConflict)
	}
	return nil
}
