package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"gengfu"
)

// SaveScenarios makes cards, in this order, the present scenarios. Scenarios
// that are not among them are retired: their runs stay.
func (s *Store) SaveScenarios(ctx context.Context, cards []gengfu.ScenarioCard) error {
	err := s.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, "UPDATE scenario SET state = 2 WHERE state = 1"); err != nil {
			return err
		}
		for i, card := range cards {
			if card.ID == "" {
				return fmt.Errorf("scenario %d has no id: %w", i+1, gengfu.ErrInvalid)
			}
			id, err := s.nameScenario(ctx, t, card.ID)
			if err != nil {
				return err
			}
			rev, _, err := s.addRevision(ctx, t, id, card, true)
			if err != nil {
				return err
			}
			if _, err := t.exec(ctx, "UPDATE scenario SET state = 1, ord = $1, rev_id = $2 WHERE id = $3", i, rev, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save scenarios: %w", err)
	}
	return nil
}

// Scenarios returns the present scenarios in the order they were saved in.
func (s *Store) Scenarios(ctx context.Context) ([]gengfu.ScenarioCard, error) {
	cards, err := all(ctx, s.reader, scanCard, `SELECT v.card, v.source FROM scenario s JOIN scenario_rev v ON v.id = s.rev_id
		WHERE s.state = 1 ORDER BY s.ord`)
	if err != nil {
		return nil, fmt.Errorf("read scenarios: %w", explain(err))
	}
	return cards, nil
}

// Scenario returns the latest card of a scenario, retired or not, or an error
// that is [gengfu.ErrNotFound].
func (s *Store) Scenario(ctx context.Context, id string) (gengfu.ScenarioCard, error) {
	card, ok, err := one(ctx, s.reader, scanCard, `SELECT v.card, v.source FROM scenario s JOIN scenario_rev v ON v.id = s.rev_id
		WHERE s.key = $1`, id)
	if err != nil {
		return card, fmt.Errorf("read scenario %q: %w", id, explain(err))
	}
	if !ok {
		return card, fmt.Errorf("scenario %q: %w", id, gengfu.ErrNotFound)
	}
	return card, nil
}

func scanCard(r row) (card gengfu.ScenarioCard, err error) {
	var body []byte
	var source string
	if err := r.Scan(&body, &source); err != nil {
		return card, err
	}
	err = json.Unmarshal(body, &card)
	card.Source = source
	return card, err
}
