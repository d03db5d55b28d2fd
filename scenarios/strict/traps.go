package strict

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// trap is a mistake that authors make again and again and that a YAML parser
// tells in words nobody understands.
type trap struct {
	messages []string // parts of the parser's messages it can be behind
	find     func(line string) (found, bool)
}

// found is a trap in a line: a byte offset, and the words for it.
type found struct {
	at              int
	finding, remedy string
}

func (t trap) explains(msg string) bool {
	for _, m := range t.messages {
		if strings.Contains(msg, m) {
			return true
		}
	}
	return false
}

// traps in the order they are tried: the more telling first.
func traps() []trap {
	colon := []string{"expected ':'", "mapping values", "expected key", "'-' indicator"}
	flow := []string{"',' or '}'", "',' or ']'", "node content", "expected key", "mapping values"}
	start := []string{"alphabetic or numeric", "unknown anchor", "cannot start any token", "comment or line break", "node content", "indentation indicator", "directive", "tag", "',' or", "expected key"}
	quote := []string{"end of stream", "expected key", "expected ':'", "mapping values", "'-' indicator", "',' or", "document"}
	return []trap{
		{[]string{"tab character", "cannot start any token"}, tabIndent},
		{colon, fullWidthColon},
		{flow, barePlaceholder},
		{[]string{"escape"}, unknownEscape},
		{quote, innerQuote},
		{quote, openQuote},
		{colon, missingBlank},
		{[]string{"mapping values", "expected ':'", "',' or"}, secondColon},
		{[]string{"',' or", "end of stream"}, openBracket},
		{start, leadingSign},
		{[]string{"node content"}, openBracket},
	}
}

func tabIndent(line string) (found, bool) {
	lead := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	i := strings.IndexByte(lead, '\t')
	return found{i, "a tab stands in the indentation", "indent with blanks"}, i >= 0
}

var wideColon = regexp.MustCompile(`^\s*(?:- +)*([^\s"'#:：{}\[\]]+)(：)`)

func fullWidthColon(line string) (found, bool) {
	m := wideColon.FindStringSubmatchIndex(line)
	if m == nil {
		return found{}, false
	}
	key := line[m[2]:m[3]]
	return found{m[4], fmt.Sprintf("the colon after %q is full-width", key), "write : and a blank"}, true
}

// barePlaceholder is ${…} without quotes inside { } or [ ].
func barePlaceholder(line string) (found, bool) {
	at := -1
	scan(line, func(i int, c byte, depth int, quoted byte) bool {
		if quoted == 0 && depth > 0 && strings.HasPrefix(line[i:], "${") {
			at = i
		}
		return at < 0
	})
	if at < 0 {
		return found{}, false
	}
	end := strings.IndexByte(line[at:], '}')
	if end < 0 {
		return found{}, false
	}
	ref := line[at : at+end+1]
	return found{at, ref + " is not quoted inside { }", `write "` + ref + `"`}, true
}

func unknownEscape(line string) (found, bool) {
	at := -1
	skip := false
	scan(line, func(i int, c byte, depth int, quoted byte) bool {
		if skip {
			skip = false
			return true
		}
		if quoted == '"' && c == '\\' && i+1 < len(line) {
			if !strings.ContainsRune("0abt\tnvfre \"/\\N_LPxuU", rune(line[i+1])) {
				at = i
				return false
			}
			skip = true
		}
		return true
	})
	if at < 0 {
		return found{}, false
	}
	_, size := utf8.DecodeRuneInString(line[at+1:])
	return found{at, fmt.Sprintf("unknown escape %s in a double-quoted text", line[at:at+1+size]), "use single quotes for patterns: '…'"}, true
}

var doubled = regexp.MustCompile(`(?:: |- |\{ ?|, |\[)'[^']*'[^',}\]\s]`)

// innerQuote is 'it's': a single quote that ends its text too early.
func innerQuote(line string) (found, bool) {
	m := doubled.FindStringIndex(line)
	if m == nil {
		return found{}, false
	}
	_, size := utf8.DecodeLastRuneInString(line[:m[1]])
	return found{m[1] - size - 1, "this quote ends the text too early", "double it: '', or use double quotes outside"}, true
}

func openQuote(line string) (found, bool) {
	quoted, opened := scan(line, func(int, byte, int, byte) bool { return true })
	if quoted == 0 {
		return found{}, false
	}
	return found{opened, "a quote is not closed", "close it with " + string(quoted)}, true
}

var glued = regexp.MustCompile(`^\s*(?:- +)*([a-z_]+):([^\s:])`)

func missingBlank(line string) (found, bool) {
	m := glued.FindStringSubmatchIndex(line)
	if m == nil || strings.HasPrefix(line[m[4]:], "//") {
		return found{}, false
	}
	key := line[m[2]:m[3]]
	return found{m[4], fmt.Sprintf("a blank is missing after %q", key+":"), "write " + key + ": …"}, true
}

// glued gives the hint for a text that was meant as a key and its value.
func (n Node) glued() string {
	if n.y == nil {
		return ""
	}
	if f, ok := fullWidthColon(n.Text()); ok {
		return f.finding + ", " + f.remedy
	}
	if f, ok := missingBlank(n.Text()); ok {
		return f.finding
	}
	return ""
}

var keyValue = regexp.MustCompile(`^\s*(?:- +)*[^\s"'{\[#:][^"'{\[#:]*: +`)

// secondColon is a plain text with ": " in it.
func secondColon(line string) (found, bool) {
	m := keyValue.FindStringIndex(line)
	if m == nil || m[1] >= len(line) || strings.IndexByte("\"'{[|>&*!", line[m[1]]) >= 0 {
		return found{}, false
	}
	i := strings.Index(line[m[1]:], ": ")
	if i < 0 && strings.HasSuffix(line, ":") {
		i = len(line) - 1 - m[1]
	}
	if i < 0 {
		return found{}, false
	}
	return found{m[1] + i, "this text holds a colon and a blank", `quote it: "…: …"`}, true
}

var signs = regexp.MustCompile("(?:: +|- +|\\{ ?|, |\\[|^)([*&!%@`>|])[^\\s*]")

// leadingSign is a text that starts with a character YAML keeps for itself.
func leadingSign(line string) (found, bool) {
	m := signs.FindStringSubmatchIndex(line)
	if m == nil || (line[m[2]] == '>' || line[m[2]] == '|') && strings.IndexByte("-+123456789", line[m[2]+1]) >= 0 && m[2]+2 >= len(line) {
		return found{}, false
	}
	sign := line[m[2]:m[3]]
	return found{m[2], "a text cannot start with " + sign, `quote it: "` + sign + `…"`}, true
}

func openBracket(line string) (found, bool) {
	var open []int
	scan(line, func(i int, c byte, depth int, quoted byte) bool {
		switch {
		case quoted != 0:
		case (c == '{' || c == '[') && (depth > 0 || starts(line, i)):
			open = append(open, i)
		case (c == '}' || c == ']') && len(open) > 0:
			open = open[:len(open)-1]
		}
		return true
	})
	if len(open) == 0 {
		return found{}, false
	}
	at := open[len(open)-1]
	if i := strings.Index(line[at:], " #"); i > 0 && strings.ContainsAny(line[at+i:], "}]") {
		return found{at + i + 1, fmt.Sprintf("a comment cuts off the end of %c", line[at]), "quote the text that holds #"}, true
	}
	return found{at, fmt.Sprintf("%c is not closed", line[at]), "close it, or quote a text that starts with it"}, true
}

// scan walks a line as YAML would: f gets every byte with the depth of { and [
// around it and the quote it stands in, until it returns false. Comments end
// it. The results are the quote that is still open and where it began.
func scan(line string, f func(i int, c byte, depth int, quoted byte) bool) (quoted byte, opened int) {
	depth := 0
	for i := 0; i < len(line); i++ {
		c := line[i]
		if quoted == 0 && c == '#' && (i == 0 || line[i-1] == ' ') {
			break
		}
		if !f(i, c, depth, quoted) {
			break
		}
		switch {
		case quoted == '"' && c == '\\':
			if i++; i < len(line) && !f(i, line[i], depth, quoted) {
				return quoted, opened
			}
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
		case (c == '"' || c == '\'') && starts(line, i):
			quoted, opened = c, i
		case (c == '{' || c == '[') && (depth > 0 || starts(line, i)):
			depth++
		case (c == '}' || c == ']') && depth > 0:
			depth--
		}
	}
	return quoted, opened
}

// starts reports whether a value or key may begin at i.
func starts(line string, i int) bool {
	before := strings.TrimRight(line[:i], " ")
	return before == "" || strings.IndexByte("-:,{[?", before[len(before)-1]) >= 0
}
