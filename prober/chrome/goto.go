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
	if r.rec.firstParty(hostOf(to)) == "" {
		return scenarioFault("no host in address %s", bare(to))
	}
	began := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, patience(ctx), errStepTime)
	defer cancel()
	nav, err := cdp.Call(ctx, r.page.s, cdppage.Navigate, cdppage.NavigateParams{URL: to})
	if err != nil {
		return r.notOpened(ctx, err, began)
	}
	if nav.IsDownload {
		return &stop{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonDownload}}
	}
	if nav.ErrorText != "" {
		return navigationError(nav.ErrorText)
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
		return ok && (f.loader == nav.LoaderID || f.moves > 1)
	})
	if err != nil {
		return r.notOpened(ctx, err, began)
	}
	return r.acceptStatus(st.Status)
}

// absolute resolves an address against the present page.
func (r *runner) absolute(to string) (string, error) {
	switch {
	case strings.HasPrefix(to, "http://"), strings.HasPrefix(to, "https://"):
		return to, nil
	case strings.HasPrefix(to, "/"):
		here := r.page.url()
		if i := strings.Index(here, "://"); i > 0 {
			host, _, _ := strings.Cut(here[i+3:], "/")
			return here[:i+3] + host + to, nil
		}
		return "", scenarioFault("address %s needs a host: no page is open yet", to)
	}
	return "", &stop{gengfu.Failure{Fault: gengfu.FaultPolicy, Reason: gengfu.ReasonPolicy, Detail: "only http and https addresses are opened, not " + bare(to)}}
}

// notOpened says why a navigation did not get through.
func (r *runner) notOpened(ctx context.Context, err error, began time.Time) error {
	if cause := context.Cause(ctx); cause == nil || (!errors.Is(cause, errStepTime) && !errors.Is(cause, errRunTime)) {
		return err
	}
	f := gengfu.Failure{Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonNoAnswer, Waited: time.Since(began)}
	if status, _ := r.rec.status(); status != 0 && !r.page.answers(500*time.Millisecond) {
		f.Fault, f.Reason = gengfu.FaultBlockedPage, gengfu.ReasonBlocked
	} else if status != 0 {
		f.Reason, f.Detail = gengfu.ReasonTimeout, "the document was not ready"
	}
	return &stop{f}
}

func (r *runner) acceptStatus(accepted []int) error {
	status, _ := r.rec.status()
	ok := status == 0 || status >= 200 && status < 400
	if len(accepted) > 0 {
		ok = slices.Contains(accepted, status)
	}
	if ok {
		return nil
	}
	return statusFailure(status)
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
	{"net::ERR_BAD_SSL", gengfu.FaultTLS, gengfu.ReasonTLS},
	{"net::ERR_CONNECTION_", gengfu.FaultConnect, gengfu.ReasonConnect},
	{"net::ERR_ADDRESS_", gengfu.FaultConnect, gengfu.ReasonConnect},
	{"net::ERR_SOCKET_", gengfu.FaultConnect, gengfu.ReasonConnect},
	{"net::ERR_EMPTY_RESPONSE", gengfu.FaultConnect, gengfu.ReasonConnect},
	{"net::ERR_TOO_MANY_REDIRECTS", gengfu.FaultHTTPStatus, gengfu.ReasonRedirects},
	{"net::ERR_TIMED_OUT", gengfu.FaultTimeout, gengfu.ReasonNavigate},
	{"net::ERR_INTERNET_DISCONNECTED", gengfu.FaultNetwork, gengfu.ReasonNetworkOurs},
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
			return &stop{gengfu.Failure{Fault: n.fault, Reason: n.reason, Detail: text}}
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

// frameOf resolves frame locators, outermost first, to a frame of the page.
func (r *runner) frameOf(ctx context.Context, frames ...[]scenarios.Locator) (cdp.FrameID, error) {
	id := r.page.main
	for _, list := range frames {
		for _, l := range list {
			next, err := r.childFrame(ctx, id, l)
			if err != nil {
				return "", err
			}
			id = next
		}
	}
	return id, nil
}

func (r *runner) childFrame(ctx context.Context, id cdp.FrameID, l scenarios.Locator) (cdp.FrameID, error) {
	q, err := r.compile(l, useControl)
	if err != nil {
		return "", err
	}
	rep, err := r.page.ask(ctx, id, `(q,b)=>__gengfu.ready(q,{},b)`, q, budget{})
	if err != nil {
		return "", err
	}
	if !rep.OK {
		return "", r.unready(q, rep)
	}
	node, err := r.lastNode(ctx, id)
	if err != nil {
		return "", err
	}
	if node.FrameID == "" {
		return "", scenarioFault("%s is a %s, not a frame", q.words, strings.ToLower(node.NodeName))
	}
	return node.FrameID, nil
}
