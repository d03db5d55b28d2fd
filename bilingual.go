package gengfu

import "strings"

// The marks round a passage that a text holds in both languages.
const (
	bothBegin = "\x02"
	bothMid   = "\x1f"
	bothEnd   = "\x03"
)

// Both is a passage in Chinese and in English, for texts that are stored once
// and read in either language. [Say] picks one; passages may stand anywhere in
// a text, and not in one another.
func Both(zh, en string) string { return bothBegin + zh + bothMid + en + bothEnd }

// Say is a stored text as its readers see it in lang.
func Say(text string, lang Lang) string {
	if !strings.Contains(text, bothBegin) {
		return text
	}
	var b strings.Builder
	for text != "" {
		plain, rest, found := strings.Cut(text, bothBegin)
		b.WriteString(plain)
		if !found {
			break
		}
		passage, after, _ := strings.Cut(rest, bothEnd)
		zh, en, _ := strings.Cut(passage, bothMid)
		if lang == English {
			zh = en
		}
		b.WriteString(zh)
		text = after
	}
	return b.String()
}
