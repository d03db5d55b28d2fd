package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// recording is a user flow of Chrome's Recorder panel, as Puppeteer Replay's
// schema has it.
type recording struct {
	Title string         `json:"title"`
	Steps []recordedStep `json:"steps"`
}

type recordedStep struct {
	Type       string            `json:"type"`
	URL        string            `json:"url"`
	Value      string            `json:"value"`
	Key        string            `json:"key"`
	Button     string            `json:"button"`
	Width      int               `json:"width"`
	Height     int               `json:"height"`
	Scale      float64           `json:"deviceScaleFactor"`
	Mobile     bool              `json:"isMobile"`
	Frame      []int             `json:"frame"`
	Selectors  []json.RawMessage `json:"selectors"`
	Visible    *bool             `json:"visible"`
	Operator   string            `json:"operator"`
	Count      *int              `json:"count"`
	Asserted   []recordedEvent   `json:"assertedEvents"`
	Expression string            `json:"expression"`
}

type recordedEvent struct {
	Type  string `json:"type"`
	URL   string `json:"url"`
	Title string `json:"title"`
}

// Import makes a scenario of a recording of Chrome's Recorder panel (JSON).
// What is typed into fields for passwords becomes a reference to a secret. The
// remarks say what the author has to look at.
func Import(data []byte) (text []byte, remarks []string, err error) {
	var rec recording
	if err := json.Unmarshal(data, &rec); err != nil {
		return nil, nil, fmt.Errorf("read the recording: %w", err)
	}
	if len(rec.Steps) == 0 {
		return nil, nil, errors.New("the recording has no steps; export it from the Recorder panel as JSON")
	}
	im := importer{secrets: map[string]bool{}}
	for i, st := range rec.Steps {
		im.number = i + 1
		im.step(st, rec.Steps[i+1:])
	}
	im.flush()
	if !im.asserts {
		im.remark("nothing is expected: say with expect what the page must show")
	}
	text, err = Format("recording.yaml", []byte(im.document(rec.Title)))
	return text, im.remarks, err
}

// importer writes steps; fields that follow each other are gathered into one.
type importer struct {
	number  int
	base    string
	screen  string
	steps   strings.Builder
	form    string      // the verb of the fields gathered
	fields  [][2]string // locator and value, as YAML
	remarks []string
	secrets map[string]bool
	asserts bool
}

func (im *importer) remark(format string, args ...any) {
	im.remarks = append(im.remarks, fmt.Sprintf(format, args...))
}

func (im *importer) document(title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "scenario: %s\n", recordedID(title))
	if title != "" {
		fmt.Fprintf(&b, "title: %s\n", QuotedText(title))
	}
	if im.base != "" {
		fmt.Fprintf(&b, "\nvars:\n  base: %s\n", im.base)
	}
	if im.screen != "" {
		fmt.Fprintf(&b, "\nbrowser: {device: %s}\n", im.screen)
	}
	return b.String() + "\nsteps:\n" + im.steps.String()
}

var notID = regexp.MustCompile(`[^a-z0-9]+`)

func recordedID(title string) string {
	id := strings.Trim(notID.ReplaceAllString(strings.ToLower(title), "-"), "-")
	if len(id) > 60 {
		id = strings.Trim(id[:60], "-")
	}
	if id == "" {
		id = "recording"
	}
	return id
}

func (im *importer) write(verb, arg string, st recordedStep) {
	im.flush()
	fmt.Fprintf(&im.steps, "  - %s: %s\n", verb, arg)
	im.expect(st)
}

func (im *importer) flush() {
	if len(im.fields) > 0 {
		fmt.Fprintf(&im.steps, "  - %s:\n", im.form)
		mapped := !slices.ContainsFunc(im.fields, func(p [2]string) bool { return strings.HasPrefix(p[0], "{") || strings.HasPrefix(p[0], "[") })
		for i, p := range im.fields {
			twice := slices.ContainsFunc(im.fields[:i], func(q [2]string) bool { return q[0] == p[0] })
			mapped = mapped && !twice
		}
		for _, p := range im.fields {
			if mapped {
				fmt.Fprintf(&im.steps, "      %s: %s\n", p[0], p[1])
			} else {
				fmt.Fprintf(&im.steps, "      - field: %s\n        value: %s\n", p[0], p[1])
			}
		}
	}
	im.form, im.fields = "", nil
}

// expect writes where the step led to.
func (im *importer) expect(st recordedStep) {
	var lines []string
	for _, e := range st.Asserted {
		if u, err := url.Parse(e.URL); err == nil && e.URL != "" && u.Path != "" && st.Type != "navigate" {
			lines = append(lines, "      - url: "+QuotedText(u.Path)+"\n")
		}
		if e.Title != "" {
			lines = append(lines, "      - title: "+QuotedText(e.Title)+"\n")
		}
	}
	if len(lines) > 0 {
		im.asserts = true
		im.steps.WriteString("    expect:\n" + strings.Join(lines, ""))
	}
}

func (im *importer) step(st recordedStep, next []recordedStep) {
	if len(st.Frame) > 0 {
		im.remark("step %d is in a frame: add frame: with a locator of the iframe", im.number)
	}
	switch st.Type {
	case "navigate":
		im.open(st)
	case "setViewport":
		if st.Width > 0 && st.Height > 0 {
			im.screen = fmt.Sprintf("{width: %d, height: %d, mobile: %v}", st.Width, st.Height, st.Mobile)
			if st.Scale > 0 && st.Scale != 1 {
				im.screen = fmt.Sprintf("{width: %d, height: %d, mobile: %v, scale: %g}", st.Width, st.Height, st.Mobile, st.Scale)
			}
		}
	case "click", "doubleClick", "hover":
		im.point(st, next)
	case "change":
		im.change(st)
	case "keyDown":
		if slices.Contains(keyNames(), st.Key) {
			if st.Key != "Tab" { // which only leaves a field
				im.write("press", st.Key, st)
			}
		} else {
			im.remark("step %d presses %q, which is left out", im.number, st.Key)
		}
	case "waitForElement":
		im.wait(st)
	case "waitForExpression":
		im.expression(st)
	case "close":
		im.write("close", "tab", st)
	case "keyUp", "scroll": // a press is one step, and elements are scrolled to by themselves
	default:
		im.remark("step %d (%s) has no counterpart and is left out", im.number, st.Type)
	}
}

func (im *importer) open(st recordedStep) {
	u, err := url.Parse(st.URL)
	if err != nil || u.Host == "" {
		if st.URL != "" && !strings.HasPrefix(st.URL, "chrome") && st.URL != "about:blank" {
			im.remark("step %d opens %q, which is left out", im.number, st.URL)
		}
		return
	}
	origin := u.Scheme + "://" + u.Host
	if im.base == "" {
		im.base = origin
	}
	if u.RawQuery != "" {
		im.remark("step %d opens an address with a query: does it hold anything secret or passing?", im.number)
	}
	address := strings.ReplaceAll(st.URL, "${", "$${")
	if rest, same := strings.CutPrefix(address, im.base); same {
		address = "${base}" + rest
		if rest == "" {
			address += "/"
		}
	}
	im.write("goto", `"`+strings.ReplaceAll(address, `"`, "%22")+`"`, st)
}

// point writes a press; one that only puts the cursor into a field that is
// filled in next is left out.
func (im *importer) point(st recordedStep, next []recordedStep) {
	if st.Type == "click" && len(next) > 0 && next[0].Type == "change" && slices.EqualFunc(st.Selectors, next[0].Selectors, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
		return
	}
	verb := map[string]string{"click": "click", "doubleClick": "dblclick", "hover": "hover"}[st.Type]
	if st.Type == "click" && st.Button == "secondary" {
		verb = "rightclick"
	}
	loc := im.locate(st)
	if loc.text == "" {
		return
	}
	if st.Type == "click" && (loc.role == "checkbox" || loc.role == "radio") {
		verb = "tick"
	}
	im.write(verb, loc.text, st)
}

func (im *importer) change(st recordedStep) {
	loc := im.locate(st)
	if loc.text == "" {
		return
	}
	verb := "fill"
	switch {
	case loc.role == "combobox" || loc.role == "listbox" || loc.tag == "select":
		verb = "select"
		im.remark("step %d chooses by the value %q: write the option's text as the page shows it", im.number, st.Value)
	case loc.role == "checkbox" || loc.role == "radio":
		im.write("tick", loc.text, st)
		return
	}
	value := QuotedText(st.Value)
	if loc.secret {
		value = `"${secret.password}"`
		if len(im.secrets) == 0 {
			im.remark("step %d types a password: keep it as the secret password, outside of the file", im.number)
		}
		im.secrets["password"] = true
	}
	if im.form != verb {
		im.flush()
	}
	im.form = verb
	im.fields = append(im.fields, [2]string{loc.text, value})
	if len(st.Asserted) > 0 {
		im.flush()
		im.expect(st)
	}
}

func (im *importer) wait(st recordedStep) {
	loc := im.locate(st)
	if loc.text == "" {
		return
	}
	im.asserts = true
	count := 1
	if st.Count != nil {
		count = *st.Count
	}
	bound := map[string]string{">=": "min", "<=": "max"}[st.Operator]
	switch {
	case st.Visible != nil && !*st.Visible, count == 0 && bound != "min":
		im.write("expect", "[{hidden: "+loc.text+"}]", st)
	case count == 1 && bound != "max":
		im.write("expect", "[{visible: "+loc.text+"}]", st)
	default:
		if bound == "" {
			bound = "is"
		}
		im.write("expect", fmt.Sprintf("[{count: {of: %s, %s: %d}}]", loc.text, bound, count), st)
	}
}

// plainText needs no quotes anywhere.
var plainText = regexp.MustCompile(`^[\p{L}/][\p{L}\p{N}_./-]*(?: [\p{L}\p{N}_./-]+)*$`)

// QuotedText is a text as YAML for a file that is written for an author, in
// double quotes where it needs some, its references disarmed.
func QuotedText(s string) string {
	if plainText.MatchString(s) {
		return s
	}
	out, _ := json.Marshal(strings.ReplaceAll(s, "${", "$${")) // a JSON string is a YAML one
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(out))
}
