package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"gengfu"
	"gengfu/prober"
	"gengfu/scenarios"
)

// reloaded is how the last reading of the configuration went.
type reloaded struct {
	at  time.Time
	err string
}

// reloads reads the configuration anew at every signal, and whenever its files
// changed since e began to follow them, until ctx ends.
func (d *daemon) reloads(ctx context.Context, e edits) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.hup:
		case <-tick.C:
			if e.in.onSignal || !e.settled() {
				continue
			}
		}
		e.follow(e.in)
		err := d.reload(ctx)
		d.setStatus(err)
		if err != nil {
			d.log.Error("reload refused; the old configuration stays in force", "error", strings.ReplaceAll(err.Error(), "\n", "; "))
			continue
		}
		d.log.Info("configuration reloaded")
		e.in = d.configured()
	}
}

func (d *daemon) setStatus(failure error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if failure != nil {
		d.status.err = failure.Error()
		return
	}
	d.status = reloaded{at: time.Now()}
}

// reload checks everything before anything changes.
func (d *daemon) reload(ctx context.Context) error {
	in, problems, err := loadInstance(d.in.path)
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		return err
	}
	set, problems := in.load()
	if len(problems) > 0 {
		return problems
	}
	if keys := d.in.differs(in); len(keys) > 0 {
		d.log.Warn("some changes take a restart", "keys", strings.Join(keys, ", "))
	}
	in.url, in.zone, in.transport = d.in.url, d.in.zone, d.in.transport // messages agree with each other
	return d.apply(ctx, in, set)
}

// differs lists the keys of another reading of the instance file that have
// another value and are read at the start only.
func (in *instance) differs(other *instance) []string {
	var keys []string
	for _, k := range []struct {
		key  string
		a, b any
	}{
		{"timezone", in.zone.String(), other.zone.String()},
		{"language", in.lang, other.lang},
		{"listen", in.listen, other.listen},
		{"url", in.url, other.url},
		{"data", in.data, other.data},
		{"session_key", in.sessionKey, other.sessionKey},
		{"browser", in.chrome, other.chrome},
		{"egress", in.egress, other.egress},
		{"workers", in.workers, other.workers},
		{"stop", in.stop, other.stop},
		{"hosts", in.hosts, other.hosts},
		{"deadman", in.deadman, other.deadman},
		{"hosts.local", in.watchHost, other.watchHost},
	} {
		if !reflect.DeepEqual(k.a, k.b) {
			keys = append(keys, k.key)
		}
	}
	return keys
}

// apply puts a checked configuration into force. What may fail comes first, so
// that a failure changes nothing.
func (d *daemon) apply(ctx context.Context, in *instance, set *scenarios.Set) error {
	d.heightening.turn.Lock()
	defer d.heightening.turn.Unlock()
	var t *telling
	if len(in.routes) > 0 {
		var err error
		if t, err = in.telling(); err != nil {
			return err
		}
	}
	cards := make([]gengfu.ScenarioCard, 0, len(set.Scenarios))
	for _, s := range set.Scenarios {
		if _, err := prober.NewPlan(s.Schedule, d.in.zone, s.ID); err != nil {
			return fmt.Errorf("%s:%d:%d: schedule of %s: %w", s.Pos.File, s.Pos.Line, s.Pos.Col, s.ID, err)
		}
		cards = append(cards, s.Card())
	}
	if err := readyFor(d.vault, set.Scenarios); err != nil {
		return err
	}
	if err := d.store.SaveScenarios(ctx, cards); err != nil {
		return err
	}
	d.pool.SetSecrets(in.secrets.Lookup)
	d.checks.SetSecrets(in.secrets.Lookup)
	d.redact.Store(new(gengfu.Redactor{}.With(in.secrets.Values()...)))
	d.terrain.Store(in.survey(set))
	if err := d.prober.Load(d.heighten(in, set).Scenarios); err != nil {
		return err
	}
	d.telling.Store(t)
	d.times.Store(in.times(t, d.heightening.now))
	select {
	case d.changed <- struct{}{}:
	default: // a token is waiting, and the dispatcher takes what is newest
	}
	if err := d.retire(ctx); err != nil {
		return err
	}
	return d.greet(ctx)
}
