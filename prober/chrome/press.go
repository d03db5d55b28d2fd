package chrome

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"

	"gengfu/scenarios"
)

// needs are what an element must be before it is acted on.
type needs struct {
	Enabled   bool        `json:"enabled,omitempty"`
	Editable  bool        `json:"editable,omitempty"`
	Point     bool        `json:"point,omitempty"`     // still, in view and reachable
	Trap      bool        `json:"trap,omitempty"`      // check the real event
	Hold      bool        `json:"hold,omitempty"`      // answer before a young page has settled
	Hidden    bool        `json:"hidden,omitempty"`    // may be invisible
	Pressable bool        `json:"pressable,omitempty"` // the visible part of a tick box
	Exact     bool        `json:"exact,omitempty"`     // not the button around it
	Control   bool        `json:"control,omitempty"`   // the control of a label
	At        *[2]float64 `json:"at,omitempty"`        // a point of it
	gesture   gesture
}

// press does a click on what the query means, and makes sure that the real
// event reached it.
func (r *runner) press(ctx context.Context, id cdp.FrameID, q *query, n needs) error {
	n.Enabled, n.Point, n.Trap, n.Hold = true, true, true, true
	for {
		rep, err := r.page.ask(ctx, id, `(q,n,b)=>__gengfu.ready(q,n,b)`, q, n, budget{})
		if err != nil {
			return err
		}
		if !rep.OK {
			return r.unready(q, rep)
		}
		missed, err := r.pressAt(ctx, id, rep, q, n.gesture)
		switch {
		case err != nil || !missed.Missed:
			return err
		case patience(ctx) <= 0:
			missed.Waiting = rep.Waiting
			return r.unready(q, missed)
		}
	}
}

// pressAt presses at a frame's point. The reply says whether the event went
// elsewhere, and where; the page did not get it then. On a young page the
// pointer moves while the page settles.
func (r *runner) pressAt(ctx context.Context, id cdp.FrameID, at reply, q *query, g gesture) (rep reply, err error) {
	x, y, err := r.toRoot(ctx, id, at.X, at.Y, q)
	if err != nil {
		return rep, err
	}
	r.mouse(input.DispatchMouseEventTypeMouseMoved, x, y, input.MouseButtonNone, 0)
	if at.Hold {
		s, world, ok := r.page.here(id)
		if !ok {
			return rep, errFrameGone
		}
		if err := evaluate(ctx, s, world, `()=>__gengfu.settled()`, 0, nil, &rep); err != nil || !rep.OK {
			rep.Missed = true
			return rep, err
		}
	}
	last := r.pressMouse(x, y, g)
	verdict := r.askVerdict(id) // on its way with the press
	if err := r.answered(ctx, last); err != nil {
		return rep, err
	}
	return verdict.read(ctx)
}

// verdict says where the event of a press went.
func (r *runner) verdict(ctx context.Context, id cdp.FrameID) (reply, error) {
	return r.askVerdict(id).read(ctx)
}

func (r *runner) askVerdict(id cdp.FrameID) question {
	s, world, ok := r.page.here(id)
	if !ok {
		return question{err: errFrameGone}
	}
	return ask(s, world, `()=>__gengfu.pressed()`, 0, nil)
}

// read waits for a verdict. A press that led to another document has none.
func (q question) read(ctx context.Context) (rep reply, err error) {
	switch err = q.value(ctx, &rep); {
	case err == nil:
		return rep, nil
	case ctx.Err() != nil:
		return rep, stalled(ctx, err)
	case moved(err):
		return rep, nil
	}
	return rep, err
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
	if r.closedItself(err) {
		return nil
	}
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
		return reply{}, gone(err)
	}
	contextID, err := r.page.contextID(s, world)
	if err != nil {
		return reply{}, err
	}
	node, err := cdp.Call(ctx, s, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: owner.BackendNodeID, ExecutionContextID: contextID})
	if err != nil {
		return reply{}, gone(err)
	}
	res, err := cdp.Call(ctx, s, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		ObjectID: node.Object.ObjectID, ReturnByValue: new(true),
		FunctionDeclaration: fmt.Sprintf("function(){return __gengfu.into(this,%g,%g)}", x, y),
	})
	if err != nil {
		return reply{}, gone(err)
	}
	var rep reply
	err = decodeJSON(res.Result.Value, &rep)
	if !rep.OK { // what covers the frame stands here
		r.page.asked = up
	}
	return rep, err
}

// contextID is the numeric id of a world, which resolving a node asks for.
func (p *page) contextID(s *session, world string) (runtime.ExecutionContextID, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.frames {
		if f.session == s && f.world == world {
			return f.worldID, nil
		}
	}
	return 0, errFrameGone
}

func (r *runner) hover(ctx context.Context, st *scenarios.Step) error {
	id, q, err := r.target(ctx, st, useControl)
	if err != nil {
		return err
	}
	rep, err := r.page.ask(ctx, id, `(q,n,b)=>__gengfu.ready(q,n,b)`, q, needs{Point: true, At: st.At, Exact: st.At != nil}, budget{})
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
