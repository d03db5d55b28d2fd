package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"gengfu"
	"gengfu/egress"
	"gengfu/scenarios/strict"
	"gengfu/storage"
	"gengfu/web"
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
	auditGrace = 2 * time.Minute
	// auditSilence is how long an endpoint may take nothing of what waits for it.
	auditSilence = 10 * time.Minute
	pingTimeout  = 10 * time.Second
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

// audit looks every minute whether every incident is in somebody's hands, puts
// right what it can, and tells the watch outside, as often as that wants to
// hear, while all is well.
func (d *daemon) audit(ctx context.Context) error {
	var heard <-chan time.Time // nil, for never, when nobody watches
	client := d.watcher()
	if d.in.deadman.url != "" {
		beat := time.NewTicker(d.in.deadman.every)
		defer beat.Stop()
		heard = beat.C
	}
	tick := time.NewTicker(auditEvery)
	defer tick.Stop()
	err := d.look(ctx, clock())
	last, tell := time.Now(), heard != nil
	for {
		if tell && err == nil {
			if lost := ping(ctx, client, d.in.deadman.url); lost != nil && ctx.Err() == nil {
				d.log.Error("watch outside not told that all is well", "error", lost)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			tell = false
		case <-heard:
			tell = true
		}
		if time.Since(last) > auditEvery/2 { // else both came at once
			last, err = time.Now(), d.look(ctx, clock())
		}
	}
}

// watcher is the client that the watch outside is told by.
func (d *daemon) watcher() *http.Client {
	client := &http.Client{Timeout: pingTimeout, Transport: d.in.transport}
	if d.in.transport == nil {
		client.Transport = &http.Transport{
			DialContext: (&egress.Dialer{Policy: d.in.policy(), Purpose: egress.Notice}).DialContext, DisableKeepAlives: true,
		}
	}
	return client
}

// look is one audit: what it finds is logged, and kept for the metrics.
func (d *daemon) look(ctx context.Context, now time.Time) error {
	found := map[string]int{}
	err := errors.Join(d.heed(ctx, now), d.inspect(ctx, now, found))
	if ctx.Err() != nil {
		return err
	}
	if err != nil {
		d.log.Error("prober does not look after everything", "error", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.audited = web.Audit{At: now, OK: err == nil, Findings: found}
	return err
}

// inspect says what is wrong, after having set the timers that were missing,
// and counts it by kind.
func (d *daemon) inspect(ctx context.Context, now time.Time, found map[string]int) error {
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
		found[web.AuditForgotten]++
		wrong = append(wrong, fmt.Errorf("nobody is told of %s any more: %w", inc.Number, gengfu.ErrConflict))
		if err := d.desk.Expire(ctx, inc.Number, now); err != nil {
			wrong = append(wrong, err)
		}
	}
	pending, err := d.store.Deliveries(ctx, storage.DeliveryFilter{State: gengfu.DeliveryPending})
	for _, del := range pending {
		if del.Priority != gengfu.PriorityOpen || now.Sub(del.Created) <= auditGrace {
			continue
		}
		if found[web.AuditWaiting]++; found[web.AuditWaiting] == 1 {
			wrong = append(wrong, fmt.Errorf("message for %s waits since %s: %w", del.Endpoint, del.Created.Format(time.RFC3339), gengfu.ErrConflict))
		}
	}
	silent := mute(pending, active, d.endpoints(), now)
	for _, ep := range silent {
		wrong = append(wrong, fmt.Errorf("endpoint %s takes nothing, and no incident says so: %w", ep, gengfu.ErrConflict))
	}
	found[web.AuditEndpoint] = len(silent)
	return errors.Join(append(wrong, err)...)
}

// mute are the endpoints that took nothing for long although they were asked
// to, and whose trouble no incident is about.
func mute(pending []gengfu.Delivery, active []gengfu.Incident, endpoints []web.Endpoint, now time.Time) (names []string) {
	for _, ep := range endpoints {
		key := gengfu.ChannelKey(ep.Name)
		if slices.ContainsFunc(active, func(inc gengfu.Incident) bool { return inc.Key == key }) {
			continue
		}
		if slices.ContainsFunc(pending, func(del gengfu.Delivery) bool {
			return del.Endpoint == ep.Name && del.Attempts > 0 && now.Sub(del.Created) > auditSilence && ep.LastSuccess.Before(del.Created)
		}) {
			names = append(names, ep.Name)
		}
	}
	return names
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
