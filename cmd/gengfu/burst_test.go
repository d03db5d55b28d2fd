package main

import (
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
	"gengfu/storage"
)

var burst = flag.Int("burst", 200, "scenarios that fail at once in TestBurst")

// TestBurst has many scenarios fail at once, each twice, sixteen recorded at a
// time: what is queued is one message for each platform and endpoint, and
// nobody waits long for it after the run has ended.
func TestBurst_queuesOneMessageForEachPlatform(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer site.Close()
	for _, platforms := range []int{1, 10} {
		t.Run(fmt.Sprintf("%d of %d", *burst, platforms), func(t *testing.T) {
			d := bursting(t, site.URL, platforms)
			took := failAll(t, d, platforms)
			list, err := d.store.Deliveries(t.Context(), storage.DeliveryFilter{State: gengfu.DeliveryPending, Limit: 1_000_000})
			if err != nil {
				t.Fatal(err)
			}
			p95 := took[len(took)*95/100]
			t.Logf("%d runs: %d messages; recorded and queued within %s (half), %s (95 %%), %s (all)", len(took), len(list), took[len(took)/2], p95, took[len(took)-1])
			if want := 2 * platforms; len(list) != want {
				t.Errorf("%d messages, want %d", len(list), want)
			}
			if p95 > 5*time.Second {
				t.Errorf("95 %% were queued within %s", p95)
			}
		})
	}
}

// bursting is a daemon that runs nothing by itself.
func bursting(t *testing.T, site string, platforms int) *daemon {
	t.Helper()
	dir := memory(t)
	const file = 200 // scenarios in a file
	var text strings.Builder
	for i := range *burst {
		fmt.Fprintf(&text, "---\nscenario: s%05d\ntarget: p%d\nsteps: [{goto: %q}]\nschedule: {cron: \"0 * * * *\"}\n", i, i%platforms, site)
		if (i+1)%file == 0 || i+1 == *burst {
			writeFile(t, dir, fmt.Sprintf("scenarios/%d.yaml", i/file), strings.TrimPrefix(text.String(), "---\n"))
			text.Reset()
		}
	}
	writeFile(t, dir, "gengfu.yaml", `data: data
listen: 127.0.0.1:0
scenarios: [scenarios]
hosts: {local: off}
egress: {loopback: on}
channels:
  chat: {type: webhook, url: "http://127.0.0.1:1/chat"}
  desk: {type: webhook, url: "http://127.0.0.1:1/desk"}
routes:
  - {name: default, to: [chat, desk]}
`)
	in, problems, err := loadInstance(filepath.Join(dir, "gengfu.yaml"))
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	d, err := newDaemon(t.Context(), in, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	return d
}

// failAll records the runs and returns how long each took, the shortest first.
func failAll(t *testing.T, d *daemon, platforms int) []time.Duration {
	t.Helper()
	work := make(chan gengfu.Run)
	var mu sync.Mutex // guards took
	var took []time.Duration
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for r := range work {
				began := time.Now()
				if _, err := d.record(t.Context(), r, scenarios.Confirm{Retries: 1}); err != nil {
					t.Error(err)
				}
				mu.Lock()
				took = append(took, time.Since(began))
				mu.Unlock()
			}
		})
	}
	for attempt, kind := range []gengfu.SlotKind{gengfu.SlotScheduled, gengfu.SlotConfirm} {
		for i := range *burst {
			now := time.Now()
			work <- gengfu.Run{
				Slot:   gengfu.Slot{Scenario: fmt.Sprintf("s%05d", i), Location: gengfu.DefaultLocation, Due: now.Truncate(time.Millisecond), Attempt: attempt + 1, Kind: kind},
				Target: fmt.Sprintf("p%d", i%platforms), Severity: gengfu.GradeOrdinary, Started: now.Add(-time.Second), Duration: time.Second, Outcome: gengfu.Failed,
				Steps:   []gengfu.StepResult{{Index: 1, Name: "goto /", Verb: "goto", Status: gengfu.StepFailed}},
				Failure: &gengfu.Failure{Fault: gengfu.FaultHTTPStatus, Reason: gengfu.ReasonStatus, Step: 1, Name: "goto /", Verb: "goto", Seen: "503"},
			}
		}
	}
	close(work)
	group.Wait()
	slices.Sort(took)
	return took
}
