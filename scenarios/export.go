package scenarios

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// Export makes a recording of a scenario that Chrome's Recorder panel and
// Puppeteer Replay play: the counterpart of [Import]. References are resolved
// in env; those to secrets stay as they were written unless env has secrets.
// What a recording cannot say is left out, and the remarks tell of it.
//
// A recording knows clicks and texts. What it lacks, choosing an option by what
// it says, uploading, and looking at addresses and texts, is written as an
// expression that is waited for.
func Export(s *Scenario, env *Env) (text []byte, remarks []string, err error) {
	ex := exporter{env: env}
	ex.add(map[string]any{
		"type": "setViewport", "width": s.Browser.Width, "height": s.Browser.Height, "deviceScaleFactor": max(s.Browser.Scale, 1),
		"isMobile": s.Browser.Mobile, "hasTouch": s.Browser.Mobile, "isLandscape": s.Browser.Width > s.Browser.Height,
	})
	for i := range s.Steps {
		ex.number = i + 1
		if err := ex.step(&s.Steps[i]); err != nil {
			return nil, nil, err
		}
	}
	if len(s.Always) > 0 {
		ex.remark("the steps under always are left out")
	}
	title := s.Title
	if title == "" {
		title = s.ID
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err = enc.Encode(struct {
		Title   string           `json:"title"`
		Timeout int              `json:"timeout"` // ms for each step
		Steps   []map[string]any `json:"steps"`
	}{title, 10_000, ex.steps})
	return out.Bytes(), ex.remarks, err
}

type exporter struct {
	env     *Env
	number  int
	base    string // the origin of the page in front, for paths
	steps   []map[string]any
	remarks []string
}

func (ex *exporter) remark(format string, args ...any) {
	ex.remarks = append(ex.remarks, fmt.Sprintf(format, args...))
}

func (ex *exporter) add(step map[string]any) { ex.steps = append(ex.steps, step) }

// value is a text with its references resolved, but for secrets that are not to
// be written down.
func (ex *exporter) value(t Text) (string, error) {
	v, err := t.Resolve(ex.env)
	if missing := (*MissingSecretError)(nil); errors.As(err, &missing) {
		return t.Source(), nil
	}
	return v.Text, err
}

func (ex *exporter) step(st *Step) error {
	if st.Optional || len(st.When) > 0 {
		ex.remark("step %d is done under a condition and is left out", ex.number)
		return nil
	}
	if !st.Tab.IsZero() || len(st.Frame) > 0 {
		ex.remark("step %d names a tab or a frame, which is left out", ex.number)
	}
	if err := ex.act(st); err != nil {
		return fmt.Errorf("step %d: %w", ex.number, err)
	}
	for i := range st.Expect {
		if err := ex.expect(&st.Expect[i]); err != nil {
			return fmt.Errorf("step %d: %w", ex.number, err)
		}
	}
	return nil
}

func (ex *exporter) act(st *Step) error {
	switch st.Verb {
	case Goto:
		return ex.open(st)
	case Click, Dblclick, Rightclick, Hover:
		return ex.point(st)
	case Tick:
		list, err := ex.selectors(st.Target, tickable)
		ex.add(map[string]any{"type": "click", "selectors": list, "offsetX": 3, "offsetY": 3})
		return err
	case Fill:
		return ex.fields(st, func(list [][]string, _ Pair, value string) map[string]any {
			return map[string]any{"type": "change", "selectors": list, "value": value}
		})
	case Select:
		return ex.fields(st, func(list [][]string, _ Pair, value string) map[string]any {
			return expression(chooseScript, findScript(list), value)
		})
	case Upload:
		return ex.fields(st, func(list [][]string, p Pair, value string) map[string]any {
			data := base64.StdEncoding.EncodeToString(st.Files[value])
			return expression(uploadScript, findScript(list), filepath.Base(value), data)
		})
	case Press:
		for key := range strings.SplitSeq(st.Key, "+") {
			ex.add(map[string]any{"type": "keyDown", "key": key})
		}
		for _, key := range slices.Backward(strings.Split(st.Key, "+")) {
			ex.add(map[string]any{"type": "keyUp", "key": key})
		}
		return nil
	case Wait:
		for i := range st.For {
			if err := ex.expect(&st.For[i]); err != nil {
				return err
			}
		}
		return nil
	case Verify:
		return nil
	}
	ex.remark("step %d (%s) has no counterpart in a recording and is left out", ex.number, st.Verb)
	return nil
}

func (ex *exporter) open(st *Step) error {
	to, err := ex.value(st.URL)
	if err != nil {
		return err
	}
	if strings.HasPrefix(to, "/") {
		to = ex.base + to
	}
	if i := strings.Index(to, "://"); i > 0 {
		host, _, _ := strings.Cut(to[i+3:], "/")
		ex.base = to[:i+3] + host
	}
	ex.add(map[string]any{"type": "navigate", "url": to})
	return nil
}

func (ex *exporter) point(st *Step) error {
	list, err := ex.selectors(st.Target, pressable)
	if err != nil {
		return err
	}
	step := map[string]any{"type": "click", "selectors": list, "offsetX": 3, "offsetY": 3}
	switch st.Verb {
	case Dblclick:
		step["type"] = "doubleClick"
	case Rightclick:
		step["button"] = "secondary"
	case Hover:
		step = map[string]any{"type": "hover", "selectors": list}
	}
	if st.At != nil {
		step["offsetX"], step["offsetY"] = st.At[0], st.At[1]
	}
	ex.add(step)
	return nil
}

func (ex *exporter) fields(st *Step, make func([][]string, Pair, string) map[string]any) error {
	for _, p := range st.Fields {
		list, err := ex.selectors(&p.Field, fillable)
		if err != nil {
			return err
		}
		value, err := ex.value(p.Value)
		if err != nil {
			return err
		}
		ex.add(make(list, p, value))
	}
	return nil
}

func (ex *exporter) expect(e *Expect) error {
	subject := map[ExpectKind]string{
		ExpectURL: "location.href", ExpectTitle: "document.title", ExpectText: `document.body.innerText.replace(/\s+/g, " ")`,
	}[e.Kind]
	switch {
	case subject != "" && e.Locator == nil && e.Match != nil:
		condition, err := ex.matches(subject, e.Match)
		if err == nil {
			ex.add(map[string]any{"type": "waitForExpression", "expression": condition})
		}
		return err
	case e.Kind == ExpectVisible, e.Kind == ExpectHidden:
		list, err := ex.selectors(e.Locator, anything)
		if err != nil {
			return err
		}
		if e.Kind == ExpectVisible {
			ex.add(map[string]any{"type": "waitForElement", "selectors": list, "visible": true})
		} else {
			ex.add(map[string]any{"type": "waitForElement", "selectors": list, "operator": "==", "count": 0})
		}
		return nil
	}
	ex.remark("step %d: the expectation %s is left out", ex.number, e.Kind)
	return nil
}

// matches is a condition on a text as an expression.
func (ex *exporter) matches(subject string, m *Match) (string, error) {
	var all []string
	for form, t := range map[string]*Text{"%s === %s": m.Equals, "%s.includes(%s)": m.Contains, "new URL(%s).pathname === %s": m.Path} {
		if t == nil {
			continue
		}
		v, err := ex.value(*t)
		if err != nil {
			return "", err
		}
		all = append(all, fmt.Sprintf(form, subject, quoteJS(v)))
	}
	if m.Pattern != nil {
		source, flags := m.Pattern.String(), ""
		if rest, fold := strings.CutPrefix(source, "(?i)"); fold {
			source, flags = rest, "i"
		}
		all = append(all, fmt.Sprintf("new RegExp(%s, %s).test(%s)", quoteJS(source), quoteJS(flags), subject))
	}
	if m.Not != nil {
		inner, err := ex.matches(subject, m.Not)
		if err != nil {
			return "", err
		}
		all = append(all, "!("+inner+")")
	}
	slices.Sort(all)
	return strings.Join(all, " && "), nil
}

// expression is a step that runs a script with arguments until it says true.
func expression(script string, args ...string) map[string]any {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = quoteJS(a)
	}
	quoted[0] = args[0] // a function
	return map[string]any{"type": "waitForExpression", "expression": "(" + script + ")(" + strings.Join(quoted, ", ") + ")"}
}

func quoteJS(s string) string {
	out, _ := json.Marshal(s) // a string is always one
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(out))
}

// selectors are the ways of a recording to an element. The player takes the one
// that is there first, so each of them has to be right.
func (ex *exporter) selectors(l *Locator, use string) ([][]string, error) {
	if l == nil {
		return nil, errors.New("it has no element")
	}
	if l.Within != nil || l.Has != nil || l.Nth != 0 || len(l.Frame) > 0 {
		ex.remark("step %d: within, has, nth and frame of a locator are left out", ex.number)
	}
	given := map[string]Text{
		"bare": l.Bare, "label": l.Label, "placeholder": l.Placeholder, "text": l.Text, "testid": l.TestID, "title": l.Title, "alt": l.Alt,
		"css": l.CSS, "xpath": l.XPath, "name": l.Name,
	}
	var list [][]string
	for _, kind := range slices.Sorted(maps.Keys(given)) {
		t := given[kind]
		if t.IsZero() {
			continue
		}
		v, err := ex.value(t)
		if err != nil {
			return nil, err
		}
		for _, s := range spellings(kind, v, l.Role, use) {
			list = append(list, []string{s})
		}
	}
	if len(list) == 0 && l.Role != "" {
		list = append(list, []string{`[role="` + l.Role + `"]`})
	}
	for i := range l.Or {
		more, err := ex.selectors(&l.Or[i], use)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}
