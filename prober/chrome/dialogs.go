package chrome

import (
	"context"
	"regexp"
	"strings"
	"time"

	cdppage "github.com/chromedp/cdproto/page"

	"gengfu"
	"gengfu/scenarios"
)

// answer is what dialogs are answered with while a step is done.
type answer struct {
	accept bool
	stay   bool // on a page that asks whether to leave it
	text   string
}

// shown is a dialog as the page showed it; the text may hold secrets.
type shown struct {
	step       int
	kind, text string
}

// answerDialog answers a dialog at once: an open one holds the whole page.
// Leaving a page is agreed to unless the scenario says dismiss itself.
func (p *page) answerDialog(s *session, e *cdppage.EventJavascriptDialogOpening) {
	a := p.set.rec.dialog(string(e.Type), e.Message)
	yes := a.accept
	if e.Type == cdppage.DialogTypeBeforeunload {
		yes = !a.stay
		p.set.rec.noteStay(a.stay)
	}
	text := e.DefaultPrompt
	if a.text != "" {
		text = a.text
	}
	s.send(cdppage.CommandHandleJavaScriptDialog, cdppage.HandleJavaScriptDialogParams{Accept: yes, PromptText: text})
	p.update(func() {}) // a step may wait for it
}

// noteStay notes whether the page is kept that asks whether to leave it.
func (r *recorder) noteStay(stays bool) {
	r.mu.Lock()
	r.stayed = stays
	r.mu.Unlock()
}

// stays is the end of a goto that did not leave the page, because the answer to
// its question was to stay: as the step wants it, or against what it wants.
func (r *runner) stays(st *scenarios.Step) (stayed bool, err error) {
	r.rec.mu.Lock()
	defer r.rec.mu.Unlock()
	switch {
	case !r.rec.stayed:
		return false, nil
	case st.OnDialog != nil:
		return true, nil
	}
	return true, scenarioFault("the page asked whether to leave it, and the scenario's on_dialog is dismiss (give this step on_dialog: accept)")
}

// setDialogs makes the step's answer the one that dialogs get, or the
// scenario's when the step has none.
func (r *runner) setDialogs(st *scenarios.Step) error {
	from := &r.s.OnDialog
	if st.OnDialog != nil {
		from = st.OnDialog
	}
	a := answer{accept: from.Accept, stay: from.Stay}
	if !from.Text.IsZero() {
		v, err := r.resolve(from.Text)
		if err != nil {
			return err
		}
		a.text = v.Text
	}
	r.rec.mu.Lock()
	defer r.rec.mu.Unlock()
	r.rec.reply, r.rec.stayed = a, false
	if acts(st.Verb) {
		r.rec.since = r.rec.step
	}
	return nil
}

// acts reports whether a verb does something to the page, rather than look.
func acts(v scenarios.Verb) bool {
	switch v {
	case scenarios.Wait, scenarios.Verify, scenarios.Save, scenarios.Check, scenarios.PDF:
		return false
	}
	return true
}

// expectDialog waits for a dialog with the text since the last action.
func (r *runner) expectDialog(ctx context.Context, m scenarios.Match) error {
	match, words, err := r.matcher(m)
	if err != nil {
		return err
	}
	began := time.Now()
	var last *shown
	held := func() bool {
		r.rec.mu.Lock()
		defer r.rec.mu.Unlock()
		for i := range r.rec.shown {
			if d := r.rec.shown[i]; d.step >= r.rec.since {
				if last = &d; match(d.text) {
					return true
				}
			}
		}
		return false
	}
	if err := r.awaitRecord(ctx, held); err != nil || held() {
		return err
	}
	f := gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonExpect, Want: "dialog " + words, Seen: "nothing", Waited: time.Since(began)}
	if last != nil {
		f.Seen = last.kind + " “" + cut(last.text) + "”"
	}
	return &stop{f}
}

// awaitRecord waits until test holds of what was recorded, or the step's
// patience is over, which is no error.
func (r *runner) awaitRecord(ctx context.Context, test func() bool) error {
	for !test() && patience(ctx) > 0 {
		pause, cancel := context.WithTimeout(ctx, min(patience(ctx), tabSlice))
		err := r.page.await(pause, test)
		cancel()
		switch {
		case ctx.Err() != nil:
			return stalled(ctx, nil)
		case r.page.dead() && !r.back(ctx):
			return err
		}
	}
	return nil
}

// matcher is a text condition as a function, for what is not in the page.
func (r *runner) matcher(m scenarios.Match) (func(string) bool, string, error) {
	values, words, err := r.match(m)
	if err != nil {
		return nil, "", err
	}
	return func(got string) bool { return matched(values, m, got) }, words, nil
}

var blanks = regexp.MustCompile(`\s+`)

func folded(s string) string {
	return strings.ToLower(strings.TrimSpace(blanks.ReplaceAllString(s, " ")))
}

// matched holds a text against a condition whose values are resolved.
func matched(values map[string]any, m scenarios.Match, got string) bool {
	if want, ok := values["equals"].(string); ok && folded(got) != folded(want) {
		return false
	}
	if want, ok := values["contains"].(string); ok && !strings.Contains(folded(got), folded(want)) {
		return false
	}
	if m.Pattern != nil && !m.Pattern.MatchString(got) {
		return false
	}
	if m.Not != nil {
		inner, _ := values["not"].(map[string]any)
		return !matched(inner, *m.Not, got)
	}
	return true
}
