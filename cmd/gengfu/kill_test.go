package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
	"gengfu/storage"
)

// underLoad is the real daemon with a browser that answers at once: scenarios
// fail and recover in turn, so that there is always something to tell.
func underLoad() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	err := serve(ctx, "gengfu.yaml", logger(false), func(_ context.Context, s *scenarios.Scenario, slot gengfu.Slot, _ func(gengfu.StepResult)) gengfu.Run {
		return invented(s, slot, time.Now())
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitErrored)
	}
}

// invented is a run that fails in every second stretch of four seconds, each
// scenario in its own beat.
func invented(s *scenarios.Scenario, slot gengfu.Slot, now time.Time) gengfu.Run {
	h := fnv.New32a()
	h.Write([]byte(s.ID))
	r := gengfu.Run{
		Slot: slot, Revision: s.Revision, Title: s.Title, Target: s.Target, Severity: s.Severity, Started: now,
		Duration: time.Millisecond, Outcome: gengfu.Passed,
		Steps: []gengfu.StepResult{{Index: 1, Name: "goto /", Verb: "goto", Status: gengfu.StepPassed}},
	}
	if (now.UnixMilli()/4000+int64(h.Sum32()))%2 == 0 {
		r.Outcome = gengfu.Failed
		r.Failure = &gengfu.Failure{Fault: gengfu.FaultHTTPStatus, Reason: gengfu.ReasonStatus, Step: 1, Name: "goto /", Verb: "goto", Seen: "503"}
	}
	return r
}

// receiver takes webhooks, refuses one in ten, and remembers the order in which
// each incident's events first came and how often each did.
type receiver struct {
	mu    sync.Mutex
	order map[string][]int  // by incident: sequence numbers as they came
	times map[string]int    // by webhook-id
	bad   []string          // what must not happen
	body  map[string]string // by webhook-id
	sound bool              // refuses nothing any more
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.sound && rand.IntN(10) == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var e event
	if err := json.NewDecoder(q.Body).Decode(&e); err != nil {
		r.bad = append(r.bad, err.Error())
		return
	}
	id := q.Header.Get("Webhook-Id")
	content := fmt.Sprint(e.Data.Incident, e.Data.Seq, e.Type)
	if old, ok := r.body[id]; ok && old != content {
		r.bad = append(r.bad, "id "+id+" came with another content")
	}
	r.body[id] = content
	if r.times[id]++; r.times[id] > 1 {
		return
	}
	seqs := r.order[e.Data.Incident]
	if len(seqs) > 0 && seqs[len(seqs)-1] > e.Data.Seq {
		r.bad = append(r.bad, fmt.Sprintf("%s: event %d came after %d", e.Data.Incident, e.Data.Seq, seqs[len(seqs)-1]))
	}
	r.order[e.Data.Incident] = append(seqs, e.Data.Seq)
}

const (
	kills         = 100
	loadScenarios = 20
)

// TestKill9_losesNothing kills the daemon a hundred times at random while it
// tells of failures and recoveries to a receiver that refuses one call in ten.
func TestKill9_losesNothing(t *testing.T) {
	got := &receiver{order: map[string][]int{}, times: map[string]int{}, body: map[string]string{}}
	srv := httptest.NewServer(got)
	defer srv.Close()
	dir := t.TempDir()
	writeFile(t, dir, "gengfu.yaml", fmt.Sprintf(`data: data
listen: 127.0.0.1:0
scenarios: [scenarios]
hosts: {local: off}
egress: {loopback: on}
channels:
  hook: {type: webhook, url: "%s/hook"}
routes:
  - {name: default, to: [hook]}
`, srv.URL))
	for i := range loadScenarios {
		writeFile(t, dir, fmt.Sprintf("scenarios/s%02d.yaml", i), fmt.Sprintf(`scenario: s%02d
title: 场景 %02d
steps:
  - goto: http://127.0.0.1/
    expect: [{title: x}]
schedule: {every: 1s}
confirm: {retries: 1, wait: 1ms}
`, i, i))
	}
	began := time.Now()
	for range kills {
		c := start(t, dir, loadName)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		if _, err := c.await(ctx, "serving"); err != nil {
			t.Fatal(err)
		}
		life := time.NewTimer(time.Duration(50+rand.IntN(250)) * time.Millisecond)
		select {
		case <-life.C:
		case err := <-c.done:
			t.Fatalf("the daemon ended by itself: %v\n%s", err, c.log())
		}
		cancel()
		if err := c.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-c.done
	}
	killed := time.Since(began)
	got.mu.Lock()
	got.sound = true
	got.mu.Unlock()
	drained(t, dir)
	report(t, dir, got, killed)
}

// drained lets a daemon without scenarios send what is left.
func drained(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(dir, "scenarios")); err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "scenarios/idle.yaml", "scenario: idle\ntitle: idle\nsteps: [{goto: 'http://127.0.0.1/', expect: [{title: x}]}]\nschedule: {cron: '0 0 1 1 *'}\n")
	store := dbOf(t, dir)
	store.exec(t, "UPDATE outbox SET next_at = 0, lease_until = 0 WHERE state = 1") // the next tries may be minutes away
	c := start(t, dir, loadName)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	if _, err := c.await(ctx, "serving"); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for left := -1; left != 0; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%d deliveries are still waiting", left)
		}
		left = store.count(t, "SELECT COUNT(*) FROM outbox WHERE state = 1")
	}
	if err := c.stop(t); err != nil {
		t.Errorf("stop: %v\n%s", err, c.log())
	}
}

// report holds what arrived against what the ledger says was told.
func report(t *testing.T, dir string, got *receiver, killed time.Duration) {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Config{Path: filepath.Join(dir, "data", "gengfu.db"), EvidenceDir: t.TempDir(), Zone: time.Local})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Verify(t.Context()); err != nil {
		t.Errorf("integrity: %v", err)
	}
	sent, err := store.Deliveries(t.Context(), storage.DeliveryFilter{Limit: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	db := dbOf(t, dir)
	events := db.count(t, "SELECT COUNT(*) FROM incident_event")
	got.mu.Lock()
	defer got.mu.Unlock()
	lost, twice := 0, 0
	for _, d := range sent {
		if d.State != gengfu.DeliverySent {
			t.Errorf("delivery %d is %s: %s", d.ID, d.State, d.Error)
		}
		switch n := got.times[d.Key]; {
		case n == 0:
			lost++
		case n > 1:
			twice += n - 1
		}
	}
	t.Logf("%d kills in %s: %d events, %d deliveries, %d lost, %d repeated, %d out of order",
		kills, killed.Round(time.Second), events, len(sent), lost, twice, len(got.bad))
	if lost > 0 || len(got.bad) > 0 {
		t.Errorf("lost %d; %s", lost, strings.Join(got.bad, "\n"))
	}
	if twice > kills {
		t.Errorf("%d repeats of %d kills", twice, kills)
	}
	if len(sent) != events || events < kills/4 {
		t.Errorf("%d events gave %d deliveries", events, len(sent))
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "data", "profiles")); len(left) > 0 {
		t.Errorf("profiles left: %v", left)
	}
}
