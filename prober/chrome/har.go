package chrome

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"time"
)

// The HTTP Archive format, version 1.2 (http://www.softwareishard.com/blog/har-12-spec/).
// Keys that begin with an underscore are our own or those that other tools have
// agreed on. cdproto has types for it, too, but writes texts as base64.
type (
	archive struct {
		Log archiveLog `json:"log"`
	}
	archiveLog struct {
		Version string      `json:"version"`
		Creator product     `json:"creator"`
		Browser product     `json:"browser"`
		Pages   []harPage   `json:"pages"`
		Entries []*harEntry `json:"entries"`
		Comment string      `json:"comment,omitempty"`
	}
	product struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harPage struct {
		Started string         `json:"startedDateTime"`
		ID      string         `json:"id"`
		Title   string         `json:"title"`
		Timings harPageTimings `json:"pageTimings"`
	}
	harPageTimings struct {
		OnContentLoad float64 `json:"onContentLoad"`
		OnLoad        float64 `json:"onLoad"`
	}
	harEntry struct {
		Page       string        `json:"pageref,omitempty"`
		Started    string        `json:"startedDateTime"`
		Time       float64       `json:"time"`
		Request    harRequest    `json:"request"`
		Response   harResponse   `json:"response"`
		Cache      struct{}      `json:"cache"`
		Timings    harTimings    `json:"timings"`
		ServerIP   string        `json:"serverIPAddress,omitempty"`
		Connection string        `json:"connection,omitempty"`
		Type       string        `json:"_resourceType,omitempty"`
		Step       int           `json:"_step,omitempty"`
		Security   *harSecurity  `json:"_securityDetails,omitempty"`
		Initiator  *harInitiator `json:"_initiator,omitempty"`
		FromCache  string        `json:"_fromCache,omitempty"`
		Worker     bool          `json:"_worker,omitempty"`
		Incomplete bool          `json:"_incomplete,omitempty"` // was not over when the archive was made
	}
	harRequest struct {
		Method      string      `json:"method"`
		URL         string      `json:"url"`
		HTTPVersion string      `json:"httpVersion"`
		Cookies     []harCookie `json:"cookies"`
		Headers     []harPair   `json:"headers"`
		Query       []harPair   `json:"queryString"`
		PostData    *harPosted  `json:"postData,omitempty"`
		HeadersSize int         `json:"headersSize"`
		BodySize    int         `json:"bodySize"`
	}
	harResponse struct {
		Status       int         `json:"status"`
		StatusText   string      `json:"statusText"`
		HTTPVersion  string      `json:"httpVersion"`
		Cookies      []harCookie `json:"cookies"`
		Headers      []harPair   `json:"headers"`
		Content      harContent  `json:"content"`
		RedirectURL  string      `json:"redirectURL"`
		HeadersSize  int         `json:"headersSize"`
		BodySize     int64       `json:"bodySize"`
		TransferSize int64       `json:"_transferSize"`
		FailureText  string      `json:"_failureText,omitempty"`
	}
	harCookie struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harPosted struct {
		MimeType string    `json:"mimeType"`
		Params   []harPair `json:"params,omitempty"`
		Text     string    `json:"text,omitempty"`
		Comment  string    `json:"comment,omitempty"`
	}
	harContent struct {
		Size     int64  `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
		Comment  string `json:"comment,omitempty"`
	}
	// In milliseconds, -1 for what did not happen or is not known; connect
	// includes ssl.
	harTimings struct {
		Blocked float64 `json:"blocked"`
		DNS     float64 `json:"dns"`
		Connect float64 `json:"connect"`
		SSL     float64 `json:"ssl"`
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
	harSecurity struct {
		Protocol  string `json:"protocol"`
		Subject   string `json:"subjectName"`
		Issuer    string `json:"issuer"`
		ValidFrom int64  `json:"validFrom"` // seconds of Unix time
		ValidTo   int64  `json:"validTo"`
	}
	harInitiator struct {
		Type string `json:"type"`
		URL  string `json:"url,omitempty"`
		Line int    `json:"lineNumber,omitempty"`
	}
)

// total is the time of an entry: that of its phases, ssl being part of connect.
func (t harTimings) total() float64 {
	sum := 0.0
	for _, ms := range []float64{t.Blocked, t.DNS, t.Connect, t.Send, t.Wait, t.Receive} {
		sum += max(ms, 0)
	}
	return math.Round(sum*1e3) / 1e3
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// copied is what an archive is made of as it is now: making one takes long, and
// the browser's news must not wait for it. Events are never changed.
func (r *recorder) copied() *recorder {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := &recorder{redact: r.redact, hidden: slices.Clone(r.hidden), har: r.har}
	for _, d := range r.docs {
		c.docs = append(c.docs, new(*d))
	}
	return c
}

// archive is the HTTP archive of what the run has done so far, nil when it did
// nothing on the network. bodies are the answers that were fetched for it.
func (r *recorder) archive(creator, browser product, bodies bodies) []byte {
	c := r.copied()
	if len(c.har.events) == 0 {
		return nil
	}
	b := newArchivist(c.redacted, bodies)
	for _, ev := range c.har.events {
		b.take(ev)
	}
	a := archive{archiveLog{Version: "1.2", Creator: creator, Browser: browser, Pages: []harPage{}, Entries: []*harEntry{}}}
	a.Log.Pages = b.pages(c.docs)
	a.Log.Entries = append(a.Log.Entries, b.finish()...)
	if c.har.dropped > 0 {
		a.Log.Comment = dropped(c.har.dropped)
	}
	slices.SortStableFunc(a.Log.Entries, func(x, y *harEntry) int { return cmp.Compare(x.Started, y.Started) })
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(a) != nil { // strings, finite numbers and lists always encode
		return nil
	}
	return out.Bytes()
}
