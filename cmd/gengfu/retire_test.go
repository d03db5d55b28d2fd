package main

import (
	"testing"
	"time"

	"gengfu"
	"gengfu/ops/incidents"
)

// TestWithdraw: a removed scenario leaves the incidents it is in; the last one
// closes them. What is not about scenarios stays.
func TestWithdraw(t *testing.T) {
	now := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	watched := func(id string) bool { return id == "home" }
	for _, c := range []struct {
		key     string
		state   gengfu.IncidentState
		members []string
		kind    gengfu.EventKind // of the event, empty for none
		left    int
	}{
		{"scenario:home", gengfu.IncidentOpen, []string{"home"}, "", 1},
		{"scenario:gone", gengfu.IncidentOpen, []string{"gone"}, gengfu.EventClosed, 1},
		{"account:gone", gengfu.IncidentWorking, []string{"gone"}, gengfu.EventClosed, 1},
		{"scenario:gone", gengfu.IncidentResolved, nil, "", 0},
		{"prober:local", gengfu.IncidentAcked, []string{"home", "gone"}, gengfu.EventUpdated, 1},
		{"prober:local/gone", gengfu.IncidentOpen, []string{"gone"}, gengfu.EventClosed, 1},
		{"host:local:cpu", gengfu.IncidentOpen, []string{"cpu"}, "", 1},
	} {
		change := withdraw(gengfu.Incident{Number: "INC-2026-0001", Key: c.key, State: c.state, Members: c.members, Seq: 3}, watched, now)
		if c.kind == "" {
			if len(change.Events)+len(change.Incidents) > 0 {
				t.Errorf("%s: %+v", c.key, change)
			}
			continue
		}
		inc, ev := change.Incidents[0], change.Events[0]
		if ev.Kind != c.kind || ev.Seq != 4 || inc.Seq != 4 || ev.Actor != gengfu.Machine || len(inc.Members) != c.left || !inc.Resolved.IsZero() {
			t.Errorf("%s: %+v", c.key, change)
		}
		if closed := c.kind == gengfu.EventClosed; closed != (inc.State == gengfu.IncidentClosed) || closed == inc.Closed.IsZero() {
			t.Errorf("%s: %+v", c.key, inc)
		}
	}
}

// TestAnyDue: what waits for its time, or behind such a message, is not waited
// for when the daemon stops.
func TestAnyDue(t *testing.T) {
	now := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	due := gengfu.Delivery{ID: 2, Stream: "hook|1", Next: now}
	later := gengfu.Delivery{ID: 1, Stream: "hook|1", Next: now.Add(time.Minute)}
	other := gengfu.Delivery{ID: 3, Stream: "hook|2", Next: now.Add(-time.Minute)}
	for want, list := range map[bool][][]gengfu.Delivery{
		true:  {{due}, {due, later, other}},
		false: {{}, {later}, {due, later}, {later, due}},
	} {
		for _, l := range list {
			if got := anyDue(l, now); got != want {
				t.Errorf("%+v: %t", l, got)
			}
		}
	}
}

// TestInstance_addresses: ids reach the links of messages in a form that is one
// part of a path.
func TestInstance_addresses(t *testing.T) {
	in := &instance{url: "https://gengfu.example"}
	slot := gengfu.Slot{Scenario: "登录 a/b", Location: "local", Due: time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC), Attempt: 2}
	if got, want := in.runURL(slot.ID()), "https://gengfu.example/runs/%E7%99%BB%E5%BD%95%20a%2Fb@local-20261123T070000.000Z.2"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if in.url = ""; in.runURL("x") != "" || in.incidentURL("x") != "" {
		t.Error("links without an address of the pages")
	}
}

// TestHostChange_namesTheMachine: the key stays the same whatever the machine is
// called; people read its name.
func TestHostChange_namesTheMachine(t *testing.T) {
	d := &daemon{}
	d.times.Store(&times{})
	d.desk = &incidents.Desk{Tell: d.tell}
	signals := []gengfu.Signal{{Key: gengfu.HostKey(gengfu.DefaultLocation, "cpu"), Firing: true, Member: "cpu"}}
	change, err := d.hostChange(gengfu.Snapshot{Next: "INC-2026-0001"}, signals, time.Now())
	if err != nil || len(change.Incidents) != 1 {
		t.Fatalf("%+v %v", change, err)
	}
	if inc := change.Incidents[0]; inc.Key != "host:local:cpu" || inc.Title != hostname()+" · cpu" {
		t.Errorf("%+v", inc)
	}
}
