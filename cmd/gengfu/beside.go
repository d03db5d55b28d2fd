package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gengfu"
	"gengfu/ops/incidents"
	"gengfu/scenarios"
	"gengfu/scenarios/strict"
	"gengfu/storage"
)

// readHostTargets reads which targets a host belongs to. Whether there are such
// targets is known when the scenarios are.
func (in *instance) readHostTargets(host string) func(strict.Node) {
	return func(n strict.Node) {
		names, ok := n.StringList()
		items, _ := n.Items()
		if !ok || len(items) != len(names) {
			return
		}
		for i, target := range names {
			in.hostTargets = append(in.hostTargets, hostTarget{host, target, items[i]})
		}
	}
}

// hostTarget is a target that a host belongs to.
type hostTarget struct {
	host, target string
	node         strict.Node
}

// unknownTargets are the targets of hosts that no scenario has.
func (in *instance) unknownTargets(set *scenarios.Set) (problems strict.Problems) {
	var known []string
	for _, s := range set.Scenarios {
		if s.Target != "" && !slices.Contains(known, s.Target) {
			known = append(known, s.Target)
		}
	}
	slices.Sort(known)
	for _, t := range in.hostTargets {
		if !slices.Contains(known, t.target) {
			problems = append(problems, strict.Problem{
				File: t.node.File(), Line: t.node.Line(), Col: t.node.Col(),
				Finding: fmt.Sprintf("host %s: no scenario has the target %q", t.host, t.target), Remedy: suggest(t.target, known),
			})
		}
	}
	return problems
}

// hostsOf are the hosts of each target.
func (in *instance) hostsOf() map[string][]string {
	of := map[string][]string{}
	for _, t := range in.hostTargets {
		of[t.target] = append(of[t.target], t.host)
	}
	return of
}

// isOf reports whether an incident is about one of some hosts.
func isOf(inc gengfu.Incident, hosts []string) bool {
	return slices.ContainsFunc(hosts, func(host string) bool { return strings.HasPrefix(inc.Key, gengfu.HostKey(host, "")) })
}

// beside says which machines of a target are in trouble, empty for none.
func (d *daemon) beside(ctx context.Context, target string) string {
	hosts := d.terrain.Load().hosts[target]
	if len(hosts) == 0 {
		return ""
	}
	open, err := d.store.Incidents(ctx, storage.IncidentFilter{Active: true})
	if err != nil && ctx.Err() == nil {
		d.log.Warn("incidents could not be read", "error", err)
	}
	return incidents.BesideLine(slices.DeleteFunc(open, func(inc gengfu.Incident) bool { return inc.Recovered() || !isOf(inc, hosts) }))
}

// breached passes on what has just been opened about a host; it does not block.
func (d *daemon) breached(change gengfu.Change) {
	for _, ev := range change.Events {
		if ev.Kind != gengfu.EventOpened && ev.Kind != gengfu.EventReopened {
			continue
		}
		for _, inc := range change.Incidents {
			if inc.Number != ev.Incident {
				continue
			}
			select {
			case d.breaches <- inc:
			default:
			}
		}
	}
}

// watchBreaches notes on what was opened about targets that a machine of theirs
// got into trouble, too, until ctx ends.
func (d *daemon) watchBreaches(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case host := <-d.breaches:
			if err := d.relate(ctx, host, clock()); err != nil && ctx.Err() == nil {
				d.log.Error("trouble of a host not noted", "incident", host.Number, "error", err)
			}
		}
	}
}

func (d *daemon) relate(ctx context.Context, host gengfu.Incident, now time.Time) error {
	open, err := d.store.Incidents(ctx, storage.IncidentFilter{Active: true})
	hosts := d.terrain.Load().hosts
	wrong := []error{err}
	for _, inc := range open {
		if !isOf(host, hosts[inc.Target]) || len(incidents.Beside(inc, host, now).Events) == 0 {
			continue
		}
		wrong = append(wrong, d.store.AmendIncident(ctx, inc.Number, func(inc gengfu.Incident, snap gengfu.Snapshot) (gengfu.Change, error) {
			change := incidents.Beside(inc, host, now)
			if len(change.Events) == 0 {
				return gengfu.Change{}, nil
			}
			return d.desk.Notices(snap, change)
		}))
	}
	return errors.Join(wrong...)
}
