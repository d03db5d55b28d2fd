package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gengfu/scenarios/strict"
)

// maxFields bounds the fields of one fill, select or upload.
const maxFields = 100

func (r *reader) gotoStep(n strict.Node, s *Step) {
	if n.Kind() == strict.Mapping {
		readMap(r, n, r.lang.gotos, s)
		return
	}
	s.URL = r.address(n)
}

// address reads a URL. A scheme is asked for, because www.example.com would
// open nothing.
func (r *reader) address(n strict.Node) Text {
	t := r.text(n)
	s := t.Source()
	switch {
	case t.IsZero(), strings.HasPrefix(s, "${"), strings.HasPrefix(s, "http://"), strings.HasPrefix(s, "https://"), s == "about:blank":
	case strings.HasPrefix(s, "/"):
		n.Problem("the address has no host", "write ${base}"+s+" and a variable base")
	default:
		n.Problem("the address does not begin with http:// or https://", "")
	}
	return t
}

func (r *reader) targetStep(n strict.Node, s *Step) { s.Target = r.locator(n) }

func (r *reader) formStep(n strict.Node, s *Step) {
	if n.Kind() == strict.List {
		items, _ := n.Items()
		for _, item := range items {
			var p Pair
			if readMap(r, item, r.lang.fields, &p) {
				s.Fields = append(s.Fields, p)
			}
		}
	} else if m, ok := n.Map(); ok {
		for _, e := range m.Entries {
			p := Pair{Value: r.text(e.Value)}
			if l := r.locator(e.At); l != nil {
				p.Field = *l
			}
			s.Fields = append(s.Fields, p)
		}
	} else {
		return
	}
	switch {
	case len(s.Fields) == 0:
		n.Problem("no field is given", "write "+string(s.Verb)+": {field: value}")
	case len(s.Fields) > maxFields:
		n.Problem(fmt.Sprintf("more than %d fields", maxFields), "split the step")
	}
}

// uploadStep reads the files at once, so that a run never depends on the disk.
func (r *reader) uploadStep(n strict.Node, s *Step) {
	r.formStep(n, s)
	s.Files = map[string][]byte{}
	for _, p := range s.Fields {
		if len(p.Value.Refs()) > 0 {
			r.problem(p.Field.Pos, "a file's name cannot hold ${…}", "write the name")
			continue
		}
		name := p.Value.Source()
		data, err := r.load.open(n.File(), name)
		if err != nil {
			r.problem(p.Field.Pos, fmt.Sprintf("the file %q cannot be used: %s", name, err), "name a file beside the scenario")
			continue
		}
		s.Files[name] = data
	}
}

func (r *reader) pressStep(n strict.Node, s *Step) {
	if n.Kind() == strict.Mapping {
		readMap(r, n, r.lang.presses, s)
		return
	}
	s.Key = keyName(n)
}

// keyNames are the named keys of the UI Events standard that a page can see.
func keyNames() []string {
	return []string{
		"Enter", "Tab", "Escape", "Space", "Backspace", "Delete", "Insert", "Home", "End", "PageUp", "PageDown",
		"ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight",
		"F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12",
	}
}

func keyName(n strict.Node) string {
	s, ok := n.String()
	if !ok {
		return ""
	}
	parts := strings.Split(s, "+")
	for i, p := range parts {
		last := i == len(parts)-1
		known := []string{"Control", "Shift", "Alt", "Meta"}
		if last {
			known = keyNames()
		}
		if slices.Contains(known, p) || (last && utf8.RuneCountInString(p) == 1) {
			continue
		}
		n.Problem(fmt.Sprintf("unknown key %q", p), strict.Suggest(p, known))
		return ""
	}
	return s
}

func (r *reader) waitStep(n strict.Node, s *Step) {
	if n.Kind() != strict.Scalar {
		s.For = r.expects(n)
		return
	}
	d, ok := n.Duration()
	if !ok {
		return
	}
	s.Pause = d
	n.Warn("a fixed wait is slow when the page is fast and too short when it is slow", "wait for a condition: wait: {visible: …}")
}

func (r *reader) expectStep(n strict.Node, s *Step) { s.Expect = r.expects(n) }

func (r *reader) totpStep(n strict.Node, s *Step) { readMap(r, n, r.lang.totps, s) }

func (r *reader) saveStep(n strict.Node, s *Step) {
	m, ok := n.Map()
	if !ok {
		return
	}
	for _, e := range m.Entries {
		v := SaveValue{Name: e.Key}
		if readMap(r, e.Value, r.lang.saves, &v) {
			checkSave(e.Value, &v)
		}
		v.Name = r.saves(e.At)
		s.Saves = append(s.Saves, v)
	}
	if len(m.Entries) == 0 {
		n.Problem("nothing is saved", "write save: {name: {from: …}}")
	}
}

func checkSave(n strict.Node, v *SaveValue) {
	if checkElsewhere(n, v) || checkNetSave(n, v) {
		return
	}
	if v.Source == "" {
		v.Source = "text"
		if v.Attribute != "" {
			v.Source = "attribute"
		}
	}
	page := v.Source == "url" || v.Source == "title"
	switch {
	case page && v.From != nil:
		n.Problem(fmt.Sprintf("source %s is of the page, not of an element", v.Source), "leave from out")
	case !page && v.From == nil:
		n.Problem(`"from" is missing`, "the element the value is taken from")
	case v.Source == "attribute" && v.Attribute == "":
		n.Problem(`"attribute" is missing`, "the attribute's name")
	case v.Source != "attribute" && v.Attribute != "":
		n.Problem(fmt.Sprintf("source %s has no attribute", v.Source), "leave source or attribute out")
	}
}

// saves makes a name known to the steps that follow.
func (r *reader) saves(at strict.Node) string {
	name := at.Text()
	if !validName(name) {
		at.Problem(fmt.Sprintf("%q cannot be a name", name), "use letters, digits, _ and -")
		return name
	}
	if _, taken := r.scope.names[name]; taken {
		at.Problem(fmt.Sprintf("%q is already the name of a variable", name), "save under another name")
	}
	r.scope.saved[name] = r.prefix + name
	return r.scope.saved[name]
}

var (
	comparison = regexp.MustCompile(`\s(<=|>=|==|!=|<|>|contains|matches|=|=<|=>|<>)\s`)
	joint      = regexp.MustCompile(`\s(and|or|且|或)\s`)
)

// checkStep reads LEFT OP RIGHT, or several joined by “and” or “or”; a list
// joins its items by “and”. An operator inside ${…} does not count, since names hold no
// blanks.
func (r *reader) checkStep(n strict.Node, s *Step) {
	items, _ := n.Items()
	for _, item := range items {
		text, ok := item.String()
		if !ok {
			return
		}
		from, or := 0, false
		for _, m := range joints(text) {
			r.comparison(item, text, from, m[0], or, s)
			from, or = m[1], text[m[2]:m[3]] == "or" || text[m[2]:m[3]] == "或"
		}
		r.comparison(item, text, from, len(text), or, s)
	}
	for _, c := range s.Cond {
		if len(items) > 1 && c.Or {
			n.Problem("a list joins its items by and, and one of them has or", "write it as one text")
		}
	}
}

// joints are the places of “and” or “or” between two comparisons: the words may
// stand in a text that is compared, too.
func joints(text string) [][]int {
	var out [][]int
	from := 0
	for _, m := range joint.FindAllStringSubmatchIndex(text, -1) {
		if m[0] >= from && comparison.MatchString(text[from:m[0]]) && comparison.MatchString(text[m[1]-1:]) {
			out = append(out, m)
			from = m[1]
		}
	}
	return out
}

// comparison reads one of them, from a place of the text to another.
func (r *reader) comparison(n strict.Node, whole string, from, to int, or bool, s *Step) {
	text := whole[from:to]
	found := comparison.FindAllStringSubmatchIndex(text, -1)
	if len(found) != 1 {
		remedy := "write ${value} < 500, with a blank on both sides of the operator"
		if len(found) == 0 && !strings.Contains(text, "$") {
			remedy = "a box is ticked with tick; a check compares: ${value} < 500"
		}
		n.Problem(fmt.Sprintf("the check has %d comparisons, not one", len(found)), remedy)
		return
	}
	m := found[0]
	op := text[m[2]:m[3]]
	if near, wrong := map[string]string{"=": "==", "=<": "<=", "=>": ">=", "<>": "!="}[op]; wrong {
		n.ProblemAt(utf8.RuneCountInString(whole[:from+m[2]]), fmt.Sprintf("unknown operator %q", op), fmt.Sprintf("did you mean %q?", near))
		return
	}
	s.Cond = append(s.Cond, Comparison{
		Op: op, Source: strings.TrimSpace(text), Or: or,
		Left:  r.parse(n, strings.TrimSpace(text[:m[0]]), utf8.RuneCountInString(whole[:from])),
		Right: r.parse(n, strings.TrimSpace(text[m[1]:]), utf8.RuneCountInString(whole[:from+m[1]])),
	})
}
