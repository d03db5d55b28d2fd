package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path"
	"sync"
	"syscall"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// stage says how the runs of a played daemon end. It is asked at every run, by
// the other process.
type stage struct {
	*httptest.Server
	begun chan string // ids of scenarios whose runs are held

	mu   sync.Mutex
	down map[string]bool
	held map[string]chan struct{}
}

// stageEnv names the variable that leads a played daemon to its stage.
const stageEnv = "GENGFU_STAGE"

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{begun: make(chan string, 100), down: map[string]bool{}, held: map[string]chan struct{}{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	t.Setenv(stageEnv, s.URL)
	return s
}

// ServeHTTP answers passed or failed, when the scenario is let go.
func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := path.Base(r.URL.Path)
	s.mu.Lock()
	held := s.held[id]
	s.mu.Unlock()
	if held != nil {
		s.begun <- id
		select {
		case <-held:
		case <-r.Context().Done():
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down[id] {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// set makes the runs of a scenario fail, or pass.
func (s *stage) set(id string, down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down[id] = down
}

// hold keeps the runs of a scenario from ending until the returned function is
// called.
func (s *stage) hold(id string) (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[id] = make(chan struct{})
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		close(s.held[id])
		delete(s.held, id)
	})
}

// played is the real daemon whose runs end as its stage says.
func played() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // as main does
	in := os.Getenv(stageEnv)
	err := serve(ctx, "gengfu.yaml", logger(true), func(ctx context.Context, s *scenarios.Scenario, slot gengfu.Slot, _ func(gengfu.StepResult)) gengfu.Run {
		return ask(ctx, in, s, slot)
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitErrored)
	}
}

func ask(ctx context.Context, stage string, s *scenarios.Scenario, slot gengfu.Slot) gengfu.Run {
	r := gengfu.Run{
		Slot: slot, Revision: s.Revision, Title: s.Title, Target: s.Target, Severity: s.Severity, Tags: s.Tags, Owner: s.Owner,
		Notify: s.Notify, Started: time.Now(), Outcome: gengfu.Passed,
		Steps: []gengfu.StepResult{{Index: 1, Name: "goto /", Verb: "goto", Status: gengfu.StepPassed}},
	}
	defer func() { r.Duration = time.Since(r.Started) }()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, stage+"/"+slot.Scenario, http.NoBody)
	if err != nil {
		return r
	}
	client := &http.Client{}
	answer, err := client.Do(q)
	switch {
	case err != nil:
		r.Outcome, r.Failure = gengfu.Errored, &gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonBrowserGone, Detail: err.Error()}
		return r
	case answer.StatusCode != http.StatusOK:
		r.Outcome = gengfu.Failed
		r.Failure = &gengfu.Failure{Fault: gengfu.FaultHTTPStatus, Reason: gengfu.ReasonStatus, Step: 1, Name: "goto /", Verb: "goto", Seen: "503"}
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return r
}

// playedScenario is one that runs every second and believes a single failure.
func playedScenario(id string) string {
	return fmt.Sprintf(`scenario: %s
title: 场景 %s
severity: major
owner: 平台组
steps:
  - goto: http://127.0.0.1/
    expect: [{title: x}]
schedule: {every: 1s}
confirm: {retries: 0}
`, id, id)
}

// newPlay starts a played daemon with these scenarios.
func newPlay(t *testing.T, ids ...string) (*drill, *stage) {
	t.Helper()
	s := newStage(t)
	d := prepare(t)
	for _, id := range ids {
		d.scenario(id, playedScenario(id))
	}
	d.start(playedName)
	return d, s
}
