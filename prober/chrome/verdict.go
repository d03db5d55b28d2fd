package chrome

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gengfu"
)

// reasons maps what the script waits for to the failure's reason.
var reasons = map[string]gengfu.Reason{
	"not_found": gengfu.ReasonNotFound, "ambiguous": gengfu.ReasonAmbiguous, "not_visible": gengfu.ReasonNotVisible,
	"disabled": gengfu.ReasonDisabled, "read_only": gengfu.ReasonReadOnly, "moving": gengfu.ReasonMoving,
	"covered": gengfu.ReasonCovered, "outside_viewport": gengfu.ReasonOutside, "no_option": gengfu.ReasonNoOption,
	"not_held": gengfu.ReasonNotHeld,
}

// unready says why an element could not be acted on.
func (r *runner) unready(q *query, rep reply) error {
	if rep.Fatal != "" {
		return scenarioFault("%s: %s", q.words, rep.Fatal)
	}
	reason, ok := reasons[rep.Why]
	if !ok {
		return fmt.Errorf("page script waits for %q", rep.Why)
	}
	f := gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: reason, Seen: rep.Seen, Cover: rep.Cover, Waited: rep.Waiting}
	if reason == gengfu.ReasonAmbiguous {
		f.Fault = gengfu.FaultScenario
	}
	if len(rep.Near) > 0 {
		f.Hints = []string{gengfu.HintNear + strings.Join(rep.Near, "、")}
	}
	return r.reason(q, f)
}

func (r *runner) reason(q *query, f gengfu.Failure) error {
	f.Want = q.words
	f.Seen, f.Cover, f.Detail = r.rec.clean(f.Seen), r.rec.clean(f.Cover), r.rec.clean(f.Detail)
	return &stop{f}
}

// classify turns the error that ended a step into its failure. ctx is the
// step's, over when its time is up.
func (r *runner) classify(ctx context.Context, err error, took time.Duration) gengfu.Failure {
	var s *stop
	switch {
	case errors.As(err, &s) && s.Waited > 0 && r.late(ctx):
		return r.overtime(s.Sentence(gengfu.English))
	case errors.As(err, &s):
		return r.better(s.Failure)
	case errors.Is(err, errCrashed):
		return gengfu.Failure{Fault: gengfu.FaultRendererCrash, Reason: gengfu.ReasonCrash}
	case errors.Is(err, errBrowserGone), r.lostBrowser() != "":
		return gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonBrowserGone, Detail: r.lostBrowser()}
	case errors.Is(err, errDetached):
		return gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNavigate, Detail: "the page or frame went away"}
	case errors.Is(context.Cause(ctx), errRunTime):
		return r.overtime("no answer")
	case errors.Is(err, errBlocked), ctx.Err() != nil:
		return r.blocked(took)
	}
	return gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonProberInternal, Detail: r.rec.clean(err.Error())}
}

// late reports whether the run's time is up, rather than the step's own.
func (r *runner) late(step context.Context) bool {
	return !deadline(step).Before(r.deadline) && time.Until(r.deadline) < grace+50*time.Millisecond
}

func (r *runner) overtime(then string) gengfu.Failure {
	return gengfu.Failure{Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonRunTimeout, Waited: r.s.Timeout, Detail: then}
}

// blocked tells a busy page from a browser that answers nobody.
func (r *runner) blocked(took time.Duration) gengfu.Failure {
	if !r.page.engine.answers(time.Second) {
		return gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonBrowserFrozen}
	}
	if url := r.rec.pending(); url != "" {
		return gengfu.Failure{
			Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonNoAnswer, Waited: took,
			Hints: []string{gengfu.HintLoading + r.rec.clean(bare(url))},
		}
	}
	if r.page.answers(500 * time.Millisecond) {
		return gengfu.Failure{Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonTimeout, Waited: took, Detail: "the page kept reloading or was too slow to answer"}
	}
	return gengfu.Failure{Fault: gengfu.FaultBlockedPage, Reason: gengfu.ReasonBlocked, Waited: took}
}

func (r *runner) lostBrowser() string {
	if r.page == nil {
		return ""
	}
	select {
	case <-r.page.engine.proc.conn.done:
		return "the browser process ended"
	default:
		return ""
	}
}

// better replaces a failure of the page's content by its plain cause: a main
// document that was answered with an error.
func (r *runner) better(f gengfu.Failure) gengfu.Failure {
	if f.Fault != gengfu.FaultAssertion {
		return f
	}
	if status, _ := r.rec.status(); status >= 400 {
		return gengfu.Failure{Fault: gengfu.FaultHTTPStatus, Reason: gengfu.ReasonStatus, Seen: fmt.Sprint(status), Hints: f.Hints}
	}
	return f
}

// maxHints bounds each kind of hint.
const maxHints = 3

// hints are what else happened during the failing step.
func (r *runner) hints(step int) []string {
	var out []string
	if r.rec.loading() {
		out = append(out, gengfu.HintLoading+r.rec.clean(bare(r.page.url())))
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
