package storage_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"gengfu"
	"gengfu/storage"
)

func openBench(b *testing.B) *storage.Store {
	b.Helper()
	s, err := storage.Open(b.Context(), storage.Config{Path: filepath.Join(b.TempDir(), "ledger.db")})
	must(b, err)
	b.Cleanup(func() { must(b, s.Close()) })
	return s
}

// BenchmarkStore_Record writes planned runs of six steps with all rollups, a
// durable transaction each.
func BenchmarkStore_Record(b *testing.B) {
	s := openBench(b)
	r := planned("a", start)
	for i := range 4 {
		r.Steps = append(r.Steps, gengfu.StepResult{Index: 3 + i, Name: "step " + strconv.Itoa(i), Verb: "click", Status: gengfu.StepPassed, Duration: 300 * time.Millisecond})
	}
	decide := func(snap gengfu.Snapshot) (gengfu.Change, error) {
		snap.Check.State, snap.Check.LastRun = gengfu.StateUp, r.Slot.ID()
		return gengfu.Change{Check: &snap.Check}, nil
	}
	b.ResetTimer()
	for i := range b.N {
		r.Slot.Scenario = "s" + strconv.Itoa(i%50)
		r.Slot.Due = start.Add(time.Duration(i/50) * time.Minute)
		r.Started, r.Duration = r.Slot.Due, time.Duration(800+i*37%3000)*time.Millisecond
		must(b, s.Record(b.Context(), r, []string{"scenario:" + r.Slot.Scenario, "account:" + r.Slot.Scenario}, decide))
	}
	b.StopTimer()
	if _, err := s.Checkpoint(b.Context()); err != nil {
		b.Fatal(err)
	}
	size, err := s.Size()
	must(b, err)
	b.ReportMetric(float64(size)/float64(b.N), "B-file/run")
}

// BenchmarkStore_Claim takes and settles deliveries one at a time with 2,000
// streams waiting.
func BenchmarkStore_Claim(b *testing.B) {
	s := openBench(b)
	fill := func(round int) {
		must(b, s.Amend(b.Context(), "", "", nil, func(gengfu.Snapshot) (gengfu.Change, error) {
			var c gengfu.Change
			for i := range 2000 {
				number := fmt.Sprintf("I%d", i)
				c.Deliveries = append(c.Deliveries, gengfu.Delivery{
					Key: fmt.Sprintf("%s/%d", number, round), Endpoint: "mail", Stream: "mail|" + number,
					Incident: number, Seq: round, Priority: 1 + i%3, Body: []byte("{}"), Created: start, Next: start,
				})
			}
			return c, nil
		}))
	}
	for round := range 2 + b.N/2000 {
		fill(round)
	}
	b.ResetTimer()
	for range b.N {
		list, err := s.Claim(b.Context(), "bench", time.Minute, start, 1)
		must(b, err)
		must(b, s.Sent(b.Context(), list[0].ID, "ref", start))
	}
}

// BenchmarkStore_overview reads what the first page shows of 50 scenarios with
// 200 runs each.
func BenchmarkStore_overview(b *testing.B) {
	s := openBench(b)
	var cards []gengfu.ScenarioCard
	for i := range 50 {
		cards = append(cards, gengfu.ScenarioCard{ID: "s" + strconv.Itoa(i), Revision: "0123"})
		for k := range 200 {
			must(b, s.Record(b.Context(), planned(cards[i].ID, start.Add(time.Duration(k)*5*time.Minute)), nil, nothing))
		}
	}
	must(b, s.SaveScenarios(b.Context(), cards))
	b.ResetTimer()
	for range b.N {
		_, err := s.LastRuns(b.Context(), 40)
		must(b, err)
		_, err = s.States(b.Context())
		must(b, err)
		for _, card := range cards {
			_, err := s.Availability(b.Context(), card.ID, start)
			must(b, err)
		}
	}
}
