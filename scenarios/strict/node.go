package strict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Node is a value of a document with its place. Its readers take the text the
// author typed and report to the document's [Report] when it does not fit; the
// second result is false then. The zero Node is a value that is not there.
type Node struct {
	y    *yaml.Node
	file string
	rep  *Report
}

// Kind is the shape of a node.
type Kind string

// The shapes of nodes.
const (
	Missing Kind = "nothing"
	Empty   Kind = "an empty value"
	Scalar  Kind = "a text"
	List    Kind = "a list"
	Mapping Kind = "a mapping"
)

// Kind is the node's shape, with aliases followed.
func (n Node) Kind() Kind {
	y := n.target()
	switch {
	case y == nil:
		return Missing
	case y.Kind == yaml.MappingNode:
		return Mapping
	case y.Kind == yaml.SequenceNode:
		return List
	case y.ShortTag() == "!!null" && (y.Value == "" || y.Value == "~" || y.Value == "null"):
		return Empty
	}
	return Scalar
}

func (n Node) target() *yaml.Node {
	if n.y != nil && n.y.Kind == yaml.AliasNode {
		return n.y.Alias
	}
	return n.y
}

// File names the file the node stands in.
func (n Node) File() string { return n.file }

// Line is the node's line from 1, 0 for a node that is not there.
func (n Node) Line() int {
	if n.y == nil {
		return 0
	}
	return n.y.Line
}

// Col is the node's column in characters from 1.
func (n Node) Col() int {
	if n.y == nil {
		return 0
	}
	return n.y.Column
}

// Problem reports a mistake at the node.
func (n Node) Problem(finding, remedy string) { n.ProblemAt(0, finding, remedy) }

// ProblemAt reports a mistake some characters into the node's text. The offset
// counts when the text stands on one line; a quote before it is allowed for.
func (n Node) ProblemAt(offset int, finding, remedy string) {
	col := n.Col()
	if y := n.target(); offset > 0 && y == n.y && y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		col += offset
		if y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			col++
		}
	}
	n.rep.Problem(Problem{File: n.file, Line: n.Line(), Col: col, Finding: finding, Remedy: remedy})
}

// Warn reports a remark at the node.
func (n Node) Warn(finding, remedy string) {
	n.rep.Warn(Problem{File: n.file, Line: n.Line(), Col: n.Col(), Finding: finding, Remedy: remedy})
}

// Text is the text as typed, without a report: empty for lists, mappings and
// empty values.
func (n Node) Text() string {
	if n.Kind() != Scalar {
		return ""
	}
	return n.target().Value
}

// String reads any scalar as text: 0123, yes and 2026-01-01 stay what they
// are. A quoted empty text is a text.
func (n Node) String() (string, bool) {
	if n.Kind() != Scalar {
		n.unfit("a text")
		return "", false
	}
	return n.target().Value, true
}

// Plain reports whether the node is a text that stands there without quotes.
func (n Node) Plain() bool {
	return n.Kind() == Scalar && n.target().Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
}

// Bool reads true and false only.
func (n Node) Bool() (value, ok bool) {
	s, ok := n.String()
	if !ok {
		return false, false
	}
	switch strings.ToLower(s) {
	case "true", "false":
		if s == strings.ToLower(s) {
			return s == "true", true
		}
		n.Problem(fmt.Sprintf("%q is not true or false", s), "write it in lower case")
	case "yes", "on", "y", "是":
		n.Problem(fmt.Sprintf("%q is not true or false", s), "write true")
	case "no", "off", "n", "否":
		n.Problem(fmt.Sprintf("%q is not true or false", s), "write false")
	default:
		n.Problem(fmt.Sprintf("%q is not true or false", s), "")
	}
	return false, false
}

// Int reads a whole number from lo to hi in decimal digits.
func (n Node) Int(lo, hi int) (int, bool) {
	s, ok := n.String()
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(s)
	if err != nil {
		n.Problem(fmt.Sprintf("%q is not a whole number", s), "")
		return 0, false
	}
	if i < lo || i > hi {
		n.Problem(fmt.Sprintf("%d is out of range", i), fmt.Sprintf("from %d to %d", lo, hi))
		return 0, false
	}
	return i, true
}

// Float reads a decimal number from lo to hi.
func (n Node) Float(lo, hi float64) (float64, bool) {
	s, ok := n.String()
	if !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		n.Problem(fmt.Sprintf("%q is not a number", s), "")
		return 0, false
	}
	if !(f >= lo && f <= hi) {
		n.Problem(fmt.Sprintf("%s is out of range", s), fmt.Sprintf("from %g to %g", lo, hi))
		return 0, false
	}
	return f, true
}

// Duration reads a positive duration with its unit: 500ms, 90s, 1h30m, 2d.
func (n Node) Duration() (time.Duration, bool) {
	s, ok := n.String()
	if !ok {
		return 0, false
	}
	d, remedy := ParseDuration(s)
	if remedy == "" {
		return d, true
	}
	finding := fmt.Sprintf("%q is not a duration", s)
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		finding = fmt.Sprintf("%q needs a unit", s)
	}
	n.Problem(finding, remedy)
	return 0, false
}

// Enum reads one of the known words; what names the thing in the finding.
func (n Node) Enum(what string, known ...string) (string, bool) {
	s, ok := n.String()
	if !ok {
		return "", false
	}
	if !slices.Contains(known, s) {
		n.Problem(fmt.Sprintf("unknown %s %q", what, s), Suggest(s, known))
		return "", false
	}
	return s, true
}

// Items are the elements of a list; a single value counts as a list of one,
// and an empty value as a mistake.
func (n Node) Items() ([]Node, bool) {
	switch n.Kind() {
	case List:
		y := n.target()
		items := make([]Node, len(y.Content))
		for i, c := range y.Content {
			items[i] = Node{y: c, file: n.file, rep: n.rep}
		}
		return items, true
	case Missing, Empty:
		n.unfit("a list")
		return nil, false
	}
	return []Node{n}, true
}

// StringList reads a list of texts, or one text as a list of one.
func (n Node) StringList() ([]string, bool) {
	items, ok := n.Items()
	if !ok {
		return nil, false
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		s, fine := item.String()
		ok = ok && fine
		list = append(list, s)
	}
	return list, ok
}

// unfit reports that the node does not have the shape that is wanted.
func (n Node) unfit(want string) {
	switch kind := n.Kind(); {
	case kind == Missing, kind == Empty:
		n.Problem("the value is missing", "write "+want)
	case kind == Scalar && n.glued() != "":
		n.Problem(fmt.Sprintf("want %s, not a text", want), n.glued())
	default:
		n.Problem(fmt.Sprintf("want %s, not %s", want, kind), "")
	}
}
