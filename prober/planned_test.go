package prober

import (
	"context"
	"errors"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// notes is a ledger that keeps what is issued and missed.
type notes struct {
	Ledger
	issued []gengfu.Slot
	gaps   []gengfu.Gap
	broken error
}

func (n *notes) Issue(_ context.Context, slot gengfu.Slot) (bool, error) {
	if n.broken == nil {
		n.issued = append(n.issued, slot)
	}
	return n.broken == nil, n.broken
}

func (n *notes) Abandon(context.Context, gengfu.Slot, gengfu.Fate, string) error { return nil }

func (n *notes) AddGap(_ context.Context, gap gengfu.Gap) error {
	if n.broken == nil {
		n.gaps = append(n.gaps, gap)
	}
	return n.broken
}

// watching is a prober with one scenario, its plan and the first time it is due.
func watching(t *testing.T, l Ledger) (*Prober, time.Time) {
	t.Helper()
	p, err := New(Config{
		Ledger: l,
		Browser: func(context.Context, *scenarios.Scenario, gengfu.Slot, func(gengfu.StepResult)) gengfu.Run {
			return gengfu.Run{}
		},
		Record: func(context.Context, gengfu.Run, scenarios.Confirm) (gengfu.CheckState, error) {
			return gengfu.CheckState{}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Load([]scenarios.Scenario{{ID: "login", Schedule: scenarios.Schedule{Every: time.Minute}}}); err != nil {
		t.Fatal(err)
	}
	plan, _ := p.Plan("login")
	return p, plan.Next(time.Now())
}

func TestProber_sleepingMachineRunsOnce(t *testing.T) {
	n := &notes{}
	p, first := watching(t, n)
	p.planned(t.Context(), order{"login", first})
	p.planned(t.Context(), order{"login", first.Add(11 * time.Minute)}) // ten were slept through
	p.planned(t.Context(), order{"login", first.Add(-time.Hour)})       // then the clock was set back
	p.planned(t.Context(), order{"gone", first})
	if len(n.issued) != 3 || len(n.gaps) != 1 {
		t.Fatalf("issued %v, gaps %+v", n.issued, n.gaps)
	}
	gap := n.gaps[0]
	if gap.Count != 10 || !gap.From.Equal(first.Add(time.Minute)) || !gap.To.Equal(first.Add(10*time.Minute)) || gap.Fate != gengfu.FateMissed {
		t.Errorf("gap %+v", gap)
	}
}

func TestProber_whatTheLedgerRefusedIsMissedLater(t *testing.T) {
	n := &notes{}
	p, first := watching(t, n)
	p.planned(t.Context(), order{"login", first})
	n.broken = errors.New("disk full")
	p.planned(t.Context(), order{"login", first.Add(time.Minute)})
	p.planned(t.Context(), order{"login", first.Add(2 * time.Minute)})
	n.broken = nil
	p.planned(t.Context(), order{"login", first.Add(3 * time.Minute)})
	if len(n.issued) != 2 || len(n.gaps) != 1 || n.gaps[0].Count != 2 || !n.gaps[0].To.Equal(first.Add(2*time.Minute)) {
		t.Errorf("issued %v, gaps %+v", n.issued, n.gaps)
	}
}

func TestNew_refuses(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("a prober of nothing")
	}
}
