package gengfu

import "time"

// Attendance is what a run asks of a person: to do something with what a page
// shows, such as scanning a code, while the run waits. It is told and then
// forgotten; neither the ledger nor the evidence has it.
type Attendance struct {
	Scenario string // id
	Title    string // of the scenario
	Route    string // whom to ask; empty for the default
	Text     string // the author's words; empty for none
	Picture  []byte // PNG of the element, secrets and personal data painted over
	Turn     int    // 1 for the first picture, more when the page showed a new one
	At       time.Time
	Until    time.Time // when the run gives up
}
