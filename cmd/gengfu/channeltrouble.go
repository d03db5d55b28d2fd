package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"gengfu"
	"gengfu/storage"
)

// wayChange is an endpoint that begins to need somebody's hand, or works again.
type wayChange struct {
	endpoint string
	err      error // nil when it works again
}

// waysChanged is told by the dispatcher; it does not block. One that is lost
// when very many change at once is found again at the next failure.
func (d *daemon) waysChanged(endpoint string, err error) {
	select {
	case d.ways <- wayChange{endpoint, err}:
	default:
		d.log.Warn("trouble with an endpoint goes without an incident", "endpoint", endpoint)
	}
}

// watchWays opens and resolves the incidents of endpoints, which the others
// hear of, until ctx ends.
func (d *daemon) watchWays(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case c := <-d.ways:
			if err := d.wayIncident(ctx, c, time.Now().Round(0).UTC().Truncate(time.Millisecond)); err != nil && ctx.Err() == nil {
				d.log.Error("incident of an endpoint", "endpoint", c.endpoint, "error", err)
			}
		}
	}
}

func (d *daemon) wayIncident(ctx context.Context, c wayChange, now time.Time) error {
	s := gengfu.Signal{Key: gengfu.ChannelKey(c.endpoint), Firing: c.err != nil, At: now, Grade: gengfu.GradeOrdinary, Title: c.endpoint, Member: c.endpoint}
	if c.err != nil {
		s.Note = c.err.Error()
	}
	return d.store.Amend(ctx, "", "", []string{s.Key}, func(snap gengfu.Snapshot) (gengfu.Change, error) {
		return d.desk.Change(snap, []gengfu.Signal{s}, now)
	})
}

// downWays are the endpoints that an open incident says are broken; those that
// left the configuration are broken no more.
func (d *daemon) downWays(ctx context.Context, configured []string) (down []string) {
	open, err := d.store.Incidents(ctx, storage.IncidentFilter{Active: true})
	if err != nil && ctx.Err() == nil {
		d.log.Warn("incidents could not be read", "error", err)
	}
	for _, inc := range open {
		endpoint, ok := strings.CutPrefix(inc.Key, gengfu.ChannelKey(""))
		switch {
		case !ok:
		case slices.Contains(configured, endpoint):
			down = append(down, endpoint)
		default:
			d.waysChanged(endpoint, nil)
		}
	}
	return down
}
