package notify

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes text from a page or a person fit for one line: valid UTF-8, no
// control characters, nothing that turns the direction of reading, at most
// limit bytes.
func clean(text string, limit int) string {
	text = text[:min(len(text), 8*limit)] // pages may say megabytes
	text = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsSpace(r), unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case turns(r):
			return -1
		}
		return r
	}, text)
	return cut(strings.Join(strings.Fields(text), " "), limit)
}

// turns reports the characters that make text read otherwise than it is
// written: marks and overrides of direction, and the byte order mark.
func turns(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\ufeff'
}

const ellipsis = "…"

// cut shortens text to limit bytes, never within a character.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit - len(ellipsis)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:max(end, 0)] + ellipsis
}

// mrkdwn writes text so that Slack shows it as it is: its three control
// characters as entities, its broadcast words broken. The result has at most
// limit characters and ends on a whole entity.
func mrkdwn(text string, limit int) string {
	text = broadcasts.Replace(text)
	var b strings.Builder
	n := 0
	for _, r := range text {
		piece := string(r)
		switch r {
		case '&':
			piece = "&amp;"
		case '<':
			piece = "&lt;"
		case '>':
			piece = "&gt;"
		}
		if n+utf8.RuneCountInString(piece) > limit-1 {
			return b.String() + ellipsis
		}
		b.WriteString(piece)
		n += utf8.RuneCountInString(piece)
	}
	return b.String()
}

// broadcasts puts a character without width behind the sign that would call
// everybody.
var broadcasts = strings.NewReplacer("@channel", "@\u200bchannel", "@here", "@\u200bhere", "@everyone", "@\u200beveryone", "@all", "@\u200ball")
