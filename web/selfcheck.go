package web

import (
	"time"

	"gengfu"
)

// selfDoc is how the prober found itself when it last looked.
type selfDoc struct {
	At       *time.Time       `json:"at"`
	Failing  bool             `json:"failing"`
	Frozen   bool             `json:"frozen"` // runs say nothing until it is over
	Findings []selfFindingDoc `json:"findings"`
}

type selfFindingDoc struct {
	Kind gengfu.SelfKind `json:"kind"`
	Text string          `json:"text"`
}

func selfDocOf(c gengfu.SelfCheck, lang gengfu.Lang) selfDoc {
	d := selfDoc{At: moment(c.At), Failing: c.Failing(), Frozen: len(c.Frozen(true)) > 0, Findings: []selfFindingDoc{}}
	for _, f := range c.Findings {
		d.Findings = append(d.Findings, selfFindingDoc{f.Kind, f.Sentence(lang)})
	}
	return d
}

// selfCheck writes how the prober found itself.
func (f *exposition) selfCheck(c gengfu.SelfCheck) {
	if c.At.IsZero() {
		return
	}
	ok := 1.0
	if c.Failing() {
		ok = 0
	}
	f.one("gengfu_self_check_ok", "Whether the prober found nothing wrong with itself that people hear of.", ok)
	f.family("gengfu_self_check_findings", "gauge", "What the prober found wrong with itself, by kind: 1 while it stands. Load spoils times alone.")
	for _, kind := range gengfu.SelfKinds() {
		n := 0.0
		for _, found := range c.Findings {
			if found.Kind == kind {
				n = 1
			}
		}
		f.sample(n, "kind", string(kind))
	}
	f.one("gengfu_self_check_timestamp_seconds", "When the prober last looked at itself, in Unix time.", unix(c.At))
}
