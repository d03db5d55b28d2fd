package chrome

import (
	"context"
	"slices"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"

	"gengfu"
)

// maskTime bounds the look for what a scenario's mask names.
const maskTime = time.Second

// personal are the scenario's masks in the form that the script takes; false
// when one cannot be resolved. Each is looked for in every frame.
func (r *runner) personal() ([]*query, bool) {
	list := []*query{}
	for _, l := range r.s.Mask {
		q, err := r.compile(l, useControl)
		if err != nil {
			return nil, false
		}
		list = append(list, q)
	}
	return list, true
}

// learn finds the words under the scenario's masks and hides them from all that
// is told from now on. It reports false when not every frame could be looked
// into: then nothing of the page must be shown.
func (r *runner) learn(ctx context.Context) bool {
	if len(r.s.Mask) == 0 {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, maskTime)
	defer cancel()
	masks, ok := r.personal()
	for _, id := range r.page.frameIDs() {
		var found struct {
			Words []string `json:"words"`
			Many  bool     `json:"many"`
		}
		s, world, there := r.page.here(id)
		if !there || !ok || evaluate(ctx, s, world, `(m)=>__gengfu.more.wordsOf(m)`, 0, []any{masks}, &found) != nil {
			return false
		}
		r.crowded = r.crowded || found.Many
		for _, w := range found.Words {
			if v := gengfu.Secret(w); !slices.Contains(r.personals, v) {
				r.personals = append(r.personals, v)
				r.rec.hide(v)
			}
		}
	}
	return true
}

// unblock ends the scripts that hold pages' and frames' main threads, so that
// they can be looked at. It reports whether the page can.
func (r *runner) unblock(ctx context.Context) bool {
	probe, cancel := context.WithTimeout(ctx, 250*time.Millisecond)
	defer cancel()
	asked := map[*session]*call{}
	for _, s := range append(r.page.sessions(), r.page.s) {
		if asked[s] == nil {
			asked[s] = s.send(runtime.CommandEvaluate, runtime.EvaluateParams{Expression: "1", ReturnByValue: new(true)})
		}
	}
	open := true
	for s, c := range asked {
		if c.wait(probe, nil) == nil {
			continue
		}
		err := s.Call(ctx, runtime.CommandTerminateExecution, nil, nil)
		open = open && (err == nil || s != r.page.s)
	}
	return open
}

// blamed is the frame in which the failure's element is, or was, empty when the
// failure is not about one.
func (r *runner) blamed() cdp.FrameID {
	f := r.run.Failure
	if f == nil || f.Fault != gengfu.FaultAssertion && f.Reason != gengfu.ReasonAmbiguous {
		return ""
	}
	return r.page.asked
}

// paint is what a frame tells of the paint on it.
type paint struct {
	world string // a document that came later has another one
	Held  bool   `json:"held"`  // what was painted before is still there
	Where string `json:"where"` // all that is painted
	Said  string `json:"said"`  // the frame's texts, of scenarios with masks
}

// mask paints over secrets and personal data in every frame, points out what
// the failure is about, and reports whether all frames took it.
func (r *runner) mask(ctx context.Context) bool {
	_, all := r.paint(ctx, false)
	return all
}

// paint is mask, which on request has the frames tell of it.
func (r *runner) paint(ctx context.Context, tell bool) (map[cdp.FrameID]paint, bool) {
	values := []string{}
	for _, s := range append(slices.Clone(r.secrets), r.personals...) {
		values = append(values, s.Reveal())
	}
	masks, all := r.personal()
	point := r.blamed()
	told := map[cdp.FrameID]paint{}
	for _, id := range r.page.frameIDs() {
		s, world, ok := r.page.here(id)
		p := paint{world: world}
		if !ok || evaluate(ctx, s, world, `(v,m,p,t)=>__gengfu.more.mask(v,m,p,t)`, 0, []any{values, masks, id == point, tell}, &p) != nil {
			all = false
		}
		told[id] = p
	}
	return told, all
}

// forget takes personal data out of what was noted before it was known as such.
func (r *runner) forget() {
	if len(r.personals) == 0 {
		return
	}
	if r.slow != nil {
		r.slow = new(r.cleaned(*r.slow))
	}
	for i := range r.run.Steps {
		if why := r.run.Steps[i].Why; why != nil {
			r.run.Steps[i].Why = new(r.cleaned(*why))
		}
	}
	for i := range r.run.Console {
		r.run.Console[i].Text = r.rec.clean(r.run.Console[i].Text)
	}
	for i := range r.run.Messages {
		r.run.Messages[i].Text = r.rec.clean(r.run.Messages[i].Text)
	}
	for i := range r.run.Dialogs {
		r.run.Dialogs[i] = r.rec.clean(r.run.Dialogs[i])
	}
	for i := range r.run.Requests {
		r.run.Requests[i].URL = r.rec.clean(r.run.Requests[i].URL)
	}
}
