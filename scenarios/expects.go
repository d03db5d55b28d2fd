package scenarios

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"gengfu/scenarios/strict"
)

// expectKeys is the table of expectations, and level beside them.
func expectKeys() []key[Expect] {
	row := func(kind ExpectKind, shape Shape, zh, en string, read func(*reader, strict.Node, *Expect)) key[Expect] {
		return key[Expect]{Field{Name: string(kind), Shape: shape, Zh: zh, En: en}, func(r *reader, n strict.Node, e *Expect) {
			e.Kind = kind
			read(r, n, e)
		}}
	}
	return append([]key[Expect]{
		row(ExpectURL, shapeURL, "页面地址；以 / 开头为路径相等，否则为包含", "the address: /… is the whole path, anything else a part", func(r *reader, n strict.Node, e *Expect) { e.Match = r.match(n, true) }),
		row(ExpectTitle, shapeMatch, "页面标题", "the page's title", func(r *reader, n strict.Node, e *Expect) { e.Match = r.match(n, false) }),
		row(ExpectText, shapeOfText, "页面可见文字，或某元素的文字", "text that is visible on the page, or the text of an element", (*reader).expectText),
		row(ExpectVisible, shapeLocator, "元素可见", "the element is visible", (*reader).expectLocator),
		row(ExpectHidden, shapeLocator, "元素不存在或不可见", "the element is hidden or not there", (*reader).expectLocator),
		row(ExpectEnabled, shapeState, "元素可用", "the element can be used", (*reader).expectState),
		row(ExpectChecked, shapeState, "已勾选", "the box is ticked", (*reader).expectState),
		row(ExpectValue, shapeOfValue, "输入框的值", "the value of a field", func(r *reader, n strict.Node, e *Expect) { r.expectMatch(n, r.lang.ofValue, e) }),
		row(ExpectCount, shapeCount, "元素个数", "how many elements there are", func(r *reader, n strict.Node, e *Expect) { r.expectCount(n, r.lang.count, e) }),
		row(ExpectAttribute, shapeAttr, "元素的属性", "an attribute of an element", func(r *reader, n strict.Node, e *Expect) { r.expectMatch(n, r.lang.attribute, e) }),
		row(ExpectConsole, shapeConsole, "控制台错误", "errors on the console", func(r *reader, n strict.Node, e *Expect) { readMap(r, n, r.lang.console, e) }),
		row(ExpectRequests, shapeRequests, "失败的请求", "failed requests", func(r *reader, n strict.Node, e *Expect) { readMap(r, n, r.lang.requests, e) }),
		row(ExpectStatus, shapeStatuses, "主文档状态码", "the status of the last document", func(r *reader, n strict.Node, e *Expect) { e.Status = statuses(n) }),
		row(ExpectDialog, shapeMatch, "页面弹出的对话框", "a dialog of the page: alert, confirm or prompt", func(r *reader, n strict.Node, e *Expect) { e.Match = r.match(n, false) }),
		row(ExpectDownload, shapeDownload, "下载的文件", "a file that the step downloads", (*reader).expectDownload),
		{Field{Name: "level", Words: []string{"warn", "fail"}, Zh: "不成立时仅告警", En: "warn: only degrades the run"}, func(r *reader, n strict.Node, e *Expect) {
			level, _ := n.Enum("level", "warn", "fail")
			e.Warn = level == "warn"
		}},
	}, netExpects()...)
}

// expects reads a list of conditions, or one.
func (r *reader) expects(n strict.Node) []Expect {
	items, ok := n.Items()
	if !ok {
		return nil
	}
	if len(items) == 0 {
		n.Problem("no condition is given", "such as - text: 我的申请")
	}
	out := make([]Expect, 0, len(items))
	for _, item := range items {
		if e, ok := r.expect(item); ok {
			out = append(out, e)
		}
	}
	return out
}

func (r *reader) expect(n strict.Node) (Expect, bool) {
	if bareText(n) {
		return Expect{}, false
	}
	m, ok := n.Map()
	if !ok {
		return Expect{}, false
	}
	e := Expect{Pos: at(n)}
	var first string
	for _, entry := range m.Entries {
		if entry.Key == "level" {
			continue
		}
		if first != "" {
			entry.At.Problem(fmt.Sprintf("%q is a second condition in one item", entry.Key), "start a new item with -")
			return e, false
		}
		first = entry.Key
	}
	if first == "" {
		n.Problem("the item has no condition", "add one of url, title, text, visible, hidden …")
		return e, false
	}
	before := r.rep.Raised()
	readKeys(r, m, r.lang.expects, &e)
	return e, r.rep.Raised() == before
}

func (r *reader) expectLocator(n strict.Node, e *Expect) { e.Locator = r.locator(n) }

// expectText is of the page for a plain string, and of an element with of.
func (r *reader) expectText(n strict.Node, e *Expect) {
	if n.Kind() == strict.Mapping {
		r.expectMatch(n, r.lang.ofText, e)
		return
	}
	e.Match = r.match(n, false)
}

func (r *reader) expectMatch(n strict.Node, keys []key[Expect], e *Expect) {
	before := r.rep.Raised()
	if readMap(r, n, keys, e) && e.Match == nil && r.rep.Raised() == before {
		n.Problem("it does not say what is expected", "add equals, contains, match or not")
	}
}

// expectState reads a locator, or {of: …, is: false}.
func (r *reader) expectState(n strict.Node, e *Expect) {
	e.Want = true
	if m, ok := mapping(n); ok {
		if _, of := m.Lookup("of"); of {
			readKeys(r, m, r.lang.state, e)
			return
		}
	}
	e.Locator = r.locator(n)
}

func mapping(n strict.Node) (strict.Map, bool) {
	if n.Kind() != strict.Mapping {
		return strict.Map{}, false
	}
	return n.Map()
}

func stateKeys() []key[Expect] {
	return []key[Expect]{ofKey(true), {Field{Name: "is", Shape: shapeBool, Zh: "期望的状态", En: "the state that is expected; true unless given"}, func(r *reader, n strict.Node, e *Expect) { e.Want, _ = n.Bool() }}}
}

func ofKey(required bool) key[Expect] {
	return key[Expect]{Field{Name: "of", Shape: shapeLocator, Required: required, Zh: "哪个元素", En: "the element"}, (*reader).expectLocator}
}

func attributeNameKey() key[Expect] {
	return key[Expect]{Field{Name: "name", Shape: shapeText, Required: true, Zh: "属性名", En: "the attribute's name"}, func(r *reader, n strict.Node, e *Expect) { e.Attribute, _ = n.String() }}
}

// expectCount reads bounds on a number of things by the table of its keys.
func (r *reader) expectCount(n strict.Node, keys []key[Expect], e *Expect) {
	before := r.rep.Raised()
	if !readMap(r, n, keys, e) || r.rep.Raised() != before {
		return
	}
	switch {
	case e.Min == nil && e.Max == nil:
		n.Problem("it does not say how many", "add is, min or max")
	case e.Min != nil && e.Max != nil && *e.Min > *e.Max:
		n.Problem("min is more than max", "")
	}
}

func countKeys() []key[Expect] {
	bound := func(name, zh, en string, set func(*Expect, *int)) key[Expect] {
		return key[Expect]{Field{Name: name, Shape: shapeInt, Zh: zh, En: en}, func(r *reader, n strict.Node, e *Expect) {
			if i, ok := n.Int(0, math.MaxInt32); ok {
				set(e, &i)
			}
		}}
	}
	return []key[Expect]{
		ofKey(true),
		bound("is", "正好", "exactly", func(e *Expect, i *int) { e.Min, e.Max = i, i }),
		bound("min", "至少", "at least", func(e *Expect, i *int) { e.Min = i }),
		bound("max", "至多", "at most", func(e *Expect, i *int) { e.Max = i }),
	}
}

func atMostKey(name, zh, en string) key[Expect] {
	return key[Expect]{Field{Name: name, Shape: shapeInt, Required: true, Zh: zh, En: en}, func(r *reader, n strict.Node, e *Expect) {
		if i, ok := n.Int(0, math.MaxInt32); ok {
			e.Max = &i
		}
	}}
}

// matchKeys is the table of conditions on a text.
func matchKeys() []key[Match] {
	return []key[Match]{
		{Field{Name: "equals", Shape: shapeText, Zh: "等于", En: "it is this text"}, func(r *reader, n strict.Node, m *Match) { m.Equals = r.pointer(n) }},
		{Field{Name: "contains", Shape: shapeText, Zh: "包含", En: "it holds this text"}, func(r *reader, n strict.Node, m *Match) { m.Contains = r.pointer(n) }},
		{Field{Name: "match", Shape: shapeText, Zh: "匹配正则", En: "this pattern matches (RE2)"}, func(r *reader, n strict.Node, m *Match) { m.Pattern = pattern(n) }},
		{Field{Name: "not", Shape: shapeMatch, Zh: "不是", En: "this must not hold"}, func(r *reader, n strict.Node, m *Match) { m.Not = r.match(n, false) }},
	}
}

// urlKeys are what an address can be asked in addition; its not knows path too
// and stands before the general one.
func urlKeys() []key[Match] {
	return []key[Match]{
		{Field{Name: "path", Shape: shapeText, Zh: "路径等于", En: "the path is this, without query"}, func(r *reader, n strict.Node, m *Match) { m.Path = r.pointer(n) }},
		{Field{Name: "not", Shape: shapeURL, Zh: "不是", En: "this must not hold"}, func(r *reader, n strict.Node, m *Match) { m.Not = r.match(n, true) }},
	}
}

// match reads a text, which must be contained (or be the path, for an address
// that starts with /), or a mapping of conditions.
func (r *reader) match(n strict.Node, url bool) *Match {
	m := &Match{}
	if n.Kind() != strict.Mapping {
		t := r.needText(n)
		if t.IsZero() {
			return nil
		}
		if url && strings.HasPrefix(t.Source(), "/") {
			m.Path = &t
		} else {
			m.Contains = &t
		}
		return m
	}
	keys := r.lang.match
	if url {
		keys = r.lang.url
	}
	before := r.rep.Raised()
	readMap(r, n, keys, m)
	if *m == (Match{}) && r.rep.Raised() == before {
		n.Problem("it does not say what is expected", "add equals, contains, match or not")
	}
	return m
}

// lift makes rows on a text into rows on an expectation's text.
func lift(rows []key[Match]) []key[Expect] {
	out := make([]key[Expect], len(rows))
	for i, row := range rows {
		out[i] = key[Expect]{row.Field, func(r *reader, n strict.Node, e *Expect) {
			if e.Match == nil {
				e.Match = &Match{}
			}
			row.read(r, n, e.Match)
		}}
	}
	return out
}

func (r *reader) pointer(n strict.Node) *Text {
	t := r.text(n)
	return &t
}

// pattern compiles an RE2 expression. Patterns hold no references.
func pattern(n strict.Node) *regexp.Regexp {
	s, ok := n.String()
	if !ok {
		return nil
	}
	re, err := regexp.Compile(s)
	if err != nil {
		remedy := "see https://golang.org/s/re2syntax"
		if strings.Contains(s, "(?=") || strings.Contains(s, "(?!") || strings.Contains(s, "(?<") {
			remedy = "patterns cannot look ahead or behind"
		}
		n.Problem("the pattern is not valid: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "), remedy)
		return nil
	}
	return re
}

// statuses reads one HTTP status or a list.
func statuses(n strict.Node) []int {
	items, _ := n.Items()
	var out []int
	for _, item := range items {
		if i, ok := item.Int(100, 599); ok {
			out = append(out, i)
		}
	}
	return out
}
