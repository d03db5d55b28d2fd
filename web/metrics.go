package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"gengfu"
)

// metrics serves the families of the ledger and the internals of the process
// in the text format of Prometheus.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) error {
	var out bytes.Buffer
	f := exposition{out: &out, written: map[string]bool{}}
	if err := s.export.write(r.Context(), &f); err != nil {
		return err
	}
	var internals bytes.Buffer
	if s.cfg.Metrics != nil {
		s.cfg.Metrics.WritePrometheus(&internals)
	}
	metrics.WriteProcessMetrics(&internals)
	f.annotate(internals.Bytes())
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, err := out.WriteTo(w)
	return gone(err)
}

// exporter makes the families of scenarios, incidents, the outbox and hosts
// from the ledger. Nothing is ever unregistered: what the ledger no longer
// has is not written.
type exporter struct {
	cfg    Config
	bounds []time.Duration // of the run duration buckets

	mu     sync.Mutex // guards what is below
	closed map[string]tally
	until  time.Time // the days before it are in closed
}

// tally counts the runs of one scenario by location.
type tally map[string]*counts

type counts struct {
	passed, degraded, failed, errored int
	took                              gengfu.Histogram // of those that worked
}

func newExporter(cfg Config) *exporter {
	return &exporter{cfg: cfg, closed: map[string]tally{}, bounds: []time.Duration{
		100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second,
		8 * time.Second, 13 * time.Second, 20 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute,
	}}
}

// openDays is how long a day may still change: a late result is counted on the
// day it was planned for.
const openDays = 2

// totals returns the counters of every scenario since the beginning of the
// ledger. Finished days are read once and kept; the counters therefore go on
// over a restart and never fall.
func (e *exporter) totals(ctx context.Context, cards []gengfu.ScenarioCard) (map[string]tally, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.cfg.Now()
	y, m, d := now.In(e.cfg.Zone).Date()
	open := time.Date(y, m, d-openDays, 0, 0, 0, 0, e.cfg.Zone)
	if !open.Equal(e.until) {
		clear(e.closed)
		e.until = open
	}
	out := make(map[string]tally, len(cards))
	for _, card := range cards {
		before, ok := e.closed[card.ID]
		if !ok {
			rolls, err := e.cfg.History.Days(ctx, card.ID, 0, time.Unix(0, 0), open)
			if err != nil {
				return nil, err
			}
			before = tally{}
			before.add(rolls)
			e.closed[card.ID] = before
		}
		rolls, err := e.cfg.History.Days(ctx, card.ID, 0, open, now.AddDate(0, 0, 2))
		if err != nil {
			return nil, err
		}
		sum := before.clone()
		sum.add(rolls)
		out[card.ID] = sum
	}
	return out, nil
}

func (t tally) add(rolls []Rollup) {
	for _, ru := range rolls {
		c := t[ru.Location]
		if c == nil {
			c = &counts{}
			t[ru.Location] = c
		}
		c.passed += ru.N - ru.Failed - ru.Degraded
		c.degraded += ru.Degraded
		c.failed += ru.Failed
		c.errored += ru.Errored
		c.took.Merge(ru.Durations)
	}
}

func (t tally) clone() tally {
	c := make(tally, len(t))
	for location, n := range t {
		same := *n
		same.took = n.took.Clone()
		c[location] = &same
	}
	return c
}

// locations are the tally's locations in a steady order.
func (t tally) locations() []string {
	var names []string
	for name := range t {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (e *exporter) write(ctx context.Context, f *exposition) error {
	cards, err := e.cfg.Scenarios.Scenarios(ctx)
	if err != nil {
		return fmt.Errorf("export metrics: %w", err)
	}
	totals, err := e.totals(ctx, cards)
	if err != nil {
		return fmt.Errorf("export metrics: %w", err)
	}
	states, err := e.cfg.Scenarios.States(ctx)
	if err != nil {
		return fmt.Errorf("export metrics: %w", err)
	}
	active, err := e.cfg.Incidents.Incidents(ctx, true, 0)
	if err != nil {
		return fmt.Errorf("export metrics: %w", err)
	}
	hosts, err := e.cfg.Hosts.LatestHosts(ctx)
	if err != nil {
		return fmt.Errorf("export metrics: %w", err)
	}
	latest := map[string][]gengfu.Run{}
	for _, card := range cards {
		if latest[card.ID], err = e.cfg.Runs.Runs(ctx, card.ID, time.Time{}, 1); err != nil {
			return fmt.Errorf("export metrics: %w", err)
		}
	}
	f.scenarios(cards, states)
	f.runs(cards, totals, e.bounds)
	f.lastRuns(cards, latest)
	health := e.cfg.Health(ctx)
	f.prober(health, e.cfg.Version, e.cfg.Now())
	f.endpoints(health.Endpoints, e.bounds)
	f.incidents(active)
	f.hosts(hosts)
	return nil
}
