package chrome

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"

	"gengfu"
	"gengfu/scenarios"
)

// readonly lets the pages of a run read, and write only where the scenario
// allows it. It is never changed once requests come.
type readonly struct {
	allow []writable
	rec   *recorder
}

// writable is an allowed write.
type writable struct {
	method string // * for any
	origin string // empty for the site of the run
	path   *regexp.Regexp
}

// reading are the methods that change nothing (RFC 9110, 9.2.1).
var reading = [...]string{"GET", "HEAD", "OPTIONS", "TRACE"}

func newReadonly(g *scenarios.Guard, rec *recorder, resolve func(scenarios.Text) (scenarios.Value, error)) (*readonly, error) {
	if g == nil {
		return nil, nil //nolint:nilnil // no guard is no error
	}
	w := &readonly{rec: rec}
	for _, a := range g.Allow {
		v, err := resolve(a.Address)
		if err != nil {
			return nil, err
		}
		one := writable{method: a.Method, origin: originOf(v.Text)}
		path := v.Text
		if one.origin != "" {
			u, err := url.Parse(v.Text)
			if err != nil {
				return nil, scenarioFault("guard: %s is no address", a.Address.Source())
			}
			path = u.Path
		}
		one.path = regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(path), `\*`, ".*") + "$")
		w.allow = append(w.allow, one)
	}
	return w, nil
}

// patterns are the requests that may write: a style sheet or a picture does not.
func (w *readonly) patterns() []*fetch.RequestPattern {
	if w == nil {
		return nil
	}
	var out []*fetch.RequestPattern
	for _, kind := range []network.ResourceType{
		network.ResourceTypeDocument, network.ResourceTypeXHR, network.ResourceTypeFetch, network.ResourceTypePing, network.ResourceTypeOther,
	} {
		out = append(out, &fetch.RequestPattern{URLPattern: "*", RequestStage: fetch.RequestStageRequest, ResourceType: kind})
	}
	return out
}

// refuse ends a paused request that would write where nothing allows it, and
// reports whether it did. A page that was to be left for the answer stays.
func (w *readonly) refuse(s *session, e *fetch.EventRequestPaused) bool {
	if w == nil || slices.Contains(reading[:], e.Request.Method) || w.allows(e.Request.Method, e.Request.URL) {
		return false
	}
	why := network.ErrorReasonBlockedByClient
	if e.ResourceType == network.ResourceTypeDocument {
		why = network.ErrorReasonAborted
	}
	w.rec.refuseWrite(e.Request.Method, e.Request.URL, e.ResourceType)
	s.send(fetch.CommandFailRequest, fetch.FailRequestParams{RequestID: e.RequestID, ErrorReason: why})
	return true
}

func (w *readonly) allows(method, address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	own := w.rec.ownSite(u.Hostname())
	return slices.ContainsFunc(w.allow, func(a writable) bool {
		here := a.origin == originOf(address) || a.origin == "" && own
		return here && (a.method == "*" || a.method == method) && a.path.MatchString(u.EscapedPath())
	})
}

func (r *recorder) ownSite(host string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return sameSite(r.site, strings.ToLower(host))
}

// written is a write that the guard refused.
type written struct {
	step    int
	request string // POST /api/apply, with the host when it is another's
	matters bool   // a step may wait for its answer
	n       int
}

// maxWrites bounds the refused writes that are told apart.
const maxWrites = 50

func (r *recorder) refuseWrite(method, address string, kind network.ResourceType) {
	r.mu.Lock()
	defer r.mu.Unlock()
	u, err := url.Parse(bare(address))
	own := err == nil && sameSite(r.site, u.Hostname())
	what := method + " " + bare(address)
	if own {
		what = method + " " + u.EscapedPath()
	}
	what = r.redacted(what)
	for i := range r.writes {
		if w := &r.writes[i]; w.step == r.step && w.request == what {
			w.n++
			return
		}
	}
	if len(r.writes) < maxWrites {
		r.writes = append(r.writes, written{r.step, what, own && kind != network.ResourceTypePing, 1})
	}
}

// guarded remarks on the writes that were refused, when the run is over: news of
// one may come after its step.
func (r *runner) guarded() {
	r.rec.mu.Lock()
	all := slices.Clone(r.rec.writes)
	r.rec.mu.Unlock()
	for _, w := range all {
		r.remark(gengfu.Remark{Step: w.step, Kind: gengfu.RemarkGuard, Want: w.request, N: w.n})
	}
}

func (r *recorder) refusedWrites(step int) []written {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []written
	for _, w := range r.writes {
		if w.step == step {
			out = append(out, w)
		}
	}
	return out
}

// guardFault is the failure of a step that could not go on because the guard
// refused what it would have written; nil when it did not.
func (r *runner) guardFault(f gengfu.Failure) *gengfu.Failure {
	switch f.Fault {
	case gengfu.FaultAssertion, gengfu.FaultTimeout, gengfu.FaultJSError:
	default:
		return nil
	}
	for _, w := range r.rec.refusedWrites(r.index) {
		if w.matters {
			return &gengfu.Failure{Fault: gengfu.FaultScenario, Reason: gengfu.ReasonGuard, Want: w.request, Detail: f.Sentence(gengfu.English), Waited: f.Waited, Hints: f.Hints}
		}
	}
	return nil
}

// protect puts the guard of the scenario in force.
func (r *runner) protect(ctx context.Context) error {
	w, err := newReadonly(r.s.Browser.Guard, r.rec, r.resolve)
	if err != nil || w == nil || ctx.Err() != nil {
		return err
	}
	k := &r.page.set.kit
	k.mu.Lock()
	k.readonly = w
	k.mu.Unlock()
	return nil
}

// guardWorker has the requests of a worker looked at, too.
func (k *kit) guardWorker(s *session) {
	k.mu.Lock()
	w := k.readonly
	k.mu.Unlock()
	if w == nil {
		return
	}
	on(s, fetch.RequestPaused, func(e *fetch.EventRequestPaused) {
		if !w.refuse(s, e) {
			s.send(fetch.CommandContinueRequest, fetch.ContinueRequestParams{RequestID: e.RequestID})
		}
	})
	s.send(fetch.CommandEnable, fetch.EnableParams{Patterns: w.patterns()})
}
