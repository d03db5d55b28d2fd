package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gengfu"
	"gengfu/storage"
)

// withdrawn is the reason that an incident was closed for.
func withdrawn() string {
	return gengfu.Both("场景已移除，不再监测；并非恢复", "scenario removed and no longer watched; this is no recovery")
}

// retire ends what is open about scenarios that are not watched any more:
// nothing will ever be heard of them again, so nothing else would.
func (d *daemon) retire(ctx context.Context) error {
	active, err := d.store.Incidents(ctx, storage.IncidentFilter{Active: true})
	if err != nil {
		return err
	}
	watched := func(scenario string) bool {
		_, ok := d.prober.Plan(scenario)
		return ok
	}
	now := time.Now().Round(0).UTC().Truncate(time.Millisecond)
	for _, inc := range active {
		if len(withdraw(inc, watched, now).Events) == 0 {
			continue
		}
		err := d.store.AmendIncident(ctx, inc.Number, func(inc gengfu.Incident, snap gengfu.Snapshot) (gengfu.Change, error) {
			return d.desk.Notices(snap, withdraw(inc, watched, now))
		})
		if err != nil {
			return fmt.Errorf("end incident of removed scenario: %w", err)
		}
	}
	return nil
}

// withdraw takes the scenarios that are not watched out of an incident, and
// closes it when none is left. Other incidents it leaves as they are.
func withdraw(inc gengfu.Incident, watched func(scenario string) bool, now time.Time) gengfu.Change {
	scope, _, _ := strings.Cut(inc.Key, ":")
	if !inc.Active() || !slices.Contains([]string{"scenario", "account", "prober", "target", "login", "location"}, scope) {
		return gengfu.Change{}
	}
	var left, gone []string
	for _, m := range inc.Members {
		if gengfu.SelfMember(m) || watched(m) {
			left = append(left, m)
		} else {
			gone = append(gone, m)
		}
	}
	if len(gone) == 0 {
		return gengfu.Change{}
	}
	inc.Seq++
	ev := gengfu.Event{Incident: inc.Number, Seq: inc.Seq, At: now, Actor: gengfu.Machine, Kind: gengfu.EventUpdated, Text: "− " + strings.Join(gone, ", ")}
	if len(left) == 0 {
		ev.Kind, ev.Text = gengfu.EventClosed, withdrawn()
		inc.State, inc.Closed = gengfu.IncidentClosed, now
	} else {
		inc.Members = left
	}
	return gengfu.Change{Incidents: []gengfu.Incident{inc}, Events: []gengfu.Event{ev}}
}
