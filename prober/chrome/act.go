package chrome

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/pquerna/otp/totp"

	"gengfu"
	"gengfu/scenarios"
)

// needs are what an element must be before it is acted on.
type needs struct {
	Enabled   bool `json:"enabled,omitempty"`
	Editable  bool `json:"editable,omitempty"`
	Point     bool `json:"point,omitempty"`     // still, in view and reachable
	Trap      bool `json:"trap,omitempty"`      // check the real event
	Hidden    bool `json:"hidden,omitempty"`    // may be invisible
	Pressable bool `json:"pressable,omitempty"` // the visible part of a tick box
	Exact     bool `json:"exact,omitempty"`     // not the button around it
	Control   bool `json:"control,omitempty"`   // the control of a label
}

// press does a click on what the query means, and makes sure that the real
// event reached it.
func (r *runner) press(ctx context.Context, id cdp.FrameID, q *query, n needs) error {
	n.Enabled, n.Point, n.Trap = true, true, true
	for {
		rep, err := r.page.ask(ctx, id, `(q,n,b)=>__gengfu.ready(q,n,b)`, q, n, budget{})
		if err != nil {
			return err
		}
		if !rep.OK {
			return r.unready(q, rep)
		}
		missed, err := r.pressAt(ctx, id, rep, q)
		if err != nil || !missed {
			return err
		}
	}
}

// pressAt presses at a frame's point and reports whether the event went
// elsewhere, in which case the page did not get it.
func (r *runner) pressAt(ctx context.Context, id cdp.FrameID, at reply, q *query) (missed bool, err error) {
	x, y, err := r.toRoot(ctx, id, at.X, at.Y, q)
	if err != nil {
		return false, err
	}
	mouse := func(kind input.DispatchMouseEventType, button input.MouseButton, clicks int64) *call {
		return r.page.s.send(input.CommandDispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: button, ClickCount: clicks})
	}
	mouse(input.DispatchMouseEventTypeMouseMoved, input.MouseButtonNone, 0)
	mouse(input.DispatchMouseEventTypeMousePressed, input.MouseButtonLeft, 1)
	if err := r.answered(ctx, mouse(input.DispatchMouseEventTypeMouseReleased, input.MouseButtonLeft, 1)); err != nil {
		return false, err
	}
	s, world, ok := r.page.here(id)
	if !ok {
		return false, nil // the press led to another document
	}
	var rep reply
	err = evaluate(ctx, s, world, `()=>__gengfu.pressed()`, 0, nil, &rep)
	switch {
	case err == nil:
		return rep.Missed, nil
	case ctx.Err() != nil:
		return false, stalled(ctx, err)
	case again(err):
		return false, nil
	}
	return false, err
}

// here is the frame's present world without waiting for one.
func (p *page) here(id cdp.FrameID) (*session, string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.frames[id]
	if f == nil || f.world == "" {
		return nil, "", false
	}
	return f.session, f.world, true
}

// answered waits for an input event to be handled by the page.
func (r *runner) answered(ctx context.Context, c *call) error {
	err := c.wait(ctx, nil)
	if err != nil && ctx.Err() != nil {
		return stalled(ctx, err)
	}
	return err
}

// toRoot maps a point of a frame to the page's viewport, checking in every
// parent that the frame itself is not covered there.
func (r *runner) toRoot(ctx context.Context, id cdp.FrameID, x, y float64, q *query) (float64, float64, error) {
	for id != r.page.main {
		r.page.mu.Lock()
		f := r.page.frames[id]
		var up cdp.FrameID
		if f != nil {
			up = f.parent
		}
		r.page.mu.Unlock()
		rep, err := r.intoParent(ctx, up, id, x, y)
		if err != nil {
			return 0, 0, err
		}
		if !rep.OK {
			return 0, 0, r.unready(q, rep)
		}
		x, y, id = rep.X, rep.Y, up
	}
	return x, y, nil
}

func (r *runner) intoParent(ctx context.Context, up, id cdp.FrameID, x, y float64) (reply, error) {
	s, world, err := r.page.world(ctx, up)
	if err != nil {
		return reply{}, err
	}
	owner, err := cdp.Call(ctx, s, dom.GetFrameOwner, dom.GetFrameOwnerParams{FrameID: id})
	if err != nil {
		return reply{}, err
	}
	contextID, err := r.contextID(ctx, s, world)
	if err != nil {
		return reply{}, err
	}
	node, err := cdp.Call(ctx, s, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: owner.BackendNodeID, ExecutionContextID: contextID})
	if err != nil {
		return reply{}, err
	}
	res, err := cdp.Call(ctx, s, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		ObjectID: node.Object.ObjectID, ReturnByValue: new(true),
		FunctionDeclaration: fmt.Sprintf("function(){return __gengfu.into(this,%g,%g)}", x, y),
	})
	if err != nil {
		return reply{}, err
	}
	var rep reply
	return rep, decodeJSON(res.Result.Value, &rep)
}

// contextID is the numeric id of a world, which resolving a node asks for.
func (r *runner) contextID(ctx context.Context, s *session, world string) (runtime.ExecutionContextID, error) {
	r.page.mu.Lock()
	defer r.page.mu.Unlock()
	for _, f := range r.page.frames {
		if f.session == s && f.world == world {
			return f.worldID, nil
		}
	}
	return 0, fmt.Errorf("frame: %w", errDetached)
}

// fill types into the fields, each value replacing the old one.
func (r *runner) fill(ctx context.Context, st *scenarios.Step) error {
	for _, pair := range st.Fields {
		q, err := r.compile(pair.Field, useField)
		if err != nil {
			return err
		}
		v, err := r.resolve(pair.Value)
		if err != nil {
			return err
		}
		id, err := r.frameOf(ctx, st.Frame, pair.Field.Frame)
		if err != nil {
			return err
		}
		if err := r.typeInto(ctx, id, q, v); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) typeInto(ctx context.Context, id cdp.FrameID, q *query, v scenarios.Value) error {
	if v.Secret {
		r.page.update(func() { r.page.typed = true })
	}
	rep, err := r.page.ask(ctx, id, `(q,v,s,b)=>__gengfu.focusField(q,v,s,b)`, q, v.Text, v.Secret, budget{})
	if err != nil {
		return err
	}
	if !rep.OK {
		if rep.Why == "bad_value" {
			return r.reason(q, gengfu.Failure{Fault: gengfu.FaultScenario, Reason: gengfu.ReasonBadValue, Detail: "<input type=" + rep.Seen + ">"})
		}
		return r.unready(q, rep)
	}
	if rep.Done {
		return nil
	}
	typed := r.page.s.send(input.CommandInsertText, input.InsertTextParams{Text: v.Text})
	if v.Text == "" {
		typed = r.key(keyNamed("Delete"), 0)
	}
	if err := r.answered(ctx, typed); err != nil {
		return err
	}
	rep, err = r.page.ask(ctx, id, `(v)=>__gengfu.kept(v)`, v.Text != "")
	if err == nil && !rep.OK {
		return r.unready(q, rep)
	}
	return err
}

// choose does a select step, for native lists and for drawn ones.
func (r *runner) choose(ctx context.Context, st *scenarios.Step) error {
	for _, pair := range st.Fields {
		q, err := r.compile(pair.Field, useField)
		if err != nil {
			return err
		}
		v, err := r.resolve(pair.Value)
		if err != nil {
			return err
		}
		id, err := r.frameOf(ctx, st.Frame, pair.Field.Frame)
		if err != nil {
			return err
		}
		rep, err := r.page.ask(ctx, id, `(q,v,b)=>__gengfu.chooseOption(q,v,b)`, q, v.Text, budget{})
		if err != nil {
			return err
		}
		if !rep.OK {
			return r.unready(q, rep)
		}
		if !rep.Custom {
			continue
		}
		if err := r.press(ctx, id, q, needs{Control: true}); err != nil {
			return err
		}
		option := &query{Kind: "bare", Value: v.Text, Use: useOption, words: fmt.Sprintf("%s → “%s”", q.words, v.Text)}
		if err := r.press(ctx, id, option, needs{Exact: true}); err != nil {
			return err
		}
	}
	return nil
}

// tick brings a check box, radio button or switch into the wanted state.
func (r *runner) tick(ctx context.Context, st *scenarios.Step, want bool) error {
	id, q, err := r.target(ctx, st, useTick)
	if err != nil {
		return err
	}
	const look = `async (q,b)=>{const r=await __gengfu.ready(q,{hidden:true,enabled:true},b);return r.ok?__gengfu.state(q):r}`
	rep, err := r.page.ask(ctx, id, look, q, budget{})
	if err != nil {
		return err
	}
	if !rep.OK {
		return r.unready(q, rep)
	}
	if rep.On == want {
		return nil
	}
	if err := r.press(ctx, id, q, needs{Pressable: true, Exact: true}); err != nil {
		return err
	}
	rep, err = r.page.ask(ctx, id, `(q,w,b)=>__gengfu.ticked(q,w,b)`, q, want, budget{})
	if err == nil && !rep.OK {
		return r.unready(q, rep)
	}
	return err
}

// target compiles a step's one locator and finds its frame.
func (r *runner) target(ctx context.Context, st *scenarios.Step, use string) (cdp.FrameID, *query, error) {
	q, err := r.compile(*st.Target, use)
	if err != nil {
		return "", nil, err
	}
	id, err := r.frameOf(ctx, st.Frame, st.Target.Frame)
	return id, q, err
}

func (r *runner) hover(ctx context.Context, st *scenarios.Step) error {
	id, q, err := r.target(ctx, st, useControl)
	if err != nil {
		return err
	}
	rep, err := r.page.ask(ctx, id, `(q,n,b)=>__gengfu.ready(q,n,b)`, q, needs{Point: true}, budget{})
	if err != nil {
		return err
	}
	if !rep.OK {
		return r.unready(q, rep)
	}
	x, y, err := r.toRoot(ctx, id, rep.X, rep.Y, q)
	if err != nil {
		return err
	}
	return r.answered(ctx, r.page.s.send(input.CommandDispatchMouseEvent, input.DispatchMouseEventParams{
		Type: input.DispatchMouseEventTypeMouseMoved, X: x, Y: y,
	}))
}

// upload gives files to file inputs, hidden ones too.
func (r *runner) upload(ctx context.Context, st *scenarios.Step) error {
	for _, pair := range st.Fields {
		q, err := r.compile(pair.Field, useFile)
		if err != nil {
			return err
		}
		v, err := r.resolve(pair.Value)
		if err != nil {
			return err
		}
		path, err := r.fileOf(st, v.Text)
		if err != nil {
			return err
		}
		id, err := r.frameOf(ctx, st.Frame, pair.Field.Frame)
		if err != nil {
			return err
		}
		rep, err := r.page.ask(ctx, id, `(q,n,b)=>__gengfu.ready(q,n,b)`, q, needs{Hidden: true, Control: true, Enabled: true}, budget{})
		if err != nil {
			return err
		}
		if !rep.OK {
			return r.unready(q, rep)
		}
		node, err := r.lastNode(ctx, id)
		if err != nil {
			return err
		}
		s, _, _ := r.page.here(id)
		if _, err := cdp.Call(ctx, s, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{path}, BackendNodeID: node.BackendNodeID}); err != nil {
			return fmt.Errorf("upload: %w", err)
		}
	}
	return nil
}

// fileOf writes a step's file where the browser can read it; it goes with the
// browser's profile.
func (r *runner) fileOf(st *scenarios.Step, name string) (string, error) {
	data, ok := st.Files[name]
	if !ok {
		return "", scenarioFault("file %s was not loaded with the scenario", name)
	}
	dir, err := os.MkdirTemp(r.page.engine.proc.profile, "upload-")
	if err != nil {
		return "", fmt.Errorf("upload: %w", err)
	}
	path := filepath.Join(dir, filepath.Base(name))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return "", fmt.Errorf("upload: %w", err)
	}
	return path, nil
}

// lastNode describes the element that the script resolved last.
func (r *runner) lastNode(ctx context.Context, id cdp.FrameID) (*cdp.Node, error) {
	s, world, err := r.page.world(ctx, id)
	if err != nil {
		return nil, err
	}
	res, err := cdp.Call(ctx, s, runtime.CallFunctionOn, runtime.CallFunctionOnParams{FunctionDeclaration: `()=>__gengfu.last()`, UniqueContextID: world})
	if err != nil {
		return nil, err
	}
	node, err := cdp.Call(ctx, s, dom.DescribeNode, dom.DescribeNodeParams{ObjectID: res.Result.ObjectID})
	if err != nil {
		return nil, err
	}
	return node.Node, nil
}

// shut closes the dialog around the target with its own button, or with Escape
// when it has none.
func (r *runner) shut(ctx context.Context, st *scenarios.Step) error {
	id, q, err := r.target(ctx, st, useControl)
	if err != nil {
		return err
	}
	if q.Kind == "bare" {
		q.Kind = "text"
	}
	for missed := true; missed; {
		rep, err := r.page.ask(ctx, id, `(q,b)=>__gengfu.closer(q,b)`, q, budget{})
		if err != nil {
			return err
		}
		if !rep.OK {
			return r.unready(q, rep)
		}
		if rep.Escape {
			err, missed = r.answered(ctx, r.key(keyNamed("Escape"), 0)), false
		} else {
			missed, err = r.pressAt(ctx, id, rep, q)
		}
		if err != nil {
			return err
		}
	}
	rep, err := r.page.ask(ctx, id, `(b)=>__gengfu.closed(b)`, budget{})
	if err == nil && !rep.OK {
		return r.unready(q, rep)
	}
	return err
}

// code fills in the one-time password of this moment; in the last second of a
// period it waits for the next, so that the code is still good on arrival.
func (r *runner) code(ctx context.Context, st *scenarios.Step) error {
	secret, err := r.resolve(st.Secret)
	if err != nil {
		return err
	}
	const period = 30 * time.Second
	if left := period - time.Duration(time.Now().UnixNano())%period; left < time.Second {
		select {
		case <-time.After(left + 10*time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	key := strings.ToUpper(strings.ReplaceAll(secret.Text, " ", ""))
	otp, err := totp.GenerateCode(key, time.Now())
	if err != nil {
		return scenarioFault("totp secret is not base32")
	}
	id, q, err := r.target(ctx, st, useField)
	if err != nil {
		return err
	}
	return r.typeInto(ctx, id, q, scenarios.Value{Text: otp, Secret: true})
}

func decodeJSON(v []byte, into any) error {
	if len(v) == 0 {
		return errors.New("page script gave no answer")
	}
	return decode(v, into)
}
