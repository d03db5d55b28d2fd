package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"gengfu"
)

const checkColumns = `check_key, location, state, since, streak, impact_start, flips, flips_since, error_streak, last_run, last_outcome,
	last_start, last_took_ms, last_passed, flipped, stale_since`

// States returns where every check stands, by check and location.
func (s *Store) States(ctx context.Context) ([]gengfu.CheckState, error) {
	list, err := all(ctx, s.reader, scanCheck, "SELECT "+checkColumns+" FROM check_state ORDER BY check_key, location")
	if err != nil {
		return nil, fmt.Errorf("read states: %w", explain(err))
	}
	return list, nil
}

// Check returns where a check stands, unknown when nothing is known of it.
func (s *Store) Check(ctx context.Context, check, location string) (gengfu.CheckState, error) {
	c, err := readCheck(ctx, s.reader, check, location)
	if err != nil {
		return c, fmt.Errorf("read state of %s: %w", check, explain(err))
	}
	return c, nil
}

// readCheck returns the state of a check, unknown when it has none yet.
func readCheck(ctx context.Context, q querier, check, location string) (gengfu.CheckState, error) {
	if check == "" {
		return gengfu.CheckState{State: gengfu.StateUnknown}, nil
	}
	c, ok, err := one(ctx, q, scanCheck, "SELECT "+checkColumns+" FROM check_state WHERE check_key = $1 AND location = $2", check, location)
	if err != nil || ok {
		return c, err
	}
	return gengfu.CheckState{Check: check, Location: location, State: gengfu.StateUnknown}, nil
}

// readElsewhere returns where the same check stands at other locations.
func readElsewhere(ctx context.Context, q querier, check, location string) ([]gengfu.CheckState, error) {
	if check == "" {
		return nil, nil
	}
	return all(ctx, q, scanCheck, "SELECT "+checkColumns+" FROM check_state WHERE check_key = $1 AND location <> $2 ORDER BY location", check, location)
}

func scanCheck(r row) (c gengfu.CheckState, err error) {
	var state, outcome int
	var since, impact, flips, start, took, passed, stale int64
	var flipped string
	err = r.Scan(&c.Check, &c.Location, &state, &since, &c.Streak, &impact, &c.Flips, &flips, &c.ErrorStreak, &c.LastRun, &outcome,
		&start, &took, &passed, &flipped, &stale)
	c.State, c.LastOutcome = states.word(state), outcomes.word(outcome)
	c.Since, c.ImpactStart, c.FlipsSince = moment(since), moment(impact), moment(flips)
	c.LastStart, c.LastTook, c.LastPassed, c.StaleSince = moment(start), spanOf(took), moment(passed), moment(stale)
	if err == nil && flipped != "" {
		err = json.Unmarshal([]byte(flipped), &c.Flipped)
	}
	return c, err
}

func writeCheck(ctx context.Context, t *tx, c gengfu.CheckState) error {
	state, err := states.number(c.State)
	if err != nil || c.Check == "" {
		return fmt.Errorf("check %q in state %q: %w", c.Check, c.State, gengfu.ErrInvalid)
	}
	outcome, err := outcomes.number(c.LastOutcome)
	if err != nil {
		return err
	}
	flipped := ""
	if !c.Flipped[0].IsZero() {
		text, err := json.Marshal(c.Flipped)
		if err != nil {
			return err
		}
		flipped = string(text)
	}
	_, err = t.exec(ctx, "INSERT INTO check_state ("+checkColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (check_key, location) DO UPDATE SET state = excluded.state, since = excluded.since, streak = excluded.streak,
		impact_start = excluded.impact_start, flips = excluded.flips, flips_since = excluded.flips_since, error_streak = excluded.error_streak,
		last_run = excluded.last_run, last_outcome = excluded.last_outcome, last_start = excluded.last_start,
		last_took_ms = excluded.last_took_ms, last_passed = excluded.last_passed,
		flipped = excluded.flipped, stale_since = excluded.stale_since`,
		c.Check, c.Location, state, millis(c.Since), c.Streak, millis(c.ImpactStart), c.Flips, millis(c.FlipsSince), c.ErrorStreak,
		c.LastRun, outcome, millis(c.LastStart), c.LastTook.Milliseconds(), millis(c.LastPassed),
		flipped, millis(c.StaleSince))
	return err
}
