package incidents

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gengfu"
)

// MaxText is the longest note or name that an action takes, in characters.
const MaxText = 4000

// Action is what a person does with an incident: acknowledge, assign, note,
// resolve by hand, or close it.
type Action struct {
	Kind  gengfu.EventKind
	Actor string
	Text  string    // the assignee of assigned, the note of noted, a number of merged and related; a reason otherwise
	Until time.Time // of held, eta and onsite_requested
}

// Act returns what an action changes. The error is [gengfu.ErrConflict] when
// the incident is not in a state that allows it, and [gengfu.ErrInvalid] when
// the action is not complete. An incident that was resolved by hand reopens
// with the next signal of its trouble.
func Act(inc gengfu.Incident, a Action, now time.Time) (gengfu.Change, error) {
	a.Actor, a.Text = strings.TrimSpace(a.Actor), strings.TrimSpace(a.Text)
	if err := a.validate(); err != nil {
		return gengfu.Change{}, err
	}
	if !allowed(inc, a.Kind) {
		return gengfu.Change{}, fmt.Errorf("%s while the incident is %s: %w", a.Kind, inc.State, gengfu.ErrConflict)
	}
	switch a.Kind {
	case gengfu.EventAcked:
		inc.State = gengfu.IncidentAcked
		ack(&inc, a.Actor, now)
	case gengfu.EventAssigned:
		inc.State, inc.Assignee = gengfu.IncidentWorking, a.Text
		stamp(&inc.Assigned, now)
		ack(&inc, a.Actor, now)
	case gengfu.EventResolved:
		a.Kind = resolve(&inc, now)
	case gengfu.EventClosed:
		inc.State, inc.Closed = gengfu.IncidentClosed, now
	default:
		if err := proceed(&inc, a, now); err != nil {
			return gengfu.Change{}, err
		}
	}
	inc.Seq++
	ev := gengfu.Event{Incident: inc.Number, Seq: inc.Seq, At: now, Actor: a.Actor, Kind: a.Kind, Text: a.Text}
	return gengfu.Change{Incidents: []gengfu.Incident{inc}, Events: []gengfu.Event{ev}}, nil
}

func (a Action) validate() error {
	switch {
	case a.Actor == "" || a.Actor == gengfu.Machine:
		return fmt.Errorf("action of %q, who is nobody: %w", a.Actor, gengfu.ErrInvalid)
	case a.Text == "" && a.Kind == gengfu.EventNoted:
		return fmt.Errorf("empty note: %w", gengfu.ErrInvalid)
	case a.Text == "" && a.Kind == gengfu.EventAssigned:
		return fmt.Errorf("assigned to nobody: %w", gengfu.ErrInvalid)
	case utf8.RuneCountInString(a.Text) > MaxText:
		return fmt.Errorf("text of over %d characters: %w", MaxText, gengfu.ErrInvalid)
	}
	switch a.Kind {
	case gengfu.EventAcked, gengfu.EventAssigned, gengfu.EventNoted, gengfu.EventResolved, gengfu.EventClosed:
		return nil
	}
	return a.further()
}

func allowed(inc gengfu.Incident, kind gengfu.EventKind) bool {
	switch kind {
	case gengfu.EventAcked:
		return inc.State == gengfu.IncidentOpen
	case gengfu.EventAssigned, gengfu.EventResolved:
		return inc.Active()
	case gengfu.EventClosed:
		return inc.State == gengfu.IncidentResolved || inc.State == gengfu.IncidentReviewed
	}
	return permits(inc, kind)
}

// ack stamps the first acknowledgement.
func ack(inc *gengfu.Incident, actor string, now time.Time) {
	if inc.Acked.IsZero() {
		inc.Acked, inc.AckedBy = now, actor
	}
}
