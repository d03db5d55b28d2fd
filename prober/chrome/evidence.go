package chrome

import (
	"context"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"

	"gengfu"
)

// Limits on evidence.
const (
	evidenceTime = 5 * time.Second // reserved for all of it
	shotTime     = 2 * time.Second
	maxDOM       = 2 << 20 // bytes
	maxOutline   = 64 << 10
)

// answers reports whether the browser gives a sign of life within limit.
func (e *engine) answers(limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_, err := cdp.Call(ctx, e.proc.conn.root, browser.GetVersion, cdp.Empty{})
	return err == nil
}

// answers reports whether the page's main thread gives a sign of life.
func (p *page) answers(limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_, err := cdp.Call(ctx, p.s, runtime.Evaluate, runtime.EvaluateParams{Expression: "1", ReturnByValue: new(true)})
	return err == nil
}

// evidence takes what shows how a run ended: screenshot, outline, DOM and archive. A
// script that holds the main thread is ended first, which is why a hung page has
// evidence too. Whatever cannot be had in time is left out.
func (r *runner) evidence() {
	ctx, cancel := r.brief(evidenceTime)
	defer cancel()
	if r.rec.pending() != "" || r.rec.exceeded() != nil {
		_ = r.page.s.Call(ctx, cdppage.CommandStopLoading, nil, nil) // else nothing about the page is answered
	}
	r.cutFilm()
	open := r.unblock(ctx)
	if !r.learn(ctx) {
		return // what must not be seen is not known
	}
	if len(r.personals) > 0 && r.run.Failure != nil {
		r.run.Failure = new(r.cleaned(*r.run.Failure))
	}
	if open {
		masks, _ := r.personal()
		r.keep(gengfu.EvidenceScreenshot, r.screenshot(ctx))
		r.keep(gengfu.EvidenceOutline, r.text(ctx, `(n,m)=>__gengfu.more.outline(n,m)`, maxOutline, masks))
		r.keep(gengfu.EvidenceDOM, r.text(ctx, `(n,m)=>__gengfu.more.source(n,m)`, maxDOM, masks))
	}
	r.keep(gengfu.EvidenceHAR, r.archive(ctx, open && !r.crowded))
	if open {
		r.keepFilm(ctx)
	}
}

// text asks the main frame for a text of the page.
func (r *runner) text(ctx context.Context, fn string, args ...any) []byte {
	s, world, ok := r.page.here(r.page.main)
	if !ok {
		return nil
	}
	var text string
	if err := evaluate(ctx, s, world, fn, 0, args, &text); err != nil {
		return nil
	}
	return []byte(text)
}

// screenshot is a JPEG of the viewport with secret fields painted over. When
// painting fails though there is something to hide there is no picture: closed is safer.
func (r *runner) screenshot(ctx context.Context) []byte {
	ctx, cancel := context.WithTimeout(ctx, shotTime)
	defer cancel()
	r.bringToFront(ctx)
	masked := r.mask(ctx)
	defer r.unmask()
	if !masked && len(r.secrets)+len(r.s.Mask) > 0 {
		return nil
	}
	shot, err := cdp.Call(ctx, r.page.s, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{
		Format: cdppage.CaptureScreenshotFormatJpeg, Quality: new(int64(60)),
	})
	if err != nil {
		return nil
	}
	return shot.Data
}

func (r *runner) unmask() {
	if len(r.s.Always) == 0 { // nobody uses the page any more
		return
	}
	ctx, cancel := r.brief(time.Second)
	defer cancel()
	for _, id := range r.page.frameIDs() {
		if s, world, ok := r.page.here(id); ok {
			_ = evaluate(ctx, s, world, `()=>__gengfu.more.unmask()`, 0, nil, nil) // the page is about to go
		}
	}
}

func (p *page) frameIDs() []cdp.FrameID {
	p.mu.Lock()
	defer p.mu.Unlock()
	ids := make([]cdp.FrameID, 0, len(p.frames))
	for id := range p.frames {
		ids = append(ids, id)
	}
	return ids
}
