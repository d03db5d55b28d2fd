package triage_test

import (
	"fmt"
	"strings"
	"testing"

	"gengfu"
	"gengfu/ops/triage"
)

// TestQuorum: each letter is a location: u up, s suspect, d down, r recovering,
// ? unknown; what stands behind a bar is stale.
func TestQuorum(t *testing.T) {
	says := map[rune]gengfu.State{'u': gengfu.StateUp, 's': gengfu.StateSuspect, 'd': gengfu.StateDown, 'r': gengfu.StateRecovering, '?': gengfu.StateUnknown}
	for votes, want := range map[string]triage.Ruling{
		"": triage.RuleUnknown, "?": triage.RuleUnknown, "|d": triage.RuleUnknown, "??|du": triage.RuleUnknown,
		"u": triage.RuleUp, "s": triage.RuleUp, "uu": triage.RuleUp, "uuuuu": triage.RuleUp, "us|d": triage.RuleUp,
		"d": triage.RuleDown, "r": triage.RuleDown, "d?": triage.RuleDown, "d|u": triage.RuleDown, "d?|uuu": triage.RuleDown, // alone
		"dd": triage.RuleDown, "du": triage.RuleLocation, "ds": triage.RuleLocation, "dr": triage.RuleDown,
		"duu": triage.RuleLocation, "ddu": triage.RuleDown, "ddd": triage.RuleDown, "du?": triage.RuleLocation, "ddu|uu": triage.RuleDown, "dd|uuu": triage.RuleDown,
		"dduu": triage.RuleLocation, "dddu": triage.RuleDown, "duuu": triage.RuleLocation, "ddu?": triage.RuleDown,
		"dduuu": triage.RuleLocation, "dddsu": triage.RuleDown, "ddrrr": triage.RuleDown, "duuuu": triage.RuleLocation, "dd???": triage.RuleDown,
	} {
		var list []triage.Vote
		fresh, stale, _ := strings.Cut(votes, "|")
		for i, letters := range []string{fresh, stale} {
			for _, c := range letters {
				list = append(list, triage.Vote{Location: fmt.Sprint(len(list)), Says: says[c], Fresh: i == 0})
			}
		}
		if got := triage.Quorum(list); got != want {
			t.Errorf("%q: %s, want %s", votes, got, want)
		}
	}
}
