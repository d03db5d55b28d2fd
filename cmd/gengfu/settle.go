package main

import (
	"strings"
	"sync"
	"time"

	"gengfu"
	"gengfu/ops/incidents"
	"gengfu/scenarios"
)

const (
	// settle is how long the opening of a scenario's incident waits while so
	// many others of its target are suspected that it may become part of one
	// incident; the second runs of the others take longer where they wait.
	settle     = 10 * time.Second
	settleMost = 30 * time.Second
)

// suspects are the scenarios that failed and whose second run is to come. A
// restart forgets them: then an opening leaves at once.
type suspects struct {
	mu       sync.Mutex // guards byTarget
	byTarget map[string]map[string]bool
}

// note takes over how a check stands after a run.
func (s *suspects) note(r gengfu.Run, state gengfu.CheckState) {
	if r.Target == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.byTarget[r.Target]
	if state.State != gengfu.StateSuspect {
		delete(all, r.Slot.Scenario)
		return
	}
	if s.byTarget == nil {
		s.byTarget = map[string]map[string]bool{}
	}
	if all == nil {
		all = map[string]bool{}
		s.byTarget[r.Target] = all
	}
	all[r.Slot.Scenario] = true
}

// besides counts those of a target other than one scenario.
func (s *suspects) besides(target, scenario string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.byTarget[target])
	if s.byTarget[target][scenario] {
		n--
	}
	return n
}

// settled lets the openings of a run wait while a storm of their target looms.
func (d *daemon) settled(snap gengfu.Snapshot, change gengfu.Change, r gengfu.Run, a incidents.Around, confirm scenarios.Confirm) gengfu.Change {
	now := time.Now()
	if len(change.Deliveries) == 0 || !incidents.Looming(snap, a, d.suspects.besides(r.Target, r.Slot.Scenario), now) {
		return change
	}
	until := now.Add(min(settle+confirm.Wait, settleMost))
	single := map[string]bool{}
	for _, inc := range change.Incidents {
		single[inc.Number] = strings.HasPrefix(inc.Key, gengfu.ScenarioKey(""))
	}
	for i, del := range change.Deliveries {
		if del.Kind == gengfu.EventOpened && single[del.Incident] && del.Next.Before(until) {
			change.Deliveries[i].Next = until
		}
	}
	return change
}
