package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"gengfu"
)

// names gives scenarios, locations and revisions their numbers. Numbers are
// given once and never taken back, so what is known may be kept in memory.
type names struct {
	mu        sync.RWMutex
	scenarios both
	locations both
	revisions map[revision]int64
	cards     map[int64]gengfu.ScenarioCard // by number of the revision, without source
}

// both is a dictionary that is read in both directions.
type both struct {
	ids  map[string]int64
	keys map[int64]string
}

func (b both) add(id int64, key string) { b.ids[key], b.keys[id] = id, key }

type revision struct {
	scenario int64
	sha256   string
}

func (n *names) reset() {
	n.scenarios = both{map[string]int64{}, map[int64]string{}}
	n.locations = both{map[string]int64{}, map[int64]string{}}
	n.revisions = map[revision]int64{}
	n.cards = map[int64]gengfu.ScenarioCard{}
}

type named struct {
	id  int64
	key string
}

func scanNamed(r row) (v named, err error) {
	err = r.Scan(&v.id, &v.key)
	return v, err
}

func (n *names) load(ctx context.Context, q querier) error {
	for query, dict := range map[string]both{
		"SELECT id, key FROM scenario": n.scenarios,
		"SELECT id, key FROM location": n.locations,
	} {
		list, err := all(ctx, q, scanNamed, query)
		if err != nil {
			return fmt.Errorf("open ledger: %w", explain(err))
		}
		for _, v := range list {
			dict.add(v.id, v.key)
		}
	}
	return nil
}

func (n *names) scenario(key string) int64 {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.scenarios.ids[key]
}

func (n *names) location(key string) int64 {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.locations.ids[key]
}

// words is the inverse of the two above, for one record.
func (n *names) words(scenario, location int64) (string, string) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.scenarios.keys[scenario], n.locations.keys[location]
}

func (n *names) learn(dict both, id int64, key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	dict.add(id, key)
}

// slotKey is the key of a slot in the database.
type slotKey struct {
	scenario, due, location int64
	attempt                 int
}

// key numbers the words of a slot, giving new words a number in a transaction
// of its own: a name without runs does no harm.
func (s *Store) key(ctx context.Context, slot gengfu.Slot) (slotKey, error) {
	k := slotKey{due: millis(slot.Due), attempt: slot.Attempt}
	switch {
	case slot.Scenario == "" || slot.Location == "":
		return k, fmt.Errorf("slot %q without scenario or location: %w", slot.ID(), gengfu.ErrInvalid)
	case slot.Attempt < 1 || k.due == 0:
		return k, fmt.Errorf("slot %q without attempt or planned time: %w", slot.ID(), gengfu.ErrInvalid)
	}
	k.scenario, k.location = s.names.scenario(slot.Scenario), s.names.location(slot.Location)
	if k.scenario != 0 && k.location != 0 {
		return k, nil
	}
	err := s.write(ctx, func(t *tx) (err error) {
		if k.scenario, err = s.nameScenario(ctx, t, slot.Scenario); err != nil {
			return err
		}
		k.location, err = s.nameLocation(ctx, t, slot.Location)
		return err
	})
	return k, err
}

func (s *Store) nameScenario(ctx context.Context, t *tx, key string) (int64, error) {
	id, _, err := one(ctx, t, scalar[int64], `INSERT INTO scenario (key, state) VALUES ($1, 0)
		ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id`, key)
	t.after = append(t.after, func() { s.names.learn(s.names.scenarios, id, key) })
	return id, err
}

func (s *Store) nameLocation(ctx context.Context, t *tx, key string) (int64, error) {
	id, _, err := one(ctx, t, scalar[int64], `INSERT INTO location (key) VALUES ($1)
		ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id`, key)
	t.after = append(t.after, func() { s.names.learn(s.names.locations, id, key) })
	return id, err
}

// revisionOf numbers the revision that a run was made with. One that was
// never saved, such as that of a scenario run by hand, is described by the
// run itself.
func (s *Store) revisionOf(ctx context.Context, scenario int64, r *gengfu.Run) (int64, gengfu.ScenarioCard, error) {
	s.names.mu.RLock()
	id, ok := s.names.revisions[revision{scenario, r.Revision}]
	card, known := s.names.cards[id]
	s.names.mu.RUnlock()
	if ok && known {
		return id, card, nil
	}
	id, ok, err := one(ctx, s.reader, scalar[int64], "SELECT id FROM scenario_rev WHERE scenario_id = $1 AND sha256 = $2", scenario, r.Revision)
	if err != nil {
		return 0, card, err
	}
	if ok {
		card, err = s.card(ctx, id)
		return id, card, err
	}
	err = s.write(ctx, func(t *tx) (err error) {
		id, card, err = s.addRevision(ctx, t, scenario, cardOf(r), false)
		return err
	})
	return id, card, err
}

func cardOf(r *gengfu.Run) gengfu.ScenarioCard {
	card := gengfu.ScenarioCard{
		ID: r.Slot.Scenario, Title: r.Title, Target: r.Target, Tags: r.Tags, Owner: r.Owner,
		Runbook: r.Runbook, Severity: r.Severity, Notify: r.Notify, Revision: r.Revision,
	}
	for _, step := range r.Steps {
		card.Steps = append(card.Steps, step.Name)
	}
	return card
}

// addRevision writes a revision; replace says whether a card that is there
// already gives way.
func (s *Store) addRevision(ctx context.Context, t *tx, scenario int64, card gengfu.ScenarioCard, replace bool) (int64, gengfu.ScenarioCard, error) {
	source := card.Source
	card.Source = ""
	body, err := json.Marshal(card)
	if err != nil {
		return 0, card, err
	}
	query := `INSERT INTO scenario_rev (scenario_id, sha256, card, source, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (scenario_id, sha256) DO UPDATE SET sha256 = excluded.sha256 RETURNING id`
	if replace {
		query = `INSERT INTO scenario_rev (scenario_id, sha256, card, source, created_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (scenario_id, sha256) DO UPDATE SET card = excluded.card, source = excluded.source RETURNING id`
	}
	id, _, err := one(ctx, t, scalar[int64], query, scenario, card.Revision, body, source, millis(time.Now()))
	t.after = append(t.after, func() { s.names.keep(id, revision{scenario, card.Revision}, card) })
	return id, card, err
}

func (n *names) keep(id int64, rev revision, card gengfu.ScenarioCard) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.revisions[rev], n.cards[id] = id, card
}

// card returns the card of a revision, without its source.
func (s *Store) card(ctx context.Context, id int64) (gengfu.ScenarioCard, error) {
	s.names.mu.RLock()
	card, ok := s.names.cards[id]
	s.names.mu.RUnlock()
	if ok {
		return card, nil
	}
	type found struct {
		scenario int64
		body     []byte
	}
	v, ok, err := one(ctx, s.reader, func(r row) (v found, err error) {
		err = r.Scan(&v.scenario, &v.body)
		return v, err
	}, "SELECT scenario_id, card FROM scenario_rev WHERE id = $1", id)
	if err != nil || !ok {
		return card, err
	}
	if err := json.Unmarshal(v.body, &card); err != nil {
		return card, fmt.Errorf("card of revision %d: %w", id, err)
	}
	s.names.keep(id, revision{v.scenario, card.Revision}, card)
	return card, nil
}
