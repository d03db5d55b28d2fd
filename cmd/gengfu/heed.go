package main

import (
	"context"
	"errors"
	"time"

	"gengfu"
	"gengfu/ops/clocks"
	"gengfu/storage"
)

// heed lets the clocks of what is open go by the calendar that holds now. It is
// asked when a period begins or ends by hand, and every minute for the others.
func (d *daemon) heed(ctx context.Context, now time.Time) error {
	active, err := d.store.Incidents(ctx, storage.IncidentFilter{Active: true})
	if err != nil {
		return err
	}
	var wrong []error
	for _, inc := range active {
		if d.times.Load().behind(inc, now) {
			wrong = append(wrong, d.desk.Expire(ctx, inc.Number, now))
		}
	}
	return errors.Join(wrong...)
}

// behind reports whether a clock of an incident goes by a calendar that does
// not hold any more.
func (t *times) behind(inc gengfu.Incident, now time.Time) bool {
	_, _, changed := clocks.Heed(t.clocks, inc, now)
	return len(inc.Clocks) > 0 && changed
}
