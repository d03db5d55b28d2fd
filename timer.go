package gengfu

import "slices"

import "time"

// TimerKind says what a timer is for.
type TimerKind string

// The kinds of timers. Each incident has at most one of a kind at a time.
const (
	TimerStep   TimerKind = "step"   // the next step of the escalation
	TimerAck    TimerKind = "ack"    // whoever took it has to be heard of
	TimerRemind TimerKind = "remind" // it is still open
	TimerClock  TimerKind = "clock"  // the next warning or breach of a contract's time
	TimerCourse TimerKind = "course" // the end of a hold, of the quiet time, of the time until it is put away
)

// Timer is the row that wakes the prober up for an incident. What is due then
// follows from the incident as it is by that time, so a timer that was left
// behind does nothing.
type Timer struct {
	Incident   string // number
	Kind       TimerKind
	Step       int
	Generation int // of the incident's escalation
	Due        time.Time
}

// Escalation is who is told of an incident, one after another, until somebody
// takes it. It is a copy of the policy and of the people on duty at the
// opening: later changes of the roster are for later incidents. Times are zero
// for what stands still.
type Escalation struct {
	Policy     string           `json:",omitempty"`
	Steps      []EscalationStep `json:",omitempty"`
	Repeat     int              `json:",omitempty"` // times that the steps are gone through again
	Calendar   string           `json:",omitempty"` // that delays are counted by; empty for the clock on the wall
	Page       bool             `json:",omitempty"` // tells outside the calendar's hours, too
	Dynamic    bool             `json:",omitempty"` // who is on duty is asked at each step
	AckWithin  time.Duration    `json:",omitempty"` // whoever took it is heard of within this, 0 for whenever
	Generation int              // one more with everything that makes the timers of before void
	Began      time.Time        `json:",omitzero"` // of the round
	Round      int              `json:",omitempty"`
	Next       int              `json:",omitempty"` // index of the next step
	Due        time.Time        `json:",omitzero"`  // of the next step
	AckDue     time.Time        `json:",omitzero"`
	Asked      bool             `json:",omitempty"` // the one who took it was reminded that AckDue had passed
	Remind     time.Time        `json:",omitzero"`  // of the next reminder
	Reminded   int              `json:",omitempty"`
	Exhausted  bool             `json:",omitempty"` // nobody took it, and nobody is left to be told
}

// EscalationStep is who is told so long after the round began.
type EscalationStep struct {
	After     time.Duration `json:",omitempty"`
	Tell      []string      `json:",omitempty"` // as the policy names them: roster.role, a person, a channel
	People    []string      `json:",omitempty"` // names of those that are meant
	Endpoints []string      `json:",omitempty"` // where they are reached
	Grades    []Grade       `json:",omitempty"` // of the incidents that take the step, empty for all
}

// Takes reports whether an incident of a grade takes the step.
func (s EscalationStep) Takes(g Grade) bool {
	if slices.Contains(s.Grades, g) {
		return true
	}
	return len(s.Grades) == 0
}
