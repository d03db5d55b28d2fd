package storage

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gengfu"
)

// detail is what the row of a run does not hold. It is opaque to the
// database: compressed JSON, dropped early for runs that passed.
type detail struct {
	Card      *gengfu.ScenarioCard `json:",omitempty"` // when the run was made with other words than its revision's
	Started   time.Time
	QueueWait time.Duration
	Duration  time.Duration
	Failure   *gengfu.Failure        `json:",omitempty"`
	Steps     []gengfu.StepResult    `json:",omitempty"`
	Pages     []gengfu.PageLoad      `json:",omitempty"`
	Traffic   gengfu.Traffic         `json:",omitzero"`
	Console   []gengfu.ConsoleLine   `json:",omitempty"`
	Requests  []gengfu.FailedRequest `json:",omitempty"`
	Dialogs   []string               `json:",omitempty"`
	Tabs      []gengfu.Tab           `json:",omitempty"`
	Downloads []gengfu.Download      `json:",omitempty"`
	Messages  []gengfu.PageMessage   `json:",omitempty"`
	Browser   string                 `json:",omitempty"`
	FinalURL  string                 `json:",omitempty"`
	Load      float64                `json:",omitempty"`
	Tainted   gengfu.Taint           `json:",omitempty"`
	Counts    gengfu.Counts          `json:",omitzero"`
	Trace     string                 `json:",omitempty"`
	Session   *gengfu.SessionUse     `json:",omitempty"`
	Remarks   []gengfu.Remark        `json:",omitempty"`
}

func (s *Store) packDetail(r *gengfu.Run, card gengfu.ScenarioCard) ([]byte, error) {
	d := detail{
		Started: r.Started.UTC(), QueueWait: r.QueueWait, Duration: r.Duration, Failure: r.Failure,
		Steps: slices.Clone(r.Steps), Pages: slices.Clone(r.Pages), Traffic: r.Traffic, Console: r.Console, Requests: r.Requests,
		Dialogs: r.Dialogs, Tabs: r.Tabs, Downloads: r.Downloads, Messages: r.Messages, Browser: r.Browser, FinalURL: r.FinalURL, Load: finite(r.Load),
		Tainted: r.Tainted, Counts: r.Counts, Trace: r.Trace, Session: r.Session, Remarks: r.Remarks,
	}
	if own := cardOf(r); !sameWords(own, card) {
		d.Card = &own
	}
	for i := range d.Steps {
		if i < len(card.Steps) && d.Steps[i].Name == card.Steps[i] {
			d.Steps[i].Name = ""
		}
	}
	for i := range d.Pages {
		d.Pages[i].CLS = finite(d.Pages[i].CLS)
	}
	body, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return s.enc.EncodeAll(body, nil), nil
}

func sameWords(a, b gengfu.ScenarioCard) bool {
	return a.Title == b.Title && a.Target == b.Target && a.Owner == b.Owner && a.Runbook == b.Runbook &&
		a.Severity == b.Severity && a.Notify == b.Notify && slices.Equal(a.Tags, b.Tags)
}

// unpackDetail completes a run read from its row.
func (s *Store) unpackDetail(r *gengfu.Run, body []byte) error {
	text, err := s.dec.DecodeAll(body, nil)
	if err != nil {
		return fmt.Errorf("decode detail: %w", err)
	}
	var d detail
	if err := json.Unmarshal(text, &d); err != nil {
		return fmt.Errorf("decode detail: %w", err)
	}
	if d.Card != nil {
		describe(r, *d.Card)
	}
	for i := range d.Steps {
		if d.Steps[i].Name == "" && i < len(r.Steps) {
			d.Steps[i].Name = r.Steps[i].Name
		}
	}
	r.Started, r.QueueWait, r.Duration, r.Failure, r.Steps = d.Started, d.QueueWait, d.Duration, d.Failure, d.Steps
	r.Pages, r.Traffic, r.Console, r.Requests = d.Pages, d.Traffic, d.Console, d.Requests
	r.Dialogs, r.Messages, r.Browser, r.FinalURL, r.Load = d.Dialogs, d.Messages, d.Browser, d.FinalURL, d.Load
	r.Tabs, r.Downloads = d.Tabs, d.Downloads
	r.Tainted, r.Counts, r.Trace, r.Session = d.Tainted, d.Counts, d.Trace, d.Session
	r.Remarks = d.Remarks
	return nil
}

// describe gives a run the words of a card.
func describe(r *gengfu.Run, card gengfu.ScenarioCard) {
	r.Title, r.Target, r.Severity, r.Tags = card.Title, card.Target, card.Severity, card.Tags
	r.Owner, r.Runbook, r.Notify = card.Owner, card.Runbook, card.Notify
}
