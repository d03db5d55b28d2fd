package storagetest

import (
	"strconv"
	"testing"
	"time"

	"gengfu"
	"gengfu/storage"
)

// pruneStills: of the pictures of steps those of the latest run stay, however
// old, and those of the last hours; what else the runs kept stays, too.
func pruneStills(t *testing.T, s *storage.Store) {
	now := time.Now().Truncate(time.Millisecond)
	ages := []time.Duration{40 * time.Hour, 39 * time.Hour, 38 * time.Hour}
	remember := func(scenario string, age time.Duration) {
		r := planned(scenario, now.Add(-age), gengfu.Passed)
		for step := range 3 {
			kind := gengfu.EvidenceStill
			if step == 0 {
				kind = gengfu.EvidenceOutline
			}
			ev := gengfu.Redactor{}.Evidence(kind, []byte(scenario+age.String()+strconv.Itoa(step)))
			must(t, s.PutEvidence(t.Context(), &ev))
			ev.Step = step
			r.Evidence = append(r.Evidence, ev)
		}
		record(t, s, r)
	}
	for _, age := range ages {
		remember("down", age)
		remember("up", age)
	}
	for _, age := range []time.Duration{2 * time.Hour, time.Hour} {
		remember("up", age)
	}
	got[storage.Pruned](t)(s.Prune(t.Context(), now, storage.Policy{}))
	for scenario, want := range map[string]map[time.Duration]int{
		"down": {ages[0]: 1, ages[1]: 1, ages[2]: 3},
		"up":   {ages[0]: 1, ages[1]: 1, ages[2]: 3, 2 * time.Hour: 3, time.Hour: 3},
	} {
		for age, n := range want {
			if r := got[gengfu.Run](t)(s.Run(t.Context(), planned(scenario, now.Add(-age), gengfu.Passed).Slot.ID())); len(r.Evidence) != n {
				t.Errorf("%s of %s ago has %d pieces of evidence, want %d", scenario, age, len(r.Evidence), n)
			}
		}
	}
}
