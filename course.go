package gengfu

import "time"

// Course is what happened to an incident besides its states. Times are zero
// until the thing happens.
type Course struct {
	Cause      string    `json:",omitempty"` // found by triage or people
	MergedInto string    `json:",omitempty"` // number
	Absorbed   []string  `json:",omitempty"` // numbers of the incidents that were merged into this one
	Related    []string  `json:",omitempty"` // numbers
	HoldReason string    `json:",omitempty"` // why nobody can work on it, while it is held
	HoldUntil  time.Time `json:",omitzero"`
	Mitigated  time.Time `json:",omitzero"`
	QuietUntil time.Time `json:",omitzero"` // works again, and is resolved then unless it fails before
	Assigned   time.Time `json:",omitzero"` // for the first time
	OnSiteDue  time.Time `json:",omitzero"` // when somebody was asked to come
	OnSite     time.Time `json:",omitzero"` // when somebody came
	ETA        time.Time `json:",omitzero"` // when it will be put right, as announced
	ETASaid    time.Time `json:",omitzero"` // when that was announced
	Reviewed   time.Time `json:",omitzero"`
	Watched    bool      `json:",omitempty"` // people were told that it works again while it went on
	StillDown  bool      `json:",omitempty"` // a person called it resolved while members still failed
	Report     *Report   `json:",omitempty"` // of one that a person told of
	Silence    int64     `json:",omitempty"` // number of the silence that keeps its messages back, 0 for none

	Escalation *Escalation `json:",omitempty"` // nil while nobody is told one after another
	Clocks     []Clock     `json:",omitempty"` // of a contract, in the order in which they began
}

// Recovered reports whether everything works again, as people were told, though
// the incident is not over yet: it is watched for a while, or a person has the
// last word.
func (inc Incident) Recovered() bool {
	return inc.State == IncidentMitigated && inc.Watched && len(inc.Members) == 0
}
