package main

import (
	"context"
	"reflect"
	"time"

	"gengfu/notify"
)

// mended are the endpoints whose channel is another than before: what waits
// for them may go through now.
func (t *telling) mended(before *telling) []string {
	if t == nil || before == nil {
		return nil
	}
	old := map[string]notify.Config{}
	for _, c := range before.configs {
		old[c.Name] = c
	}
	changed := map[string]bool{}
	for _, c := range t.configs {
		was, known := old[c.Name]
		changed[c.Name] = !known || !reflect.DeepEqual(c, was)
	}
	var endpoints []string
	for _, ep := range t.channels.Endpoints() {
		if changed[t.channels.NameOf(ep)] {
			endpoints = append(endpoints, ep)
		}
	}
	return endpoints
}

// hasten has the messages for repaired endpoints tried at once instead of
// after their pause.
func (d *daemon) hasten(ctx context.Context, endpoints []string) {
	for _, ep := range endpoints {
		n, err := d.store.Hasten(ctx, ep, time.Now())
		switch {
		case err != nil:
			d.log.Error("hasten deliveries", "endpoint", ep, "error", err)
		case n > 0:
			d.log.Info("deliveries tried at once after a change of their channel", "endpoint", ep, "deliveries", n)
		}
	}
}
