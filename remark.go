package gengfu

import (
	"strconv"
	"strings"
)

// Remark is what a run tells beside its verdict: something the author should
// know of, though the step went on. Every text in it is already redacted.
type Remark struct {
	Step int // index of the step it belongs to
	Kind RemarkKind
	Want string `json:",omitempty"` // what the author wrote
	Seen string `json:",omitempty"` // what happened instead
	N    int    `json:",omitempty"` // a count, or the number of the one that was used
}

// RemarkKind is the machine name of a remark; [Remark.Sentence] has the words.
type RemarkKind string

// The kinds of remarks.
const (
	RemarkStanding  RemarkKind = "standing"        // a standing rule was followed
	RemarkUnhandled RemarkKind = "standing_failed" // a standing rule could not be followed
	RemarkCandidate RemarkKind = "candidate"       // a later locator of a list was used
	RemarkGuard     RemarkKind = "guard"           // a write was refused
	RemarkA11y      RemarkKind = "a11y"            // something hinders people with disabilities
	RemarkRetried   RemarkKind = "retried"         // the page asked for the step to be done again
)

var remarkWords = map[RemarkKind][2]string{
	RemarkStanding:  {"出现 %w，已按 whenever 规则处理（第 %n 次）", "%w came up and was dealt with as whenever says (%n)"},
	RemarkUnhandled: {"出现 %w，未能按 whenever 规则处理：%s", "%w came up and could not be dealt with as whenever says: %s"},
	RemarkRetried:   {"页面提示“%s”，已重做本步骤（第 %n 次）", "the page said “%s”; the step was done again (%n)"},
	RemarkGuard:     {"guard 拒绝了 %w（%n 次）", "guard refused %w (times: %n)"},
	RemarkA11y:      {"无障碍 %w（%n 处）：%s", "accessibility, %w (%n): %s"},
	RemarkCandidate: {"%w 未找到，改用第 %n 个候选：%s；请更新场景", "%w was not found; matched by candidate %n: %s; the scenario needs maintenance"},
}

// Sentence says the remark in one sentence of lang, without the step.
func (m Remark) Sentence(lang Lang) string {
	words, ok := remarkWords[m.Kind]
	if !ok {
		words = [2]string{"%w %s", "%w %s"}
	}
	text := words[0]
	if lang == English {
		text = words[1]
	}
	return strings.NewReplacer("%w", inLang(m.Want, lang), "%s", inLang(m.Seen, lang), "%n", strconv.Itoa(m.N)).Replace(text)
}
