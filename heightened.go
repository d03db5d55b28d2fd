package gengfu

import (
	"fmt"
	"strings"
	"time"
)

// MaxHeightened is the longest that a heightened period begun by hand may
// last.
const MaxHeightened = 30 * 24 * time.Hour

// Heightened is a period in which more is at stake than usual, begun by hand:
// scenarios are due more often, and reports weigh more. At its end everything
// is as before.
type Heightened struct {
	Author  string        `json:"author"`
	Reason  string        `json:"reason"`
	From    time.Time     `json:"from"`
	To      time.Time     `json:"to"`                 // not part of it
	Every   time.Duration `json:"every,omitempty"`    // for the scenarios that have no heightened interval of their own; 0 for as ever
	EndedBy string        `json:"ended_by,omitempty"` // who ended it before its time, empty for nobody
}

// Covers reports whether t lies in the period.
func (h Heightened) Covers(t time.Time) bool { return h.Window().Covers(t) }

// Window is the period as scenarios know it.
func (h Heightened) Window() Window { return Window{From: h.From, To: h.To, Title: h.Reason} }

// Validate says why a period begun at now cannot be; the error is [ErrInvalid].
func (h Heightened) Validate(now time.Time) error {
	const most = 400
	var wrong string
	switch {
	case strings.TrimSpace(h.Author) == "" || h.Author == Machine:
		wrong = "it has no author"
	case strings.TrimSpace(h.Reason) == "" || len(h.Author)+len(h.Reason) > 4*most:
		wrong = "it has no reason, or one that is too long"
	case !h.To.After(now) || !h.From.Before(h.To):
		wrong = "it has no end, or one that is over"
	case h.To.Sub(h.From) > MaxHeightened:
		wrong = "it lasts longer than 30 days"
	case h.Every != 0 && h.Every < time.Second:
		wrong = "its interval is under 1s"
	default:
		return nil
	}
	return fmt.Errorf("heightened period: %s: %w", wrong, ErrInvalid)
}
