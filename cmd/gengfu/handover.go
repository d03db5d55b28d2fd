package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gengfu"
	"gengfu/notify"
	"gengfu/ops/duty"
	"gengfu/scenarios/strict"
	"gengfu/storage"
)

// handover is whether those on duty are told at a shift change what is open.
type handover string

const (
	handoverOpen   handover = "true"   // when something is
	handoverAlways handover = "always" // that nothing is, too
)

// readHandover reads true, false or always.
func (in *instance) readHandover(roster string) func(strict.Node) {
	return func(n strict.Node) {
		if n.Text() == string(handoverAlways) {
			in.handovers[roster] = handoverAlways
			return
		}
		if on, ok := n.Bool(); ok && on {
			in.handovers[roster] = handoverOpen
		}
	}
}

func handoverSetting(roster string) string { return "handover." + roster }

// handOvers tells those who come on and go off duty what they hand over, once
// for each change of a roster; what was done is in the ledger.
func (d *daemon) handOvers(ctx context.Context, in *instance, t *telling, now time.Time) error {
	for _, r := range in.rosters {
		how := in.handovers[r.Name]
		if how == "" {
			continue
		}
		shift := r.At(now)
		people := changing(r.At(shift.From.Add(-1)), shift)
		if len(people) == 0 || now.Sub(shift.From) > lateNotice {
			continue
		}
		mark := shift.From.UTC().Format(time.RFC3339)
		if done, _, err := d.store.Setting(ctx, handoverSetting(r.Name)); err != nil || done == mark {
			if err != nil {
				return err
			}
			continue
		}
		if err := d.handOver(ctx, in, t, r, shift, people, how); err != nil {
			return err
		}
		if err := d.store.SetSetting(ctx, handoverSetting(r.Name), mark); err != nil {
			return err
		}
	}
	return nil
}

// changing are the people whose role is another one after a change, those who
// come before those who go.
func changing(before, after duty.Shift) (people []string) {
	for _, side := range [][2]duty.Shift{{after, before}, {before, after}} {
		for _, p := range side[0].Posts {
			if p.Person != "" && side[1].Person(p.Role) != p.Person && !slices.Contains(people, p.Person) {
				people = append(people, p.Person)
			}
		}
	}
	return people
}

// handOver queues the messages of one change.
func (d *daemon) handOver(ctx context.Context, in *instance, t *telling, r duty.Roster, shift duty.Shift, people []string, how handover) error {
	open, err := d.store.Incidents(ctx, storage.IncidentFilter{Active: true})
	if err != nil || len(open) == 0 && how != handoverAlways {
		return err
	}
	var lines, endpoints []string
	for _, inc := range slices.Backward(open) { // the oldest first
		lines = append(lines, handoverLine(inc, in.zone))
	}
	for _, id := range people {
		_, endpoints = in.add(t.channels, nil, endpoints, in.people[id], "")
	}
	var posts []string
	for _, p := range shift.Posts {
		posts = append(posts, p.Role+" "+cmp.Or(in.people[p.Person].Name, "–"))
	}
	title := fmt.Sprintf("%s %s", r.Name, strings.Join(posts, ", "))
	list, err := t.router.Handover(endpoints, title, lines, fmt.Sprintf("%s|%d", r.Name, shift.From.UnixMilli()), clock())
	if err != nil {
		return err
	}
	return d.queue(ctx, list)
}

// handoverLine is what one incident is about, who has it, and the next clock
// that is due.
func handoverLine(inc gengfu.Incident, zone *time.Location) string {
	at := inc.Began().In(zone).Format("01-02 15:04")
	line := inc.Number + " [" + notify.GradeWords(inc.Grade) + "] " + inc.Title + gengfu.Both("，自 "+at+" 起", ", since "+at)
	if inc.Recovered() {
		line += gengfu.Both("，已恢复待确认", ", works again, to be confirmed")
	}
	if who := cmp.Or(inc.Assignee, inc.AckedBy); who != "" {
		line += gengfu.Both("，处理人 "+who, ", taken by "+who)
	} else {
		line += gengfu.Both("，无人处理", ", taken by nobody")
	}
	var next gengfu.Clock
	for _, c := range inc.Clocks {
		if c.State == "running" && (next.Kind == "" || c.Due.Before(next.Due)) {
			next = c
		}
	}
	if next.Kind != "" {
		line += gengfu.Both("；"+next.KindIn(gengfu.Chinese)+" "+next.DueIn(gengfu.Chinese, zone), "; "+next.KindIn(gengfu.English)+" "+next.DueIn(gengfu.English, zone))
	}
	return line
}
