package scenarios

import (
	"encoding/json"
	"regexp"
	"strings"
)

// plainConditions are the expressions that say what an expectation says, as
// [Export] writes them.
var plainConditions = []struct {
	form *regexp.Regexp
	yaml string
}{
	{regexp.MustCompile(`^new URL\(location\.href\)\.pathname === ("(?:[^"\\]|\\.)*")$`), "url: {path: %}"},
	{regexp.MustCompile(`^location\.href\.includes\(("(?:[^"\\]|\\.)*")\)$`), "url: {contains: %}"},
	{regexp.MustCompile(`^document\.title === ("(?:[^"\\]|\\.)*")$`), "title: %"},
	{regexp.MustCompile(`^document\.title\.includes\(("(?:[^"\\]|\\.)*")\)$`), "title: {contains: %}"},
	{regexp.MustCompile(`^document\.body\.innerText(?:\.replace\(/\\s\+/g, " "\))?\.includes\(("(?:[^"\\]|\\.)*")\)$`), "text: {contains: %}"},
	{regexp.MustCompile(`^new RegExp\(("(?:[^"\\]|\\.)*"), ""\)\.test\(document\.body\.innerText(?:\.replace\(/\\s\+/g, " "\))?\)$`), "text: {match: %}"},
}

// expression writes a condition that the recording waits for: as what it means
// where that is plain, else as a script.
func (im *importer) expression(st recordedStep) {
	for _, c := range plainConditions {
		m := c.form.FindStringSubmatch(st.Expression)
		var text string
		if m == nil || json.Unmarshal([]byte(m[1]), &text) != nil {
			continue
		}
		im.asserts = true
		im.write("expect", "[{"+strings.Replace(c.yaml, "%", QuotedText(text), 1)+"}]", st)
		return
	}
	im.write("eval", "{script: "+QuotedText(`await (async () => { while (!(`+st.Expression+`)) await new Promise((go) => setTimeout(go, 100)); return true; })()`)+`, gives: "true"}`, st)
}
