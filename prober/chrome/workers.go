package chrome

import (
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/target"
)

// promptWorkers are let go at once, those over them after tardy: workers that
// burn the processor would keep the page from making the rest, and us from
// counting them.
const (
	promptWorkers = 16
	tardy         = 100 * time.Millisecond
)

// work takes over a worker of the page, and those that it starts: what they
// ask of the network counts as the page's. One too many is not let go; it waits
// for the end of the run, which is near.
func (p *page) work(s *session) {
	many, fits := p.set.rec.employ(s)
	if !fits {
		return
	}
	on(s, target.AttachedToTarget, func(e *target.EventAttachedToTarget) {
		if child := p.engine.proc.conn.session(e.SessionID); child != nil {
			p.work(child)
		}
	})
	if many > promptWorkers {
		time.AfterFunc(tardy, func() { p.set.listenWorker(s) })
		return
	}
	p.set.listenWorker(s)
}

// listenWorker records a worker's requests and lets it start. Nothing is
// waited for: what one kind of worker does not know it answers with an error.
func (set *setup) listenWorker(s *session) {
	set.rec.listen(s, "")
	s.send(network.CommandEnable, network.EnableParams{})
	s.send(target.CommandSetAutoAttach, autoAttach())
	s.send(emulation.CommandSetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent: set.device.userAgent, AcceptLanguage: acceptLanguage(set.device.browser.Locale),
	})
	set.kit.guardWorker(s)
	s.send(commandResume, nil)
}

// attachWorker meets a worker that the page started. A service worker belongs
// to the whole context: it is met at the browser's own session too, and counted
// there.
func (p *page) attachWorker(s *session, kind string) {
	if kind == "service_worker" {
		s.send(commandResume, nil)
		return
	}
	p.work(s)
}
