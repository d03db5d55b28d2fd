package chrome

import (
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"

	"gengfu"
)

func (r *recorder) requestSent(s *session, e *network.EventRequestWillBeSent, main cdp.FrameID) {
	if strings.HasPrefix(e.Request.URL, "data:") {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outward(e.RedirectResponse)
	q := &request{method: e.Request.Method, url: e.Request.URL, kind: string(e.Type)}
	if e.RedirectResponse == nil {
		r.countRequest()
		r.counts.request(q, main == "")
	} else if old := r.open[e.RequestID]; old != nil {
		q.shares = old.shares
	}
	if len(r.open) < maxOpen {
		r.open[e.RequestID] = q
		q.logged = r.har.request(r.step, s, e)
	}
	if string(e.LoaderID) != string(e.RequestID) || e.Type != network.ResourceTypeDocument || e.FrameID != main {
		return
	}
	doc := r.doc(string(e.LoaderID))
	if doc == nil {
		doc = &document{loader: string(e.LoaderID), sent: float64(e.Timestamp), asked: float64(e.Timestamp), main: main}
		doc.Step = r.step
		r.addDoc(doc)
	} else if e.RedirectResponse != nil {
		doc.Redirects = append(doc.Redirects, r.redacted(bare(e.RedirectResponse.URL)))
		doc.hop(e)
	}
	doc.URL = e.Request.URL
}

// addDoc keeps the first document and the latest ones. The lock is held.
func (r *recorder) addDoc(doc *document) {
	if len(r.docs) >= maxDocs {
		r.docs = slices.Delete(r.docs, 1, 2)
	}
	r.docs = append(r.docs, doc)
}

func (r *recorder) doc(loader string) *document {
	for i := len(r.docs) - 1; i >= 0; i-- {
		if r.docs[i].loader == loader {
			return r.docs[i]
		}
	}
	return nil
}

func (r *recorder) responseReceived(s *session, e *network.EventResponseReceived) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outward(e.Response)
	if q := r.open[e.RequestID]; q != nil && q.logged {
		r.har.weight += weigh(e.Response.Headers)
		r.har.add(r.step, s, e)
	}
	if e.Response.FromServiceWorker {
		r.counts.ServiceWorker++
	}
	if doc := r.doc(string(e.RequestID)); doc != nil {
		doc.Status = int(e.Response.Status)
		doc.Protocol, doc.RemoteIP = e.Response.Protocol, e.Response.RemoteIPAddress
		if t := e.Response.Timing; t != nil && t.ReceiveHeadersStart > 0 {
			doc.TTFB = seconds(t.RequestTime + t.ReceiveHeadersStart/1000 - doc.sent)
		} else {
			doc.TTFB = seconds(float64(e.Timestamp) - doc.sent)
		}
		doc.connection(e.Response, float64(e.Timestamp))
	}
	if e.Response.Status >= 400 {
		r.addFailed(e.RequestID, int(e.Response.Status), "")
	}
}

func (r *recorder) loadingFinished(s *session, e *network.EventLoadingFinished) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.traffic.Bytes += int64(e.EncodedDataLength)
	if q := r.open[e.RequestID]; q != nil {
		q.received(int64(e.EncodedDataLength))
		if q.logged {
			r.har.add(r.step, s, e)
		}
	}
	if doc := r.doc(string(e.RequestID)); doc != nil && doc.answered > 0 {
		doc.Phases.Download = seconds(float64(e.Timestamp) - doc.answered)
	}
	delete(r.open, e.RequestID)
}

func (r *recorder) loadingFailed(s *session, e *network.EventLoadingFailed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turnedBack(e)
	if q := r.open[e.RequestID]; q != nil && q.logged {
		r.har.add(r.step, s, e)
	}
	if doc := r.doc(string(e.RequestID)); doc != nil {
		doc.failed = true
	}
	if !e.Canceled && e.BlockedReason == "" {
		r.addFailed(e.RequestID, 0, e.ErrorText)
	}
	delete(r.open, e.RequestID)
}

// addFailed notes a failed request. The lock is held.
func (r *recorder) addFailed(id network.RequestID, status int, why string) {
	q := r.open[id]
	if q == nil || q.noted || strings.HasSuffix(bare(q.url), "/favicon.ico") {
		return
	}
	q.noted = true
	third := !sameSite(r.site, hostOf(q.url))
	switch {
	case strings.HasPrefix(why, deniedText): // our doing, not the target's
	case third:
		r.traffic.FailedThirdParty++
	default:
		r.traffic.Failed++
	}
	if len(r.failed) < maxRequests {
		r.failed = append(r.failed, gengfu.FailedRequest{
			Step: r.step, Method: q.method, URL: r.redacted(bare(q.url)), Status: status,
			Error: why, Type: q.kind, ThirdParty: third,
		})
	}
}

// current is the document of the run's page, the one committed last. The lock
// is held.
func (r *recorder) current() *document {
	for i := len(r.docs) - 1; i >= 0; i-- {
		if r.docs[i].committed && r.docs[i].main == r.main {
			return r.docs[i]
		}
	}
	return nil
}

func (r *recorder) committed(loader, url string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if doc := r.doc(loader); doc != nil {
		doc.committed = true
		doc.URL = url
		if !doc.failed { // else it is the browser's own page that says so
			delete(r.refused, doc.main)
		}
	}
}

func (r *recorder) lifecycle(loader, name string, at float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	doc := r.doc(loader)
	if doc == nil {
		return
	}
	switch name {
	case "DOMContentLoaded":
		doc.DOMReady = seconds(at - doc.sent)
	case "load":
		doc.Load = seconds(at - doc.sent)
	}
}

// status is the HTTP status of the page's document, 0 when there is none yet.
func (r *recorder) status() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if doc := r.current(); doc != nil {
		return doc.Status
	}
	return 0
}

// answer is the status that the newest document of the page was answered with,
// though it never became one, as with 204.
func (r *recorder) answer() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if doc := r.newest(); doc != nil {
		return doc.Status
	}
	return 0
}

// newest is the document of the run's page that was asked for last. The lock is
// held.
func (r *recorder) newest() *document {
	for i := len(r.docs) - 1; i >= 0; i-- {
		if r.docs[i].main == r.main {
			return r.docs[i]
		}
	}
	return nil
}

// pending is the main document that was asked for and has not come yet, empty
// when there is none. The browser answers no questions about the page meanwhile.
func (r *recorder) pending() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if doc := r.newest(); doc != nil && !doc.committed && !doc.failed {
		return doc.URL
	}
	return ""
}

// loading reports whether the main document has come but is not yet complete.
func (r *recorder) loading() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	doc := r.current()
	return doc != nil && doc.DOMReady == 0
}
