package strict

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// diagnose turns an error of yaml.v3 into a problem an author can act on. The
// library's line is missing on the first line and one off elsewhere, and it
// never has a column, so the text is searched for the known traps: first near
// the reported line, then from the top.
func diagnose(text string, err error) Problem {
	line, msg := reported(err)
	lines := strings.Split(strings.TrimRight(text, "\r\n"), "\n")
	for _, indexes := range [][]int{near(line, len(lines)), all(len(lines))} {
		for _, t := range traps() {
			if p, ok := t.search(msg, lines, indexes); ok {
				return p
			}
		}
	}
	i := min(max(line, 1), len(lines)) - 1
	if strings.Contains(msg, "'-' indicator") {
		i = strayItem(lines, i)
	}
	indent := len(lines[i]) - len(strings.TrimLeft(lines[i], " \t"))
	finding, remedy := plain(msg)
	return Problem{Line: i + 1, Col: indent + 1, Finding: finding, Remedy: remedy}
}

// strayItem is the first line from i on that begins an item further in than the
// list that i begins or that follows it, or i. The parser names the key before.
func strayItem(lines []string, i int) int {
	list := -1
	for k := i; k < len(lines); k++ {
		rest := strings.TrimLeft(lines[k], " ")
		if !strings.HasPrefix(rest, "- ") {
			continue
		}
		indent := len(lines[k]) - len(rest)
		if list < 0 {
			list = indent
		}
		if indent == list+1 {
			return k
		}
	}
	return i
}

var errorLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

func reported(err error) (line int, msg string) {
	m := errorLine.FindStringSubmatch(err.Error())
	if m == nil {
		return 1, err.Error()
	}
	line, _ = strconv.Atoi(m[1])
	return max(line, 1), m[2]
}

func (t trap) search(msg string, lines []string, indexes []int) (Problem, bool) {
	if !t.explains(msg) {
		return Problem{}, false
	}
	for _, i := range indexes {
		if f, ok := t.find(strings.TrimRight(lines[i], "\r")); ok {
			return Problem{Line: i + 1, Col: utf8.RuneCountInString(lines[i][:f.at]) + 1, Finding: f.finding, Remedy: f.remedy}, true
		}
	}
	return Problem{}, false
}

// near lists the indexes of the reported line (from 1) and its neighbours.
func near(line, n int) []int {
	var out []int
	for _, i := range []int{line - 1, line, line - 2} {
		if i >= 0 && i < n {
			out = append(out, i)
		}
	}
	return out
}

func all(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// plain words for what no trap explains.
func plain(msg string) (finding, remedy string) {
	for _, w := range []struct{ in, finding, remedy string }{
		{"tab character", "a tab stands in the indentation", "indent with blanks"},
		{"mapping values are not allowed", "a key is not possible here", "check the indentation, or quote a text that holds a colon"},
		{"expected key", "this does not line up with the lines above", "check the indentation and the quotes"},
		{"'-' indicator", "this does not line up with the list above", "check the indentation"},
		{"expected ':'", "a colon is missing after a key", "write key: value"},
		{"',' or", "a bracket is not closed, or a comma is missing", "check { } and [ ]"},
		{"end of stream", "a quote is not closed", ""},
		{"control characters", "the file holds control characters", "remove them"},
		{"node content", "a value is missing or starts with a character that must be quoted", "quote it"},
		{"document", "the end of a document is marked wrongly", "separate documents with a line of ---"},
	} {
		if strings.Contains(msg, w.in) {
			return w.finding, w.remedy
		}
	}
	return fmt.Sprintf("not valid YAML: %s", msg), "check quotes, brackets and indentation"
}
