package gengfu

import (
	"strings"
	"time"
)

// SelfKind names what the prober looks at when it looks at itself.
type SelfKind string

// The kinds, in the order they are told.
const (
	SelfDisk    SelfKind = "disk"    // room where the ledger lies
	SelfMemory  SelfKind = "memory"  // that can still be taken
	SelfLag     SelfKind = "lag"     // a timer of ours rang late
	SelfClock   SelfKind = "clock"   // the clock on the wall jumped
	SelfBrowser SelfKind = "browser" // it cannot be started
	SelfNetwork SelfKind = "network" // no control target answers
	SelfLoad    SelfKind = "load"    // more to do than cores
)

// SelfKinds are all kinds in their order.
func SelfKinds() []SelfKind {
	return []SelfKind{SelfDisk, SelfMemory, SelfLag, SelfClock, SelfBrowser, SelfNetwork, SelfLoad}
}

// Freezes reports whether a run says nothing while this is wrong, whatever it
// shows. browser tells whether the run needs one. A network that fails is asked
// about after each failed run, and load spoils a run's times alone: runs go on,
// and what they find is judged one by one.
func (k SelfKind) Freezes(browser bool) bool {
	switch k {
	case SelfNetwork, SelfLoad:
		return false
	case SelfBrowser:
		return browser
	}
	return true
}

// selfMember goes before a kind in the members of an incident; no scenario is
// called so.
const selfMember = "self:"

// Member is the kind as a member of the prober's incident.
func (k SelfKind) Member() string { return selfMember + string(k) }

// SelfMember reports whether a member of an incident is a finding of the
// self-check and no scenario.
func SelfMember(member string) bool { return strings.HasPrefix(member, selfMember) }

// SelfFinding is one thing that the prober found wrong with itself.
type SelfFinding struct {
	Kind  SelfKind
	Seen  string // the figure, or words in both languages; empty while only the ledger knows of it
	Limit string // that it passed, empty for none
}

// selfWords hold the Chinese and English words for a kind. In them %s is Seen
// and %w is Limit.
var selfWords = map[SelfKind][2]string{
	SelfDisk:    {"数据盘只剩 %s（至少要 %w）", "the disk of the data folder has %s left (%w are needed)"},
	SelfMemory:  {"可用内存只剩 %s（至少要 %w）", "%s of memory are left (%w are needed)"},
	SelfLag:     {"监测端自己的定时器晚了 %s（上限 %w）", "our own timer rang %s late (limit %w)"},
	SelfClock:   {"系统时钟跳变 %s（上限 %w）", "the clock jumped by %s (limit %w)"},
	SelfBrowser: {"浏览器无法启动：%s", "the browser cannot be started: %s"},
	SelfNetwork: {"对照目标全部不通：%s", "no control target answers: %s"},
	SelfLoad:    {"每核负载 %s（上限 %w）", "load of %s per core (limit %w)"},
}

// Sentence says the finding in lang.
func (f SelfFinding) Sentence(lang Lang) string {
	words, ok := selfWords[f.Kind]
	if !ok || f.Seen == "" {
		return string(f.Kind)
	}
	text := words[0]
	if lang == English {
		text = words[1]
	}
	return strings.NewReplacer("%s", Say(f.Seen, lang), "%w", f.Limit).Replace(text)
}

// SelfSentence says findings in lang, one after another.
func SelfSentence(list []SelfFinding, lang Lang) string {
	parts := make([]string, 0, len(list))
	for _, f := range list {
		parts = append(parts, f.Sentence(lang))
	}
	if lang == English {
		return strings.Join(parts, "; ")
	}
	return strings.Join(parts, "；")
}

// SelfFailure is the failure of a run that says nothing because of findings.
func SelfFailure(list []SelfFinding) *Failure {
	f := &Failure{Fault: FaultMachine, Reason: ReasonSelfCheck, Detail: Both(SelfSentence(list, Chinese), SelfSentence(list, English))}
	if len(list) == 1 {
		switch list[0].Kind {
		case SelfBrowser:
			f.Fault = FaultBrowser
		case SelfNetwork:
			f.Fault = FaultNetwork
		}
	}
	return f
}

// SelfCheck is how the prober found itself when it last looked.
type SelfCheck struct {
	At       time.Time     // zero before the first
	Findings []SelfFinding // that stand, in the order of [SelfKinds]
}

// Frozen are the findings under which a run says nothing. browser tells whether
// the run needs one.
func (c SelfCheck) Frozen(browser bool) []SelfFinding {
	var list []SelfFinding
	for _, f := range c.Findings {
		if f.Kind.Freezes(browser) && f.Seen != "" {
			list = append(list, f)
		}
	}
	return list
}

// Failing reports whether something is wrong that people hear of.
func (c SelfCheck) Failing() bool {
	for _, f := range c.Findings {
		if f.Kind != SelfLoad {
			return true
		}
	}
	return false
}
