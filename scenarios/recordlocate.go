package scenarios

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// recordedTarget is the way to an element that is chosen among those of a
// recording.
type recordedTarget struct {
	text   string // the locator in YAML
	role   string
	tag    string
	secret bool // a field for a password
}

var (
	ariaSelector = regexp.MustCompile(`^aria/(.*?)(?:\[role="([a-z]+)"\])?$`)
	testIDs      = regexp.MustCompile(`^\[data-testid=['"]?([^'"\]]+)['"]?\]$`)
	secretField  = regexp.MustCompile(`(?i)pass|pwd|密码|口令`)
	selectTag    = regexp.MustCompile(`(?:^|[\s>/])select(?:\W|$)`)
)

// locate chooses the selector that holds longest: what a person would point at,
// then a test id, then a short CSS selector; XPath and positions last.
func (im *importer) locate(st recordedStep) recordedTarget {
	var all []string
	t := recordedTarget{}
	for _, raw := range st.Selectors {
		s, ancestors := selectorOf(raw)
		all = append(all, s)
		t.secret = t.secret || secretField.MatchString(s)
		if selectTag.MatchString(s) {
			t.tag = "select"
		}
		if m := ariaSelector.FindStringSubmatch(s); m != nil {
			if t.role == "" {
				t.role = m[2]
			}
			if m[1] == "" && len(ancestors) > 0 { // a nameless part of a named element
				all = append(all, ancestors[len(ancestors)-1])
			}
		}
	}
	best, rank := "", 9
	var found []candidate
	for _, s := range all {
		text, r := t.spell(s)
		if text != "" && !slices.ContainsFunc(found, func(c candidate) bool { return c.text == text }) {
			found = append(found, candidate{text, r})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.rank - b.rank })
	if len(found) > 0 {
		best, rank = found[0].text, found[0].rank
	}
	t.text = best
	if rank >= weakRank && len(found) > 1 {
		t.text = ordered(found)
	}
	switch {
	case best == "":
		im.remark("step %d: its element has no selector that can be used; the step is left out", im.number)
	case rank >= brittleRank:
		im.remark("step %d is found by %s, which the next release of the page may change: say what a person would point at", im.number, best)
	}
	return t
}

// selectorOf is the last part of a selector, and the parts before it.
func selectorOf(raw json.RawMessage) (last string, ancestors []string) {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return one, nil
	}
	var parts []string
	if json.Unmarshal(raw, &parts) != nil || len(parts) == 0 {
		return "", nil
	}
	return parts[len(parts)-1], parts[:len(parts)-1]
}

// candidate is a way to an element and how long it will hold.
type candidate struct {
	text string
	rank int
}

// weakRank is the first rank that is not trusted alone, when there are others.
const weakRank = 3

// maxCandidates bounds those that are written for an element.
const maxCandidates = 3

// ordered writes candidates as a list, of which the first that matches is used.
func ordered(found []candidate) string {
	var texts []string
	for _, c := range found[:min(len(found), maxCandidates)] {
		texts = append(texts, c.text)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// brittleRank is the first rank of selectors that do not hold.
const brittleRank = 5

// spell is a selector in the language, and how long it will hold: less is
// better.
func (t recordedTarget) spell(s string) (text string, rank int) {
	if m := ariaSelector.FindStringSubmatch(s); m != nil {
		named := []string{"button", "link", "tab", "menuitem", "checkbox", "radio", "textbox", "searchbox", "combobox", "listbox"}
		switch {
		case m[1] == "":
			return "", 0
		case m[2] != "" && !slices.Contains(named, m[2]) && slices.Contains(roles(), m[2]) && m[2] != "generic":
			return "{role: " + m[2] + ", name: " + QuotedText(m[1]) + "}", 1
		}
		return QuotedText(m[1]), 0
	}
	for prefix, key := range map[string]string{"text/": "text", "xpath/": "xpath"} {
		rest, ok := strings.CutPrefix(s, prefix)
		switch {
		case ok && key == "text" && rest != "":
			return "{text: " + QuotedText(rest) + "}", 3
		case ok && rest != "":
			if indexed.MatchString(rest) || generated.MatchString(rest) {
				return "{xpath: " + QuotedText(rest) + "}", brittleRank + 1
			}
			return "{xpath: " + QuotedText(rest) + "}", 4
		}
	}
	switch {
	case s == "", strings.HasPrefix(s, "pierce/"):
		return "", 0
	case testIDs.MatchString(s):
		return "{testid: " + QuotedText(testIDs.FindStringSubmatch(s)[1]) + "}", 2
	case generated.MatchString(s), positional.MatchString(s), strings.Count(s, ">") > 1:
		return "{css: " + QuotedText(s) + "}", brittleRank
	}
	return "{css: " + QuotedText(s) + "}", 4
}
