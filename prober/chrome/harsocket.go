package chrome

import (
	"cmp"
	"net/http"
	"time"

	"github.com/chromedp/cdproto/network"
)

func (b *archivist) socket(e extra) {
	switch e.method {
	case network.WebSocketWillSendHandshakeRequest.Method:
		ev := new(network.EventWebSocketWillSendHandshakeRequest)
		if x := b.of(e, ev, func() network.RequestID { return ev.RequestID }); x != nil {
			x.shake = ev
		}
	case network.WebSocketHandshakeResponseReceived.Method:
		ev := new(network.EventWebSocketHandshakeResponseReceived)
		if x := b.of(e, ev, func() network.RequestID { return ev.RequestID }); x != nil {
			x.shaken, x.at = ev, float64(ev.Timestamp)
		}
	case network.WebSocketClosed.Method:
		ev := new(network.EventWebSocketClosed)
		if x := b.of(e, ev, func() network.RequestID { return ev.RequestID }); x != nil {
			x.done = float64(ev.Timestamp)
		}
	case network.WebSocketFrameError.Method:
		ev := new(network.EventWebSocketFrameError)
		if x := b.of(e, ev, func() network.RequestID { return ev.RequestID }); x != nil {
			x.failure = ev.ErrorMessage
		}
	}
}

// of decodes an event into ev and finds the socket it belongs to.
func (b *archivist) of(e extra, ev any, id func() network.RequestID) *exchange {
	if decode(e.body, ev) != nil {
		return nil
	}
	if x := b.last(id()); x != nil && x.socket != nil {
		return x
	}
	return nil
}

// socketEntry is a web socket: one long exchange that ends with its closing.
func (b *archivist) socketEntry(x *exchange) *harEntry {
	e := &harEntry{Page: x.page, Type: "websocket", Step: x.step, Incomplete: x.done == 0}
	e.Timings = harTimings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1}
	e.Request = harRequest{
		Method: http.MethodGet, URL: b.address(x.socket.URL), HTTPVersion: "unknown", Cookies: []harCookie{}, Headers: []harPair{},
		Query: b.query(x.socket.URL), HeadersSize: -1,
	}
	e.Response = harResponse{
		HTTPVersion: "unknown", Cookies: []harCookie{}, Headers: []harPair{}, HeadersSize: -1, BodySize: -1, FailureText: b.clean(x.failure),
	}
	if x.shake == nil {
		e.Started = stamp(time.Unix(0, 0))
		return e
	}
	e.Started, e.Request.Headers = stamp(wall(x.shake.WallTime)), b.headers(x.shake.Request.Headers)
	if x.shaken != nil {
		a := x.shaken.Response
		e.Response.Status, e.Response.StatusText, e.Response.Headers = int(a.Status), b.clean(a.StatusText), b.headers(a.Headers)
		if len(a.RequestHeaders) > 0 {
			e.Request.Headers = b.headers(a.RequestHeaders)
		}
		e.Timings.Wait = millis(max(0, x.at-float64(x.shake.Timestamp)))
	}
	if x.done > 0 {
		e.Timings.Receive = millis(max(0, x.done-cmp.Or(x.at, float64(x.shake.Timestamp))))
	}
	e.Time = e.Timings.total()
	return e
}
