package strict

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// flow is a node on one line.
func (e *emitter) flow(n *yaml.Node) (string, error) {
	before := ""
	if n.Anchor != "" {
		before = "&" + n.Anchor + " "
	}
	if n.Style&yaml.TaggedStyle != 0 {
		before += n.ShortTag() + " "
	}
	switch n.Kind {
	case yaml.AliasNode:
		return "*" + n.Value, nil
	case yaml.ScalarNode:
		return strings.TrimRight(before+quoted(n), " "), nil
	}
	var parts []string
	for i, c := range n.Content {
		if c.HeadComment+c.LineComment+c.FootComment != "" {
			return "", errors.New("a comment stands inside { } or [ ]; move it over the line")
		}
		text, err := e.flow(c)
		if err != nil {
			return "", err
		}
		if n.Kind == yaml.MappingNode && i%2 == 1 {
			last := len(parts) - 1
			parts[last] = strings.TrimRight(parts[last]+": "+text, " ")
			continue
		}
		parts = append(parts, text)
	}
	if n.Kind == yaml.MappingNode {
		return before + "{" + strings.Join(parts, ", ") + "}", nil
	}
	return before + "[" + strings.Join(parts, ", ") + "]", nil
}

// quoted is a scalar as the author marked it: plain, or in the simpler of the
// two quotes.
func quoted(n *yaml.Node) string {
	switch {
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0:
		if strings.ContainsAny(n.Value, "\n\t") {
			return doubleQuoted(n.Value)
		}
		return n.Value
	case strings.ContainsAny(n.Value, `\"`) && printable(n.Value):
		return "'" + strings.ReplaceAll(n.Value, "'", "''") + "'"
	}
	return doubleQuoted(n.Value)
}

func printable(s string) bool {
	for _, c := range s {
		if c != ' ' && !unicode.IsGraphic(c) || unicode.Is(unicode.Zl, c) || unicode.Is(unicode.Zp, c) || c == '\ufeff' {
			return false
		}
	}
	return true
}

// doubleQuoted escapes what a double-quoted text cannot hold (YAML 1.2, 5.7).
func doubleQuoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteRune('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\r':
			b.WriteString(`\r`)
		case printable(string(c)):
			b.WriteRune(c)
		case c <= 0xff:
			fmt.Fprintf(&b, `\x%02X`, c)
		case c <= 0xffff:
			fmt.Fprintf(&b, `\u%04X`, c)
		default:
			fmt.Fprintf(&b, `\U%08X`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// literal writes a text of several lines under | ; a folded one becomes it as
// well when its lines can be kept, and quoted text otherwise.
func (e *emitter) literal(n *yaml.Node, indent int) error {
	body := strings.TrimRight(n.Value, "\n")
	ends := len(n.Value) - len(body)
	if n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 || body == "" || strings.HasPrefix(body, " ") || strings.HasPrefix(body, "\n") ||
		strings.ContainsAny(body, "\t\r") || !printable(strings.ReplaceAll(body, "\n", "")) || strings.Contains(body, " \n") || strings.HasSuffix(body, " ") {
		text, err := e.flow(n)
		e.out.WriteString(" " + text + tail(n) + "\n")
		return err
	}
	mark := map[int]string{0: "|-", 1: "|"}[ends]
	lines := strings.Split(body, "\n")
	if n.Style&yaml.FoldedStyle != 0 && !strings.Contains(body, "\n ") {
		mark = strings.Replace(mark, "|", ">", 1)
		lines = strings.Split(strings.ReplaceAll(body, "\n", "\n\n"), "\n")
	}
	if ends > 1 {
		text, err := e.flow(n)
		e.out.WriteString(" " + text + tail(n) + "\n")
		return err
	}
	e.out.WriteString(" " + mark + tail(n) + "\n")
	for _, line := range lines {
		if line != "" {
			line = strings.Repeat(" ", indent) + line
		}
		e.out.WriteString(line + "\n")
	}
	return nil
}
