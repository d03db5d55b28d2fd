package prober_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/ops/incidents"
	"gengfu/prober"
	"gengfu/scenarios"
)

var epoch = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)

// outcome makes a run from one letter: P passed, D degraded, F failed, or an
// errored one: B browser, M machine, N network, S scenario, O policy,
// C credential, L lockout.
func outcome(letter rune, start time.Time) gengfu.Run {
	r := gengfu.Run{
		Slot:  gengfu.Slot{Scenario: "login", Due: start, Location: "local", Attempt: 1, Kind: gengfu.SlotScheduled},
		Title: "管理员登录", Target: "portal", Severity: gengfu.GradeMajor, Started: start, Duration: 2 * time.Second,
	}
	faults := map[rune]gengfu.Fault{
		'F': gengfu.FaultAssertion, 'B': gengfu.FaultBrowser, 'M': gengfu.FaultMachine, 'N': gengfu.FaultNetwork,
		'S': gengfu.FaultScenario, 'O': gengfu.FaultPolicy, 'C': gengfu.FaultCredential, 'L': gengfu.FaultLockout,
	}
	fault := faults[letter]
	r.Outcome = fault.Outcome()
	if letter == 'D' {
		r.Outcome = gengfu.Degraded
	}
	if fault != "" {
		r.Failure = &gengfu.Failure{Fault: fault, Reason: gengfu.ReasonExpect, Step: 3}
	}
	return r
}

// play judges a word of outcomes, a minute apart, and writes the states and
// signals down: "suspect/down!/up." for a firing and a resolving of the
// scenario's own incident, other keys with their first letter.
func play(word string, retries int, every time.Duration) (string, []gengfu.CheckState, [][]gengfu.Signal) {
	var c gengfu.CheckState
	var told []string
	var states []gengfu.CheckState
	var all [][]gengfu.Signal
	for i, letter := range word {
		var signals []gengfu.Signal
		c, signals = prober.Judge(c, outcome(letter, epoch.Add(time.Duration(i)*every)), scenarios.Confirm{Retries: retries})
		states, all = append(states, c), append(all, signals)
		told = append(told, string(c.State)+marks(signals, c.Location))
	}
	return strings.Join(told, "/"), states, all
}

func marks(signals []gengfu.Signal, location string) string {
	var out strings.Builder
	for _, s := range signals {
		kind, _, _ := strings.Cut(s.Key, ":")
		name := map[string]string{"scenario": "", "account": "a", "prober": "s"}[kind]
		if s.Key == gengfu.ProberKey(location) {
			name = "p"
		}
		switch {
		case s.Flapping:
			out.WriteString("~")
		case s.Firing:
			out.WriteString(name + "!")
		case kind == "scenario":
			out.WriteString(".")
		}
	}
	return out.String()
}

func TestJudge_states(t *testing.T) {
	for _, row := range []struct {
		word    string
		retries int
		want    string
	}{
		{"P", 1, "up"},
		{"D", 1, "up"},
		{"PFP", 1, "up/suspect/up"},
		{"FP", 1, "suspect/up"},
		{"PFF", 1, "up/suspect/down!"},
		{"PF", 0, "up/down!"},
		{"PFFFF", 3, "up/suspect/suspect/suspect/down!"},
		{"PFFF", 1, "up/suspect/down!/down!"},
		{"FFP", 1, "suspect/down!/recovering"},
		{"FFPP", 1, "suspect/down!/recovering/up."},
		{"FFPD", 1, "suspect/down!/recovering/up."},
		{"FFPFPP", 1, "suspect/down!/recovering/down!/recovering/up."},
		{"FFPPP", 1, "suspect/down!/recovering/up./up"},
		{"FBF", 1, "suspect/suspect/down!"},
		{"FFPBP", 1, "suspect/down!/recovering/recovering/up."},
		{"B", 1, "unknown"},
		{"PBB", 1, "up/up/upp!"},
		{"PBMN", 1, "up/up/upp!/upp!"},
		{"PBPB", 1, "up/up/up/up"},
		{"PBFB", 1, "up/up/suspect/suspect"},
		{"PC", 1, "up/upa!"},
		{"PLL", 1, "up/upa!/upa!"},
		{"PBCB", 1, "up/up/upa!/up"},
		{"PSS", 1, "up/up/ups!"},
		{"POOP", 1, "up/up/ups!/up"},
		{"FCF", 1, "suspect/suspecta!/down!"},
	} {
		if got, _, _ := play(row.word, row.retries, time.Minute); got != row.want {
			t.Errorf("%s with %d retries:\n got %s\nwant %s", row.word, row.retries, got, row.want)
		}
	}
}

func TestJudge_times(t *testing.T) {
	_, states, all := play("PFFFPBP", 1, time.Minute)
	fired := all[2][0]
	if !fired.ImpactStart.Equal(epoch.Add(time.Minute)) || !fired.At.Equal(epoch.Add(2*time.Minute+2*time.Second)) {
		t.Errorf("impact from %v, told at %v", fired.ImpactStart, fired.At)
	}
	resolved := all[6][0]
	if resolved.Firing || resolved.Key != gengfu.ScenarioKey("login") || !resolved.ImpactEnd.Equal(epoch.Add(4*time.Minute)) {
		t.Errorf("resolved: %+v", resolved)
	}
	want := gengfu.CheckState{
		Check: "login", Location: "local", State: gengfu.StateUp, Since: epoch.Add(6*time.Minute + 2*time.Second), Flips: 2,
		FlipsSince: epoch.Add(2*time.Minute + 2*time.Second),
		Flipped:    [4]time.Time{epoch.Add(6*time.Minute + 2*time.Second), epoch.Add(2*time.Minute + 2*time.Second)}, LastRun: "login@local-20261123T070600.000Z",
		LastOutcome: gengfu.Passed, LastStart: epoch.Add(6 * time.Minute), LastTook: 2 * time.Second, LastPassed: epoch.Add(6 * time.Minute),
	}
	if diff := cmp.Diff(want, states[6]); diff != "" {
		t.Error(diff)
	}
}

func TestJudge_signalsCarryTheScenario(t *testing.T) {
	_, _, all := play("FF", 1, time.Minute)
	want := gengfu.Signal{
		Key: "scenario:login", Firing: true, At: epoch.Add(62 * time.Second), ImpactStart: epoch, Grade: gengfu.GradeMajor, Title: "管理员登录",
		Target: "portal", Member: "login", Failure: &gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonExpect, Step: 3},
		Run: "login@local-20261123T070100.000Z",
	}
	if diff := cmp.Diff([]gengfu.Signal{want}, all[1]); diff != "" {
		t.Error(diff)
	}
	_, _, all = play("BB", 1, time.Minute)
	if s := all[1][0]; s.Key != "prober:local" || s.Target != "" || s.Grade != gengfu.GradeOrdinary || s.Member != "login" || s.Title != "Gengfu @ local" {
		t.Errorf("the prober's own trouble: %+v", s)
	}
	_, _, all = play("SS", 1, time.Minute)
	if s := all[1][0]; s.Key != "prober:local/login" || s.Target != "portal" {
		t.Errorf("the scenario's own trouble: %+v", s)
	}
	_, _, all = play("P", 1, time.Minute)
	var cleared []string
	for _, s := range all[0] {
		cleared = append(cleared, fmt.Sprint(s.Key, " ", s.Firing))
	}
	if diff := cmp.Diff([]string{"account:login false", "prober:local/login false", "prober:local false"}, cleared); diff != "" {
		t.Error(diff)
	}
}

func TestJudge_flappingHoldsTheIncidentOpen(t *testing.T) {
	got, _, _ := play("P"+"FPP"+"FPP"+"FPP"+strings.Repeat("P", 32), 0, time.Minute)
	want := "up/down!/recovering/up./down!/recovering/up~/down!/recovering/up" + strings.Repeat("/up", 29) + "/up./up/up"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got, _, _ = play(strings.Repeat("FPP", 4), 0, 20*time.Minute)
	if want := strings.TrimSuffix(strings.Repeat("down!/recovering/up./", 4), "/"); got != want {
		t.Errorf("slow changes:\ngot  %s\nwant %s", got, want)
	}
	// A failure that is not confirmed does not end the flapping with the
	// recovery untold.
	got, _, _ = play(strings.Repeat("FFPP", 2)+strings.Repeat("P", 35)+"FP"+strings.Repeat("P", 31), 1, time.Minute)
	if n := strings.Count(got, "."); n != 2 {
		t.Errorf("%d recoveries told, want 2: %s", n, got)
	}
}

// TestJudge_neverCriesWolf plays random words: nothing fires for the target
// without confirmation, the incident machine never has two at work, and what
// is up for long has no incident.
func TestJudge_neverCriesWolf(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		retries := rng.IntN(3)
		word := make([]byte, 60)
		for i := range word {
			word[i] = "PPPDFFFFBCSN"[rng.IntN(12)]
		}
		text := string(word) + strings.Repeat("P", 50)
		check(t, text, retries, time.Duration(1+rng.IntN(10))*time.Minute)
	}
}

func check(t *testing.T, word string, retries int, every time.Duration) {
	t.Helper()
	_, _, all := play(word, retries, every)
	snap := gengfu.Snapshot{Incidents: map[string]gengfu.Incident{}, Next: "INC-2026-0001"}
	failures, number := 0, 1
	for i, signals := range all {
		switch word[i] {
		case 'F':
			failures++
		case 'P', 'D':
			failures = 0
		}
		for _, s := range signals {
			inc := snap.Incidents[s.Key]
			if s.Firing && s.Key == gengfu.ScenarioKey("login") && failures <= retries && !inc.Active() {
				t.Fatalf("%s: run %d fires after %d failures with %d retries", word, i, failures, retries)
			}
		}
		change, err := incidents.Apply(snap, signals, epoch.Add(time.Duration(i)*every+2*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range change.Events {
			if ev.Kind == gengfu.EventOpened {
				number++
			}
		}
		for _, inc := range change.Incidents {
			snap.Incidents[inc.Key] = inc
		}
		snap.Next = fmt.Sprintf("INC-2026-%04d", number)
	}
	for key, inc := range snap.Incidents {
		if inc.Active() {
			t.Fatalf("%s: %s is still open after 50 passes", word, key)
		}
	}
}

func TestAgain(t *testing.T) {
	up, suspect, down, recovering := gengfu.StateUp, gengfu.StateSuspect, gengfu.StateDown, gengfu.StateRecovering
	for _, row := range []struct {
		letter  rune
		attempt int
		state   gengfu.State
		wait    time.Duration
		want    string
	}{
		{'P', 1, up, 0, ""},
		{'F', 1, suspect, 15 * time.Second, "confirm 2 15s"},
		{'F', 4, suspect, 0, "confirm 5 0s"},
		{'F', 5, suspect, 0, ""},
		{'F', 2, down, 0, ""},
		{'P', 1, recovering, 0, "confirm 2 5s"},
		{'P', 1, recovering, time.Minute, "confirm 2 1m0s"},
		{'B', 1, up, time.Minute, "recovery 2 0s"},
		{'M', 1, suspect, time.Minute, "recovery 2 0s"},
		{'B', 2, up, 0, ""},
		{'B', 2, suspect, 0, "confirm 3 0s"},
		{'N', 1, up, 0, ""},
		{'N', 1, suspect, 0, "confirm 2 0s"},
		{'C', 1, suspect, 0, ""},
		{'L', 1, up, 0, ""},
		{'S', 1, suspect, 0, ""},
		{'O', 1, up, 0, ""},
	} {
		r := outcome(row.letter, epoch)
		r.Slot.Attempt = row.attempt
		got := ""
		if slot, wait, ok := prober.Again(r, gengfu.CheckState{State: row.state}, scenarios.Confirm{Retries: 1, Wait: row.wait}); ok {
			got = fmt.Sprintf("%s %d %v", slot.Kind, slot.Attempt, wait)
			if slot.Scenario != "login" || !slot.Due.Equal(epoch) || slot.Location != "local" {
				t.Errorf("slot %+v", slot)
			}
		}
		if got != row.want {
			t.Errorf("%c attempt %d, %s: got %q, want %q", row.letter, row.attempt, row.state, got, row.want)
		}
	}
}
