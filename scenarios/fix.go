package scenarios

import (
	"slices"
	"strings"

	"gengfu/scenarios/strict"
)

// maxFixes bounds the corrections of one file.
const maxFixes = 500

// Fix corrects what the check says of slips of the keyboard: full-width colons,
// blanks that are missing after colons, ${…} without quotes inside { }, and
// curly quotes. Each correction must take its finding away, or it is not made.
// The second result is how many there were.
func Fix(file string, data []byte) ([]byte, int) {
	text := string(data)
	fixed := 0
	for fixed < maxFixes {
		next, ok := fixOne(file, text)
		if !ok {
			break
		}
		text = next
		fixed++
	}
	return []byte(text), fixed
}

func fixOne(file, text string) (string, bool) {
	found := slips(file, text)
	for _, p := range found {
		next, ok := correct(text, p)
		if !ok || next == text {
			continue
		}
		if after := slips(file, next); !slices.Contains(after, p) {
			return next, true
		}
	}
	return text, false
}

// slips are the findings of a file, mistakes first.
func slips(file, text string) strict.Problems {
	set, problems := Parse(file, []byte(text))
	return append(problems, set.Warnings...)
}

// correct edits the line of a finding.
func correct(text string, p strict.Problem) (string, bool) {
	lines := strings.SplitAfter(text, "\n")
	if p.Line < 1 || p.Line > len(lines) {
		return text, false
	}
	r := []rune(lines[p.Line-1])
	if p.Line == 1 && len(r) > 0 && r[0] == '\ufeff' {
		p.Col++
	}
	at := min(max(p.Col-1, 0), len(r))
	says := func(part string) bool { return strings.HasPrefix(p.Finding, part) || strings.HasPrefix(p.Remedy, part) }
	switch {
	case says("the colon after"):
		r = halfColon(r, at)
	case says("a blank is missing after"):
		r = blankAfterColon(r, at)
	case strings.HasSuffix(p.Finding, "is not quoted inside { }"):
		r = quoteReference(r, at)
	case says("the curly quotes are part"):
		r = straight(r, at)
	default:
		return text, false
	}
	lines[p.Line-1] = string(r)
	return strings.Join(lines, ""), true
}

// halfColon replaces the first full-width colon at or after a place.
func halfColon(r []rune, at int) []rune {
	i := slices.Index(r[at:], '：')
	if i < 0 {
		return r
	}
	colon := []rune(": ")
	if next := at + i + 1; next >= len(r) || r[next] == ' ' || r[next] == '\n' || r[next] == '\r' {
		colon = colon[:1]
	}
	return slices.Concat(r[:at+i], colon, r[at+i+1:])
}

// blankAfterColon puts a blank behind the first colon that lacks one, counted
// from the beginning of the line: the finding points behind it or at the key.
func blankAfterColon(r []rune, at int) []rune {
	from := at
	if at > 0 && r[at-1] == ':' {
		from = at - 1
	}
	for i := from; i+1 < len(r); i++ {
		if r[i] == ':' && r[i+1] != ' ' && r[i+1] != '\n' && r[i+1] != '\r' {
			return slices.Concat(r[:i+1], []rune{' '}, r[i+1:])
		}
	}
	return r
}

// quoteReference quotes the whole plain text around a ${…}.
func quoteReference(r []rune, at int) []rune {
	from := at
	for from > 1 && !strings.ContainsRune("{[,", r[from-1]) && (r[from-1] != ' ' || !strings.ContainsRune(":,{[", r[from-2])) {
		from--
	}
	to := at
	for to < len(r) && !strings.ContainsRune(",}]\n", r[to]) {
		if r[to] == '$' && to+1 < len(r) && r[to+1] == '{' {
			end := slices.Index(r[to:], '}')
			if end < 0 {
				return r
			}
			to += end
		}
		to++
	}
	for to > from && (r[to-1] == ' ' || r[to-1] == '\r') {
		to--
	}
	if slices.Contains(r[from:to], '"') {
		return r
	}
	return slices.Concat(r[:from], []rune{'"'}, r[from:to], []rune{'"'}, r[to:])
}

// straight makes the pair of curly quotes at a place straight ones.
func straight(r []rune, at int) []rune {
	if at >= len(r) || r[at] != '“' && r[at] != '‘' {
		return r
	}
	closing := map[rune]rune{'“': '”', '‘': '’'}[r[at]]
	end := -1
	for i := at + 1; i < len(r); i++ {
		if r[i] == closing {
			end = i // the last one: inner ones are the text's
		}
		if r[i] == ',' || r[i] == '}' || r[i] == ']' || r[i] == '#' {
			if end > 0 {
				break
			}
		}
	}
	if end < 0 || slices.Contains(r[at:end], '"') || slices.Contains(r[at:end], '\\') {
		return r
	}
	out := slices.Clone(r)
	out[at], out[end] = '"', '"'
	return out
}
