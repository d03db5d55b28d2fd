package chrome

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/target"

	"gengfu"
	"gengfu/egress"
	"gengfu/scenarios"
)

// Egress says where pages may go. The zero value holds them to the default
// policy.
type Egress struct {
	Policy   egress.Policy
	Resolver egress.Resolver  // nil for the system's
	Upstream *egress.Upstream // proxy that leads out, nil for none
	// Enforce is "proxy" or empty for holding everything a page asks for to the
	// policy, "direct" for the addresses of goto steps alone. A browser that runs
	// elsewhere is always direct: it cannot reach a proxy of ours.
	Enforce string
}

func (c Egress) check() error {
	switch {
	case c.Enforce != "" && c.Enforce != "proxy" && c.Enforce != "direct":
		return fmt.Errorf("egress.enforce: %q (proxy or direct)", c.Enforce)
	case c.Enforce == "direct" && c.Upstream != nil:
		return errors.New("egress.proxy: needs enforce: proxy")
	}
	return nil
}

// nowhere is a proxy that does not exist. The browser's own requests, which
// belong to no run, end there.
const nowhere = "socks5://127.0.0.1:1"

// switches close the ways around the proxies of the contexts: the context that
// is nobody's, name lookups ahead of a request, and WebRTC, which does not know
// SOCKS.
func (c Egress) switches() []string {
	if c.Enforce == "direct" {
		return nil
	}
	return []string{
		"--proxy-server=" + nowhere, "--proxy-bypass-list=<-loopback>",
		"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
		"--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--webrtc-ip-handling-policy=disable_non_proxied_udp",
	}
}

// exit makes the ways out of the contexts of a pool.
type exit struct {
	direct bool
	front  *egress.Front // nil when direct

	mu  sync.Mutex
	cfg Egress
}

// Reserve keeps every page from our own listeners, from the next context on.
func (p *Pool) Reserve(own ...netip.AddrPort) {
	p.exit.mu.Lock()
	p.exit.cfg.Policy.Own = append(slices.Clip(p.exit.cfg.Policy.Own), own...)
	p.exit.mu.Unlock()
}

func (x *exit) config() Egress {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.cfg
}

// wayOut starts the proxy of a context that is about to be made. Each has one of
// its own: what a scenario may call, and what names stand for, is nobody else's.
func (e *engine) wayOut(params *target.CreateBrowserContextParams) (*egress.Proxy, error) {
	if e.exit == nil || e.exit.direct {
		return nil, nil
	}
	cfg := e.exit.config()
	way, err := egress.Listen(egress.Config{Policy: cfg.Policy, Resolver: cfg.Resolver, Upstream: cfg.Upstream})
	if err != nil {
		return nil, err
	}
	params.ProxyServer, params.ProxyBypassList = way.Address(), "<-loopback>"
	return way, nil
}

func closeWay(way *egress.Proxy) {
	if way != nil {
		way.Close()
	}
}

// closeExits ends the ways out of a browser that is gone.
func (e *engine) closeExits() {
	<-e.proc.gone
	e.mu.Lock()
	var ways []*egress.Proxy
	for _, set := range e.setups {
		ways = append(ways, set.way)
	}
	e.mu.Unlock()
	for _, way := range ways {
		closeWay(way)
	}
}

// declare opens the places on the own machine that the scenario's own addresses
// name. What a page said before, and a step saved, names nothing.
func (r *runner) declare() {
	way := r.page.set.way
	if way == nil {
		return
	}
	for _, list := range [][]scenarios.Step{scenarios.Flat(r.s.Steps), scenarios.Flat(r.s.Always), scenarios.Flat(r.s.Session.Opening()), r.s.Dealing()} {
		for i := range list {
			if list[i].Verb != scenarios.Goto {
				continue
			}
			v, err := list[i].URL.Resolve(&r.env)
			if err != nil {
				continue // it needs what a step is yet to save
			}
			if a, reason := egress.Parse(v.Text); reason == "" && a.Host != "" {
				way.Name(a.HostPort())
			}
		}
	}
}

// permitted judges the address of a goto step.
func (r *runner) permitted(to string) error {
	var denied *egress.DeniedError
	if way := r.page.set.way; way != nil {
		denied = way.Decide(to)
	} else {
		denied = r.page.engine.exit.config().Policy.Decide(to, nil, egress.Scenario)
	}
	if denied == nil {
		return nil
	}
	return &stop{refused(denied)}
}

// refused is the failure of an address that the policy does not allow.
func refused(d *egress.DeniedError) gengfu.Failure {
	f := gengfu.Failure{Fault: gengfu.FaultPolicy, Reason: gengfu.ReasonEgress, Want: d.Address, Seen: string(d.Reason)}
	if d.IP.IsValid() && !strings.Contains(d.Address, d.IP.String()) {
		f.Want += " (" + d.IP.String() + ")"
	}
	return f
}

// through says which way out the pages of the recorder have.
func (r *recorder) through(way *egress.Proxy) {
	r.mu.Lock()
	r.way = way
	r.mu.Unlock()
}

// outward puts what only our proxy saw into an answer: where it came from, and
// the lookup of the name, which is part of the connecting for the browser. The
// lock is held.
func (r *recorder) outward(a *network.Response) {
	if r.way == nil || a == nil {
		return
	}
	path, ok := r.way.Path(a.URL)
	if !ok || path.Err != nil {
		return
	}
	if a.RemoteIPAddress = ""; path.Remote.IsValid() {
		a.RemoteIPAddress = path.Remote.String()
	}
	if path.TLS != nil {
		a.SecurityDetails = security(path.TLS)
	}
	t := a.Timing
	if t == nil || t.ConnectStart < 0 || path.DNS == 0 {
		return
	}
	end := t.ConnectEnd
	if t.SslStart >= 0 {
		end = t.SslStart
	}
	t.DNSStart = t.ConnectStart
	t.DNSEnd = min(t.ConnectStart+float64(path.DNS)/float64(time.Millisecond), end)
	t.ConnectStart = t.DNSEnd
}

// deniedText begins the error of a request that the policy refused.
const deniedText = "egress policy: "

// turnedBack says why a request did not get through, in the browser's words or
// the policy's, and ends the run when it was the page itself. The lock is held.
func (r *recorder) turnedBack(e *network.EventLoadingFailed) {
	q := r.open[e.RequestID]
	if q == nil || e.Canceled {
		return
	}
	e.ErrorText = r.plain(q.url, e.ErrorText)
	if !strings.HasPrefix(e.ErrorText, deniedText) {
		return
	}
	doc := r.doc(string(e.RequestID))
	path, ok := r.way.Path(q.url)
	denied := (*egress.DeniedError)(nil)
	if doc == nil || !ok || !errors.As(path.Err, &denied) {
		return
	}
	why := refused(inScheme(denied, q.url))
	if r.refused == nil {
		r.refused = map[cdp.FrameID]gengfu.Failure{}
	}
	r.refused[doc.main] = why
	if doc.main == r.main {
		r.excessive(why)
	}
}

// kept is the failure of a page that the policy kept from loading, nil when it
// did not. A window that opens elsewhere is one the run may never look at, so it
// ends only the step that needs it.
func (r *recorder) kept(main cdp.FrameID) *gengfu.Failure {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f, ok := r.refused[main]; ok {
		return &f
	}
	return nil
}

// plainly is plain for who does not hold the lock.
func (r *recorder) plainly(url, text string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.plain(url, text)
}

// plain replaces the browser's word for a proxy that found no way by the reason:
// what the browser would have said without a proxy, or the rule of the policy.
// The lock is held.
func (r *recorder) plain(url, text string) string {
	if r.way == nil {
		return text
	}
	path, ok := r.way.Path(url)
	switch {
	case !ok || path.Err == nil:
		return text
	case errors.Is(path.Err, egress.ErrTLS):
		return tlsWords(path.Err)
	case !strings.HasPrefix(text, "net::ERR_SOCKS_") && text != "net::ERR_ADDRESS_UNREACHABLE" && text != "net::ERR_PROXY_CONNECTION_FAILED":
		return text
	}
	if denied := (*egress.DeniedError)(nil); errors.As(path.Err, &denied) {
		return deniedText + string(denied.Reason)
	}
	if unknown := (*net.DNSError)(nil); errors.As(path.Err, &unknown) {
		switch { // the reasons come as texts alone
		case unknown.IsNotFound:
			return "net::ERR_NAME_NOT_RESOLVED"
		case strings.Contains(unknown.Err, "too many open files"):
			return "net::ERR_INSUFFICIENT_RESOURCES"
		case strings.Contains(unknown.Err, "network is unreachable"):
			return "net::ERR_INTERNET_DISCONNECTED"
		}
		return "net::ERR_NAME_RESOLUTION_FAILED"
	}
	for _, known := range dialErrors {
		if errors.Is(path.Err, known.err) {
			return known.text
		}
	}
	return "net::ERR_CONNECTION_FAILED"
}

// dialErrors are the browser's words for what a system says.
var dialErrors = []struct {
	err  error
	text string
}{
	{egress.ErrBeyond, "net::ERR_CONNECTION_FAILED"},
	{egress.ErrUpstream, "net::ERR_PROXY_CONNECTION_FAILED"},
	{syscall.ECONNREFUSED, "net::ERR_CONNECTION_REFUSED"},
	{syscall.ECONNRESET, "net::ERR_CONNECTION_RESET"},
	{syscall.ETIMEDOUT, "net::ERR_CONNECTION_TIMED_OUT"},
	{syscall.EHOSTUNREACH, "net::ERR_ADDRESS_UNREACHABLE"},
	{syscall.ENETUNREACH, "net::ERR_INTERNET_DISCONNECTED"},
	{syscall.EADDRNOTAVAIL, "net::ERR_INSUFFICIENT_RESOURCES"},
	{syscall.ENOBUFS, "net::ERR_INSUFFICIENT_RESOURCES"},
	{syscall.ENOMEM, "net::ERR_INSUFFICIENT_RESOURCES"},
	{syscall.EMFILE, "net::ERR_INSUFFICIENT_RESOURCES"},
	{syscall.ENFILE, "net::ERR_INSUFFICIENT_RESOURCES"},
}

// inScheme is a denial of the proxy, which knows host and port alone, with the
// scheme of the page's address.
func inScheme(d *egress.DeniedError, url string) *egress.DeniedError {
	a, _ := egress.Parse(url)
	return &egress.DeniedError{Address: a.String(), Reason: d.Reason, IP: d.IP}
}
