// Package storagetest holds the suite that the ledger must pass on every
// database engine.
package storagetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"gengfu"
	"gengfu/storage"
)

// Suite runs every case on a ledger of its own. open must return an empty one
// whose zone is [Zone], and close it when the test ends.
func Suite(t *testing.T, open func(t *testing.T) *storage.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, *storage.Store){
		"record gives back the whole run":                 wholeRun,
		"record refuses a second result":                  duplicate,
		"record without a decision leaves nothing":        atomic,
		"record refuses what it does not know":            unknownWords,
		"pictures of steps go with the next":              pruneStills,
		"a good run is remembered by its outline":         remembered,
		"runs are listed by planned time":                 listing,
		"latest runs of all scenarios":                    latestRuns,
		"summary survives its detail":                     pruneRuns,
		"rollups equal a recount of the runs":             rollupsEqualRecount,
		"days are those of the zone":                      dayBuckets,
		"availability leaves out our own errors":          availability,
		"slots end in one fate":                           slotFates,
		"gaps cover their planned times":                  gaps,
		"a late result takes the place of its gap":        lateResult,
		"scenarios are saved as a set":                    scenarios,
		"incident is given back as written":               incidentRoundTrip,
		"incident numbers count up within a year":         incidentNumbers,
		"events are dense":                                denseEvents,
		"timers are replaced with their incident":         timers,
		"snapshot knows the check and who was told":       snapshots,
		"a person's change needs no run":                  amend,
		"deliveries leave in order within a stream":       streamOrder,
		"urgent deliveries leave first":                   urgency,
		"a lease that ran out is claimed again":           leases,
		"deliveries expire":                               expiry,
		"a retry waits and dies past its expiry":          retries,
		"a dead delivery can be replayed":                 replay,
		"the thread is the first accepted message":        threads,
		"one key is queued once":                          idempotency,
		"backlog counts by endpoint":                      backlog,
		"commits wake the dispatcher and subscribers":     telling,
		"a slow subscriber loses topics, not commits":     slowSubscriber,
		"evidence is stored once and read back":           evidence,
		"evidence paths cannot leave the folder":          evidenceEscape,
		"evidence is pruned after its runs":               pruneEvidence,
		"host samples":                                    hosts,
		"settings":                                        settings,
		"what waits together is told together":            bundles,
		"a group waits for its interval":                  groupInterval,
		"what is over is not told from the beginning":     folded,
		"what became part of another before it was heard": swallowed,
		"what is not true any more is given up":           overtaken,
		"what is being sent is given up when it fails":    overtakenWhileSent,
		"urgent messages that nobody took":                unhanded,
		"urgent messages in one that nobody took":         foldedUnhanded,
		"news that another message has is given up":       toldElsewhere,
		"what silences kept quiet":                        hushed,
		"a delivery can be dropped":                       drop,
		"silences end in time or before":                  silences,
		"deliveries of active incidents are not pruned":   pruneDeliveries,
		"many goroutines record at once":                  concurrent,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// Zone returns the zone that the suite counts days in: eight hours before
// UTC, without summer time.
func Zone() *time.Location { return time.FixedZone("UTC+8", 8*60*60) }

// start is a planned time of the suite: 07:00 of the zone.
var start = time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)

func nothing(gengfu.Snapshot) (gengfu.Change, error) { return gengfu.Change{}, nil }

var errRefused = errors.New("refused by the test")

// planned is a run of a planned slot with three steps.
func planned(scenario string, due time.Time, outcome gengfu.Outcome) gengfu.Run {
	r := gengfu.Run{
		Slot:     gengfu.Slot{Scenario: scenario, Due: due, Location: gengfu.DefaultLocation, Attempt: 1, Kind: gengfu.SlotScheduled},
		Revision: "0123", Title: "管理员登录", Target: "portal", Severity: gengfu.GradeMajor, Tags: []string{"login"},
		Started: due.Add(20 * time.Millisecond), QueueWait: 20 * time.Millisecond, Duration: 2400 * time.Millisecond, Outcome: outcome,
		Steps: []gengfu.StepResult{
			{Index: 1, Name: "open home", Verb: "open", Status: gengfu.StepPassed, Duration: 900 * time.Millisecond},
			{Index: 2, Name: "click 登录", Verb: "click", Status: gengfu.StepPassed, Start: 900 * time.Millisecond, Duration: 1500 * time.Millisecond},
			{Index: 3, Name: "log out", Verb: "click", Always: true, Status: gengfu.StepSkipped, Start: 2400 * time.Millisecond},
		},
	}
	switch outcome {
	case gengfu.Degraded:
		r.Steps[1].Status = gengfu.StepDegraded
	case gengfu.Failed:
		r.Steps[1].Status = gengfu.StepFailed
		r.Failure = &gengfu.Failure{Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonNotFound, Step: 2, Name: "click 登录", Want: "按钮 登录", Waited: time.Second}
	case gengfu.Errored:
		r.Steps[1].Status = gengfu.StepErrored
		r.Failure = &gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonBrowserGone, Step: 2, Name: "click 登录"}
	}
	return r
}

// opening decides to open an incident and to tell endpoints of it.
func opening(key string, at time.Time, endpoints ...string) gengfu.Decide {
	return func(snap gengfu.Snapshot) (gengfu.Change, error) {
		inc := gengfu.Incident{Number: snap.Next, Key: key, State: gengfu.IncidentOpen, Grade: gengfu.GradeMajor, Title: "登录失败", Opened: at, Seq: 1}
		c := gengfu.Change{
			Incidents: []gengfu.Incident{inc},
			Events:    []gengfu.Event{{Incident: inc.Number, Seq: 1, At: at, Actor: gengfu.Machine, Kind: gengfu.EventOpened}},
		}
		for _, endpoint := range endpoints {
			c.Deliveries = append(c.Deliveries, message(endpoint, inc.Number, 1, at))
		}
		return c, nil
	}
}

// message is a delivery of an event, due at once.
func message(endpoint, number string, seq int, at time.Time) gengfu.Delivery {
	return gengfu.Delivery{
		Key: fmt.Sprintf("%s/%d/%s", number, seq, endpoint), Endpoint: endpoint, Stream: endpoint + "|" + number, Incident: number, Seq: seq,
		Kind: gengfu.EventOpened, Priority: gengfu.PriorityOpen, Body: []byte(`{"text":"登录失败"}`), Summary: "登录失败", Next: at,
		Expires: at.Add(time.Hour), Created: at,
	}
}

// queue writes deliveries alone.
func queue(t *testing.T, s *storage.Store, list ...gengfu.Delivery) {
	t.Helper()
	must(t, s.Amend(t.Context(), "", "", nil, func(gengfu.Snapshot) (gengfu.Change, error) {
		return gengfu.Change{Deliveries: list}, nil
	}))
}

func record(t *testing.T, s *storage.Store, runs ...gengfu.Run) {
	t.Helper()
	for _, r := range runs {
		must(t, s.Record(t.Context(), r, nil, nothing))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got fails the test on the error of a call and returns its value.
func got[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func wantError(t *testing.T, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("error %v, want one that is %v", err, kind)
	}
}

// soon bounds what a test waits for.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}
