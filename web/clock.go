package web

import (
	"time"

	"gengfu"
)

// clockDoc is a clock of a contract in the API.
type clockDoc struct {
	Kind     string     `json:"kind"`
	State    string     `json:"state"`
	Calendar string     `json:"calendar"`
	Reading  string     `json:"reading,omitempty"`
	Started  *time.Time `json:"started,omitempty"`
	Due      *time.Time `json:"due,omitempty"`
	WallDue  *time.Time `json:"wall_due,omitempty"`
	Unsure   bool       `json:"provisional,omitempty"`
	Paused   string     `json:"paused_for,omitempty"`
	Warned   int        `json:"warned_percent,omitempty"`
	Breached *time.Time `json:"breached,omitempty"`
	Ended    *time.Time `json:"ended,omitempty"`
}

func clockDocsOf(inc gengfu.Incident) []clockDoc {
	var list []clockDoc
	for _, c := range inc.Clocks {
		list = append(list, clockDoc{
			Kind: c.Kind, State: c.State, Calendar: c.Calendar, Reading: c.Reading, Started: moment(c.Start), Due: moment(c.Due), WallDue: moment(c.WallDue),
			Unsure: c.Unsure, Paused: c.Reason, Warned: c.Warned, Breached: moment(c.BreachAt), Ended: moment(c.Ended),
		})
	}
	return list
}
