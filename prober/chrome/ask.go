package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/runtime"

	"gengfu"
)

// Why a wait ended.
var (
	errStepTime = errors.New("step time is up")
	errRunTime  = errors.New("run time is up")
	errBlocked  = errors.New("page does not answer")
	// errFrameGone: the frame was removed or replaced; who looks for it again
	// may find its successor.
	errFrameGone = errors.New("frame went away")
)

// reply is what the script in the page answers. OK means done; otherwise Why
// names the reason it still waits, or Fatal says that waiting is of no use.
type reply struct {
	OK      bool     `json:"ok"`
	Fatal   string   `json:"fatal"`
	Why     string   `json:"why"`
	Seen    string   `json:"seen"`
	Cover   string   `json:"cover"`
	Near    []string `json:"near"`
	X       float64  `json:"x"`
	Y       float64  `json:"y"`
	At      int      `json:"at"`   // index of the condition that does not hold
	Rule    int      `json:"rule"` // index of the text that stopped the wait
	Done    bool     `json:"done"`
	Custom  bool     `json:"custom"`
	Escape  bool     `json:"escape"`
	Missed  bool     `json:"missed"`
	Hold    bool     `json:"hold"`  // the page is young: ask whether it has settled
	Field   int      `json:"field"` // index of the field that is not filled yet
	ID      int      `json:"id"`    // of the press that is told of, 0 when nobody expected one
	Fresh   bool     `json:"fresh"` // the document is another one than before
	Type    bool     `json:"type"`  // it wants to be typed into
	On      bool     `json:"on"`
	Stop    bool     `json:"stop"`
	Value   string   `json:"value"`
	Waiting time.Duration

	Standing int         `json:"standing"` // number of the standing rule whose element is there, from 1
	Took     map[int]int `json:"took"`     // which candidate was used, by the locator's turn
}

// slice is how long one call may wait inside the page, so that the engine
// stays in charge of navigations, crashes and progress.
const slice = time.Second

// budget stands in the arguments of ask for the milliseconds that are left.
type budget struct{}

// grace is what a page gets beyond a step's time to say why it is still
// waiting: no answer at all means something else than a late element.
const grace = time.Second

// patience is how long a step may still wait: ctx's deadline without the grace.
func patience(ctx context.Context) time.Duration { return time.Until(deadline(ctx)) - grace }

// ask calls fn in our world of the frame until it answers OK or fatally, or
// the step's patience is over. Documents that go away meanwhile are asked again in
// their successor. The last answer is returned when time is up.
func (p *page) ask(ctx context.Context, id cdp.FrameID, fn string, args ...any) (reply, error) {
	began := time.Now()
	p.asked = id
	fn, args = p.set.manner.dress(fn, args)
	var last reply
	for {
		left := patience(ctx)
		r, err := p.once(ctx, id, fn, min(left, slice), args)
		if p.set.manner.took(r); err == nil && r.Standing > 0 {
			return r, &disturbed{r.Standing - 1}
		}
		switch {
		case err == nil && (r.OK || r.Fatal != "" || r.Stop):
			r.Waiting = time.Since(began)
			return r, nil
		case err == nil:
			last = r
		case !again(err) || p.dead():
			return last, err
		}
		if ctx.Err() != nil || patience(ctx) < 10*time.Millisecond {
			last.Waiting = time.Since(began)
			if last.Why == "" || ctx.Err() != nil {
				return last, stalled(ctx, err)
			}
			return last, nil
		}
	}
}

// stalled tells a page that never answered from a run that was cancelled.
func stalled(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, errStepTime) && !errors.Is(cause, errRunTime) {
		return cause
	}
	if err == nil {
		err = errBlocked
	}
	return fmt.Errorf("%w: %w", errBlocked, err)
}

func deadline(ctx context.Context) time.Time {
	if d, ok := ctx.Deadline(); ok {
		return d
	}
	return time.Now().Add(time.Hour)
}

// again reports whether the question has to be put once more: the document
// went away under the call, or the answer is late.
func again(err error) bool {
	return !errors.Is(err, errFrameGone) && (moved(err) || errors.Is(err, errStepTime) || errors.Is(err, errRunTime))
}

// moved reports whether the document or frame went away under a call.
func moved(err error) bool {
	var protocol *cdproto.Error
	if errors.Is(err, errFrameGone) {
		return true
	}
	if errors.As(err, &protocol) {
		for _, gone := range []string{"context was destroyed", "Cannot find context", "uniqueContextId not found", "navigated or closed", "Promise was collected"} {
			if strings.Contains(protocol.Message, gone) {
				return true
			}
		}
		return false
	}
	return errors.Is(err, errDetached)
}

// gone is the error of a question about a node: what the browser no longer
// knows went away with its document.
func gone(err error) error {
	if protocol := (*cdproto.Error)(nil); errors.As(err, &protocol) {
		return fmt.Errorf("%w: %w", errFrameGone, err)
	}
	return err
}

func (p *page) once(ctx context.Context, id cdp.FrameID, fn string, wait time.Duration, args []any) (reply, error) {
	s, world, err := p.world(ctx, id)
	if err != nil {
		return reply{}, err
	}
	var r reply
	err = evaluate(ctx, s, world, fn, wait, args, &r)
	if err != nil && again(err) {
		p.settle(ctx, id, world)
	}
	return r, err
}

// world returns the session and execution context of a frame, waiting for it
// while the frame changes documents.
func (p *page) world(ctx context.Context, id cdp.FrameID) (s *session, world string, err error) {
	err = p.await(ctx, func() bool {
		f := p.frames[id]
		if f == nil {
			return id != p.main // a frame that is gone is the caller's news
		}
		s, world = f.session, f.world
		return world != ""
	})
	if err == nil && s == nil {
		err = errFrameGone
	}
	return s, world, err
}

// settle waits, 100 ms at most, until the frame has another context than the
// one that failed.
func (p *page) settle(ctx context.Context, id cdp.FrameID, old string) {
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	_ = p.await(ctx, func() bool { f := p.frames[id]; return f == nil || f.world != old })
}

// evaluate calls a function in an execution context and decodes its value.
func evaluate(ctx context.Context, s *session, world, fn string, wait time.Duration, args []any, into any) error {
	return ask(s, world, fn, wait, args).value(ctx, into)
}

// question is a function called in the page, on its way.
type question struct {
	*call
	err error
}

// ask calls a function in an execution context without waiting for its value.
func ask(s *session, world, fn string, wait time.Duration, args []any) question {
	given := make([]any, len(args))
	for i, a := range args {
		given[i] = a
		if _, ok := a.(budget); ok {
			given[i] = max(wait, 0).Milliseconds()
		}
	}
	v, err := json.Marshal(given)
	if err != nil {
		return question{err: fmt.Errorf("encode arguments: %w", err)}
	}
	// All arguments travel as one list: the protocol's types leave out empty
	// strings and lists, which would arrive as undefined.
	return question{call: s.send(runtime.CommandCallFunctionOn, runtime.CallFunctionOnParams{
		FunctionDeclaration: "function(...a){" + s.bring(world, fn) + "return (" + fn + ")(...(a[0]||[]))}",
		Arguments:           []*runtime.CallArgument{{Value: jsonv2.Value(v)}},
		UniqueContextID:     world, AwaitPromise: new(true), ReturnByValue: new(true), UserGesture: new(true),
	})}
}

// value waits for the answer and decodes it.
func (q question) value(ctx context.Context, into any) error {
	if q.err != nil {
		return q.err
	}
	var r runtime.CallFunctionOnResult
	if err := q.wait(ctx, &r); err != nil {
		return err
	}
	if r.ExceptionDetails != nil {
		return fmt.Errorf("page script: %s", exceptionText(r.ExceptionDetails))
	}
	if into == nil || len(r.Result.Value) == 0 {
		return nil
	}
	return json.Unmarshal(r.Result.Value, into)
}

func exceptionText(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return firstLine(d.Exception.Description)
	}
	return d.Text
}

// stop is a failure on its way up: it ends the step and says why.
type stop struct{ gengfu.Failure }

// Error is the English sentence of the failure.
func (s *stop) Error() string { return s.Sentence(gengfu.English) }

// scenarioFault is the failure of a scenario that asks for the impossible.
func scenarioFault(format string, args ...any) *stop {
	return &stop{gengfu.Failure{Fault: gengfu.FaultScenario, Reason: gengfu.ReasonScenario, Detail: fmt.Sprintf(format, args...)}}
}
