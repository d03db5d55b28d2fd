package chrome

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/fetch"
)

// resolveHeaders fills in the texts of the scenario's own request headers. They
// go to the origins that its goto steps open and to no other: elsewhere they
// would tell a secret, and make a cross-origin request one that the other site
// must first allow.
func (r *runner) resolveHeaders() error {
	if r.headers.tracing = newTracing(r.s.Browser.Trace, r.run.Slot); r.headers.tracing != nil {
		r.run.Trace = r.headers.tracing.id
	}
	for _, h := range r.s.Browser.Headers {
		v, err := r.resolve(h.Value)
		if err != nil {
			return err
		}
		r.headers.list = append(r.headers.list, &fetch.HeaderEntry{Name: h.Key, Value: v.Text})
	}
	return nil
}

// sendHeaders makes the page send the headers to the origin of an address, and
// traces it.
func (r *runner) sendHeaders(ctx context.Context, to string) error {
	origin := originOf(to)
	if origin == "" || len(r.headers.list) == 0 && r.headers.tracing == nil {
		return nil // the browser will say what is wrong with the address
	}
	if slices.Contains(r.headers.origins, origin) {
		return nil
	}
	next := r.headers
	next.origins = append(slices.Clone(next.origins), origin)
	r.headers = next
	k := &r.page.set.kit
	k.mu.Lock()
	k.rules = next
	k.mu.Unlock()
	if err := k.intercept(r.page, r.page.s).wait(ctx, nil); err != nil {
		return fmt.Errorf("set headers: %w", err)
	}
	return nil
}

// resume lets a request go on with headers in addition to its own.
func resume(s *session, e *fetch.EventRequestPaused, more []*fetch.HeaderEntry) {
	if len(more) == 0 {
		s.send(fetch.CommandContinueRequest, fetch.ContinueRequestParams{RequestID: e.RequestID})
		return
	}
	all := slices.Clone(more)
	for name, value := range e.Request.Headers {
		if !slices.ContainsFunc(more, func(h *fetch.HeaderEntry) bool { return strings.EqualFold(h.Name, name) }) {
			all = append(all, &fetch.HeaderEntry{Name: name, Value: fmt.Sprint(value)})
		}
	}
	s.send(fetch.CommandContinueRequest, fetch.ContinueRequestParams{RequestID: e.RequestID, Headers: all})
}
