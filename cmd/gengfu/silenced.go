package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"gengfu"
	"gengfu/notify"
	"gengfu/scenarios/strict"
)

// weekly is a time of the week; the zero value is never.
type weekly struct {
	day time.Weekday
	at  time.Duration // after midnight
	on  bool
}

// usualDigest is when it is told what silences kept quiet, unless the instance
// file says: when a working week begins, and not on the hour.
func usualDigest() weekly { return weekly{time.Monday, 9*time.Hour + 7*time.Minute, true} }

// readDigest reads mon 09:07, or off.
func (in *instance) readDigest(n strict.Node) {
	text, ok := n.String()
	if !ok {
		return
	}
	in.digest = weekly{}
	if text == "off" {
		return
	}
	day, clock, _ := strings.Cut(text, " ")
	minutes, ok := clockTime(strings.TrimSpace(clock))
	for i, name := range []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
		if ok && name == day && minutes < 24*60 {
			in.digest = weekly{time.Weekday(i), time.Duration(minutes) * time.Minute, true}
			return
		}
	}
	n.Problem(fmt.Sprintf("%q is no time of a week", text), "such as mon 09:07, or off")
}

// last is when it was that time last, by the clock on the wall.
func (w weekly) last(now time.Time) time.Time {
	y, m, d := now.Date()
	for back := range 8 {
		at := time.Date(y, m, d-back, 0, int(w.at/time.Minute), 0, 0, now.Location())
		if at.Weekday() == w.day && !at.After(now) {
			return at
		}
	}
	return time.Time{}
}

const (
	digestSetting = "digest.silenced" // the time of the last one
	digestReaches = 31 * 24 * time.Hour
)

// digestSilenced tells once a week what silences kept quiet and nobody heard
// of; what was done is in the ledger.
func (d *daemon) digestSilenced(ctx context.Context, in *instance, t *telling, now time.Time) error {
	due := in.digest.last(now.In(in.zone))
	if !in.digest.on || due.Equal(d.digested) {
		return nil
	}
	text, _, err := d.store.Setting(ctx, digestSetting)
	if err != nil {
		return err
	}
	before, err := time.Parse(time.RFC3339, text)
	if err != nil { // the first one
		before = due.AddDate(0, 0, -7)
	}
	if due.After(before) {
		if err := d.tellSilenced(ctx, in, t, before, due); err != nil {
			return err
		}
		if err := d.store.SetSetting(ctx, digestSetting, due.Format(time.RFC3339)); err != nil {
			return err
		}
	}
	d.digested = due
	return nil
}

// tellSilenced queues the messages about what ended after one time and not
// after another.
func (d *daemon) tellSilenced(ctx context.Context, in *instance, t *telling, after, until time.Time) error {
	hushed, err := d.store.Hushed(ctx, after.Add(-digestReaches))
	if err != nil {
		return err
	}
	var list []gengfu.Incident
	lines := map[string]string{}
	for _, inc := range hushed {
		if end := endOf(inc); !end.After(after) || end.After(until) {
			continue
		}
		events, err := d.store.Events(ctx, inc.Number)
		if err != nil {
			return err
		}
		list, lines[inc.Number] = append(list, inc), silencedLine(inc, events, in.zone)
	}
	messages, err := t.router.Silenced(list, func(inc gengfu.Incident) string { return lines[inc.Number] }, until.UTC().Format(time.RFC3339), clock())
	if err != nil {
		return err
	}
	return d.queue(ctx, messages)
}

// endOf is when an incident was over for those who use the platform, zero while
// it is not.
func endOf(inc gengfu.Incident) time.Time {
	switch {
	case inc.Active() && !inc.Recovered():
		return time.Time{}
	case inc.Watched && !inc.Mitigated.IsZero():
		return inc.Mitigated
	case !inc.Resolved.IsZero():
		return inc.Resolved
	}
	return inc.Closed
}

// silencedLine is what an incident was, from when to when, and whose silence
// kept it quiet.
func silencedLine(inc gengfu.Incident, events []gengfu.Event, zone *time.Location) string {
	by := ""
	for _, ev := range events {
		if ev.Kind == gengfu.EventMuted {
			by = ev.Text
		}
	}
	from, to := inc.Began(), cmp.Or(inc.ImpactEnd, endOf(inc))
	return inc.Number + " [" + notify.GradeWords(inc.Grade) + "] " + inc.Title + " " +
		from.In(zone).Format("01-02 15:04") + "–" + to.In(zone).Format("01-02 15:04") + gengfu.Both("，静默 "+by, ", silence "+by)
}
