package chrome

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"

	"gengfu"
	"gengfu/scenarios"
)

const (
	// askBeat is how often a waiting run looks whether a person came.
	askBeat = time.Second
	// askLook is how often it looks whether the picture has changed.
	askLook = 5 * time.Second
	// maxPictures is how often a picture is told of anew.
	maxPictures = 3
	// askAgain is how long nobody is asked for the same identity again.
	askAgain = time.Hour
)

// attention is an attend step under way.
type attention struct {
	r    *runner
	st   *scenarios.Step
	told gengfu.Attendance
	seen [sha256.Size]byte // the picture that was told last
	turn int
}

// attend shows a person an element and waits until the page shows that it was
// seen to. Nobody coming says nothing about the target.
func (r *runner) attend(ctx context.Context, st *scenarios.Step) error {
	if done, err := r.seenTo(ctx, st, glanceTime); done || err != nil {
		return err // there was nothing to ask for
	}
	if err := r.mayAsk(st); err != nil {
		return err
	}
	telling, over := context.WithCancel(ctx)
	defer over() // who was told may drop the picture now
	text, err := r.resolve(st.Ask.Text)
	if err != nil {
		return err
	}
	now := time.Now()
	a := &attention{r: r, st: st, told: gengfu.Attendance{
		Scenario: r.s.ID, Title: r.s.Title, Route: cmp.Or(st.Ask.Route, r.s.Notify), Text: r.rec.clean(text.Text), At: now, Until: now.Add(st.Ask.Wait),
	}}
	picture, err := r.portrait(ctx, st)
	if err != nil {
		return err
	}
	if err := a.tell(telling, picture); err != nil {
		return err
	}
	if err := r.vault.Asked(r.identity(), now); err != nil {
		r.vault.Warn(r.identity(), err)
	}
	return a.await(ctx, telling)
}

// identity is whom the run logs in as, by the name that the vault knows.
func (r *runner) identity() string {
	if r.s.Session != nil {
		return r.s.Session.Name
	}
	return r.s.ID
}

// mayAsk keeps runs from asking at night, and from asking again and again. Who
// starts a run by hand is there.
func (r *runner) mayAsk(st *scenarios.Step) error {
	held := func(why string) error {
		return &stop{gengfu.Failure{Fault: gengfu.FaultScenario, Reason: gengfu.ReasonAttendHeld, Want: st.Target.String(), Detail: why}}
	}
	if r.attendant == nil {
		return &stop{gengfu.Failure{Fault: gengfu.FaultScenario, Reason: gengfu.ReasonAttendLost, Want: st.Target.String(), Detail: "no route"}}
	}
	if r.run.Slot.Kind == gengfu.SlotManual {
		return nil
	}
	now := time.Now()
	if cal := r.s.Schedule.Calendar; cal != nil && !st.Ask.Anytime && !cal.Open(now) {
		return held("outside of " + cal.Name())
	}
	rest := askAgain
	if r.s.Session != nil && r.s.Session.Keep > 0 {
		rest = min(rest, r.s.Session.Keep)
	}
	if last := r.vault.LastAsked(r.identity()); now.Sub(last) < rest {
		return held(fmt.Sprintf("asked at %s, next after %s", last.Format(time.TimeOnly), last.Add(rest).Format(time.TimeOnly)))
	}
	return nil
}

// tell hands a picture to who asks people. ctx ends when nobody needs it any
// more.
func (a *attention) tell(ctx context.Context, picture []byte) error {
	a.seen = sha256.Sum256(picture)
	a.turn++
	told := a.told
	told.Picture, told.Turn = picture, a.turn
	if err := a.r.attendant(ctx, told); err != nil {
		return &stop{gengfu.Failure{Fault: gengfu.FaultScenario, Reason: gengfu.ReasonAttendLost, Want: a.st.Target.String(), Detail: a.r.rec.clean(err.Error())}}
	}
	return nil
}

// await waits for the person, and tells of new pictures meanwhile.
func (a *attention) await(ctx, telling context.Context) error {
	looked := time.Now()
	for {
		began := time.Now()
		if done, err := a.r.seenTo(ctx, a.st, askBeat); done || err != nil {
			return err
		}
		if time.Now().After(a.told.Until) {
			return &stop{gengfu.Failure{
				Fault: gengfu.FaultScenario, Reason: gengfu.ReasonAttend, Want: a.st.Target.String(), Seen: strconv.Itoa(a.turn), Waited: a.st.Ask.Wait,
			}}
		}
		if time.Since(looked) >= askLook && a.turn <= maxPictures {
			looked = time.Now()
			if err := a.renew(ctx, telling); err != nil {
				return err
			}
		}
		if err := a.r.rest(ctx, askBeat-time.Since(began)); err != nil {
			return err
		}
	}
}

// renew tells of the picture again when the page shows another one. A page that
// says when its picture is out of date is believed; of others any new one that
// stays is told.
func (a *attention) renew(ctx, telling context.Context) error {
	r, ask := a.r, a.st.Ask
	if ask.Expired != nil {
		over, err := r.shown(ctx, a.st, ask.Expired)
		if err != nil || !over {
			return err
		}
		if ask.Refresh != nil {
			press := scenarios.Step{Pos: a.st.Pos, Verb: scenarios.Click, Target: ask.Refresh, Frame: a.st.Frame}
			brief, cancel := context.WithTimeoutCause(ctx, optionalTime+grace, errStepTime)
			err := r.retry(brief, func() error { return r.point(brief, &press) })
			cancel()
			if err != nil {
				return tolerable(ctx, err)
			}
		}
	}
	brief, cancel := context.WithTimeoutCause(ctx, optionalTime+grace, errStepTime)
	defer cancel()
	picture, err := r.portrait(brief, a.st)
	if err != nil {
		return tolerable(ctx, err) // the page is moving on, perhaps because somebody came
	}
	if sha256.Sum256(picture) == a.seen {
		return nil
	}
	return a.tell(telling, picture)
}

// tolerable lets pass what only says that the page is on its way.
func tolerable(ctx context.Context, err error) error {
	var s *stop
	switch {
	case ctx.Err() != nil:
		return err
	case errors.As(err, &s) && s.Fault.Outcome() == gengfu.Errored && s.Fault != gengfu.FaultScenario, errors.Is(err, errBrowserGone):
		return err
	}
	return nil
}

// shown reports whether an element is in sight right now.
func (r *runner) shown(ctx context.Context, st *scenarios.Step, l *scenarios.Locator) (bool, error) {
	brief, cancel := context.WithTimeoutCause(ctx, glanceTime+grace, errStepTime)
	defer cancel()
	list := []scenarios.Expect{{Pos: st.Pos, Kind: scenarios.ExpectVisible, Locator: l}}
	err := r.retry(brief, func() error { return r.expect(brief, list, st.Frame, nil) })
	if err == nil {
		return true, nil
	}
	return false, tolerable(ctx, err)
}

// seenTo looks whether what the step waits for holds. A page that is on its way
// somewhere is none yet; what it says by the step's rules ends the wait.
func (r *runner) seenTo(ctx context.Context, st *scenarios.Step, limit time.Duration) (bool, error) {
	brief, cancel := context.WithTimeoutCause(ctx, limit+grace, errStepTime)
	defer cancel()
	err := r.retry(brief, func() error { return r.expect(brief, st.Ask.Until, st.Frame, st.Outcome) })
	var s *stop
	switch {
	case err == nil:
		return true, nil
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case errors.As(err, &s) && s.Fault != gengfu.FaultAssertion && s.Fault != gengfu.FaultTimeout:
		return false, err
	case r.page.dead():
		return false, err
	}
	return false, tolerable(ctx, err)
}

// portrait is a PNG of the step's element alone, with what no evidence may show
// painted over. Where that cannot be made sure there is no picture.
func (r *runner) portrait(ctx context.Context, st *scenarios.Step) ([]byte, error) {
	id, q, err := r.target(ctx, st, useControl)
	if err != nil {
		return nil, err
	}
	q.asText()
	rep, err := r.page.ask(ctx, id, `(q,b)=>__gengfu.more.portrait(q,b)`, q, budget{})
	if err != nil {
		return nil, err
	}
	if !rep.OK {
		return nil, r.unready(q, rep)
	}
	var size [2]float64
	if err := json.Unmarshal([]byte(rep.Value), &size); err != nil {
		return nil, fmt.Errorf("size of %s: %w", q.words, err)
	}
	x, y, err := r.toRoot(ctx, id, rep.X, rep.Y, q)
	if err != nil {
		return nil, err
	}
	known := r.learn(ctx)
	masked := r.mask(ctx)
	defer r.bare()
	if !known || !masked && len(r.secrets)+len(r.s.Mask) > 0 {
		return nil, &stop{gengfu.Failure{Fault: gengfu.FaultScenario, Reason: gengfu.ReasonAttendLost, Want: q.words, Detail: "mask"}}
	}
	root, err := r.page.ask(ctx, r.page.main, `()=>({ok:true,x:scrollX,y:scrollY})`)
	if err != nil {
		return nil, err
	}
	shot, err := cdp.Call(ctx, r.page.s, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{
		Format: cdppage.CaptureScreenshotFormatPng,
		Clip:   &cdppage.Viewport{X: x + root.X, Y: y + root.Y, Width: size[0], Height: size[1], Scale: 1},
	})
	if err != nil {
		return nil, err
	}
	return shot.Data, nil
}

// bare takes the paint of a mask off again, for the page goes on.
func (r *runner) bare() {
	ctx, cancel := r.brief(time.Second)
	defer cancel()
	for _, id := range r.page.frameIDs() {
		if s, world, ok := r.page.here(id); ok {
			_ = evaluate(ctx, s, world, `()=>__gengfu.more.unmask()`, 0, nil, nil) // a page that moved on has none
		}
	}
}
