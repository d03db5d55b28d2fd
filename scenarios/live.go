package scenarios

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// LiveAct is one thing that a person did on a page, with the ways to the element
// that the page offers. The first of them that is not empty is the one that
// holds longest.
type LiveAct struct {
	Kind   string // click, fill, select, tick, untick, press or goto
	Role   string `json:",omitempty"`
	Name   string `json:",omitempty"` // accessible name, with the role
	Label  string `json:",omitempty"` // of a field: its label, else its placeholder
	Text   string `json:",omitempty"`
	TestID string `json:",omitempty"`
	CSS    string `json:",omitempty"`
	Nth    int    `json:",omitempty"` // among those of the same name; 0 when it is alone
	Value  string `json:",omitempty"` // of a field, the key pressed, or the address
	Secret bool   `json:",omitempty"` // a field for passwords, of which there is no value
	Led    string `json:"-"`          // the address that it led to, empty for none
}

// passing is a part of a path that is another one the next time.
var passing = regexp.MustCompile(`/[0-9a-f-]*\d[0-9a-f-]{5,}(/|$)`)

// WriteLive makes a scenario of what a person did, beginning at an address.
// Without anything to expect it expects the title of the last page. The remarks
// say what the author has to look at.
func WriteLive(address, title string, acts []LiveAct) (text []byte, remarks []string, err error) {
	im := importer{secrets: map[string]bool{}}
	im.step(recordedStep{Type: "navigate", URL: address}, nil)
	for i, a := range acts {
		im.number = i + 2
		im.live(a)
	}
	im.flush()
	if !im.asserts && title != "" {
		fmt.Fprintf(&im.steps, "  - expect:\n      - title: %s\n", QuotedText(title))
	}
	name := "recording"
	if u, err := url.Parse(address); err == nil {
		name = u.Hostname()
	}
	text, err = Format("recording.yaml", []byte(im.document(name)))
	return text, im.remarks, err
}

func (im *importer) live(a LiveAct) {
	st := recordedStep{Type: a.Kind, URL: a.Value}
	if u, err := url.Parse(a.Led); err == nil && a.Led != "" && !passing.MatchString(u.Path) {
		st.Asserted = []recordedEvent{{Type: "navigation", URL: a.Led}}
	}
	if a.Kind == "goto" {
		st.Type = "navigate"
		im.step(st, nil)
		return
	}
	if a.Kind == "press" {
		im.write("press", a.Value, st)
		return
	}
	loc := a.locator()
	if loc == "" {
		im.remark("step %d: its element has no name that would hold; the step is left out", im.number)
		return
	}
	if a.Kind != "fill" && a.Kind != "select" {
		im.write(a.Kind, loc, st)
		return
	}
	value := QuotedText(a.Value)
	if a.Secret {
		value = `"${secret.password}"`
		if !im.secrets["password"] {
			im.remark("step %d types a password: keep it as the secret password, outside of the file", im.number)
		}
		im.secrets["password"] = true
	}
	if im.form != a.Kind {
		im.flush()
	}
	im.form = a.Kind
	im.fields = append(im.fields, [2]string{loc, value})
	if len(st.Asserted) > 0 {
		im.flush()
		im.expect(st)
	}
}

// locator is the way to the element that holds longest, with the next one
// behind it when it is weak.
func (a LiveAct) locator() string {
	nth := ""
	if a.Nth > 0 {
		nth = fmt.Sprintf(", nth: %d", a.Nth)
	}
	var found []string
	add := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	switch field := a.Kind == "fill" || a.Kind == "select"; {
	case field && a.Label != "" && nth == "":
		return QuotedText(a.Label)
	case field && a.Label != "":
		return "{role: " + a.Role + ", name: " + QuotedText(a.Label) + nth + "}"
	case a.Role != "" && a.Name != "":
		return "{role: " + a.Role + ", name: " + QuotedText(a.Name) + nth + "}"
	}
	if a.TestID != "" {
		add("{testid: %s}", QuotedText(a.TestID))
	}
	if a.Text != "" {
		add("{text: %s%s}", QuotedText(a.Text), nth)
	}
	if a.CSS != "" && !generated.MatchString(a.CSS) {
		add("{css: %s}", QuotedText(a.CSS))
	}
	if len(found) > 1 {
		return "[" + strings.Join(found, ", ") + "]"
	}
	return strings.Join(found, "")
}
