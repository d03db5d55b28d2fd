package chrome

import (
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/network"
)

// Limits on what is kept of the network for an archive of one run.
const (
	maxLogged = 2000    // requests, redirects among them
	maxWeight = 8 << 20 // bytes of addresses, headers and posted data, about
	maxPosted = 64 << 10
)

// log keeps the network events of a run, in the order in which they came, until
// an archive is made of them or the run is over. Keeping one costs next to
// nothing: events that only the archive needs are not even decoded. The
// recorder's lock guards it.
type log struct {
	events   []logged
	requests int
	weight   int
	dropped  int // requests over a limit
}

// logged is an event under the step that was being done, with the session that
// can be asked for bodies.
type logged struct {
	step  int
	s     *session
	event any // a pointer to an event of the network domain, or an extra
}

// extra is an event as it came, to be decoded when it is needed.
type extra struct {
	method string
	body   jsonv2.Value
}

// request keeps a request and reports whether its further events are wanted.
func (l *log) request(step int, s *session, e *network.EventRequestWillBeSent) bool {
	if l.requests >= maxLogged || l.weight > maxWeight {
		l.dropped++
		return false
	}
	l.requests++
	l.weight += 256 + len(e.Request.URL) + weigh(e.Request.Headers)
	for _, p := range e.Request.PostDataEntries {
		l.weight += len(p.Bytes)
	}
	if e.RedirectResponse != nil {
		l.weight += weigh(e.RedirectResponse.Headers)
	}
	l.events = append(l.events, logged{step, s, e})
	return true
}

func (l *log) add(step int, s *session, event any) {
	l.events = append(l.events, logged{step, s, event})
}

func weigh(h network.Headers) int {
	n := 0
	for k, v := range h {
		n += 32 + len(k)
		if text, ok := v.(string); ok {
			n += len(text)
		}
	}
	return n
}

// listenRest keeps the events that only an archive needs.
func (r *recorder) listenRest(s *session) {
	for _, method := range []string{
		network.RequestWillBeSentExtraInfo.Method, network.ResponseReceivedExtraInfo.Method,
		network.WebSocketCreated.Method, network.WebSocketWillSendHandshakeRequest.Method,
		network.WebSocketHandshakeResponseReceived.Method, network.WebSocketClosed.Method, network.WebSocketFrameError.Method,
	} {
		onRaw(s, method, func(body jsonv2.Value) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.har.weight > maxWeight {
				return
			}
			r.har.weight += len(body)
			r.har.add(r.step, s, extra{method, body})
		})
	}
}
