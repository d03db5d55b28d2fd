package strict

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// inspector walks a parsed document once: it moves the lines to those of the
// file, holds the limits, and finds what yaml.v3 accepts in silence although
// no author means it.
type inspector struct {
	file     string
	base     int
	rep      *Report
	nodes    int
	expanded int
	inside   map[*yaml.Node]bool // anchored nodes being walked
	used     map[*yaml.Node]bool // anchored nodes that an alias names
	anchored []*yaml.Node
	emptied  map[*yaml.Node]bool // keys whose value a comment took
}

func newInspector(file string, base int, rep *Report) *inspector {
	return &inspector{
		file: file, base: base, rep: rep,
		inside: map[*yaml.Node]bool{}, used: map[*yaml.Node]bool{}, emptied: map[*yaml.Node]bool{},
	}
}

func (in *inspector) document(root *yaml.Node) bool {
	in.shift(root)
	before := in.rep.Raised()
	if !in.walk(root, 1, false) {
		return false
	}
	for _, n := range in.anchored {
		if !in.used[n] {
			in.warn(n, fmt.Sprintf("&%s is an anchor that nothing uses", n.Anchor), `a text that starts with & must be quoted: "&…"`)
		}
	}
	return in.rep.Raised() == before
}

// shift moves lines once for each node; aliases are not followed.
func (in *inspector) shift(n *yaml.Node) {
	n.Line += in.base
	for _, c := range n.Content {
		in.shift(c)
	}
}

// walk returns false when a limit ends the reading of the document.
func (in *inspector) walk(n *yaml.Node, depth int, alias bool) bool {
	if depth > MaxDepth {
		in.problem(n, fmt.Sprintf("nested more than %d levels deep", MaxDepth), "flatten it")
		return false
	}
	if !in.count(n, alias) {
		return false
	}
	if n.Kind == yaml.AliasNode {
		return in.alias(n, depth)
	}
	if !alias {
		in.remark(n)
	}
	if n.Anchor != "" {
		in.inside[n] = true
		defer delete(in.inside, n)
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && !alias {
			in.key(c, n.Content[i+1])
		}
		if !in.walk(c, depth+1, alias) {
			return false
		}
	}
	return true
}

func (in *inspector) count(n *yaml.Node, alias bool) bool {
	in.nodes++
	if alias {
		in.expanded++
	}
	switch {
	case in.expanded > MaxExpansion:
		in.problem(n, fmt.Sprintf("aliases expand to more than %d nodes", MaxExpansion), "use a fragment instead of anchors")
	case in.nodes > MaxNodes+MaxExpansion:
		in.problem(n, fmt.Sprintf("the document has more than %d nodes", MaxNodes), "split it")
	default:
		return true
	}
	return false
}

func (in *inspector) alias(n *yaml.Node, depth int) bool {
	if in.inside[n.Alias] {
		in.problem(n, fmt.Sprintf("*%s stands inside its own anchor", n.Value), "name the parts separately")
		return false
	}
	in.used[n.Alias] = true
	return in.walk(n.Alias, depth, true)
}

// remark finds the traps that parse: tags, curly quotes, comments that cut a
// text.
func (in *inspector) remark(n *yaml.Node) {
	if n.Anchor != "" {
		in.anchored = append(in.anchored, n)
	}
	if n.Style&yaml.TaggedStyle != 0 && n.ShortTag() != "!!str" {
		finding, remedy := fmt.Sprintf("%s is a tag, and tags are not used here", n.ShortTag()), "leave it out"
		if !strings.HasPrefix(n.ShortTag(), "!!") {
			remedy = `a text that starts with ! must be quoted: "!…"`
		}
		in.problem(n, finding, remedy)
	}
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return
	}
	if cuts(n.LineComment) && n.Value != "" && !in.emptied[n] {
		in.warn(n, "a comment cuts this text short at #", "quote the text, or put a blank after #")
	}
	if (strings.HasPrefix(n.Value, "“") && strings.HasSuffix(n.Value, "”")) || (strings.HasPrefix(n.Value, "‘") && strings.HasSuffix(n.Value, "’")) {
		in.warn(n, "the curly quotes are part of this text", `use straight quotes: "…"`)
	}
}

// cuts reports whether a comment was probably meant as text: nothing parts it
// from its #.
func cuts(comment string) bool {
	return len(comment) > 1 && comment[1] != ' ' && comment[1] != '\t'
}

// key finds a comment that took a whole value: text: #1.
func (in *inspector) key(k, v *yaml.Node) {
	if v.Kind == yaml.ScalarNode && v.ShortTag() == "!!null" && v.Value == "" && cuts(k.LineComment) {
		in.emptied[k] = true
		in.warn(v, "a comment stands in the place of the value", `a text that starts with # must be quoted: "#…"`)
	}
}

func (in *inspector) problem(n *yaml.Node, finding, remedy string) {
	in.rep.Problem(Problem{File: in.file, Line: n.Line, Col: n.Column, Finding: finding, Remedy: remedy})
}

func (in *inspector) warn(n *yaml.Node, finding, remedy string) {
	in.rep.Warn(Problem{File: in.file, Line: n.Line, Col: n.Column, Finding: finding, Remedy: remedy})
}
