package prober

import (
	"testing"
	"testing/synctest"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// TestProber_upcoming: the run that needs a browser next, planned or queued.
func TestProber_upcoming(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		every := func(id string, d time.Duration, steps ...scenarios.Step) scenarios.Scenario {
			return scenarios.Scenario{ID: id, Schedule: scenarios.Schedule{Every: d}, Steps: steps}
		}
		page := scenarios.Step{Verb: scenarios.Goto}
		p := &Prober{cfg: Config{Zone: time.UTC, Location: gengfu.DefaultLocation}, loads: map[string]*loaded{}}
		p.dispatch = newDispatcher(1, time.Second, nil, nil)
		if s, _ := p.Upcoming(now); s != nil {
			t.Errorf("nothing is loaded, %s is next", s.ID)
		}
		slow, soon := every("slow", time.Hour, page), every("soon", 5*time.Second, page)
		if err := p.Load([]scenarios.Scenario{slow, soon, every("light", time.Second, scenarios.Step{Verb: scenarios.Check})}); err != nil {
			t.Fatal(err)
		}
		s, due := p.Upcoming(now)
		if plan, _ := p.Plan("soon"); s == nil || s.ID != "soon" || !due.Equal(plan.Next(now)) {
			t.Fatalf("%v at %s", s, due)
		}
		if _, later := p.Upcoming(due); !later.After(due) {
			t.Errorf("%s comes after itself", due)
		}
		again := now.Add(time.Millisecond)
		if err := p.dispatch.submit(job{slot: gengfu.Slot{Scenario: "slow", Kind: gengfu.SlotConfirm}, at: again}); err != nil {
			t.Fatal(err)
		}
		if s, due := p.Upcoming(now); s.ID != "slow" || !due.Equal(again) {
			t.Errorf("%s at %s, not what is queued", s.ID, due)
		}
	})
}
