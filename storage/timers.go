package storage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"gengfu"
)

// rearm replaces all timers of the incidents that it is given.
func rearm(ctx context.Context, t *tx, timers map[string][]gengfu.Timer) error {
	for _, number := range slices.Sorted(maps.Keys(timers)) {
		if _, err := t.exec(ctx, "DELETE FROM timer WHERE incident = $1", number); err != nil {
			return fmt.Errorf("timers of %s: %w", number, err)
		}
		for _, timer := range timers[number] {
			if timer.Incident != number || timer.Kind == "" || timer.Due.IsZero() {
				return fmt.Errorf("timer %q of %s: no kind, no time or another incident: %w", timer.Kind, number, gengfu.ErrInvalid)
			}
			if _, err := t.exec(ctx, "INSERT INTO timer (incident, kind, step, generation, due_at) VALUES ($1, $2, $3, $4, $5)",
				number, string(timer.Kind), timer.Step, timer.Generation, millis(timer.Due)); err != nil {
				return fmt.Errorf("timer %q of %s: %w", timer.Kind, number, err)
			}
		}
		t.topics = append(t.topics, "timer:"+number)
	}
	return nil
}

const timerColumns = "incident, kind, step, generation, due_at"

func scanTimer(r row) (timer gengfu.Timer, err error) {
	var kind string
	var due int64
	err = r.Scan(&timer.Incident, &kind, &timer.Step, &timer.Generation, &due)
	timer.Kind, timer.Due = gengfu.TimerKind(kind), moment(due)
	return timer, err
}

// Timers returns the timers of an incident, or all of them when number is
// empty; the next first.
func (s *Store) Timers(ctx context.Context, number string) ([]gengfu.Timer, error) {
	list, err := all(ctx, s.reader, scanTimer, "SELECT "+timerColumns+" FROM timer WHERE $1 = '' OR incident = $1 ORDER BY due_at, incident, kind", number)
	return list, wrap(err, "read timers")
}

// Due returns the numbers of the incidents that a timer is due for, each once.
func (s *Store) Due(ctx context.Context, now time.Time) ([]string, error) {
	list, err := all(ctx, s.reader, scalar[string], "SELECT incident FROM timer WHERE due_at <= $1 GROUP BY incident ORDER BY MIN(due_at), incident", millis(now))
	return list, wrap(err, "read due timers")
}

// NextTimer is when the next timer is due, zero when there is none.
func (s *Store) NextTimer(ctx context.Context) (time.Time, error) {
	due, _, err := one(ctx, s.reader, scalar[int64], "SELECT due_at FROM timer ORDER BY due_at LIMIT 1")
	return moment(due), wrap(err, "read next timer")
}
