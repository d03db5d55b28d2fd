package gengfu

import "time"

// Window is a stretch of time that somebody set apart, such as a heightened
// period. To is not part of it.
type Window struct {
	From, To time.Time
	Title    string
}

// Covers reports whether t lies in the window.
func (w Window) Covers(t time.Time) bool { return !t.Before(w.From) && t.Before(w.To) }
