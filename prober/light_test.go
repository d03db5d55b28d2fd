package prober

import (
	"testing"
	"time"

	"gengfu"
)

// TestDispatcher_lightRunsNeedNoWorker: a run without a browser starts while all
// workers are taken, and takes the place of none.
func TestDispatcher_lightRunsNeedNoWorker(t *testing.T) {
	d := newDispatcher(1, time.Second, nil, nil)
	now := time.Now()
	for _, j := range []job{{slot: gengfu.Slot{Scenario: "a"}}, {slot: gengfu.Slot{Scenario: "b"}}, {slot: gengfu.Slot{Scenario: "c"}, light: true}} {
		j.at = now.Add(-time.Second)
		if err := d.submit(j); err != nil {
			t.Fatal(err)
		}
	}
	var order []string
	var first job
	for {
		j, _, ok := d.pick(now)
		if !ok {
			break
		}
		if order = append(order, j.slot.Scenario); len(order) == 1 {
			first = j
		}
	}
	if len(order) != 2 || order[0] != "a" || order[1] != "c" {
		t.Fatalf("started %v, not a and c", order)
	}
	d.finish(first)
	if j, _, ok := d.pick(now); !ok || j.slot.Scenario != "b" {
		t.Errorf("after the worker was free: %v %v", j.slot.Scenario, ok)
	}
}
