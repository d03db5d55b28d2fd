package chrome

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"

	"gengfu"
	"gengfu/scenarios"
)

// lifecycle events that a goto may wait for.
var lifecycleOf = map[string]string{"commit": "commit", "dom": "DOMContentLoaded", "load": "load", "": "DOMContentLoaded"}

// open does a goto step: the main document arrives with an accepted status and
// its frame reaches the wanted state. The frame counts, not the document: a
// page may move on by script while it loads.
func (r *runner) open(ctx context.Context, st *scenarios.Step) error {
	v, err := r.resolve(st.URL)
	if err != nil {
		return err
	}
	to, err := r.absolute(v.Text)
	if err != nil {
		return err
	}
	if r.rec.firstParty(hostOf(to)) == "" && to != blank {
		return scenarioFault("no host in address %s", bare(to))
	}
	if err := r.sendHeaders(ctx, to); err != nil {
		return err
	}
	began := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, patience(ctx), errStepTime)
	defer cancel()
	before := r.page.documents()
	nav, err := cdp.Call(ctx, r.page.s, cdppage.Navigate, cdppage.NavigateParams{URL: to})
	if err != nil {
		return r.notOpened(ctx, err, began)
	}
	if err := r.page.complete(ctx); err != nil {
		return err
	}
	if nav.IsDownload && wantsFile(st) != nil {
		return nil
	}
	if nav.IsDownload {
		return &stop{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonDownload}}
	}
	if stayed, err := r.stays(st); stayed && nav.ErrorText != "" {
		return err
	}
	if nav.ErrorText != "" {
		return r.notNavigated(r.rec.plainly(to, nav.ErrorText), st.Status)
	}
	want := lifecycleOf[st.Until]
	err = r.page.await(ctx, func() bool {
		f := r.page.frames[r.page.main]
		if f == nil {
			return false
		}
		if nav.LoaderID == "" { // same document
			return true
		}
		_, ok := f.life[want]
		return ok && (f.loader == nav.LoaderID || f.docs > before+1)
	})
	if err != nil {
		return r.notOpened(ctx, err, began)
	}
	return r.acceptStatus(st.Status)
}

// blank is the one address that is not on the network.
const blank = "about:blank"

// documents counts the documents that the page has had.
func (p *page) documents() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.frames[p.main]; f != nil {
		return f.docs
	}
	return 0
}

// absolute resolves an address against the present page.
func (r *runner) absolute(to string) (string, error) {
	switch {
	case strings.Contains(to, ":") && !strings.HasPrefix(to, "/"):
		return to, r.permitted(to)
	case strings.HasPrefix(to, "/"):
		here := r.page.url()
		if i := strings.Index(here, "://"); i > 0 {
			host, _, _ := strings.Cut(here[i+3:], "/")
			to = here[:i+3] + host + to
			return to, r.permitted(to)
		}
		return "", scenarioFault("address %s needs a host: no page is open yet", to)
	}
	return "", scenarioFault("%s is no address", bare(to))
}

// notOpened says why a navigation did not get through.
func (r *runner) notOpened(ctx context.Context, err error, began time.Time) error {
	if cause := context.Cause(ctx); cause == nil || (!errors.Is(cause, errStepTime) && !errors.Is(cause, errRunTime)) {
		return err
	}
	f := gengfu.Failure{Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonNoAnswer, Waited: time.Since(began)}
	if status := r.rec.status(); status != 0 && !r.page.answers(500*time.Millisecond) {
		f.Fault, f.Reason = gengfu.FaultBlockedPage, gengfu.ReasonBlocked
	} else if status != 0 {
		f.Reason, f.Detail = gengfu.ReasonTimeout, "the document was not ready"
	}
	return &stop{f}
}

func (r *runner) acceptStatus(accepted []int) error {
	r.accepted = 0
	status := r.rec.status()
	ok := status == 0 || status >= 200 && status < 400
	if len(accepted) > 0 {
		ok = slices.Contains(accepted, status)
	}
	if !ok {
		return statusFailure(status)
	}
	r.accepted = status
	return nil
}

// notNavigated says why there is no document. The browser has an error of its
// own for answers that are none: an error status without a body, 204 and 205.
func (r *runner) notNavigated(text string, accepted []int) error {
	if why := r.rec.kept(r.page.main); why != nil {
		return &stop{*why}
	}
	status := r.rec.answer()
	if text == "net::ERR_INVALID_AUTH_CREDENTIALS" && status != 0 { // instead of the 401 page when a challenge is not answered
		text = "net::ERR_HTTP_RESPONSE_CODE_FAILURE"
	}
	switch {
	case text == "net::ERR_HTTP_RESPONSE_CODE_FAILURE" && slices.Contains(accepted, status):
		r.accepted = status
		return nil
	case text == "net::ERR_HTTP_RESPONSE_CODE_FAILURE", text == "net::ERR_ABORTED" && status != 0:
		return statusFailure(status)
	}
	return navigationError(text)
}

func statusFailure(status int) *stop {
	return &stop{gengfu.Failure{Fault: gengfu.FaultHTTPStatus, Reason: gengfu.ReasonStatus, Seen: strconv.Itoa(status)}}
}

// netErrors maps the browser's network errors, by prefix, to faults.
var netErrors = []struct {
	prefix string
	fault  gengfu.Fault
	reason gengfu.Reason
}{
	{"net::ERR_NAME_", gengfu.FaultDNS, gengfu.ReasonDNS},
	{"net::ERR_DNS_", gengfu.FaultDNS, gengfu.ReasonDNS},
	{"net::ERR_CERT_", gengfu.FaultTLS, gengfu.ReasonTLS},
	{"net::ERR_SSL_", gengfu.FaultTLS, gengfu.ReasonTLS},
	{"net::ERR_BAD_SSL_CLIENT_AUTH_CERT", gengfu.FaultCredential, gengfu.ReasonCredential}, // ours is not taken
	{"net::ERR_BAD_SSL", gengfu.FaultTLS, gengfu.ReasonTLS},
	{"net::ERR_CONNECTION_", gengfu.FaultConnect, gengfu.ReasonConnect},
	{"net::ERR_ADDRESS_", gengfu.FaultConnect, gengfu.ReasonConnect},
	{"net::ERR_SOCKET_", gengfu.FaultConnect, gengfu.ReasonConnect},
	{"net::ERR_EMPTY_RESPONSE", gengfu.FaultConnect, gengfu.ReasonConnect},
	{"net::ERR_TOO_MANY_REDIRECTS", gengfu.FaultHTTPStatus, gengfu.ReasonRedirects},
	{"net::ERR_TIMED_OUT", gengfu.FaultTimeout, gengfu.ReasonNavigate},
	{"net::ERR_INTERNET_DISCONNECTED", gengfu.FaultNetwork, gengfu.ReasonNetworkOurs},
	{"net::ERR_SOCKS_", gengfu.FaultNetwork, gengfu.ReasonNetworkOurs}, // the prober's own proxy
	{"net::ERR_PROXY_", gengfu.FaultNetwork, gengfu.ReasonNetworkOurs},
	{"net::ERR_TUNNEL_", gengfu.FaultNetwork, gengfu.ReasonNetworkOurs},
	{"net::ERR_NETWORK_", gengfu.FaultNetwork, gengfu.ReasonNetworkOurs},
	{"net::ERR_INSUFFICIENT_RESOURCES", gengfu.FaultMachine, gengfu.ReasonMachine},
	{"net::ERR_OUT_OF_MEMORY", gengfu.FaultMachine, gengfu.ReasonMachine},
	{"net::ERR_UNSAFE_PORT", gengfu.FaultScenario, gengfu.ReasonScenario},
	{"net::ERR_BLOCKED_BY_", gengfu.FaultPolicy, gengfu.ReasonPolicy},
	{"net::ERR_INVALID_URL", gengfu.FaultScenario, gengfu.ReasonScenario},
	// The page's process died or was never made: nothing is known of the target.
	{"net::ERR_ABORTED", gengfu.FaultBrowser, gengfu.ReasonBrowserGone},
}

func navigationError(text string) error {
	for _, n := range netErrors {
		if strings.HasPrefix(text, n.prefix) {
			f := gengfu.Failure{Fault: n.fault, Reason: n.reason, Detail: text}
			if n.reason == gengfu.ReasonCredential {
				f.Seen = text
			}
			return &stop{f}
		}
	}
	return &stop{gengfu.Failure{Fault: gengfu.FaultConnect, Reason: gengfu.ReasonNavigate, Detail: text}}
}

// firstParty sets the site of the run on its first page, and returns it.
func (r *recorder) firstParty(host string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.site == "" {
		r.site = host
	}
	return r.site
}
