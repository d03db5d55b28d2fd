package strict

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Order gives the keys of a mapping in their canonical order. The path has the
// keys that lead to it, a list item as "-". It may leave keys out, which follow
// in the author's order; nil leaves the order alone.
type Order func(path, keys []string) []string

// Format gives the documents of a file a canonical form: two blanks of indentation,
// one blank line where there are several, double quotes unless single ones
// save escapes, keys in order. It keeps comments, blank lines and every value;
// a file it cannot do that for is refused with an error, and so is one with a
// mistake in its syntax.
func Format(file string, data []byte, order Order) ([]byte, error) {
	var rep Report
	Parse(file, data, &rep)
	if err := rep.Problems().Err(); err != nil {
		return nil, err
	}
	text := strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n")
	for range 4 {
		next, err := formatOnce(text, order)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if next == text {
			return []byte(next), nil
		}
		if err := unchanged(text, next); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		text = next
	}
	return nil, fmt.Errorf("%s: it does not settle into one form", file)
}

func formatOnce(text string, order Order) (string, error) {
	var parts []string
	for i, c := range split(text) {
		body, marked := strings.CutPrefix(c.text, "---")
		if marked && strings.TrimSpace(firstLine(body)) != "" {
			return "", errors.New("text stands beside ---; put it on a line of its own")
		}
		if c.blank() {
			if kept := strings.TrimSpace(body); kept != "" || i > 0 {
				parts = append(parts, kept)
			}
			continue
		}
		var y yaml.Node
		if err := yaml.Unmarshal([]byte(body), &y); err != nil {
			return "", err
		}
		e := emitter{order: order, lines: strings.Split(body, "\n")}
		if err := e.document(&y); err != nil {
			return "", err
		}
		parts = append(parts, strings.Trim(e.out.String(), "\n"))
	}
	return strings.TrimLeft(strings.Join(parts, "\n---\n"), "\n") + "\n", nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// unchanged compares what two texts mean, and their comments.
func unchanged(before, after string) error {
	a, b := split(before), split(after)
	if len(a) != len(b) {
		if len(a) != len(b)+1 || !a[0].blank() {
			return errors.New("a document would be lost")
		}
		a = a[1:]
	}
	for i := range a {
		var x, y yaml.Node
		errX, errY := yaml.Unmarshal([]byte(a[i].text), &x), yaml.Unmarshal([]byte(b[i].text), &y)
		if errX != nil || errY != nil || !same(&x, &y) {
			return errors.New("its form cannot be changed without changing a value; simplify the YAML")
		}
	}
	if !slices.Equal(remarks(before), remarks(after)) {
		return errors.New("a comment would get lost; put comments on lines of their own, outside of { } and [ ]")
	}
	return nil
}

// same compares values and keys, the latter in any order.
func same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Anchor != b.Anchor || a.ShortTag() != b.ShortTag() || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind != yaml.MappingNode {
		return slices.EqualFunc(a.Content, b.Content, same)
	}
	for i := 0; i < len(a.Content); i += 2 {
		found := false
		for j := 0; j < len(b.Content) && !found; j += 2 {
			found = same(a.Content[i], b.Content[j]) && same(a.Content[i+1], b.Content[j+1])
		}
		if !found {
			return false
		}
	}
	return true
}

// remarks are the lines that are comments and the comments that end lines,
// sorted. A # inside a text counts on both sides alike.
func remarks(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		quoted := byte(0)
		for i := range len(line) {
			switch c := line[i]; {
			case quoted != 0:
				if c == quoted {
					quoted = 0
				}
			case (c == '"' || c == '\'') && starts(line, i):
				quoted = c
			case c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
				out = append(out, strings.TrimSpace(line[i:]))
				quoted = 1 // the rest is one comment
			}
		}
	}
	slices.Sort(out)
	return out
}
