package strict

import (
	"errors"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxFlow is how wide a line with { } or [ ] may get before it is broken up.
const maxFlow = 140

// emitter writes a document anew.
type emitter struct {
	out   strings.Builder
	lines []string // of the source, for its blank lines
	order Order
}

func (e *emitter) document(y *yaml.Node) error {
	if len(y.Content) == 0 {
		return nil
	}
	root := y.Content[0]
	if y.HeadComment != "" {
		e.comment(y.HeadComment, 0)
		e.out.WriteString("\n")
	}
	if n := len(root.Content); root.Kind == yaml.MappingNode && n > 0 && y.FootComment == "" {
		last := root.Content[n-2] // what ends the document stays there when keys move
		y.FootComment, last.FootComment = last.FootComment, ""
	}
	if err := e.block(root, 0, nil); err != nil {
		return err
	}
	if y.FootComment != "" {
		e.out.WriteString("\n")
		e.comment(y.FootComment, 0)
	}
	return nil
}

func (e *emitter) comment(text string, indent int) {
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			e.out.WriteString("\n")
			continue
		}
		e.out.WriteString(strings.Repeat(" ", indent) + line + "\n")
	}
}

// gap keeps one blank line where the author left some before an entry and the
// comments over it.
func (e *emitter) gap(n *yaml.Node, first bool) {
	if first {
		return
	}
	i := n.Line - 2
	for i >= 0 && i < len(e.lines) && strings.HasPrefix(strings.TrimSpace(e.lines[i]), "#") && n.HeadComment != "" {
		i--
	}
	if i >= 0 && i < len(e.lines) && strings.TrimSpace(e.lines[i]) == "" {
		e.out.WriteString("\n")
	}
}

// block writes the entries of a mapping or a list on lines of their own.
func (e *emitter) block(n *yaml.Node, indent int, path []string) error {
	switch n.Kind {
	case yaml.MappingNode:
		if len(n.Content) == 0 || n.Style&yaml.FlowStyle != 0 && indent == 0 && len(path) == 0 {
			return e.inline(n, indent, path)
		}
		return e.mapping(n, indent, path, false)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			head := item
			if item.Kind == yaml.MappingNode && len(item.Content) > 0 && item.HeadComment == "" {
				head = item.Content[0]
			}
			e.gap(head, i == 0)
			if err := e.item(item, indent, append(slices.Clip(path), "-")); err != nil {
				return err
			}
		}
		return nil
	}
	return e.inline(n, indent, path)
}

func (e *emitter) inline(n *yaml.Node, indent int, _ []string) error {
	text, err := e.flow(n)
	if err != nil {
		return err
	}
	e.out.WriteString(strings.Repeat(" ", indent) + text + tail(n) + "\n")
	return nil
}

// item writes "- " and what follows it.
func (e *emitter) item(n *yaml.Node, indent int, path []string) error {
	if n.HeadComment != "" {
		e.comment(n.HeadComment, indent)
	}
	pad := strings.Repeat(" ", indent)
	if n.Kind == yaml.MappingNode && len(n.Content) > 0 && !e.fits(n, indent+2) {
		if n.Anchor != "" {
			e.out.WriteString(pad + "- &" + n.Anchor + "\n")
			return e.mapping(n, indent+2, path, false)
		}
		if key := n.Content[0]; key.HeadComment != "" && n.HeadComment == "" {
			e.comment(key.HeadComment, indent)
			key.HeadComment = ""
		}
		e.out.WriteString(pad + "- ")
		err := e.mapping(n, indent+2, path, true)
		e.foot(n, indent)
		return err
	}
	e.out.WriteString(pad + "-")
	err := e.value(n, indent, path)
	e.foot(n, indent)
	return err
}

func (e *emitter) foot(n *yaml.Node, indent int) {
	if n.FootComment != "" {
		e.out.WriteString("\n")
		e.comment(n.FootComment, indent)
	}
}

// mapping writes the entries; hung means that the first stands behind "- ".
func (e *emitter) mapping(n *yaml.Node, indent int, path []string, hung bool) error {
	for i, at := range e.sorted(n, path) {
		k, v := n.Content[at], n.Content[at+1]
		if k.Kind != yaml.ScalarNode || strings.Contains(k.Value, "\n") {
			return errors.New("a key is not a plain word; simplify the YAML")
		}
		e.gap(k, i == 0 || at == 0)
		pad := strings.Repeat(" ", indent)
		if k.HeadComment != "" {
			if i == 0 && hung {
				return errors.New("a comment stands before a key that moves; move it")
			}
			e.comment(k.HeadComment, indent)
		}
		if i == 0 && hung {
			pad = ""
		}
		name, err := e.flow(k)
		if err != nil {
			return err
		}
		e.out.WriteString(pad + name + ":")
		if k.LineComment != "" && v.LineComment == "" {
			v.LineComment = k.LineComment
		}
		if err := e.value(v, indent, append(slices.Clip(path), k.Value)); err != nil {
			return err
		}
		e.foot(k, indent)
	}
	return nil
}

// sorted are the indexes of a mapping's keys in their order.
func (e *emitter) sorted(n *yaml.Node, path []string) []int {
	var keys []string
	var at []int
	for i := 0; i+1 < len(n.Content); i += 2 {
		keys, at = append(keys, n.Content[i].Value), append(at, i)
	}
	if e.order == nil {
		return at
	}
	rank := map[string]int{}
	for i, k := range e.order(path, keys) {
		rank[k] = i + 1
	}
	if len(rank) > 0 {
		slices.SortStableFunc(at, func(a, b int) int {
			return place(rank, n.Content[a].Value) - place(rank, n.Content[b].Value)
		})
	}
	return at
}

func place(rank map[string]int, key string) int {
	if i, ok := rank[key]; ok {
		return i
	}
	return len(rank) + 1
}

// value writes what stands behind "key:" or "-".
func (e *emitter) value(n *yaml.Node, indent int, path []string) error {
	block := n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode
	if block && len(n.Content) > 0 && !e.fits(n, indent) {
		anchor := ""
		if n.Anchor != "" {
			anchor = " &" + n.Anchor
		}
		e.out.WriteString(anchor + tail(n) + "\n")
		if n.HeadComment != "" && (len(path) == 0 || path[len(path)-1] != "-") {
			e.comment(n.HeadComment, indent+2)
		}
		return e.block(n, indent+2, path)
	}
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return e.literal(n, indent+2)
	}
	if n.HeadComment != "" && len(path) > 0 && path[len(path)-1] != "-" {
		return errors.New("a comment stands between a key and its value; move it over the key")
	}
	text, err := e.flow(n)
	if err != nil {
		return err
	}
	if text != "" {
		text = " " + text
	}
	e.out.WriteString(text + tail(n) + "\n")
	return nil
}

func tail(n *yaml.Node) string {
	if n.LineComment == "" {
		return ""
	}
	return " " + n.LineComment
}

// fits reports whether a list or mapping that was written with brackets can
// stay on one line.
func (e *emitter) fits(n *yaml.Node, indent int) bool {
	if n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0 {
		return false
	}
	text, err := e.flow(n)
	return err == nil && len([]rune(text))+indent <= maxFlow
}
