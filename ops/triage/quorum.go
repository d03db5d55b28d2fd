package triage

import "gengfu"

// Vote is what one location says of a scenario.
type Vote struct {
	Location string
	Says     gengfu.State // down and recovering say down, up and suspect up; unknown does not vote
	Fresh    bool         // it ran lately; what is stale does not vote
}

// counts reports whether the vote is one.
func (v Vote) counts() bool { return v.Fresh && v.Says != gengfu.StateUnknown && v.Says != "" }

// down reports whether the location was told to be down and not well again.
func (v Vote) down() bool { return v.Says == gengfu.StateDown || v.Says == gengfu.StateRecovering }

// Ruling is what locations say together.
type Ruling string

// The rulings.
const (
	RuleUp       Ruling = "up"       // nobody who votes says down
	RuleDown     Ruling = "down"     // enough say so: it is the scenario's, or its target's
	RuleLocation Ruling = "location" // too few: it is theirs
	RuleUnknown  Ruling = "unknown"  // nobody votes
)

// Quorum rules on the votes of all locations of a scenario: it is down when most
// of those that vote say so, and two at least where two vote. A location that
// votes alone decides for itself. It is pure.
func Quorum(votes []Vote) Ruling {
	n, down := 0, 0
	for _, v := range votes {
		if v.counts() {
			n++
			if v.down() {
				down++
			}
		}
	}
	switch need := n/2 + 1; { // two of two, two of three, three of four
	case n == 0:
		return RuleUnknown
	case down == 0:
		return RuleUp
	case down >= need:
		return RuleDown
	}
	return RuleLocation
}
