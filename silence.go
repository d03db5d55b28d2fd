package gengfu

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxSilence is the longest that a silence may last: one without an end in
// sight hides what nobody looks at any more.
const MaxSilence = 30 * 24 * time.Hour

// Silence keeps messages about some incidents back for a time. What happens is
// recorded all the same.
type Silence struct {
	ID       int64 // set by the store
	Author   string
	Reason   string
	From, To time.Time // To is not part of it
	Matchers []string  // conditions on the labels of incidents, all of which must hold
	Created  time.Time
	EndedBy  string // who ended it before its time, empty for nobody
}

// Covers reports whether t lies in the silence.
func (s Silence) Covers(t time.Time) bool { return Window{From: s.From, To: s.To}.Covers(t) }

// Validate says why a silence made at now cannot be; the error is [ErrInvalid].
// The matchers are for somebody else to look at.
func (s Silence) Validate(now time.Time) error {
	const most = 1000
	var wrong string
	switch {
	case strings.TrimSpace(s.Author) == "" || s.Author == Machine:
		wrong = "it has no author"
	case strings.TrimSpace(s.Reason) == "":
		wrong = "it has no reason"
	case utf8.RuneCountInString(s.Author)+utf8.RuneCountInString(s.Reason) > most:
		wrong = fmt.Sprintf("author and reason are over %d characters", most)
	case s.To.IsZero():
		wrong = "it has no end"
	case !s.From.Before(s.To):
		wrong = "it ends before it begins"
	case !s.To.After(now):
		wrong = "it would be over already"
	case s.To.Sub(s.From) > MaxSilence:
		wrong = "it lasts longer than 30 days"
	default:
		return nil
	}
	return fmt.Errorf("silence: %s: %w", wrong, ErrInvalid)
}

// SilencePreview is what a silence would keep quiet now.
type SilencePreview struct {
	Incidents []Incident // that are open
	Scenarios []ScenarioCard
}
