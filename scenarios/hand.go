package scenarios

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"gengfu/scenarios/strict"
)

// Hand is what a step may say of tabs, dialogs, the pointer and the keyboard.
type Hand struct {
	Tab      Text          // main, popup or a part of an address; zero for the tab in front
	CloseTab bool          // close: tab
	OnDialog *DialogAnswer // nil for the scenario's
	At       *[2]float64   // CSS pixels from the target's top left corner
	ByKeys   bool          // fill: type key by key
	To       *Locator      // drag
	Scroll   ScrollTo      // scroll, when it has no target
	File     string        // pdf: its name
	Network  string        // offline or online from this step on; empty for no change
}

// DialogAnswer is what the browser says to a dialog of the page.
type DialogAnswer struct {
	Accept bool
	Stay   bool // dismiss was written: a page that asks whether to leave it is kept, too
	Text   Text // for a prompt
}

// ScrollTo is where a page is scrolled: to an edge, or by CSS pixels.
type ScrollTo struct {
	Edge string // top or bottom
	By   int
}

// handVerbs are the rows of the table of verbs for pointer and paper.
func handVerbs() []VerbSpec {
	return []VerbSpec{
		{Dblclick, shapeLocator, nil, "双击元素", "double-click an element", "dblclick: 第一行", (*reader).targetStep},
		{Rightclick, shapeLocator, nil, "右键点击元素", "press the right button on an element", "rightclick: 文件夹", (*reader).targetStep},
		{Drag, shapeDrag, fields(dragKeys()), "拖动元素", "drag an element onto another", "drag: {from: 卡片, to: {css: .done}}", func(r *reader, n strict.Node, s *Step) { readMap(r, n, r.lang.drags, s) }},
		{Scroll, shapeScroll, nil, "滚动页面：元素、top、bottom 或像素", "scroll to an element, to the top or bottom, or by pixels", "scroll: bottom", (*reader).scrollStep},
		{PDF, shapeText, nil, "把页面打印为 PDF 证据", "keep the page as a PDF among the evidence", "pdf: receipt", func(r *reader, n strict.Node, s *Step) {
			if s.File, _ = n.String(); !validID(s.File) {
				n.Problem(fmt.Sprintf("%q cannot be the name of a file", s.File), "use a-z, 0-9, - and _")
			}
		}},
	}
}

func dragKeys() []key[Step] {
	return []key[Step]{
		{Field{Name: "from", Shape: shapeLocator, Required: true, Zh: "拖动哪个元素", En: "the element that is dragged"}, func(r *reader, n strict.Node, s *Step) { s.Target = r.locator(n) }},
		{Field{Name: "to", Shape: shapeLocator, Required: true, Zh: "放到哪个元素上", En: "the element it is dropped on"}, func(r *reader, n strict.Node, s *Step) { s.To = r.locator(n) }},
	}
}

// handModifiers are the rows of the table of modifiers.
func handModifiers() []key[Step] {
	return []key[Step]{
		{Field{Name: "tab", Shape: shapeText, Zh: "在哪个标签页操作：main、popup 或网址的一部分（可用 *）", En: "the tab to go to: main, popup, or a part of its address, with *"}, func(r *reader, n strict.Node, s *Step) { s.Tab = r.needText(n) }},
		{Field{Name: "on_dialog", Shape: shapeDialog, Zh: "如何回应对话框；dismiss 也会留在询问是否离开的页面", En: "what to answer dialogs of the page; dismiss also stays on a page that asks whether to leave it"}, func(r *reader, n strict.Node, s *Step) { s.OnDialog = r.dialogAnswer(n) }},
		{Field{Name: "network", Words: []string{"offline", "online"}, Zh: "从此步起断网或恢复", En: "cut off from the network from this step on, or back on it"}, func(r *reader, n strict.Node, s *Step) {
			s.Network, _ = n.Enum("network", "offline", "online")
		}},
		{Field{Name: "at", Shape: shapePoint, Zh: "元素内的位置 [x, y]，单位 CSS 像素", En: "where in the element: [x, y], CSS pixels from its top left corner"}, (*reader).point},
		{Field{Name: "by_keys", Shape: shapeBool, Zh: "逐键输入（仅用于 fill）", En: "type key by key (with fill only)"}, func(r *reader, n strict.Node, s *Step) {
			if s.ByKeys, _ = n.Bool(); s.ByKeys && s.Verb != "" && s.Verb != Fill {
				n.Problem("by_keys goes with fill only", "leave it out")
			}
		}},
	}
}

func (r *reader) closeStep(n strict.Node, s *Step) {
	if n.Kind() == strict.Scalar && n.Text() == "tab" {
		s.CloseTab = true
		return
	}
	r.targetStep(n, s)
}

func (r *reader) scrollStep(n strict.Node, s *Step) {
	if n.Kind() != strict.Scalar {
		r.targetStep(n, s)
		return
	}
	switch word := n.Text(); word {
	case "top", "bottom":
		s.Scroll.Edge = word
	default:
		if _, err := strconv.Atoi(word); err == nil {
			s.Scroll.By, _ = n.Int(-1_000_000, 1_000_000)
			return
		}
		r.targetStep(n, s)
	}
}

func (r *reader) point(n strict.Node, s *Step) {
	switch s.Verb {
	case "", Click, Dblclick, Rightclick, Hover:
	default:
		n.Problem("at goes with click, dblclick, rightclick and hover only", "leave it out")
		return
	}
	items, ok := n.Items()
	if ok && (n.Kind() != strict.List || len(items) != 2) {
		n.Problem("a place in an element has two numbers", "write at: [x, y]")
		return
	}
	var at [2]float64
	for i, item := range items {
		at[i], _ = item.Float(0, math.MaxInt16)
	}
	s.At = &at
}

func dialogKeys() []key[DialogAnswer] {
	return []key[DialogAnswer]{
		{Field{Name: "accept", Shape: shapeText, Required: true, Zh: "接受，并在输入框中填写", En: "accept, with this text for a prompt"}, func(r *reader, n strict.Node, d *DialogAnswer) { d.Accept, d.Text = true, r.text(n) }},
	}
}

func (r *reader) dialogAnswer(n strict.Node) *DialogAnswer {
	d := &DialogAnswer{}
	if n.Kind() == strict.Mapping {
		readMap(r, n, r.lang.dialog, d)
		return d
	}
	word, _ := n.Enum("answer", "accept", "dismiss")
	d.Accept, d.Stay = word == "accept", word == "dismiss"
	return d
}

// FileWant is what a downloaded file must be beside its name. Zero means
// anything.
type FileWant struct {
	Min, Max int64  // bytes
	SHA256   string // hex, lower case
}

func downloadKeys() []key[Expect] {
	return []key[Expect]{
		{Field{Name: "name", Shape: shapeMatch, Zh: "文件名", En: "the file's name"}, func(r *reader, n strict.Node, e *Expect) { e.Match = r.match(n, false) }},
		{Field{Name: "min", Shape: shapeSize, Zh: "至少多大，例如 1 kB", En: "its size at least, such as 1 kB"}, func(r *reader, n strict.Node, e *Expect) { e.File.Min = size64(n) }},
		{Field{Name: "max", Shape: shapeSize, Zh: "至多多大；默认 50 MB", En: "its size at most; 50 MB unless given"}, func(r *reader, n strict.Node, e *Expect) { e.File.Max = size64(n) }},
		{Field{Name: "sha256", Shape: shapeText, Zh: "内容的 SHA-256", En: "the SHA-256 of its content, in hex"}, func(r *reader, n strict.Node, e *Expect) {
			s, _ := n.String()
			if e.File.SHA256 = strings.ToLower(s); !hexSum.MatchString(e.File.SHA256) {
				n.Problem("this is not a SHA-256", "64 digits and letters from a to f")
			}
		}},
	}
}

var hexSum = regexp.MustCompile(`^[0-9a-f]{64}$`)

// expectDownload reads the name of the file, or a mapping.
func (r *reader) expectDownload(n strict.Node, e *Expect) {
	if n.Kind() != strict.Mapping {
		e.Match = r.match(n, false)
		return
	}
	if readMap(r, n, r.lang.download, e) && e.File.Max > 0 && e.File.Min > e.File.Max {
		n.Problem("min is more than max", "")
	}
}

var sizePattern = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?(B|kB|MB|GB|KiB|MiB|GiB)?$`)

// size64 reads a number of bytes: 512, 1.5 kB, 50 MB, 2 MiB.
func size64(n strict.Node) int64 {
	s, ok := n.String()
	if !ok {
		return 0
	}
	m := sizePattern.FindStringSubmatch(s)
	if m == nil {
		n.Problem(fmt.Sprintf("%q is not a size", s), "such as 512, 1 kB or 50 MB")
		return 0
	}
	unit := map[string]float64{"": 1, "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}[m[2]]
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil || v*unit > 1<<40 {
		n.Problem(fmt.Sprintf("%q is too large", s), "at most 1 TB")
		return 0
	}
	return int64(v * unit)
}
