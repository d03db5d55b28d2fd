package chrome

import (
	"cmp"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"

	"gengfu"
)

// Limits on what is told apart.
const (
	maxTypes   = 20
	maxOrigins = 20
	maxHops    = 20
)

// reaction is what the page's observers tell of how it reacts, in milliseconds.
type reaction struct {
	INP  *float64 `json:"inp"`
	Long *struct {
		Count   int     `json:"n"`
		Total   float64 `json:"total"`
		Longest float64 `json:"longest"`
	} `json:"long"`
}

func (m reaction) into(load *gengfu.PageLoad) {
	if m.INP != nil {
		load.INP = seconds(*m.INP / 1000)
	}
	if l := m.Long; l != nil {
		load.Long = gengfu.LongTasks{Count: l.Count, Total: seconds(l.Total / 1000), Longest: seconds(l.Longest / 1000)}
	}
}

// counts are the run's counts as they grow.
type counts struct {
	gengfu.Counts
	types, origins shares
}

// shares are in the order in which their words came up; the last one takes what
// is over the limit.
type shares []*gengfu.Share

func (l *shares) of(word string, limit int) *gengfu.Share {
	for _, s := range *l {
		if s.Word == word || s.Word == "" {
			return s
		}
	}
	if len(*l) == limit {
		word = ""
	}
	s := &gengfu.Share{Word: word}
	*l = append(*l, s)
	return s
}

func (l shares) values(clean func(string) string) []gengfu.Share {
	var out []gengfu.Share
	for _, s := range l {
		out = append(out, gengfu.Share{Word: clean(s.Word), Requests: s.Requests, Bytes: s.Bytes})
	}
	return out
}

// request counts a request that is being sent.
func (c *counts) request(q *request, worker bool) {
	if worker {
		c.Workers++
	}
	q.shares = [2]*gengfu.Share{c.types.of(cmp.Or(q.kind, "Other"), maxTypes), c.origins.of(sourceOf(q.url), maxOrigins)}
	for _, s := range q.shares {
		s.Requests++
	}
}

func (q *request) received(n int64) {
	for _, s := range q.shares {
		if s != nil {
			s.Bytes += n
		}
	}
}

// sourceOf is the scheme and host of an address; for what has no host, such as
// blob:, it is the scheme.
func sourceOf(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok || strings.Contains(scheme, ":") {
		scheme, _, _ = strings.Cut(address, ":")
		return scheme + ":"
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return scheme + "://" + rest[strings.LastIndexByte(rest, '@')+1:]
}

func (r *recorder) warned() {
	r.mu.Lock()
	r.counts.Warnings++
	r.mu.Unlock()
}

// sum are the counts for the run. The lock is held.
func (r *recorder) sum() gengfu.Counts {
	c := r.counts.Counts
	c.Errors = r.errors - c.Exceptions
	c.Types, c.Origins = r.counts.types.values(r.redacted), r.counts.origins.values(r.redacted)
	return c
}

// hop notes the redirect that led to a request.
func (d *document) hop(e *network.EventRequestWillBeSent) {
	if n := len(d.Redirects); n > 0 && len(d.Hops) < maxHops {
		d.Hops = append(d.Hops, gengfu.Hop{
			URL: d.Redirects[n-1], Status: int(e.RedirectResponse.Status), Took: seconds(float64(e.Timestamp) - d.asked),
		})
	}
	d.asked = float64(e.Timestamp)
	d.phases(e.RedirectResponse.Timing)
}

// connection notes how the document's answer came.
func (d *document) connection(a *network.Response, at float64) {
	d.answered = at
	if t := a.Timing; t != nil {
		d.answered = t.RequestTime + max(t.ReceiveHeadersStart, t.SendEnd)/1000
		d.phases(t)
		d.Phases.Wait = phase(t.SendEnd, t.ReceiveHeadersStart)
	}
	if s := a.SecurityDetails; s != nil {
		d.TLS = &gengfu.TLS{
			Protocol: s.Protocol, Cipher: s.Cipher, Issuer: s.Issuer, Subject: s.SubjectName,
			From: wall(s.ValidFrom), To: wall(s.ValidTo),
		}
	}
}

// phases adds the connecting for one request of the document.
func (d *document) phases(t *network.ResourceTiming) {
	if t == nil {
		return
	}
	tls := phase(t.SslStart, t.SslEnd)
	d.Phases.DNS += phase(t.DNSStart, t.DNSEnd)
	d.Phases.Connect += max(0, phase(t.ConnectStart, t.ConnectEnd)-tls)
	d.Phases.TLS += tls
}

// phase is the time between two marks in milliseconds, 0 when it did not happen.
func phase(from, to float64) time.Duration {
	if from < 0 || to < from {
		return 0
	}
	return seconds((to - from) / 1000)
}

// wall is a time of the browser's clock.
func wall(t cdp.TimeSinceEpoch) time.Time {
	return time.UnixMicro(int64(t.Float64() * 1e6)).UTC()
}
