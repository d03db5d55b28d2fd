package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gengfu/demo/sinks"
)

// site is a platform that can be switched off, with the drill's daemon
// watching it from many scenarios that need no browser.
func newStorm(t *testing.T, scenarios int, every, extra string) (d *drill, off *atomic.Bool) {
	t.Helper()
	d = prepare(t)
	off = &atomic.Bool{}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if off.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(site.Close)
	var text strings.Builder
	for i := range scenarios {
		fmt.Fprintf(&text, "---\nscenario: s%03d\ntarget: portal\nsteps:\n  - http: GET %s/page/%d\nschedule: {every: %s}\nconfirm: {retries: 1, wait: 100ms}\n", i, site.URL, i, every)
	}
	d.scenario("many", strings.TrimPrefix(text.String(), "---\n"))
	writeFile(t, d.dir, "gengfu.yaml", d.instance+"browser: {overload: 0}\n"+extra)
	d.start("gengfu")
	t.Cleanup(d.end)
	return d, off
}

// TestDrill_aStormIsOneIncident switches a platform off that a hundred
// scenarios watch, and on again.
func TestDrill_aStormIsOneIncident(t *testing.T) {
	d, off := newStorm(t, 100, "4s", "")
	d.logged("slot=s099@")
	off.Store(true)
	opened := d.told("incident.opened", 1, 1)
	if opened.Data.Key != "target:portal" {
		t.Errorf("opened %+v", opened.Data)
	}
	d.members(opened.Data.Incident, 90)
	off.Store(false)
	d.told("incident.resolved", 2, 2)
	got := d.got.Received()
	if len(got.Mails) != 2 || len(got.Slack) != 2 || len(got.Webhooks) != 2 {
		t.Errorf("%d mails, %d Slack messages, %d webhooks; want 2 each", len(got.Mails), len(got.Slack), len(got.Webhooks))
	}
	d.oneIncident(opened.Data.Incident)
}

// members waits until an incident has so many of them.
func (d *drill) members(number string, atLeast int) {
	d.t.Helper()
	ctx := d.within(30 * time.Second)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		var inc struct {
			Members []string `json:"members"`
		}
		q, err := http.NewRequestWithContext(ctx, http.MethodGet, d.pages+"/api/v1/incidents/"+number, http.NoBody)
		if err != nil {
			d.t.Fatal(err)
		}
		a, err := http.DefaultClient.Do(q)
		if err != nil {
			d.t.Fatal(err)
		}
		err = json.NewDecoder(a.Body).Decode(&inc)
		_ = a.Body.Close()
		if err != nil {
			d.t.Fatal(err)
		}
		if len(inc.Members) >= atLeast {
			return
		}
		select {
		case <-ctx.Done():
			d.t.Fatalf("%s has %d members, want %d", number, len(inc.Members), atLeast)
		case <-tick.C:
		}
	}
}

// TestDrill_ownNetworkIsNoOutage takes the control targets away together with
// the platform, as a cut of the own network does.
func TestDrill_ownNetworkIsNoOutage(t *testing.T) {
	var lines []net.Listener
	var extra strings.Builder
	extra.WriteString("controls:\n")
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		lines = append(lines, l)
		fmt.Fprintf(&extra, "  - {tcp: %q}\n", l.Addr())
	}
	d, off := newStorm(t, 10, "2s", extra.String())
	d.logged("outcome=passed")
	for _, l := range lines {
		_ = l.Close()
	}
	off.Store(true)
	opened := d.told("incident.opened", 1, 1)
	if opened.Data.Key != "prober:local" || opened.Data.Class != "network" || !strings.Contains(opened.Data.Cause["zh-CN"], "2 个对照目标中有 2 个不通") {
		t.Errorf("opened %+v", opened.Data)
	}
	off.Store(false)
	// As long as no control target answers, no failure could be told from our
	// own: that the platform works is no end of it.
	d.logged("outcome=passed")
	for _, l := range lines {
		again, err := net.Listen("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = again.Close() })
	}
	d.told("incident.resolved", 2, 2)
	d.oneIncident(opened.Data.Incident)
	if err := d.got.Wait(d.within(time.Second), func(got sinks.Received) bool { return len(got.Mails) > 2 }); err == nil {
		t.Error("more was told than one trouble of the prober")
	}
}
