package chrome

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"

	"gengfu"
	"gengfu/egress"
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
	maxDocs     = 100
)

// cutMark ends every text that was shortened, here and in the page.
const cutMark = "…"

// recorder notes what happens on all pages of a run, under the step that is
// being done. It is fed by session goroutines and read by the run.
type recorder struct {
	began time.Time

	mu       sync.Mutex
	step     int
	redact   gengfu.Redactor
	hidden   []gengfu.Secret
	main     cdp.FrameID // of the run's own page
	site     string      // host of the first page: what is first-party
	traffic  gengfu.Traffic
	console  []gengfu.ConsoleLine
	errors   int // console errors, the ones over the limit too
	failed   []gengfu.FailedRequest
	messages []gengfu.PageMessage
	dialogs  []string
	storm    bool // more dialogs than a person would bear
	docs     []*document
	open     map[network.RequestID]*request

	reply     answer  // to dialogs, while the step is done
	shown     []shown // dialogs, as many as dialogs
	since     int     // the step of the last action
	stayed    bool    // a page that asked whether to leave it was kept in this step
	downloads downloads
	counts    counts
	har       log
	limits    Limits
	excess    excess
	heeded    []*session // whose news is recorded
	workers   []*session // of the run's pages
	received  int64      // bytes, unpacked
	heard     int        // console messages
	way       *egress.Proxy
	refused   map[cdp.FrameID]gengfu.Failure // pages that the policy kept from loading
	writes    []written                      // that the guard refused
}

// document is one main document being loaded.
type document struct {
	loader    string
	sent      float64     // monotonic seconds of the first request
	asked     float64     // of the latest one, after redirects
	answered  float64     // of the first byte of the answer
	main      cdp.FrameID // of the page it is in
	committed bool
	failed    bool
	size      int64 // bytes received, unpacked
	gengfu.PageLoad
}

type request struct {
	method, url, kind string
	noted             bool             // as failed
	logged            bool             // for an archive
	shares            [2]*gengfu.Share // of its type and its origin
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

// own names the main frame of the run's page: the first that is opened.
func (r *recorder) own(main cdp.FrameID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.main == "" {
		r.main = main
	}
}

// hide makes the recorder redact more secrets.
func (r *recorder) hide(secrets ...gengfu.Secret) {
	r.mu.Lock()
	r.redact = r.redact.With(secrets...)
	r.hidden = append(r.hidden, secrets...)
	r.mu.Unlock()
}

// clean is a text without secrets.
func (r *recorder) clean(text string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.redacted(text)
}

// redacted cuts secrets out of a text, and the beginnings of secrets where the
// page's text was cut off. The lock is held.
func (r *recorder) redacted(text string) string {
	text = r.redact.Redact(text)
	for i := strings.Index(text, cutMark); i >= 0; {
		head := text[:i]
		for _, s := range r.hidden {
			for n := len(s) - 1; n > 2; n-- {
				if rest, ok := strings.CutSuffix(head, string(s[:n])); ok {
					head = rest + gengfu.Masked
					break
				}
			}
		}
		text = head + text[i:]
		next := strings.Index(text[len(head)+len(cutMark):], cutMark)
		if next < 0 {
			break
		}
		i = len(head) + len(cutMark) + next
	}
	return text
}

// listen records what happens on a session of the page with the main frame.
func (r *recorder) listen(s *session, main cdp.FrameID) {
	r.mu.Lock()
	if len(r.heeded) < maxOpen {
		r.heeded = append(r.heeded, s)
	}
	r.mu.Unlock()
	on(s, network.RequestWillBeSent, func(e *network.EventRequestWillBeSent) { r.requestSent(s, e, main) })
	on(s, network.ResponseReceived, func(e *network.EventResponseReceived) { r.responseReceived(s, e) })
	on(s, network.LoadingFinished, func(e *network.EventLoadingFinished) { r.loadingFinished(s, e) })
	on(s, network.LoadingFailed, func(e *network.EventLoadingFailed) { r.loadingFailed(s, e) })
	r.listenRest(s)
	r.listenFloods(s)
	on(s, runtime.ExceptionThrown, r.exceptionThrown)
	on(s, cdplog.EntryAdded, func(e *cdplog.EventEntryAdded) {
		if e.Entry.Level == cdplog.EntryLevelError && e.Entry.Source != "network" { // failed requests are listed as such
			r.addConsole("error", e.Entry.Text, e.Entry.URL, int(e.Entry.LineNumber))
		}
	})
	on(s, runtime.BindingCalled, func(e *runtime.EventBindingCalled) { r.told(e, main) })
}

func (r *recorder) consoleCalled(e *runtime.EventConsoleAPICalled) {
	if e.Type == runtime.ConsoleAPICalledTypeWarning {
		r.warned()
	}
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
	if level == "exception" {
		r.counts.Exceptions++
	}
	if len(r.console) < maxConsole {
		r.console = append(r.console, gengfu.ConsoleLine{
			Step: r.step, Level: level, Text: cut(r.redacted(text)), URL: r.redacted(bare(url)), Line: line,
		})
	}
}

// told takes what the script in the page reports.
func (r *recorder) told(e *runtime.EventBindingCalled, main cdp.FrameID) {
	var m struct {
		Message string   `json:"message"`
		FCP     *float64 `json:"fcp"`
		LCP     *float64 `json:"lcp"`
		CLS     *float64 `json:"cls"`
		reaction
	}
	if e.Name != tellBinding || json.Unmarshal([]byte(e.Payload), &m) != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.Message != "" && len(r.messages) < maxMessages {
		r.messages = append(r.messages, gengfu.PageMessage{Step: r.step, At: time.Since(r.began), Text: cut(r.redacted(m.Message))})
	}
	doc := r.current()
	if doc == nil || main != r.main {
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
	m.into(&doc.PageLoad)
}

// dialog notes a dialog and says how it is to be answered.
func (r *recorder) dialog(kind, message string) answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts.Dialogs++
	if len(r.dialogs) >= maxDialogs {
		r.storm = true
		r.excessive(over(gengfu.ReasonDialogs, "", r.dialogs[len(r.dialogs)-1]))
		return r.reply
	}
	r.shown = append(r.shown, shown{r.step, kind, cut(message)})
	r.dialogs = append(r.dialogs, kind+": "+cut(r.redacted(message)))
	return r.reply
}

// fill copies what was recorded into the run.
func (r *recorder) fill(run *gengfu.Run) {
	r.mu.Lock()
	defer r.mu.Unlock()
	run.Traffic, run.Console, run.Requests = r.traffic, r.console, r.failed
	run.Dialogs, run.Messages = r.dialogs, r.messages
	run.Counts = r.sum()
	for _, d := range r.docs {
		load := d.PageLoad
		load.URL = r.redacted(bare(load.URL))
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
		return string(r[:maxTextLen]) + cutMark
	}
	return s
}
