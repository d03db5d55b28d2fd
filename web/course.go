package web

import (
	"time"

	"gengfu"
)

// courseActs are the forms for what happens between the beginning and the end
// of an incident.
func courseActs(inc gengfu.Incident) []actForm {
	var acts []actForm
	if inc.State == gengfu.IncidentResolved {
		return append(acts, actForm{Name: "review", Text: true})
	}
	if !inc.Active() {
		return nil
	}
	acts = append(acts, actForm{Name: "eta", Text: true, Until: true})
	if inc.HoldUntil.IsZero() {
		acts = append(acts, actForm{Name: "hold", Text: true, Required: true, Until: true})
	} else {
		acts = append(acts, actForm{Name: "release", Text: true})
	}
	acts = append(acts, actForm{Name: "ask-onsite", Text: true, Until: true})
	if inc.OnSite.IsZero() {
		acts = append(acts, actForm{Name: "onsite", Text: true})
	}
	if inc.State != gengfu.IncidentMitigated {
		acts = append(acts, actForm{Name: "mitigate", Text: true})
	}
	return append(acts, actForm{Name: "resolve", Text: true}, actForm{Name: "merge", Text: true, Required: true},
		actForm{Name: "relate", Text: true, Required: true}, actForm{Name: "decline", Text: true, Required: true})
}

// timedText puts a time before the text of an act, as the desk reads it.
func timedText(until, text string) string {
	if until == "" {
		return text
	}
	return until + " " + text
}

// courseDoc is the course of an incident in the API.
type courseDoc struct {
	Key        string     `json:"scope"`
	Triage     string     `json:"triage,omitempty"`
	MergedInto string     `json:"merged_into,omitempty"`
	Absorbed   []string   `json:"absorbed,omitempty"`
	Related    []string   `json:"related,omitempty"`
	HoldReason string     `json:"hold_reason,omitempty"`
	HoldUntil  *time.Time `json:"hold_until,omitempty"`
	Mitigated  *time.Time `json:"mitigated,omitempty"`
	StillDown  bool       `json:"still_down,omitempty"`
	Assigned   *time.Time `json:"assigned,omitempty"`
	OnSiteDue  *time.Time `json:"onsite_due,omitempty"`
	OnSite     *time.Time `json:"onsite,omitempty"`
	ETA        *time.Time `json:"eta,omitempty"`
	Reviewed   *time.Time `json:"reviewed,omitempty"`
	Report     *reportDoc `json:"report,omitempty"`
	Clocks     []clockDoc `json:"clocks,omitempty"`
}

func courseDocOf(inc gengfu.Incident, lang gengfu.Lang) courseDoc {
	return courseDoc{
		Key: inc.Key, Triage: gengfu.Say(inc.Cause, lang), MergedInto: inc.MergedInto, Absorbed: inc.Absorbed, Related: inc.Related,
		HoldReason: inc.HoldReason, HoldUntil: moment(inc.HoldUntil), Mitigated: moment(inc.Mitigated), StillDown: inc.StillDown,
		Assigned: moment(inc.Assigned), OnSiteDue: moment(inc.OnSiteDue), OnSite: moment(inc.OnSite), ETA: moment(inc.ETA), Reviewed: moment(inc.Reviewed), Report: reportDocOf(inc.Report), Clocks: clockDocsOf(inc),
	}
}
