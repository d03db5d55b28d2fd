package main

import (
	"context"
	"time"

	"gengfu"
	"gengfu/storage"
)

// reader is the store as the pages ask for it.
type reader struct{ *storage.Store }

// Hours returns hourly sums.
func (r reader) Hours(ctx context.Context, scenario string, step int, from, to time.Time) ([]gengfu.Rollup, error) {
	return r.Rollups(ctx, scenario, step, storage.Hour, from, to)
}

// Days returns daily sums.
func (r reader) Days(ctx context.Context, scenario string, step int, from, to time.Time) ([]gengfu.Rollup, error) {
	return r.Rollups(ctx, scenario, step, storage.Day, from, to)
}

// Incidents returns the newest incidents.
func (r reader) Incidents(ctx context.Context, active bool, limit int) ([]gengfu.Incident, error) {
	return r.Store.Incidents(ctx, storage.IncidentFilter{Active: active, Limit: limit})
}

// Deliveries returns the newest deliveries.
func (r reader) Deliveries(ctx context.Context, state gengfu.DeliveryState, incident string, limit int) ([]gengfu.Delivery, error) {
	return r.Store.Deliveries(ctx, storage.DeliveryFilter{State: state, Incident: incident, Limit: limit})
}
