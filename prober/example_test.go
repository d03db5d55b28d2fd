package prober_test

import (
	"fmt"
	"time"

	"gengfu"
	"gengfu/prober"
	"gengfu/scenarios"
)

// The next runs of a scenario, as a page shows them.
func ExamplePlan() {
	plan, err := prober.NewPlan(scenarios.Schedule{Cron: "0 9,17 * * 1-5"}, time.UTC, "admin-login@local")
	if err != nil {
		fmt.Println(err)
		return
	}
	friday := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, due := range plan.Slots(friday, friday.AddDate(0, 0, 7), 3) {
		fmt.Println(due.Format("Mon 15:04"))
	}
	// Output:
	// Fri 17:00
	// Mon 09:00
	// Mon 17:00
}

// A failure is said only after its re-run has failed too.
func ExampleJudge() {
	confirm := scenarios.Confirm{Retries: 1}
	run := gengfu.Run{
		Slot:    gengfu.Slot{Scenario: "admin-login", Due: time.Date(2026, 11, 23, 7, 15, 0, 0, time.UTC), Location: "local", Attempt: 1},
		Outcome: gengfu.Failed, Failure: &gengfu.Failure{Fault: gengfu.FaultTimeout},
	}
	state, signals := prober.Judge(gengfu.CheckState{}, run, confirm)
	fmt.Println(state.State, len(signals))
	again, wait, _ := prober.Again(run, state, confirm)
	fmt.Println(again.ID(), wait)
	run.Slot = again
	state, signals = prober.Judge(state, run, confirm)
	fmt.Println(state.State, signals[0].Key)
	// Output:
	// suspect 0
	// admin-login@local-20261123T071500.000Z.2 0s
	// down scenario:admin-login
}
