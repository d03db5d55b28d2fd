package chrome

import (
	"context"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"gengfu/scenarios"
)

// gesture is how a point is pressed; the zero value is a click.
type gesture struct {
	right  bool
	double bool
}

// point does a click, dblclick or rightclick step.
func (r *runner) point(ctx context.Context, st *scenarios.Step) error {
	id, q, err := r.target(ctx, st, useControl)
	if err != nil {
		return err
	}
	return r.press(ctx, id, q, needs{
		At: st.At, Exact: st.At != nil,
		gesture: gesture{right: st.Verb == scenarios.Rightclick, double: st.Verb == scenarios.Dblclick},
	})
}

// pressMouse presses at the point where the pointer is; the last call is
// returned.
func (r *runner) pressMouse(x, y float64, g gesture) *call {
	button := input.MouseButtonLeft
	if g.right {
		button = input.MouseButtonRight
	}
	r.page.touched()
	defer r.page.s.conn.together()()
	r.mouse(input.DispatchMouseEventTypeMousePressed, x, y, button, 1)
	last := r.mouse(input.DispatchMouseEventTypeMouseReleased, x, y, button, 1)
	if g.double {
		r.mouse(input.DispatchMouseEventTypeMousePressed, x, y, button, 2)
		last = r.mouse(input.DispatchMouseEventTypeMouseReleased, x, y, button, 2)
	}
	return last
}

func (r *runner) mouse(kind input.DispatchMouseEventType, x, y float64, button input.MouseButton, clicks int64) *call {
	return r.page.s.send(input.CommandDispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: button, ClickCount: clicks})
}

// drag presses on one element, moves and lets go on another. Where the page
// uses the browser's own drag and drop, its events are made from the same data.
func (r *runner) drag(ctx context.Context, st *scenarios.Step) error {
	id, from, err := r.target(ctx, st, useControl)
	if err != nil {
		return err
	}
	to, err := r.compile(*st.To, useControl)
	if err != nil {
		return err
	}
	for {
		for _, q := range []*query{to, from} {
			n := needs{Point: true, Exact: true, Enabled: q == from, Trap: q == from, Press: r.nextPress()}
			rep, err := r.page.ask(ctx, id, `(q,n,b)=>__gengfu.ready(q,n,b)`, q, n, budget{})
			if err != nil {
				return err
			}
			if !rep.OK {
				return r.unready(q, rep)
			}
		}
		missed, err := r.dragOnce(ctx, id, from, to)
		if err != nil || !missed.Missed {
			return err
		}
		if patience(ctx) <= 0 {
			return r.unready(from, missed)
		}
	}
}

// dragOnce drags between the places where the two elements are now.
func (r *runner) dragOnce(ctx context.Context, id cdp.FrameID, from, to *query) (reply, error) {
	var at [2]struct{ x, y float64 }
	for i, q := range []*query{from, to} {
		rep, err := r.page.ask(ctx, id, `(q)=>__gengfu.spot(q)`, q)
		if err != nil {
			return rep, err
		}
		if !rep.OK {
			return rep, r.unready(q, rep)
		}
		if at[i].x, at[i].y, err = r.toRoot(ctx, id, rep.X, rep.Y, q); err != nil {
			return rep, err
		}
	}
	s := r.page.s
	data := r.page.drags
	for len(data) > 0 { // of an earlier drag
		<-data
	}
	if err := s.Call(ctx, input.CommandSetInterceptDrags, input.SetInterceptDragsParams{Enabled: true}, nil); err != nil {
		return reply{}, err
	}
	defer s.send(input.CommandSetInterceptDrags, input.SetInterceptDragsParams{})
	r.page.touched()
	r.page.forgetPresses()
	move := func(x, y float64) *call {
		return s.send(input.CommandDispatchMouseEvent, input.DispatchMouseEventParams{
			Type: input.DispatchMouseEventTypeMouseMoved, X: x, Y: y, Button: input.MouseButtonLeft, Buttons: 1,
		})
	}
	a, b := at[0], at[1]
	r.mouse(input.DispatchMouseEventTypeMouseMoved, a.x, a.y, input.MouseButtonNone, 0)
	r.mouse(input.DispatchMouseEventTypeMousePressed, a.x, a.y, input.MouseButtonLeft, 1)
	const steps = 5
	var last *call
	for i := 1; i <= steps; i++ {
		last = move(a.x+(b.x-a.x)*float64(i)/steps, a.y+(b.y-a.y)*float64(i)/steps)
	}
	if err := r.answered(ctx, last); err != nil {
		return reply{}, err
	}
	began, err := r.page.ask(ctx, id, `()=>__gengfu.dragging()`)
	if err != nil && !moved(err) {
		return reply{}, err
	}
	if err := r.letGo(ctx, began.On, b.x, b.y); err != nil {
		return reply{}, err
	}
	return r.verdict(ctx)
}

// letGo ends a drag at the point; drawn by the browser, its data is waited for.
func (r *runner) letGo(ctx context.Context, browsers bool, x, y float64) error {
	drop := func(kind input.DispatchDragEventType, d *input.DragData) *call {
		return r.page.s.send(input.CommandDispatchDragEvent, input.DispatchDragEventParams{Type: kind, X: x, Y: y, Data: d})
	}
	if !browsers {
		return r.answered(ctx, r.mouse(input.DispatchMouseEventTypeMouseReleased, x, y, input.MouseButtonLeft, 1))
	}
	late := time.NewTimer(max(0, min(patience(ctx), handTime)))
	defer late.Stop()
	select {
	case d := <-r.page.drags:
		drop(input.DispatchDragEventTypeDragEnter, d)
		drop(input.DispatchDragEventTypeDragOver, d)
		if err := r.answered(ctx, drop(input.DispatchDragEventTypeDrop, d)); err != nil {
			return err
		}
	case <-ctx.Done():
		return stalled(ctx, nil)
	case <-late.C: // the page gave the drag up
	}
	return r.answered(ctx, r.mouse(input.DispatchMouseEventTypeMouseReleased, x, y, input.MouseButtonLeft, 1))
}

// scroll brings an element into view, or moves what a wheel would move.
func (r *runner) scroll(ctx context.Context, st *scenarios.Step) error {
	if st.Target == nil {
		id, err := r.frameOf(ctx, st.Frame)
		if err != nil {
			return err
		}
		_, err = r.page.ask(ctx, id, `(e,n)=>__gengfu.more.scrollPage(e,n)`, st.Scroll.Edge, st.Scroll.By)
		return err
	}
	id, q, err := r.target(ctx, st, useControl)
	if err != nil {
		return err
	}
	q.asText()
	rep, err := r.page.ask(ctx, id, `(q,b)=>__gengfu.more.reveal(q,b)`, q, budget{})
	if err == nil && !rep.OK {
		return r.unready(q, rep)
	}
	return err
}

// keyBatch is how many keys travel together.
const keyBatch = 20

// typeKeys types a text key by key into the focused field, for widgets that
// watch the keys. What has no key on a keyboard is inserted.
func (r *runner) typeKeys(ctx context.Context, text string) error {
	for i, c := range []rune(text) {
		var last *call
		switch k, known := kb.Keys[c]; {
		case c == '\n':
			last = r.key(keyNamed("Enter"), 0)
		case known && k.Shift:
			last = r.key(k, modifierBits["Shift"])
		case known:
			last = r.key(k, 0)
		default:
			last = r.page.s.send(input.CommandInsertText, input.InsertTextParams{Text: string(c)})
		}
		if (i+1)%keyBatch == 0 || i+1 == len([]rune(text)) {
			if err := r.answered(ctx, last); err != nil {
				return err
			}
		}
	}
	return nil
}
