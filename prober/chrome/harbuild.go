package chrome

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
)

// archivist makes entries of the network events of a run.
type archivist struct {
	clean    func(string) string
	bodies   bodies
	exchange map[network.RequestID][]*exchange // the hops of each request
	order    []*exchange
	asked    map[network.RequestID][]*network.EventRequestWillBeSentExtraInfo
	got      map[network.RequestID][]*network.EventResponseReceivedExtraInfo
	loads    map[string]string // page by loader
	latest   string            // page of the latest document
	started  map[string]time.Time
}

// exchange is one request with its answer: a hop of a chain of redirects, or a
// socket.
type exchange struct {
	id      network.RequestID
	step    int
	sent    *network.EventRequestWillBeSent
	socket  *network.EventWebSocketCreated
	shake   *network.EventWebSocketWillSendHandshakeRequest
	shaken  *network.EventWebSocketHandshakeResponseReceived
	answer  *network.Response
	at      float64 // of the answer, monotonic seconds
	extras  bool    // that extra events belong to it
	unknown bool    // whether they do
	done    float64 // 0 while it goes on
	size    float64
	body    float64
	failure string
	page    string
}

func newArchivist(clean func(string) string, b bodies) *archivist {
	return &archivist{
		clean: clean, bodies: b, exchange: map[network.RequestID][]*exchange{},
		asked:   map[network.RequestID][]*network.EventRequestWillBeSentExtraInfo{},
		got:     map[network.RequestID][]*network.EventResponseReceivedExtraInfo{},
		loads:   map[string]string{},
		started: map[string]time.Time{},
	}
}

func (b *archivist) take(ev logged) {
	switch e := ev.event.(type) {
	case *network.EventRequestWillBeSent:
		b.sent(ev.step, e)
	case *network.EventResponseReceived:
		if x := b.last(e.RequestID); x != nil {
			x.answer, x.at, x.extras, x.unknown = e.Response, float64(e.Timestamp), e.HasExtraInfo, false
		}
	case *network.EventLoadingFinished:
		if x := b.last(e.RequestID); x != nil {
			x.done, x.size, x.body = float64(e.Timestamp), e.EncodedDataLength, e.EncodedBodyLength
		}
	case *network.EventLoadingFailed:
		if x := b.last(e.RequestID); x != nil {
			x.done, x.failure = float64(e.Timestamp), cmp.Or(e.ErrorText, string(e.BlockedReason), "canceled")
		}
	case extra:
		b.extra(ev.step, e)
	}
}

// last is the hop of a request that is going on, nil for an unknown one.
func (b *archivist) last(id network.RequestID) *exchange {
	hops := b.exchange[id]
	if len(hops) == 0 {
		return nil
	}
	return hops[len(hops)-1]
}

func (b *archivist) begin(x *exchange) {
	b.exchange[x.id] = append(b.exchange[x.id], x)
	b.order = append(b.order, x)
}

func (b *archivist) sent(step int, e *network.EventRequestWillBeSent) {
	old := b.last(e.RequestID)
	switch {
	case old != nil && e.RedirectResponse == nil: // seen by another session, too
		return
	case old != nil:
		old.answer, old.at, old.extras, old.unknown = e.RedirectResponse, float64(e.Timestamp), e.RedirectHasExtraInfo, false
		old.done, old.size = float64(e.Timestamp), e.RedirectResponse.EncodedDataLength
	}
	b.begin(&exchange{id: e.RequestID, step: step, sent: e, unknown: true})
	if _, known := b.started[string(e.LoaderID)]; !known {
		b.started[string(e.LoaderID)] = wall(e.WallTime)
	}
}

func (b *archivist) extra(step int, e extra) {
	switch e.method {
	case network.RequestWillBeSentExtraInfo.Method:
		if ev := new(network.EventRequestWillBeSentExtraInfo); decode(e.body, ev) == nil {
			b.asked[ev.RequestID] = append(b.asked[ev.RequestID], ev)
		}
	case network.ResponseReceivedExtraInfo.Method:
		if ev := new(network.EventResponseReceivedExtraInfo); decode(e.body, ev) == nil {
			b.got[ev.RequestID] = append(b.got[ev.RequestID], ev)
		}
	case network.WebSocketCreated.Method:
		if ev := new(network.EventWebSocketCreated); decode(e.body, ev) == nil && b.last(ev.RequestID) == nil {
			b.begin(&exchange{id: ev.RequestID, step: step, socket: ev})
		}
	default:
		b.socket(e)
	}
}

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

// pages are the main documents, and name the page of every exchange.
func (b *archivist) pages(docs []*document) []harPage {
	out := []harPage{}
	for _, d := range docs {
		at, known := b.started[d.loader]
		if !known {
			continue
		}
		p := harPage{Started: stamp(at), ID: fmt.Sprintf("page_%d", len(out)+1), Title: b.clean(bare(d.URL))}
		p.Timings = harPageTimings{since(d.DOMReady), since(d.Load)}
		out = append(out, p)
		b.loads[d.loader] = p.ID
	}
	for _, x := range b.order {
		if x.sent != nil {
			if p := b.loads[string(x.sent.LoaderID)]; p != "" {
				b.latest = p
			}
		}
		x.page = b.latest // a frame's or a worker's goes with the page of that time
	}
	return out
}

// since is a time of a page in milliseconds, -1 when it did not come to it.
func since(d time.Duration) float64 {
	if d <= 0 {
		return -1
	}
	return millis(d.Seconds())
}

// millis are seconds in milliseconds, to the microsecond.
func millis(s float64) float64 { return math.Round(s*1e6) / 1e3 }

// finish makes the entries, with the extra events dealt out to the hops in
// their order.
func (b *archivist) finish() []*harEntry {
	var out []*harEntry
	for _, x := range b.order {
		if x.socket != nil {
			out = append(out, b.socketEntry(x))
			continue
		}
		var asked *network.EventRequestWillBeSentExtraInfo
		var got *network.EventResponseReceivedExtraInfo
		if x.extras || x.unknown {
			asked, b.asked[x.id] = shift(b.asked[x.id])
			got, b.got[x.id] = shift(b.got[x.id])
		}
		out = append(out, b.entry(x, asked, got))
	}
	return out
}

func shift[T any](list []*T) (*T, []*T) {
	if len(list) == 0 {
		return nil, nil
	}
	return list[0], list[1:]
}

func (b *archivist) entry(x *exchange, asked *network.EventRequestWillBeSentExtraInfo, got *network.EventResponseReceivedExtraInfo) *harEntry {
	e := &harEntry{
		Page: x.page, Started: stamp(wall(x.sent.WallTime)), Type: strings.ToLower(string(x.sent.Type)), Step: x.step,
		Request: b.request(x, asked), Response: b.response(x, got), Timings: x.timings(),
		Incomplete: x.done == 0, Worker: x.sent.LoaderID == "",
	}
	e.Time = e.Timings.total()
	if i := x.sent.Initiator; i != nil {
		e.Initiator = &harInitiator{Type: string(i.Type), URL: b.clean(bare(i.URL)), Line: int(i.LineNumber)}
	}
	a := x.answer
	if a == nil {
		return e
	}
	e.ServerIP = strings.Trim(a.RemoteIPAddress, "[]")
	if a.ConnectionID > 0 {
		e.Connection = fmt.Sprintf("%.0f", a.ConnectionID)
	}
	switch {
	case a.FromServiceWorker:
		e.FromCache = "service-worker"
	case a.FromDiskCache:
		e.FromCache = "disk"
	case a.FromPrefetchCache:
		e.FromCache = "prefetch"
	}
	if s := a.SecurityDetails; s != nil {
		e.Security = &harSecurity{s.Protocol, s.SubjectName, s.Issuer, int64(s.ValidFrom), int64(s.ValidTo)}
	}
	return e
}

func (b *archivist) request(x *exchange, asked *network.EventRequestWillBeSentExtraInfo) harRequest {
	q, headers := x.sent.Request, x.sent.Request.Headers
	if asked != nil {
		headers = asked.Headers
	}
	out := harRequest{
		Method: q.Method, URL: b.address(q.URL), HTTPVersion: version(x.answer), Headers: b.headers(headers), Cookies: []harCookie{},
		HeadersSize: -1, PostData: b.posted(q),
	}
	out.Query = b.query(q.URL)
	for _, p := range q.PostDataEntries {
		out.BodySize += len(p.Bytes)
	}
	if q.HasPostData && out.BodySize == 0 {
		out.BodySize = -1
	}
	if asked == nil {
		return out
	}
	for _, c := range asked.AssociatedCookies {
		if c.Cookie != nil && len(c.BlockedReasons) == 0 {
			out.Cookies = append(out.Cookies, harCookie{b.clean(c.Cookie.Name), stars})
		}
	}
	return out
}

func (b *archivist) response(x *exchange, got *network.EventResponseReceivedExtraInfo) harResponse {
	out := harResponse{
		HTTPVersion: version(x.answer), Cookies: []harCookie{}, Headers: []harPair{}, HeadersSize: -1, BodySize: -1,
		TransferSize: int64(x.size), FailureText: b.clean(x.failure),
	}
	headers := network.Headers{}
	if a := x.answer; a != nil {
		out.Status, out.StatusText, headers = int(a.Status), b.clean(a.StatusText), a.Headers
		out.Content.MimeType = a.MimeType
	}
	if got != nil {
		headers = got.Headers
		if got.StatusCode > 0 {
			out.Status = int(got.StatusCode)
		}
		if got.HeadersText != "" {
			out.HeadersSize = len(got.HeadersText)
		}
	}
	out.Headers = b.headers(headers)
	for name, value := range headers {
		switch text := fmt.Sprint(value); {
		case strings.EqualFold(name, "location") && out.Status >= 300 && out.Status < 400:
			out.RedirectURL = b.address(text)
		case strings.EqualFold(name, "set-cookie"):
			for line := range strings.Lines(text) {
				if c, err := http.ParseSetCookie(strings.TrimSpace(line)); err == nil {
					out.Cookies = append(out.Cookies, harCookie{b.clean(c.Name), stars})
				}
			}
		}
	}
	if x.done > 0 && x.failure == "" {
		out.BodySize = int64(x.body)
		if x.body == 0 && out.HeadersSize > 0 {
			out.BodySize = max(0, out.TransferSize-int64(out.HeadersSize))
		}
		out.Content.Size = out.BodySize
	}
	if text, ok := b.bodies[x.id]; ok && x == b.last(x.id) {
		out.Content.Size = int64(text.size)
		out.Content.Text, out.Content.Comment = b.body(text, out.Content.MimeType)
	}
	return out
}

func version(a *network.Response) string {
	if a == nil || a.Protocol == "" {
		return "unknown"
	}
	return a.Protocol
}

// timings are the phases of an exchange. What is still going on has none
// beyond its answer.
func (x *exchange) timings() harTimings {
	t := harTimings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1}
	sent, end := float64(x.sent.Timestamp), x.done
	if x.answer == nil || x.answer.Timing == nil || x.answer.Timing.ReceiveHeadersStart <= 0 {
		if x.at > 0 {
			t.Wait = millis(max(0, x.at-sent))
			t.Receive = millis(max(0, end-x.at))
		} else {
			t.Wait = millis(max(0, end-sent))
		}
		return t
	}
	n := x.answer.Timing
	span := func(from, to float64) float64 {
		if from < 0 || to < from {
			return -1
		}
		return math.Round((to-from)*1e3) / 1e3
	}
	t.DNS, t.Connect, t.SSL = span(n.DNSStart, n.DNSEnd), span(n.ConnectStart, n.ConnectEnd), span(n.SslStart, n.SslEnd)
	t.Send, t.Wait = max(0, span(n.SendStart, n.SendEnd)), max(0, span(n.SendEnd, n.ReceiveHeadersStart))
	t.Blocked = max(0, millis(n.RequestTime-sent)+n.SendStart-max(0, t.DNS)-max(0, t.Connect))
	t.Blocked = math.Round(t.Blocked*1e3) / 1e3
	t.Receive = max(0, millis(end-n.RequestTime)-n.ReceiveHeadersStart)
	t.Receive = math.Round(t.Receive*1e3) / 1e3
	return t
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
