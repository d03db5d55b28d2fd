package chrome

import (
	"sync"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// agenda is what a test says is planned.
type agenda struct {
	mu  sync.Mutex
	s   *scenarios.Scenario
	due time.Time
}

func (a *agenda) plan(s *scenarios.Scenario, due time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.s, a.due = s, due
}

func (a *agenda) next(now time.Time) (*scenarios.Scenario, time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.s == nil || !a.due.After(now) {
		return nil, time.Time{}
	}
	return a.s, a.due
}

func (p *Pool) hasSpare() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.spare != nil
}

// TestSpare_isMadeForThePlannedRun: shortly before it is due, and not after a run
// that nothing follows.
func TestSpare_isMadeForThePlannedRun(t *testing.T) {
	p, _ := ownPool(t)
	s := scenario(open(serve(t, "<h1>ok</h1>").URL))
	var plan agenda
	plan.plan(s, time.Now().Add(lead+300*time.Millisecond))
	before := p.Stats().Runs
	over := make(chan struct{})
	go func() {
		defer close(over)
		p.Anticipate(t.Context(), plan.next)
	}()
	eventually(t, "the page of the planned run", p.hasSpare)
	planned := slot()
	planned.Kind = gengfu.SlotScheduled
	plan.plan(s, time.Now().Add(time.Hour))
	mustPass(t, p.Run(t.Context(), s, planned, nil))
	p.tasks.Wait()
	if p.hasSpare() {
		t.Error("a page stands ready an hour ahead")
	}
	if got := p.Stats(); got.Ready != 1 || got.Runs != before+1 {
		t.Errorf("%d runs, %d with a page made ahead", got.Runs-before, got.Ready)
	}
	plan.plan(s, time.Now().Add(near-time.Second))
	mustPass(t, p.Run(t.Context(), s, planned, nil))
	p.tasks.Wait()
	if !p.hasSpare() {
		t.Error("no page for a run that comes soon")
	}
	p.Close()
	<-over
}

// TestSpare_isGivenUpUnused: and is kept while a run is near.
func TestSpare_isGivenUpUnused(t *testing.T) {
	p, _ := ownPool(t)
	s := scenario(open(serve(t, "<h1>ok</h1>").URL))
	mustPass(t, p.Run(t.Context(), s, slot(), nil))
	p.tasks.Wait()
	p.mu.Lock()
	held := p.spare
	p.mu.Unlock()
	var plan agenda
	plan.plan(s, time.Now().Add(400*time.Millisecond))
	p.mu.Lock()
	p.next = plan.next
	p.mu.Unlock()
	ended := make(chan struct{})
	began := time.Now()
	go func() {
		defer close(ended)
		p.wane(held, 50*time.Millisecond)
	}()
	<-ended
	if took := time.Since(began); took < 300*time.Millisecond || p.hasSpare() {
		t.Errorf("given up after %s", took)
	}
	if n := contexts(t, p); n != 0 {
		t.Errorf("%d contexts are left", n)
	}
	mustPass(t, p.Run(t.Context(), s, slot(), nil))
}
