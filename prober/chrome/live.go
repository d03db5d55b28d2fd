package chrome

import (
	"context"
	_ "embed"
	"encoding/json"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"

	"gengfu"
	"gengfu/scenarios"
)

//go:embed live.js
var liveScript string

// liveTime bounds a recording.
const liveTime = 12 * time.Hour

// ledTime is how long after an act a new address is what the act led to.
const ledTime = 10 * time.Second

// Recording is what a person did in a window.
type Recording struct {
	Acts  []scenarios.LiveAct
	Title string // of the last page
	Run   gengfu.Run
}

// live gathers acts as they are told.
type live struct {
	mu    sync.Mutex // guards all below
	acts  []scenarios.LiveAct
	at    time.Time // of the last act
	title string
}

// Record opens an address and gathers what a person does there, until done is
// closed or the page is. Only the first tab is looked at, without its frames.
// told hears of each act as it happens.
func (p *Pool) Record(ctx context.Context, address string, done <-chan struct{}, told func(scenarios.LiveAct)) Recording {
	return p.record(ctx, address, done, told, func(*runner) {})
}

// record is Record with something that is done when the window is ready.
func (p *Pool) record(ctx context.Context, address string, done <-chan struct{}, told func(scenarios.LiveAct), ready func(*runner)) Recording {
	s := &scenarios.Scenario{
		ID: "recording", Title: "recording", Timeout: liveTime, Browser: scenarios.Browser{Width: 1280, Height: 800, Scale: 1, Locale: "zh-CN"},
		Steps: []scenarios.Step{{Name: "goto", Verb: scenarios.Goto, URL: scenarios.Literal(address)}},
	}
	l := &live{}
	slot := gengfu.Slot{Scenario: s.ID, Due: time.Now(), Location: gengfu.DefaultLocation, Attempt: 1, Kind: gengfu.SlotManual}
	run := p.run(ctx, s, slot, nil, func(r *runner) {
		if r.run.Failure == nil && l.begin(ctx, r, told) == nil {
			ready(r)
			l.wait(ctx, r, done)
		}
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	return Recording{Acts: l.acts, Title: l.title, Run: run}
}

// begin listens to the page that is open and to those that follow in its tab.
func (l *live) begin(ctx context.Context, r *runner, told func(scenarios.LiveAct)) error {
	s := r.page.s
	on(s, runtime.BindingCalled, func(e *runtime.EventBindingCalled) {
		var m struct{ Act *scenarios.LiveAct }
		if e.Name == tellBinding && json.Unmarshal([]byte(e.Payload), &m) == nil && m.Act != nil {
			l.add(*m.Act, told)
		}
	})
	on(s, cdppage.FrameNavigated, func(e *cdppage.EventFrameNavigated) {
		if e.Frame.ID == r.page.main {
			l.led(e.Frame.URL, told)
		}
	})
	on(s, cdppage.NavigatedWithinDocument, func(e *cdppage.EventNavigatedWithinDocument) {
		if e.FrameID == r.page.main {
			l.led(e.URL, told)
		}
	})
	if _, err := cdp.Call(ctx, s, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{
		Source: liveScript, WorldName: world, RunImmediately: new(true),
	}); err != nil {
		return err
	}
	return nil
}

func (l *live) add(a scenarios.LiveAct, told func(scenarios.LiveAct)) {
	l.mu.Lock()
	l.acts = append(l.acts, a)
	l.at = time.Now()
	l.mu.Unlock()
	told(a)
}

// led says where the last act led to. An address that nothing led to was typed
// by the person.
func (l *live) led(address string, told func(scenarios.LiveAct)) {
	l.mu.Lock()
	if n := len(l.acts); n > 0 && time.Since(l.at) < ledTime {
		l.acts[n-1].Led = address
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
	l.add(scenarios.LiveAct{Kind: "goto", Value: address}, told)
}

// wait holds the window open.
func (l *live) wait(ctx context.Context, r *runner, done <-chan struct{}) {
	select {
	case <-ctx.Done():
	case <-done:
	case <-r.page.s.closed:
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), glanceTime)
	defer cancel()
	if s, world, ok := r.page.here(r.page.main); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		_ = evaluate(ctx, s, world, `()=>document.title`, 0, nil, &l.title) // a title is no must
	}
}
