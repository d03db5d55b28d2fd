package prober_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gengfu"
	"gengfu/prober"
	"gengfu/scenarios"
)

// judge plays a word of outcomes under confirm and returns the states and
// marks, as play does.
func judge(word string, confirm scenarios.Confirm, every time.Duration) string {
	var c gengfu.CheckState
	var told []string
	for i, letter := range word {
		var signals []gengfu.Signal
		c, signals = prober.Judge(c, outcome(letter, epoch.Add(time.Duration(i)*every)), confirm)
		told = append(told, string(c.State)+marks(signals, c.Location))
	}
	return strings.Join(told, "/")
}

func TestJudge_thresholds(t *testing.T) {
	for _, row := range []struct {
		word    string
		confirm scenarios.Confirm
		want    string
	}{
		{"FP", scenarios.Confirm{Passes: 1}, "down!/up."},
		{"FPPP", scenarios.Confirm{Passes: 3}, "down!/recovering/recovering/up."},
		{"FPPFPPP", scenarios.Confirm{Passes: 3}, "down!/recovering/recovering/down!/recovering/recovering/up."},
		{"FFFPP", scenarios.Confirm{Retries: 2}, "suspect/suspect/down!/recovering/up."},
		{"FNNFP", scenarios.Confirm{Retries: 1, Passes: 1}, "suspect/suspect/suspectp!/down!/up."},
		// Without a verdict for over three intervals nothing is known, but what was told goes on.
		{"PNNNNNP", scenarios.Confirm{Every: time.Minute}, "up/up/upp!/upp!/upp!/unknownp!/up"},
		{"FNNNNNF", scenarios.Confirm{Every: time.Minute}, "down!/down/downp!/downp!/downp!/unknownp!/down!"},
		{"FNNNNNPP", scenarios.Confirm{Every: time.Minute}, "down!/down/downp!/downp!/downp!/unknownp!/recovering/up."},
		{"FNNNNNFF", scenarios.Confirm{Retries: 1, Every: time.Minute}, "suspect/suspect/suspectp!/suspectp!/suspectp!/unknownp!/suspect/down!"},
	} {
		if got := judge(row.word, row.confirm, time.Minute); got != row.want {
			t.Errorf("%s under %+v:\n got %s\nwant %s", row.word, row.confirm, got, row.want)
		}
	}
}

func TestJudge_flapsInAnyWindow(t *testing.T) {
	confirm := scenarios.Confirm{Passes: 1}
	// Changes at 0, 2, 31, 33 and 35 minutes: four within no half hour until the last.
	word := "FPP" + strings.Repeat("P", 28) + "FPPP" + "FPP"
	if got := judge(word, confirm, time.Minute); strings.Count(got, "~") != 1 {
		t.Errorf("the message about it came %d times: %s", strings.Count(got, "~"), got)
	}
	if got := judge("FPFP"+strings.Repeat("FP", 20), confirm, time.Minute); strings.Count(got, "~") != 1 || strings.Count(got, ".") != 1 {
		t.Errorf("flapping for long: %s", got)
	}
	if got := judge(strings.Repeat("FP"+strings.Repeat("P", 40), 4), confirm, time.Minute); strings.Contains(got, "~") {
		t.Errorf("slow changes are no flapping: %s", got)
	}
}

// TestJudge_flappingEndsWithTheClock plays the same on a clock that moves by
// itself, as the daemon's does.
func TestJudge_flappingEndsWithTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c gengfu.CheckState
		tick := time.NewTicker(5 * time.Minute)
		defer tick.Stop()
		var story strings.Builder
		for _, letter := range "FPFP" + "PPPPPPPPP" {
			now := <-tick.C
			var signals []gengfu.Signal
			c, signals = prober.Judge(c, outcome(letter, now), scenarios.Confirm{Passes: 1})
			story.WriteString(string(letter) + marks(signals, c.Location))
		}
		if got, want := story.String(), "F!P.F!P~PPPPPP.PPP"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
