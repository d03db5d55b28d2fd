package scenarios

import (
	"testing"
	"time"
)

func TestLoad_readsWorkingTime(t *testing.T) {
	set, problems := Load("testdata/good/working.yaml")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for i, want := range []string{ // in the order of the ids
		"cron 30 8 1 * * during cn-5x8, shifted to the next opening",
		"every 5m0s during cn-5x8, otherwise every 30m0s, heightened every 1m0s",
	} {
		if got := set.Scenarios[i].Schedule.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := set.Scenarios[1].Schedule; got.Interval() != 5*time.Minute || got.Otherwise != 30*time.Minute || got.Heightened != time.Minute {
		t.Errorf("%+v", got)
	}
}
