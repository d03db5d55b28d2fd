package chrome

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"

	"gengfu"
	"gengfu/scenarios"
)

// tracing lets the requests of a run carry a traceparent header (W3C Trace
// Context, level 1): documents, and what a page asks of its own origin. A
// request to another origin would first need that origin's consent to the
// header, which breaks healthy pages.
type tracing struct {
	id       string // of the trace: one for each run, 32 hex digits
	flags    string
	patterns []string         // as the author wrote them
	match    []*regexp.Regexp // the same
}

func newTracing(t scenarios.Trace, slot gengfu.Slot) *tracing {
	if !t.On {
		return nil
	}
	sum := sha256.Sum256([]byte("gengfu run " + slot.ID()))
	out := &tracing{id: hex.EncodeToString(sum[:16]), flags: "00", patterns: t.Origins}
	if t.Always || slot.Attempt > 1 {
		out.flags = "01"
	}
	for _, p := range t.Origins {
		words := strings.ReplaceAll(regexp.QuoteMeta(strings.ToLower(p)), `\*`, `[^/]*`)
		out.match = append(out.match, regexp.MustCompile("^"+words+"$"))
	}
	return out
}

// rules say which headers a paused request gets. They are never changed, only
// replaced, since requests come on the goroutine of the session.
type rules struct {
	list    []*fetch.HeaderEntry
	origins []string // that goto steps have opened
	tracing *tracing
}

// patterns are the requests that have to be stopped for the rules.
func (s rules) patterns() []*fetch.RequestPattern {
	var out []*fetch.RequestPattern
	add := func(origin string, kind network.ResourceType) {
		out = append(out, &fetch.RequestPattern{URLPattern: origin + "/*", RequestStage: fetch.RequestStageRequest, ResourceType: kind})
	}
	if len(s.list) > 0 {
		for _, o := range s.origins {
			add(o, "")
		}
	}
	if s.tracing == nil {
		return out
	}
	for _, o := range s.traced() {
		for _, kind := range []network.ResourceType{network.ResourceTypeDocument, network.ResourceTypeXHR, network.ResourceTypeFetch} {
			add(o, kind)
		}
	}
	return out
}

// traced are the patterns of the origins that are traced.
func (s rules) traced() []string {
	if len(s.tracing.patterns) > 0 {
		return s.tracing.patterns
	}
	return s.origins
}

// headers are those that a request is to get.
func (s rules) headers(e *fetch.EventRequestPaused, from string) []*fetch.HeaderEntry {
	origin := originOf(e.Request.URL)
	var out []*fetch.HeaderEntry
	if slices.Contains(s.origins, origin) {
		out = slices.Clone(s.list)
	}
	if s.tracing != nil && s.follows(e, origin, from) {
		out = append(out, &fetch.HeaderEntry{Name: "traceparent", Value: s.tracing.parent()})
	}
	return out
}

// follows reports whether a request of a page at an origin is traced. The
// browser's patterns are looser than the author's: a * of theirs goes over
// slashes.
func (s rules) follows(e *fetch.EventRequestPaused, origin, from string) bool {
	switch e.ResourceType {
	case network.ResourceTypeDocument:
	case network.ResourceTypeXHR, network.ResourceTypeFetch:
		if origin != from {
			return false
		}
	default:
		return false
	}
	for name := range e.Request.Headers {
		if strings.EqualFold(name, "traceparent") { // the page has tracing of its own
			return false
		}
	}
	if len(s.tracing.match) == 0 {
		return slices.Contains(s.origins, origin)
	}
	return slices.ContainsFunc(s.tracing.match, func(m *regexp.Regexp) bool { return m.MatchString(origin) })
}

// parent is the header's value: version, trace, a span of its own for each
// request, flags.
func (t *tracing) parent() string {
	var span [8]byte
	_, _ = rand.Read(span[:]) // never fails
	span[7] |= 1              // all zeros would be invalid
	return "00-" + t.id + "-" + hex.EncodeToString(span[:]) + "-" + t.flags
}

// originOf is the origin of a frame's document, empty when it is not known.
func (p *page) originOf(id cdp.FrameID) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.frames[id]; f != nil {
		return originOf(f.url)
	}
	return ""
}
