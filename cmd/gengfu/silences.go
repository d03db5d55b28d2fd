package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"gengfu"
	"gengfu/notify"
	"gengfu/ops/incidents"
	"gengfu/storage"
)

// silences are those of the ledger that are not over, read when they change.
type silences struct {
	store *storage.Store
	rouse chan struct{} // gets a value when they changed

	mu    sync.Mutex // guards mutes
	mutes []notify.Mute
}

func openSilences(ctx context.Context, store *storage.Store) (*silences, error) {
	s := &silences{store: store, rouse: make(chan struct{}, 1)}
	return s, s.read(ctx)
}

// read takes over what the ledger holds.
func (s *silences) read(ctx context.Context) error {
	list, err := s.store.Silences(ctx, time.Now(), 0)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b gengfu.Silence) int { return int(a.ID - b.ID) })
	mutes := make([]notify.Mute, 0, len(list))
	for _, q := range list {
		m, err := notify.NewMute(q)
		if err != nil {
			return fmt.Errorf("silence %d: %w", q.ID, err)
		}
		mutes = append(mutes, m)
	}
	s.mu.Lock()
	s.mutes = mutes
	s.mu.Unlock()
	select {
	case s.rouse <- struct{}{}:
	default:
	}
	return nil
}

// over is the silence that keeps the messages of an incident back at a time:
// the one that keeps them back already, else the oldest.
func (s *silences) over(inc gengfu.Incident, at time.Time) *gengfu.Silence {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found *gengfu.Silence
	for _, m := range s.mutes {
		if m.Covers(at) && m.Holds(inc) && (found == nil || m.ID == inc.Silence) {
			found = &m.Silence
		}
	}
	return found
}

// next is when a silence begins or ends after now, at most an hour away.
func (s *silences) next(now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := now.Add(time.Hour)
	for _, m := range s.mutes {
		for _, t := range []time.Time{m.From, m.To} {
			if t.After(now) && t.Before(at) {
				at = t
			}
		}
	}
	return at
}

// Silences are those that end after a time.
func (s *silences) Silences(ctx context.Context, after time.Time, limit int) ([]gengfu.Silence, error) {
	return s.store.Silences(ctx, after, limit)
}

// Preview says what conditions would keep quiet now.
func (s *silences) Preview(ctx context.Context, matchers []string) (gengfu.SilencePreview, error) {
	var p gengfu.SilencePreview
	m, err := notify.NewMute(gengfu.Silence{Matchers: matchers})
	if err != nil {
		return p, err
	}
	open, err := s.store.Incidents(ctx, storage.IncidentFilter{Active: true})
	if err != nil {
		return p, err
	}
	cards, err := s.store.Scenarios(ctx)
	if err != nil {
		return p, err
	}
	p.Incidents = slices.DeleteFunc(open, func(inc gengfu.Incident) bool { return !m.Holds(inc) })
	p.Scenarios = slices.DeleteFunc(cards, func(c gengfu.ScenarioCard) bool {
		return !m.Holds(gengfu.Incident{Key: gengfu.ScenarioKey(c.ID), Grade: c.Severity, Tags: c.Tags, Target: c.Target, Owner: c.Owner})
	})
	return p, nil
}

// Add puts a silence into force.
func (s *silences) Add(ctx context.Context, q gengfu.Silence) (gengfu.Silence, error) {
	q.Created = time.Now().Round(0).UTC().Truncate(time.Millisecond)
	if q.From.IsZero() {
		q.From = q.Created
	}
	if err := q.Validate(q.Created); err != nil {
		return q, err
	}
	if _, err := notify.ParseMatchers(q.Matchers); err != nil {
		return q, err
	}
	var err error
	if q.ID, err = s.store.AddSilence(ctx, q); err != nil {
		return q, err
	}
	return q, s.read(ctx)
}

// End ends a silence before its time.
func (s *silences) End(ctx context.Context, id int64, actor string) error {
	if err := s.store.EndSilence(ctx, id, actor, time.Now()); err != nil {
		return err
	}
	return s.read(ctx)
}

// hush does what silences change of the incidents, what changed while nobody
// ran first of all, until ctx ends.
func (d *daemon) hush(ctx context.Context) error {
	for {
		now := time.Now().Round(0).UTC().Truncate(time.Millisecond)
		wait := time.Until(d.silences.next(now))
		if !d.hushAll(ctx, now) {
			wait = min(wait, sweepEvery)
		}
		timer := time.NewTimer(wait + time.Millisecond)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-d.silences.rouse:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// hushAll reports whether every incident that silences concern was dealt with.
func (d *daemon) hushAll(ctx context.Context, now time.Time) bool {
	list, err := d.store.Waiting(ctx)
	if err != nil && ctx.Err() == nil {
		d.log.Warn("incidents could not be read", "error", err)
	}
	well := err == nil
	for _, inc := range list {
		if len(incidents.Hush(inc, d.silences.over(inc, now), now).Incidents) == 0 {
			continue
		}
		if err := d.desk.Hush(ctx, inc.Number, now); err != nil && ctx.Err() == nil {
			d.log.Error("silence has no effect on an incident", "incident", inc.Number, "error", err)
			well = false
		}
	}
	return well
}
