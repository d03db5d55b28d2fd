package chrome

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"

	"gengfu"
)

// Limits on what one run may record: a page that floods must not fill the
// store.
const (
	maxConsole  = 100
	maxRequests = 100
	maxMessages = 30
	maxDialogs  = 20
	maxOpen     = 5000
	maxTextLen  = 500
)

// recorder notes what happens on all pages of a run, under the step that is
// being done. It is fed by session goroutines and read by the run.
type recorder struct {
	began time.Time

	mu       sync.Mutex
	step     int
	redact   gengfu.Redactor
	site     string // host of the first page: what is first-party
	traffic  gengfu.Traffic
	console  []gengfu.ConsoleLine
	errors   int // console errors, the ones over the limit too
	failed   []gengfu.FailedRequest
	messages []gengfu.PageMessage
	dialogs  []string
	storm    bool // more dialogs than a person would bear
	stray    int  // pages closed because there were too many
	docs     []*document
	open     map[network.RequestID]*request
	answers  []string // first-party API answers that say failure
	wake     func()   // called when the main document changes
}

// document is one main document being loaded.
type document struct {
	loader    string
	request   network.RequestID
	sent      float64 // monotonic seconds of the first request
	committed bool
	failed    bool
	gengfu.PageLoad
}

type request struct {
	method, url, kind string
}

func newRecorder(now time.Time) *recorder {
	return &recorder{began: now, open: map[network.RequestID]*request{}}
}

// begin starts the run's clock.
func (r *recorder) begin(at time.Time) {
	r.mu.Lock()
	r.began = at
	r.mu.Unlock()
}

func (r *recorder) setStep(n int) {
	r.mu.Lock()
	r.step = n
	r.mu.Unlock()
}

// hide makes the recorder redact another secret.
func (r *recorder) hide(s gengfu.Secret) {
	r.mu.Lock()
	r.redact = r.redact.With(s)
	r.mu.Unlock()
}

func (r *recorder) clean(text string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.redact.Redact(text)
}

func (r *recorder) listen(s *session) {
	on(s, network.RequestWillBeSent, r.requestSent)
	on(s, network.ResponseReceived, r.responseReceived)
	on(s, network.LoadingFinished, func(e *network.EventLoadingFinished) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.traffic.Bytes += int64(e.EncodedDataLength)
		delete(r.open, e.RequestID)
	})
	on(s, network.LoadingFailed, r.loadingFailed)
	on(s, runtime.ConsoleAPICalled, r.consoleCalled)
	on(s, runtime.ExceptionThrown, r.exceptionThrown)
	on(s, cdplog.EntryAdded, func(e *cdplog.EventEntryAdded) {
		if e.Entry.Level == cdplog.EntryLevelError && e.Entry.Source != "network" { // failed requests are listed as such
			r.addConsole("error", e.Entry.Text, e.Entry.URL, int(e.Entry.LineNumber))
		}
	})
	on(s, runtime.BindingCalled, r.told)
}

func (r *recorder) requestSent(e *network.EventRequestWillBeSent) {
	if strings.HasPrefix(e.Request.URL, "data:") {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.RedirectResponse == nil {
		r.traffic.Requests++
	}
	if len(r.open) < maxOpen {
		r.open[e.RequestID] = &request{method: e.Request.Method, url: e.Request.URL, kind: string(e.Type)}
	}
	if string(e.LoaderID) != string(e.RequestID) || e.Type != network.ResourceTypeDocument {
		return
	}
	doc := r.doc(string(e.LoaderID))
	if doc == nil {
		doc = &document{loader: string(e.LoaderID), request: e.RequestID, sent: float64(e.Timestamp)}
		doc.Step = r.step
		r.docs = append(r.docs, doc)
	} else if e.RedirectResponse != nil {
		doc.Redirects = append(doc.Redirects, r.redact.Redact(bare(e.RedirectResponse.URL)))
	}
	doc.URL = e.Request.URL
}

func (r *recorder) doc(loader string) *document {
	for i := len(r.docs) - 1; i >= 0; i-- {
		if r.docs[i].loader == loader {
			return r.docs[i]
		}
	}
	return nil
}

func (r *recorder) responseReceived(e *network.EventResponseReceived) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if doc := r.doc(string(e.RequestID)); doc != nil {
		doc.Status = int(e.Response.Status)
		doc.Protocol, doc.RemoteIP = e.Response.Protocol, e.Response.RemoteIPAddress
		if t := e.Response.Timing; t != nil && t.ReceiveHeadersStart > 0 {
			doc.TTFB = seconds(t.RequestTime + t.ReceiveHeadersStart/1000 - doc.sent)
		} else {
			doc.TTFB = seconds(float64(e.Timestamp) - doc.sent)
		}
	}
	if e.Response.Status >= 400 {
		r.addFailed(e.RequestID, int(e.Response.Status), "")
	}
}

func (r *recorder) loadingFailed(e *network.EventLoadingFailed) {
	r.mu.Lock()
	defer r.mu.Unlock()
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
	if q == nil || strings.HasSuffix(bare(q.url), "/favicon.ico") {
		return
	}
	third := !sameSite(r.site, hostOf(q.url))
	if third {
		r.traffic.FailedThirdParty++
	} else {
		r.traffic.Failed++
	}
	if len(r.failed) < maxRequests {
		r.failed = append(r.failed, gengfu.FailedRequest{
			Step: r.step, Method: q.method, URL: r.redact.Redact(bare(q.url)), Status: status,
			Error: why, Type: q.kind, ThirdParty: third,
		})
	}
}

func (r *recorder) consoleCalled(e *runtime.EventConsoleAPICalled) {
	if e.Type != runtime.ConsoleAPICalledTypeError && e.Type != runtime.ConsoleAPICalledTypeAssert {
		return
	}
	var words []string
	for _, a := range e.Args {
		words = append(words, argument(a))
	}
	url, line := "", 0
	if e.StackTrace != nil && len(e.StackTrace.CallFrames) > 0 {
		url, line = e.StackTrace.CallFrames[0].URL, int(e.StackTrace.CallFrames[0].LineNumber)+1
	}
	r.addConsole("error", strings.Join(words, " "), url, line)
}

func argument(a *runtime.RemoteObject) string {
	var s string
	if len(a.Value) > 0 && json.Unmarshal(a.Value, &s) == nil {
		return s
	}
	if a.Description != "" {
		return a.Description
	}
	return string(a.Value)
}

func (r *recorder) exceptionThrown(e *runtime.EventExceptionThrown) {
	d := e.ExceptionDetails
	text := d.Text
	if d.Exception != nil && d.Exception.Description != "" {
		text = firstLine(d.Exception.Description)
	}
	r.addConsole("exception", text, d.URL, int(d.LineNumber)+1)
}

func (r *recorder) addConsole(level, text, url string, line int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors++
	if len(r.console) < maxConsole {
		r.console = append(r.console, gengfu.ConsoleLine{
			Step: r.step, Level: level, Text: r.redact.Redact(cut(text)), URL: r.redact.Redact(bare(url)), Line: line,
		})
	}
}

// told takes what the script in the page reports.
func (r *recorder) told(e *runtime.EventBindingCalled) {
	var m struct {
		Message string   `json:"message"`
		FCP     *float64 `json:"fcp"`
		LCP     *float64 `json:"lcp"`
		CLS     *float64 `json:"cls"`
	}
	if e.Name != tellBinding || json.Unmarshal([]byte(e.Payload), &m) != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.Message != "" && len(r.messages) < maxMessages {
		r.messages = append(r.messages, gengfu.PageMessage{Step: r.step, At: time.Since(r.began), Text: r.redact.Redact(cut(m.Message))})
	}
	doc := r.current()
	if doc == nil {
		return
	}
	for _, v := range []struct {
		from *float64
		to   *time.Duration
	}{{m.FCP, &doc.FCP}, {m.LCP, &doc.LCP}} {
		if v.from != nil {
			*v.to = seconds(*v.from / 1000)
		}
	}
	if m.CLS != nil {
		doc.CLS = *m.CLS
	}
}

// current is the main document that was committed last. The lock is held.
func (r *recorder) current() *document {
	for i := len(r.docs) - 1; i >= 0; i-- {
		if r.docs[i].committed {
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

func (r *recorder) dialog(kind, message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.dialogs) >= maxDialogs {
		r.storm = true
		return
	}
	r.dialogs = append(r.dialogs, kind+": "+r.redact.Redact(cut(message)))
}

func (r *recorder) tooManyPages() {
	r.mu.Lock()
	r.stray++
	r.mu.Unlock()
}

// status is the HTTP status of the main document, 0 when there is none yet.
func (r *recorder) status() (status int, url string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if doc := r.current(); doc != nil {
		return doc.Status, doc.URL
	}
	return 0, ""
}

// pending is the main document that was asked for and has not come yet, empty
// when there is none. The browser answers no questions about the page meanwhile.
func (r *recorder) pending() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.docs); n > 0 && !r.docs[n-1].committed && !r.docs[n-1].failed {
		return r.docs[n-1].URL
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

// fill copies what was recorded into the run.
func (r *recorder) fill(run *gengfu.Run) {
	r.mu.Lock()
	defer r.mu.Unlock()
	run.Traffic, run.Console, run.Requests = r.traffic, r.console, r.failed
	run.Dialogs, run.Messages = r.dialogs, r.messages
	for _, d := range r.docs {
		load := d.PageLoad
		load.URL = r.redact.Redact(bare(load.URL))
		run.Pages = append(run.Pages, load)
	}
}

func seconds(s float64) time.Duration {
	if s <= 0 {
		return 0
	}
	return time.Duration(s * float64(time.Second))
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// cut shortens a text to what a store and a reader can bear.
func cut(s string) string {
	if r := []rune(s); len(r) > maxTextLen {
		return string(r[:maxTextLen]) + "…"
	}
	return s
}
