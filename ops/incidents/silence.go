package incidents

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gengfu"
)

// Hush is what silences change of an incident: by is the one that keeps its
// messages back now, nil for none. It is in the timeline that nobody was told;
// an incident that outlives its silence is told of once, and one that does not
// is never, nor is one that works again by then. The change is empty when nothing is due.
func Hush(inc gengfu.Incident, by *gengfu.Silence, now time.Time) gengfu.Change {
	ev := gengfu.Event{Incident: inc.Number, At: now, Actor: gengfu.Machine}
	switch {
	case by != nil && inc.Active() && inc.Silence != by.ID:
		ev.Kind, ev.Text = gengfu.EventMuted, strings.Join([]string{fmt.Sprintf("#%d", by.ID), by.Author, by.Reason}, " · ")
		inc.Silence = by.ID
	case by == nil && inc.Silence != 0 && failing(inc):
		ev.Kind, ev.Text = gengfu.EventUnmuted, fmt.Sprintf("#%d", inc.Silence)
		inc.Silence = 0
	case by == nil && inc.Silence != 0:
		inc.Silence = 0
		return gengfu.Change{Incidents: []gengfu.Incident{inc}}
	default:
		return gengfu.Change{}
	}
	inc.Seq++
	ev.Seq = inc.Seq
	return gengfu.Change{Incidents: []gengfu.Incident{inc}, Events: []gengfu.Event{ev}}
}

// Hush does what silences change of an incident at now.
func (d Desk) Hush(ctx context.Context, number string, now time.Time) error {
	return d.Ledger.AmendIncident(ctx, number, func(inc gengfu.Incident, snap gengfu.Snapshot) (gengfu.Change, error) {
		return d.Notices(snap, Hush(inc, d.silence(inc, now), now))
	})
}

func (d Desk) silence(inc gengfu.Incident, at time.Time) *gengfu.Silence {
	if d.Silence == nil {
		return nil
	}
	return d.Silence(inc, at)
}

// hushed adds to a change what silences make of its incidents. An incident
// whose silence is over is told of as a whole: held are the events that this
// makes needless, and those that a silence keeps back. Whoever heard of an
// incident hears of its end, silence or not.
func (d Desk) hushed(change gengfu.Change) (gengfu.Change, func(gengfu.Event) bool) {
	back := map[string]bool{}
	change.Incidents = slices.Clone(change.Incidents)
	for i, inc := range change.Incidents {
		at := lastOf(change.Events, inc.Number)
		if at.IsZero() {
			continue
		}
		by := d.silence(inc, at)
		more := Hush(inc, by, at)
		back[inc.Number] = by != nil || len(more.Events) > 0
		if len(more.Incidents) > 0 {
			change.Incidents[i] = more.Incidents[0]
			change.Events = append(change.Events[:len(change.Events):len(change.Events)], more.Events...)
		}
	}
	return change, func(ev gengfu.Event) bool {
		return back[ev.Incident] && ev.Kind != gengfu.EventUnmuted && !over(ev.Kind)
	}
}

func over(kind gengfu.EventKind) bool {
	return kind == gengfu.EventResolved || kind == gengfu.EventClosed || kind == gengfu.EventDeclined || kind == gengfu.EventMerged
}

// lastOf is when the latest event of an incident was, zero when there is none.
func lastOf(events []gengfu.Event, number string) (at time.Time) {
	for _, ev := range events {
		if ev.Incident == number {
			at = ev.At
		}
	}
	return at
}
