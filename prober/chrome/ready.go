package chrome

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
)

// init sets the page up. The first page of a run is ready as soon as its process
// answers: what else was sent is done in order, before the document that is asked
// for next, while the network brings that.
func (p *page) init() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	defer close(p.done)
	if !p.first {
		defer close(p.ready)
		p.err = p.attach(ctx, p.s, true)
		return
	}
	send := p.s.conn.together()
	calls := append(p.setUp(p.s, true), p.s.send(commandResume, nil))
	send()
	p.err = finish(ctx, calls[:1])
	p.update(func() { p.adopt(p.s, &cdppage.FrameTree{Frame: &cdp.Frame{ID: p.main, URL: blank}}) })
	close(p.ready)
	p.late = finish(ctx, calls[1:])
}

// complete waits until all of the set-up is done.
func (p *page) complete(ctx context.Context) error {
	select {
	case <-p.done:
		return errors.Join(p.err, p.late)
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-p.s.closed:
		return p.s.ended()
	}
}

// attach takes over a session of this page, its own or a frame's in another
// process, with one batch of commands, and lets its target go on.
func (p *page) attach(ctx context.Context, s *session, top bool) error {
	send := s.conn.together()
	calls := p.setUp(s, top)
	tree := s.send(cdppage.CommandGetFrameTree, nil)
	calls = append(calls, s.send(commandResume, nil))
	send()
	var frames cdppage.GetFrameTreeResult
	if err := tree.wait(ctx, &frames); err != nil {
		return fmt.Errorf("set up page: %w", err)
	}
	if err := finish(ctx, calls); err != nil {
		return err
	}
	p.update(func() { p.adopt(s, frames.FrameTree) })
	return nil
}

// setUp sends what a session needs before its target goes on.
func (p *page) setUp(s *session, top bool) []*call {
	p.listen(s)
	p.set.rec.listen(s, p.main)
	calls := []*call{
		s.send(cdppage.CommandEnable, nil),
		s.send(runtime.CommandAddBinding, runtime.AddBindingParams{Name: tellBinding, ExecutionContextName: world}),
		s.send(cdppage.CommandAddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{
			Source: script(), WorldName: world, RunImmediately: new(true),
		}),
		s.send(runtime.CommandEnable, nil),
		s.send(cdplog.CommandEnable, nil),
		s.send(network.CommandEnable, network.EnableParams{}),
		s.send(target.CommandSetAutoAttach, autoAttach()),
		s.send(emulation.CommandSetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}),
	}
	calls = append(calls, p.set.device.commands(s, top)...)
	return append(calls, p.set.kit.apply(p, s, top)...)
}

// finish waits for the answers of a set-up.
func finish(ctx context.Context, calls []*call) error {
	for _, c := range calls {
		err := c.wait(ctx, nil)
		if err != nil && !strings.Contains(err.Error(), "already in effect") { // through another page of the same process
			return fmt.Errorf("set up page: %w", err)
		}
	}
	return nil
}

// adopt fills in frames that were there before the session was ours.
func (p *page) adopt(s *session, t *cdppage.FrameTree) {
	f := p.frame(t.Frame.ID, s)
	if f.parent == "" {
		f.parent = t.Frame.ParentID
	}
	if f.loader == "" {
		f.url, f.loader = t.Frame.URL+t.Frame.URLFragment, t.Frame.LoaderID
	}
	for _, c := range t.ChildFrames {
		p.adopt(s, c)
	}
}
