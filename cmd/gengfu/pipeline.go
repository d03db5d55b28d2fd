package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"gengfu"
	"gengfu/ops/incidents"
	"gengfu/prober"
	"gengfu/scenarios"
	"gengfu/storage"
	"gengfu/web"
)

// record writes a run with all it leads to, in one transaction: the state of
// its check, the incidents, their events and the messages about them.
func (d *daemon) record(ctx context.Context, r gengfu.Run, confirm scenarios.Confirm) (gengfu.CheckState, error) {
	r.Evidence = append(r.Evidence, d.compare(ctx, r)...)
	kept := r.Evidence[:0:0]
	for _, e := range r.Evidence {
		if err := d.store.PutEvidence(ctx, &e); err != nil {
			d.log.Warn("evidence could not be stored", "run", r.Slot.ID(), "kind", e.Kind, "error", err)
			continue // the verdict stands without
		}
		kept = append(kept, e)
	}
	r.Evidence = kept
	around := d.around(ctx, &r, confirm)
	around.Quiet = d.times.Load().quiet
	var after gengfu.CheckState
	err := d.store.Record(ctx, r, incidents.KeysAround(r, around), func(snap gengfu.Snapshot) (gengfu.Change, error) {
		state, signals := prober.Judge(snap.Check, r, confirm)
		after = state
		signals = quorate(signals, state, snap.Elsewhere, confirm.Every, r.Started.Add(r.Duration))
		change, err := d.desk.ChangeAround(snap, ownTrouble(signals, r, around), around, r.Started.Add(r.Duration))
		change.Check = &state
		return d.settled(snap, change, r, around, confirm), err
	})
	d.suspects.note(r, after)
	if _, watched := d.prober.Plan(r.Slot.Scenario); err == nil && !watched { // removed while it ran
		if err := d.retire(ctx); err != nil {
			d.log.Error("incident of a removed scenario stays open", "scenario", r.Slot.Scenario, "error", err)
		}
	}
	return after, err
}

// tell makes the deliveries of a notice, none when nobody is to be told. A
// message that cannot be made is no reason to lose the run it tells of.
func (d *daemon) tell(n gengfu.Notice, told []string) ([]gengfu.Delivery, error) {
	if t := d.telling.Load(); t != nil {
		return d.render(n, told, t.router.Deliveries), nil
	}
	return nil, nil
}

// greet tells the endpoints that came under the routes of what is at work. Only
// those hear of it that have not yet.
func (d *daemon) greet(ctx context.Context) error {
	t := d.telling.Load()
	if t == nil {
		return nil
	}
	active, err := d.store.Incidents(ctx, storage.IncidentFilter{Active: true})
	if err != nil {
		return err
	}
	for _, inc := range active {
		err := d.store.AmendIncident(ctx, inc.Number, func(inc gengfu.Incident, snap gengfu.Snapshot) (gengfu.Change, error) {
			if inc.Silence != 0 || inc.Recovered() {
				return gengfu.Change{}, nil
			}
			n := gengfu.Notice{Incident: inc, URL: d.in.incidentURL(inc.Number), Event: gengfu.Event{
				Incident: inc.Number, Seq: inc.Seq, At: inc.Opened, Actor: gengfu.Machine, Kind: gengfu.EventOpened, Text: inc.Cause, Failure: inc.Failure, Run: inc.LastRun,
			}}
			return gengfu.Change{Deliveries: d.render(n, snap.Told[inc.Number], t.router.Greetings)}, nil
		})
		if err != nil {
			return fmt.Errorf("tell new endpoints: %w", err)
		}
	}
	return nil
}

// render makes messages with what their readers need to act.
func (d *daemon) render(n gengfu.Notice, told []string, by func(gengfu.Notice, []string, time.Time) ([]gengfu.Delivery, error)) []gengfu.Delivery {
	n = d.linked(n)
	list, err := by(n, told, time.Now())
	d.personal(n, list, n.Event.At)
	if err != nil {
		d.log.Error("message could not be made", "incident", n.Incident.Number, "event", string(n.Event.Kind), "error", err)
	}
	return list
}

// act does what a person asked for on an incident's page.
func (d *daemon) act(ctx context.Context, number string, kind gengfu.EventKind, actor, text string) error {
	if kind == gengfu.EventMerged {
		return d.desk.Merge(ctx, number, text, actor)
	}
	a := incidents.Action{Kind: kind, Actor: actor, Text: text}
	if timed(kind) {
		var err error
		if a.Until, a.Text, err = until(text, d.in.zone); err != nil {
			return err
		}
	}
	_, err := d.desk.Act(ctx, number, a)
	return err
}

func (d *daemon) runNow(ctx context.Context, scenario string) (string, error) {
	slot, err := d.prober.RunNow(ctx, scenario)
	return slot.ID(), err
}

// health says how the prober itself is, for the pages and metrics.
func (d *daemon) health(ctx context.Context) web.Health {
	stats, queue := d.pool.Stats(), d.prober.Queue()
	h := web.Health{
		Started: d.started, Browser: stats.Browser, BrowserLaunches: stats.Launches, BrowserLost: stats.Lost,
		Queue: queue.Waiting, Busy: queue.Running, Workers: d.in.workers, Self: d.self.Now(),
	}
	if h.Workers == 0 {
		h.Workers = cores()
	}
	if queue.Waiting > 0 {
		h.QueueOldest = time.Now().Add(-queue.Oldest)
	}
	d.mu.Lock()
	h.Reloaded, h.ReloadError, h.Audit = d.status.at, d.status.err, d.audited
	d.mu.Unlock()
	var fs syscall.Statfs_t
	if syscall.Statfs(d.in.abs(d.in.data), &fs) == nil {
		h.DiskFree, h.DiskTotal = fs.Bavail*uint64(fs.Bsize), fs.Blocks*uint64(fs.Bsize)
	}
	h.Endpoints = d.endpoints()
	var errs [3]error
	h.Outbox, errs[0] = d.store.Backlog(ctx)
	h.Database, errs[1] = d.store.Size()
	h.WAL, errs[2] = d.store.WALSize()
	if err := errors.Join(errs[:]...); err != nil && ctx.Err() == nil {
		d.log.Warn("health could not be read", "error", err)
	}
	return h
}

// endpoints says how the ways to people are, by name.
func (d *daemon) endpoints() []web.Endpoint {
	sender := d.sender.Load()
	if sender == nil {
		return nil
	}
	var list []web.Endpoint
	for name, e := range sender.Stats() {
		list = append(list, web.Endpoint{
			Name: name, Sent: e.Sent, Failed: e.Failed, Refused: e.Dead, Broken: e.Broken, LastSuccess: e.LastSuccess, LastError: e.LastError, Latency: e.Latency,
		})
	}
	slices.SortFunc(list, func(a, b web.Endpoint) int { return strings.Compare(a.Name, b.Name) })
	return list
}
