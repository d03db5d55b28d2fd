package chrome

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/pquerna/otp/totp"

	"gengfu"
	"gengfu/scenarios"
)

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

// shut closes the dialog around the target with its own button, or with Escape
// when it has none.
func (r *runner) shut(ctx context.Context, st *scenarios.Step) error {
	id, q, err := r.target(ctx, st, useControl)
	if err != nil {
		return err
	}
	q.asText()
	for missed := true; missed; {
		rep, err := r.page.ask(ctx, id, `(q,p,b)=>__gengfu.more.closer(q,p,b)`, q, r.nextPress(), budget{})
		if err != nil {
			return err
		}
		if !rep.OK {
			return r.unready(q, rep)
		}
		if rep.Escape {
			err, rep = r.answered(ctx, r.key(keyNamed("Escape"), 0)), reply{}
		} else {
			rep, err = r.pressAt(ctx, id, rep, q, gesture{})
		}
		if err != nil {
			return err
		}
		if missed = rep.Missed; missed && patience(ctx) <= 0 {
			return r.unready(q, rep)
		}
	}
	restore := r.manner.hush()
	rep, err := r.page.ask(ctx, id, `(b)=>__gengfu.more.closed(b)`, budget{})
	restore()
	if moved(err) {
		return nil // the dialog went with its document
	}
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
	r.hide(gengfu.Secret(otp))
	id, q, err := r.target(ctx, st, useField)
	if err != nil {
		return err
	}
	return r.fillIn(ctx, id, []entry{{Q: q, Value: otp, Secret: true}})
}

func decodeJSON(v []byte, into any) error {
	if len(v) == 0 {
		return errors.New("page script gave no answer")
	}
	return decode(v, into)
}
