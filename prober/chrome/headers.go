package chrome

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/fetch"
)

// headers are the scenario's own request headers. They go to the origins that
// its goto steps open and to no other: elsewhere they would tell a secret, and
// make a cross-origin request one that the other site must first allow.
type headers struct {
	list    []*fetch.HeaderEntry
	origins []string
}

// resolveHeaders fills in the texts of the headers.
func (r *runner) resolveHeaders() error {
	for _, h := range r.s.Browser.Headers {
		v, err := r.resolve(h.Value)
		if err != nil {
			return err
		}
		r.headers.list = append(r.headers.list, &fetch.HeaderEntry{Name: h.Key, Value: v.Text})
	}
	return nil
}

// sendHeaders makes the page send the headers to the origin of an address.
func (r *runner) sendHeaders(ctx context.Context, to string) error {
	u, err := url.Parse(to)
	if err != nil || len(r.headers.list) == 0 {
		return nil //nolint:nilerr // the browser will say what is wrong with the address
	}
	origin := u.Scheme + "://" + u.Host
	if slices.Contains(r.headers.origins, origin) {
		return nil
	}
	if len(r.headers.origins) == 0 {
		list := r.headers.list
		on(r.page.s, fetch.RequestPaused, func(e *fetch.EventRequestPaused) { resume(r.page.s, e, list) })
	}
	r.headers.origins = append(r.headers.origins, origin)
	var patterns []*fetch.RequestPattern
	for _, o := range r.headers.origins {
		patterns = append(patterns, &fetch.RequestPattern{URLPattern: o + "/*", RequestStage: fetch.RequestStageRequest})
	}
	if err := r.page.s.Call(ctx, fetch.CommandEnable, fetch.EnableParams{Patterns: patterns}, nil); err != nil {
		return fmt.Errorf("set headers: %w", err)
	}
	return nil
}

// resume lets a request go on with headers in addition to its own.
func resume(s *session, e *fetch.EventRequestPaused, more []*fetch.HeaderEntry) {
	all := slices.Clone(more)
	for name, value := range e.Request.Headers {
		if !slices.ContainsFunc(more, func(h *fetch.HeaderEntry) bool { return strings.EqualFold(h.Name, name) }) {
			all = append(all, &fetch.HeaderEntry{Name: name, Value: fmt.Sprint(value)})
		}
	}
	s.send(fetch.CommandContinueRequest, fetch.ContinueRequestParams{RequestID: e.RequestID, Headers: all})
}
