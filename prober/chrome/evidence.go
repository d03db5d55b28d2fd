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

// evidence takes what shows a failure: outline, DOM and screenshot. A script
// that holds the main thread is ended first, which is why a hung page has
// evidence too. Whatever cannot be had in time is left out.
func (r *runner) evidence() []gengfu.Evidence {
	left := time.Until(r.run.Started.Add(r.s.Timeout))
	ctx, cancel := context.WithTimeout(context.Background(), min(evidenceTime, max(left, time.Second)))
	defer cancel()
	var out []gengfu.Evidence
	add := func(kind gengfu.EvidenceKind, data []byte) {
		if len(data) > 0 {
			out = append(out, gengfu.Evidence{Kind: kind, Size: len(data), Data: data})
		}
	}
	if r.rec.pending() != "" || r.rec.exceeded() != nil {
		_ = r.page.s.Call(ctx, cdppage.CommandStopLoading, nil, nil) // else nothing about the page is answered
	}
	if !r.page.answers(250 * time.Millisecond) {
		if err := r.page.s.Call(ctx, runtime.CommandTerminateExecution, nil, nil); err != nil {
			add(gengfu.EvidenceHAR, r.archive(ctx, false))
			return out
		}
	}
	add(gengfu.EvidenceScreenshot, r.screenshot(ctx))
	add(gengfu.EvidenceOutline, r.text(ctx, `(n)=>__gengfu.outline(n)`, maxOutline))
	add(gengfu.EvidenceDOM, r.text(ctx, `(n)=>document.documentElement?__gengfu.clip(document.documentElement.outerHTML,n):''`, maxDOM))
	add(gengfu.EvidenceHAR, r.archive(ctx, true))
	return out
}

// text asks the main frame for a text and redacts it.
func (r *runner) text(ctx context.Context, fn string, limit int) []byte {
	s, world, ok := r.page.here(r.page.main)
	if !ok {
		return nil
	}
	var text string
	if err := evaluate(ctx, s, world, fn, 0, []any{limit}, &text); err != nil {
		return nil
	}
	return []byte(r.rec.clean(text))
}

// screenshot is a JPEG of the viewport with secret fields painted over. When
// painting fails after a secret was typed there is no picture: closed is safer.
func (r *runner) screenshot(ctx context.Context) []byte {
	ctx, cancel := context.WithTimeout(ctx, shotTime)
	defer cancel()
	r.bringToFront(ctx)
	masked := r.mask(ctx)
	defer r.unmask()
	if !masked && len(r.secrets) > 0 {
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

// mask paints over secrets in every frame and reports whether all took it.
func (r *runner) mask(ctx context.Context) bool {
	values := []string{}
	for _, s := range r.secrets {
		values = append(values, s.Reveal())
	}
	all := true
	for _, id := range r.page.frameIDs() {
		s, world, ok := r.page.here(id)
		if !ok || evaluate(ctx, s, world, `(v)=>__gengfu.mask(v)`, 0, []any{values}, nil) != nil {
			all = false
		}
	}
	return all
}

func (r *runner) unmask() {
	if len(r.s.Always) == 0 { // nobody uses the page any more
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, id := range r.page.frameIDs() {
		if s, world, ok := r.page.here(id); ok {
			_ = evaluate(ctx, s, world, `()=>__gengfu.unmask()`, 0, nil, nil) // the page is about to go
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
