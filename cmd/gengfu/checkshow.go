package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"gengfu"
	"gengfu/scenarios"
	"gengfu/scenarios/strict"
)

// findings are what check found, and how it is shown.
type findings struct {
	set      *scenarios.Set
	problems strict.Problems
	teller   *scenarios.Teller
	lang     gengfu.Lang
	sources  map[string][]string // lines of the files that were shown
}

// text shows each finding with its line and a caret under the place.
func (f *findings) text(w io.Writer) {
	out := printer{w}
	for _, p := range f.problems {
		out.line("%s", f.teller.Line(p))
		f.excerpt(out, p)
	}
	warning := "warning: "
	if f.lang == gengfu.Chinese {
		warning = "提醒："
	}
	for _, p := range f.set.Warnings {
		out.line("%s%s", warning, f.teller.Line(p))
		f.excerpt(out, p)
	}
	out.line("%s", f.sum())
}

func (f *findings) sum() string {
	mistakes, warnings, sound := len(f.problems), len(f.set.Warnings), len(f.set.Scenarios)
	switch {
	case f.lang == gengfu.Chinese && mistakes > 0:
		return fmt.Sprintf("错误 %d 处，提醒 %d 处；正确的场景 %d 个", mistakes, warnings, sound)
	case f.lang == gengfu.Chinese:
		return fmt.Sprintf("%d 个场景正确，提醒 %d 处", sound, warnings)
	case mistakes > 0:
		return fmt.Sprintf("%s, %s; sound: %d", many(mistakes, "mistake"), many(warnings, "warning"), sound)
	}
	return fmt.Sprintf("%s sound, %s", many(sound, "scenario"), many(warnings, "warning"))
}

// excerpt shows the line of a finding, as far as it can be read.
func (f *findings) excerpt(out printer, p strict.Problem) {
	lines, known := f.sources[p.File]
	if !known {
		if data, err := os.ReadFile(p.File); err == nil && len(data) <= strict.MaxFile {
			lines = strings.Split(string(data), "\n")
		}
		f.sources[p.File] = lines
	}
	if p.Line < 1 || p.Line > len(lines) {
		return
	}
	line := strings.TrimRight(lines[p.Line-1], "\r")
	if p.Line == 1 {
		line = strings.TrimPrefix(line, "\ufeff")
	}
	shown, caret := pointed(line, p.Col)
	out.line("  %s", shown)
	out.line("  %s", caret)
}

// maxExcerpt is how many characters of a line are shown around a place.
const maxExcerpt = 100

// pointed cuts a line to what fits beside the place and puts carets under the
// word there. Characters that are two columns wide get two of each.
func pointed(line string, col int) (shown, caret string) {
	r := []rune(line)
	at := min(max(col-1, 0), len(r))
	from := 0
	if at > maxExcerpt*3/4 {
		from = at - maxExcerpt/2
	}
	end := at + wordLength(r[at:])
	to := min(len(r), max(from+maxExcerpt, at+1))
	var lead strings.Builder
	for _, c := range r[from:at] {
		if c == '\t' {
			lead.WriteRune('\t')
			continue
		}
		lead.WriteString(strings.Repeat(" ", columns(c)))
	}
	width := 0
	for _, c := range r[at:min(end, to)] {
		width += columns(c)
	}
	return string(r[from:to]), lead.String() + strings.Repeat("^", max(width, 1))
}

// wordLength is how many characters the thing at the beginning has: a quoted
// text, a reference, or a word.
func wordLength(r []rune) int {
	if len(r) == 0 {
		return 0
	}
	text := string(r)
	for open, end := range map[string]string{`"`: `"`, "'": "'", "${": "}"} {
		if rest, ok := strings.CutPrefix(text, open); ok {
			if inside, _, closed := strings.Cut(rest, end); closed {
				return len([]rune(open + inside + end))
			}
		}
	}
	n := 0
	for n < len(r) && !unicode.IsSpace(r[n]) && !strings.ContainsRune(":：,{}[]", r[n]) {
		n++
	}
	return max(n, 1)
}

// columns is how many columns of a terminal a character takes, after Unicode
// Standard Annex 11 as far as scripts and signs of East Asia go.
func columns(c rune) int {
	switch {
	case unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case c >= 0x1100 && (c <= 0x115f || c >= 0x2e80 && c <= 0x303e || c >= 0x3041 && c <= 0xa4cf || c >= 0xac00 && c <= 0xd7a3 ||
		c >= 0xf900 && c <= 0xfaff || c >= 0xfe30 && c <= 0xfe6f || c >= 0xff00 && c <= 0xff60 || c >= 0xffe0 && c <= 0xffe6 ||
		c >= 0x1f300 && c <= 0x1faff || c >= 0x20000 && c <= 0x3fffd):
		return 2
	}
	return 1
}

// github writes workflow commands, which the pages of a pull request show
// beside the lines.
func (f *findings) github(w io.Writer) {
	for _, p := range f.problems {
		f.annotate(w, "error", p)
	}
	for _, p := range f.set.Warnings {
		f.annotate(w, "warning", p)
	}
}

func (f *findings) annotate(w io.Writer, level string, p strict.Problem) {
	q := f.teller.Problem(p)
	message := q.Finding
	if q.Remedy != "" {
		message += " (" + q.Remedy + ")"
	}
	place := "file=" + githubProperty(p.File)
	if p.Line > 0 {
		place += fmt.Sprintf(",line=%d,col=%d", p.Line, p.Col)
	}
	fmt.Fprintf(w, "::%s %s::%s\n", level, place, githubText(message))
}

func githubText(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func githubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(githubText(s))
}
