package chrome

import (
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/chromedp/cdproto/network"
)

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
