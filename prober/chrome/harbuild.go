package chrome

import (
	"cmp"
	"fmt"
	"math"
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
