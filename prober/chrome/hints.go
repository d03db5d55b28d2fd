package chrome

import (
	"fmt"

	"gengfu"
)

// maxHints bounds each kind of hint.
const maxHints = 3

// hints are what else happened during the failing step.
func (r *runner) hints(step int) []string {
	var out []string
	if r.rec.loading() {
		out = append(out, gengfu.HintLoading+bare(r.page.url()))
	}
	r.rec.mu.Lock()
	defer r.rec.mu.Unlock()
	add := func(kind string, texts []string) {
		for _, t := range texts[max(0, len(texts)-maxHints):] {
			out = append(out, kind+t)
		}
	}
	var messages, requests, console []string
	for _, m := range r.rec.messages {
		if m.Step == step {
			messages = append(messages, m.Text)
		}
	}
	for _, q := range r.rec.failed {
		if !q.ThirdParty && (q.Type != "Image" && q.Type != "Font") {
			requests = append(requests, failedRequest(q))
		}
	}
	for _, c := range r.rec.console {
		if c.Level == "exception" {
			console = append(console, c.Text)
		}
	}
	add(gengfu.HintMessage, messages)
	add(gengfu.HintRequest, requests)
	add(gengfu.HintConsole, console)
	add(gengfu.HintDialog, r.rec.dialogs)
	return out
}

func failedRequest(q gengfu.FailedRequest) string {
	if q.Status > 0 {
		return fmt.Sprintf("%s %s → %d", q.Method, q.URL, q.Status)
	}
	return fmt.Sprintf("%s %s → %s", q.Method, q.URL, q.Error)
}
