package scenarios

import (
	"fmt"
	"math"
	"strings"

	"gengfu/scenarios/strict"
)

// locatorKeys is the table of locator keys: the kinds first, then what narrows
// them.
func locatorKeys() []key[Locator] {
	text := func(name, zh, en string, at func(*Locator) *Text) key[Locator] {
		return key[Locator]{Field{Name: name, Shape: shapeText, Zh: zh, En: en}, func(r *reader, n strict.Node, l *Locator) {
			*at(l) = r.needText(n)
		}}
	}
	return []key[Locator]{
		{Field{Name: "role", Shape: shapeText, Words: roles(), Zh: "ARIA 角色", En: "the ARIA role"}, func(r *reader, n strict.Node, l *Locator) {
			l.Role, _ = n.Enum("role", roles()...)
		}},
		text("name", "可访问名称，与 role 合用", "the accessible name, together with role", func(l *Locator) *Text { return &l.Name }),
		text("label", "表单标签", "the label of a field", func(l *Locator) *Text { return &l.Label }),
		text("placeholder", "输入提示", "the placeholder of a field", func(l *Locator) *Text { return &l.Placeholder }),
		text("text", "可见文字", "the visible text", func(l *Locator) *Text { return &l.Text }),
		text("testid", "data-testid 属性", "the data-testid attribute", func(l *Locator) *Text { return &l.TestID }),
		text("title", "title 属性", "the title attribute", func(l *Locator) *Text { return &l.Title }),
		text("alt", "图片替代文字", "the alternative text of an image", func(l *Locator) *Text { return &l.Alt }),
		text("css", "CSS 选择器", "a CSS selector", func(l *Locator) *Text { return &l.CSS }),
		text("xpath", "XPath 表达式", "an XPath expression", func(l *Locator) *Text { return &l.XPath }),
		{Field{Name: "nth", Shape: shapeInt, Zh: "第几个，-1 为最后一个", En: "which of several, from 1; -1 is the last"}, func(r *reader, n strict.Node, l *Locator) {
			var ok bool
			if l.Nth, ok = n.Int(math.MinInt16, math.MaxInt16); ok && l.Nth == 0 {
				n.Problem("nth counts from 1", "1 is the first, -1 the last")
			}
		}},
		{Field{Name: "within", Shape: shapeLocator, Zh: "在哪个元素之内", En: "an element around it"}, func(r *reader, n strict.Node, l *Locator) { l.Within = r.locator(n) }},
		{Field{Name: "has", Shape: shapeLocator, Zh: "包含哪个元素", En: "an element inside it"}, func(r *reader, n strict.Node, l *Locator) { l.Has = r.locator(n) }},
		{Field{Name: "exact", Shape: shapeBool, Zh: "全文相等", En: "the whole text, or a part of it"}, func(r *reader, n strict.Node, l *Locator) {
			if b, ok := n.Bool(); ok {
				l.Exact = &b
			}
		}},
		{Field{Name: "frame", Shape: shapeFrames, Zh: "所在的 iframe，由外到内", En: "the frame it stands in, outermost first"}, func(r *reader, n strict.Node, l *Locator) { l.Frame = r.frames(n) }},
	}
}

// roles are the roles of WAI-ARIA 1.2 that an element of a page can have.
func roles() []string {
	return strings.Fields(`alert alertdialog application article banner blockquote button caption cell checkbox code
		columnheader combobox complementary contentinfo definition deletion dialog document emphasis feed figure form
		grid gridcell group heading img insertion link list listbox listitem log main marquee math menu menubar menuitem
		menuitemcheckbox menuitemradio meter navigation none note option paragraph presentation progressbar radio
		radiogroup region row rowgroup rowheader scrollbar search searchbox separator slider spinbutton status strong
		subscript superscript switch tab table tablist tabpanel term textbox time timer toolbar tooltip tree treegrid treeitem`)
}

// locator reads a plain string as what a person would point at, and a mapping
// by the table. It returns nil after reporting a mistake.
func (r *reader) locator(n strict.Node) *Locator {
	l := &Locator{Pos: at(n)}
	switch n.Kind() {
	case strict.Scalar:
		l.Bare = r.needText(n)
		if l.Bare.IsZero() {
			return nil
		}
		return l
	case strict.List:
		return r.candidates(n)
	}
	before := r.rep.Raised()
	if !readMap(r, n, r.lang.locator, l) || r.rep.Raised() != before {
		return nil
	}
	switch kinds := l.kinds(); {
	case len(kinds) == 0 && !l.Name.IsZero():
		n.Problem("a name alone is no locator", "add role, or use label or text")
	case len(kinds) == 0:
		n.Problem("the locator says nothing to look for", "add one of role, label, placeholder, text, testid, title, alt, css and xpath")
	case len(kinds) > 1:
		n.Problem(fmt.Sprintf("%s and %s are two ways to look", kinds[0], kinds[1]), "keep one; narrow it with within, has or nth")
	case !l.Name.IsZero() && l.Role == "":
		n.Problem("name goes with role only", "add role, or leave name out")
	case strings.HasPrefix(l.CSS.Source(), "/"):
		n.Problem("this is not a CSS selector", "use xpath")
	default:
		return l
	}
	return nil
}

// kinds names the ways to look that are set; a sound locator has one.
func (l Locator) kinds() []string {
	var out []string
	if l.Role != "" {
		out = append(out, "role")
	}
	for _, k := range l.texts() {
		if !k.text.IsZero() {
			out = append(out, k.name)
		}
	}
	return out
}

type namedText struct {
	name string
	text Text
}

func (l Locator) texts() []namedText {
	return []namedText{
		{"label", l.Label},
		{"placeholder", l.Placeholder},
		{"text", l.Text},
		{"testid", l.TestID},
		{"title", l.Title},
		{"alt", l.Alt},
		{"css", l.CSS},
		{"xpath", l.XPath},
	}
}

// frames reads one locator or a list, outermost first.
func (r *reader) frames(n strict.Node) []Locator {
	items, _ := n.Items()
	var out []Locator
	for _, item := range items {
		if l := r.locator(item); l != nil {
			out = append(out, *l)
		}
	}
	return out
}

// masks reads what no evidence may show. It is looked for in every frame.
func (r *reader) masks(n strict.Node) []Locator {
	out := r.frames(n)
	for _, l := range out {
		if len(l.Frame) > 0 {
			n.Problem("a mask is looked for in every frame", "leave frame out")
		}
	}
	return out
}

// Short is the locator in as few of the author's words as a reader needs: the
// text it looks for. References are not resolved.
func (l Locator) Short() string {
	if !l.Bare.IsZero() {
		return l.Bare.Source()
	}
	if !l.Name.IsZero() {
		return l.Name.Source()
	}
	for _, k := range l.texts() {
		if !k.text.IsZero() {
			return k.text.Source()
		}
	}
	return l.Role
}

// String is the whole locator in the author's words, references unresolved:
// role=button name=下一步 within css=.apply-form.
func (l Locator) String() string {
	var parts []string
	if !l.Bare.IsZero() {
		parts = append(parts, l.Bare.Source())
	}
	if l.Role != "" {
		parts = append(parts, "role="+l.Role)
	}
	for _, k := range append([]namedText{{"name", l.Name}}, l.texts()...) {
		if !k.text.IsZero() {
			parts = append(parts, k.name+"="+k.text.Source())
		}
	}
	if l.Nth != 0 {
		parts = append(parts, fmt.Sprintf("nth=%d", l.Nth))
	}
	if l.Has != nil {
		parts = append(parts, "has "+l.Has.String())
	}
	if l.Within != nil {
		parts = append(parts, "within "+l.Within.String())
	}
	for _, o := range l.Or {
		parts = append(parts, "or "+o.String())
	}
	return strings.Join(parts, " ")
}
