package chrome

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
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
	Presses   int         `json:"presses,omitempty"`   // of one gesture, 1 unless given
	Press     int         `json:"press,omitempty"`     // its number in the run
	gesture   gesture
}

// press does a click on what the query means, and makes sure that the real
// event reached it.
func (r *runner) press(ctx context.Context, id cdp.FrameID, q *query, n needs) error {
	n.Enabled, n.Point, n.Trap, n.Hold = true, true, true, true
	if n.gesture.double {
		n.Presses = 2
	}
	for {
		n.Press = r.nextPress()
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
	r.page.forgetPresses()
	if err := r.answered(ctx, r.pressMouse(x, y, g)); err != nil {
		return rep, err
	}
	return r.verdict(ctx)
}

// verdict says where the event of a press went, as the script in the page that
// saw it told. Nobody tells of a press that the browser itself took. A document
// that was set for another press says so by its number: it is heard only when
// the one that was meant says nothing.
func (r *runner) verdict(ctx context.Context) (other reply, err error) {
	late := time.NewTimer(500 * time.Millisecond)
	defer late.Stop()
	for {
		select {
		case rep := <-r.page.presses:
			if rep.ID == r.pressed || rep.ID == 0 {
				rep.OK = true
				return rep, nil
			}
			other = reply{OK: true, Missed: true, Why: "moving", Seen: rep.Seen}
		case <-late.C:
			return other, nil
		case <-r.page.s.closed:
			return other, nil
		case <-ctx.Done():
			return reply{}, stalled(ctx, nil)
		}
	}
}

// nextPress is the number of the press that is about to be made. No other press
// of the run has it, in whatever frame, window or document.
func (r *runner) nextPress() int {
	r.pressed++
	return r.pressed
}

// forgetPresses drops what was told of earlier ones.
func (p *page) forgetPresses() {
	for {
		select {
		case <-p.presses:
		default:
			return
		}
	}
}

// listenPresses takes what the pages' scripts tell of presses.
func (p *page) listenPresses(s *session) {
	onRaw(s, runtime.BindingCalled.Method, func(v jsonv2.Value) {
		if !bytes.Contains(v, []byte(`{\"press\":`)) {
			return
		}
		var e runtime.EventBindingCalled
		var told struct{ Press *reply }
		if decode(v, &e) != nil || e.Name != tellBinding || json.Unmarshal([]byte(e.Payload), &told) != nil || told.Press == nil {
			return
		}
		select {
		case p.presses <- *told.Press:
		default: // nobody waits for so many
		}
	})
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
	into := fmt.Sprintf("return __gengfu.more.into(this,%g,%g)", x, y)
	res, err := cdp.Call(ctx, s, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		ObjectID: node.Object.ObjectID, ReturnByValue: new(true), FunctionDeclaration: "function(){" + s.bring(world, into) + into + "}",
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
