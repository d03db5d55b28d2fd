package incidents

import (
	"fmt"
	"time"

	"gengfu"
)

// CloseAfter is how long after its end an incident is closed by itself.
const CloseAfter = 7 * 24 * time.Hour

// further checks the actions that the course of an incident knows besides the
// first few.
func (a Action) further() error {
	switch a.Kind {
	case gengfu.EventMitigated, gengfu.EventReviewed, gengfu.EventReleased, gengfu.EventOnSite:
		return nil
	case gengfu.EventOnSiteAsked, gengfu.EventETA:
		if a.Until.IsZero() {
			return fmt.Errorf("%s without a time: %w", a.Kind, gengfu.ErrInvalid)
		}
		return nil
	case gengfu.EventHeld:
		if a.Until.IsZero() || a.Text == "" {
			return fmt.Errorf("held without a reason or an end: %w", gengfu.ErrInvalid)
		}
		return nil
	case gengfu.EventDeclined, gengfu.EventRelated:
		if a.Text == "" {
			return fmt.Errorf("%s without a text: %w", a.Kind, gengfu.ErrInvalid)
		}
		return nil
	}
	return fmt.Errorf("action %q: %w", a.Kind, gengfu.ErrInvalid)
}

// permits says which state lets people do what, for the actions of further.
func permits(inc gengfu.Incident, kind gengfu.EventKind) bool {
	switch kind {
	case gengfu.EventMitigated:
		return inc.Active() && inc.State != gengfu.IncidentMitigated
	case gengfu.EventReviewed:
		return inc.State == gengfu.IncidentResolved
	case gengfu.EventHeld:
		return inc.Active() && inc.HoldUntil.IsZero()
	case gengfu.EventReleased:
		return inc.Active() && !inc.HoldUntil.IsZero()
	case gengfu.EventOnSite:
		return inc.Active() && inc.OnSite.IsZero()
	case gengfu.EventETA, gengfu.EventOnSiteAsked, gengfu.EventDeclined, gengfu.EventMerged:
		return inc.Active()
	}
	return !final(inc.State)
}

// final reports whether nothing can be done to an incident any more.
func final(s gengfu.IncidentState) bool {
	return s == gengfu.IncidentClosed || s == gengfu.IncidentDeclined || s == gengfu.IncidentMerged
}

// proceed does what an action of further asks for. Times that were passed
// cannot be announced, and nothing is stamped before the incident was opened.
func proceed(inc *gengfu.Incident, a Action, now time.Time) error {
	if now.Before(inc.Opened) {
		return fmt.Errorf("%s before the incident was opened: %w", a.Kind, gengfu.ErrConflict)
	}
	if !a.Until.IsZero() && !a.Until.After(now) {
		return fmt.Errorf("%s until %s, which is over: %w", a.Kind, a.Until.Format(time.RFC3339), gengfu.ErrInvalid)
	}
	switch a.Kind {
	case gengfu.EventMitigated:
		inc.State, inc.Mitigated, inc.StillDown = gengfu.IncidentMitigated, now, len(inc.Members) > 0
	case gengfu.EventReviewed:
		inc.State, inc.Reviewed = gengfu.IncidentReviewed, now
	case gengfu.EventDeclined:
		inc.State, inc.Members, inc.Closed = gengfu.IncidentDeclined, nil, now
	case gengfu.EventHeld:
		inc.HoldReason, inc.HoldUntil = a.Text, a.Until
	case gengfu.EventReleased:
		inc.HoldReason, inc.HoldUntil = "", time.Time{}
	case gengfu.EventETA:
		inc.ETA = a.Until
		stamp(&inc.ETASaid, now)
	case gengfu.EventOnSiteAsked:
		inc.OnSiteDue = a.Until
	case gengfu.EventOnSite:
		inc.OnSite = now
	case gengfu.EventRelated:
		inc.Related = append(inc.Related[:len(inc.Related):len(inc.Related)], a.Text)
	}
	return nil
}

// resolve ends an incident by hand. While members still fail it is mitigated
// only, and goes on with the next failing run.
func resolve(inc *gengfu.Incident, now time.Time) gengfu.EventKind {
	if len(inc.Members) > 0 {
		inc.State, inc.Mitigated, inc.StillDown = gengfu.IncidentMitigated, now, true
		return gengfu.EventMitigated
	}
	inc.State, inc.Resolved = gengfu.IncidentResolved, now
	stamp(&inc.ImpactEnd, now)
	return gengfu.EventResolved
}

// stamp notes the first time that something happened.
func stamp(t *time.Time, now time.Time) {
	if t.IsZero() {
		*t = now
	}
}

// Due is what time alone changes of an incident: a hold that is over, and the
// closing of what has been resolved for long. It is empty when nothing is due.
func Due(inc gengfu.Incident, now time.Time) gengfu.Change {
	ev := gengfu.Event{Incident: inc.Number, At: now, Actor: gengfu.Machine}
	switch ended := inc.State == gengfu.IncidentResolved || inc.State == gengfu.IncidentReviewed; {
	case inc.Active() && !inc.HoldUntil.IsZero() && !now.Before(inc.HoldUntil):
		ev.Kind, ev.Text = gengfu.EventReleased, inc.HoldReason
		inc.HoldReason, inc.HoldUntil = "", time.Time{}
	case inc.Recovered() && !inc.QuietUntil.IsZero() && !now.Before(inc.QuietUntil):
		ev.Kind = gengfu.EventResolved
		inc.State, inc.Resolved = gengfu.IncidentResolved, now
	case ended && now.Sub(inc.Resolved) >= CloseAfter:
		ev.Kind = gengfu.EventClosed
		inc.State, inc.Closed = gengfu.IncidentClosed, now
	default:
		return gengfu.Change{}
	}
	inc.Seq++
	ev.Seq = inc.Seq
	return gengfu.Change{Incidents: []gengfu.Incident{inc}, Events: []gengfu.Event{ev}}
}

// Merge makes an open incident part of another, which gets its members and
// everything that happens to them from then on.
func Merge(child, parent gengfu.Incident, actor string, now time.Time) (gengfu.Change, error) {
	if err := (Action{Kind: gengfu.EventNoted, Actor: actor, Text: parent.Number}).validate(); err != nil {
		return gengfu.Change{}, err
	}
	if !child.Active() || !parent.Active() || child.Number == parent.Number {
		return gengfu.Change{}, fmt.Errorf("merge %s (%s) into %s (%s): %w", child.Number, child.State, parent.Number, parent.State, gengfu.ErrConflict)
	}
	f := fold{now: now, actor: actor, byKey: map[string]gengfu.Incident{}}
	f.merge(child, &parent, gengfu.Signal{})
	return gengfu.Change{Incidents: []gengfu.Incident{f.byKey[child.Key], parent}, Events: f.events}, nil
}
