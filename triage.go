package gengfu

import (
	"fmt"
	"strings"
	"time"
)

// TargetKey is the incident key of trouble that a whole target has, which
// stands for that of all its scenarios.
func TargetKey(target string) string { return "target:" + target }

// ChannelKey is the incident key of an endpoint that needs somebody's hand.
func ChannelKey(endpoint string) string { return "channel:" + endpoint }

// LoginKey is the incident key of trouble with a log-in that scenarios of a
// target share.
func LoginKey(target, identity string) string { return "login:" + target + "/" + identity }

// Probe is one look at an address, without a browser.
type Probe struct {
	Name  string        // as the operator or the author wrote it
	Stage string        // dns, tcp, tls or http: how far it came
	Error string        // why it went no further, empty when the address answers
	Took  time.Duration // in all
}

// OK reports whether the address answered.
func (p Probe) OK() bool { return p.Error == "" }

// Triage is what a look around found when a run failed: whether our own
// network works, and whether the target's entry answers at all.
type Triage struct {
	At       time.Time
	Controls []Probe // addresses that have nothing to do with the target; empty when none are configured
	Entry    *Probe  // nil when it was not looked at
}

// OwnTrouble reports whether no control target answers: then nothing can be
// said about any target.
func (t Triage) OwnTrouble() bool {
	for _, p := range t.Controls {
		if p.OK() {
			return false
		}
	}
	return len(t.Controls) > 0
}

// EntryDown reports whether the target's entry was looked at and does not
// answer.
func (t Triage) EntryDown() bool { return t.Entry != nil && !t.Entry.OK() }

// Sentence says what was found in one line of lang, empty when everything
// answers.
func (t Triage) Sentence(lang Lang) string {
	var silent []string
	for _, p := range t.Controls {
		if !p.OK() {
			silent = append(silent, p.Name)
		}
	}
	zh, en := "", ""
	if t.EntryDown() {
		zh, en = fmt.Sprintf("入口 %s 不通（%s：%s）", t.Entry.Name, t.Entry.Stage, t.Entry.Error), fmt.Sprintf("the entry %s does not answer (%s: %s)", t.Entry.Name, t.Entry.Stage, t.Entry.Error)
	}
	if len(silent) > 0 {
		sep, names := "", strings.Join(silent, ", ")
		if zh != "" {
			sep = "; "
		}
		zh += sep + fmt.Sprintf("%d 个对照目标中有 %d 个不通：%s", len(t.Controls), len(silent), names)
		en += sep + fmt.Sprintf("%d of %d control targets do not answer: %s", len(silent), len(t.Controls), names)
	}
	if lang == English {
		return en
	}
	return zh
}
