package chrome

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"

	"gengfu"
	"gengfu/scenarios"
)

// kit is what a run brings into its context, for the sessions that are there
// and for those that come: windows, frames of other sites.
type kit struct {
	mu       sync.Mutex
	commands []func(s *session, top bool) []*call
	rules    rules            // which requests get headers
	logins   map[string]login // by origin
	stopped  []*session       // whose requests are intercepted
	rejected string           // the origin that did not take its login
	readonly *readonly        // nil without a guard
}

// login is the answer to an HTTP authentication.
type login struct{ user, password string }

// apply sets a new session up.
func (k *kit) apply(p *page, s *session, top bool) []*call {
	k.mu.Lock()
	commands := slices.Clone(k.commands)
	k.mu.Unlock()
	var calls []*call
	for _, c := range commands {
		calls = append(calls, c(s, top)...)
	}
	if c := k.intercept(p, s); c != nil {
		calls = append(calls, c)
	}
	return calls
}

// add remembers commands for sessions to come and gives them to one at once.
func (k *kit) add(ctx context.Context, s *session, c func(s *session, top bool) []*call) error {
	k.mu.Lock()
	k.commands = append(k.commands, c)
	k.mu.Unlock()
	for _, sent := range c(s, true) {
		if err := sent.wait(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

// intercept stops the session's requests to the origins that need something of
// the run's; nil when there are none.
func (k *kit) intercept(p *page, s *session) *call {
	k.mu.Lock()
	defer k.mu.Unlock()
	params := fetch.EnableParams{HandleAuthRequests: new(len(k.logins) > 0), Patterns: k.rules.patterns()}
	for o := range k.logins {
		params.Patterns = append(params.Patterns, &fetch.RequestPattern{URLPattern: o + "/*", RequestStage: fetch.RequestStageRequest})
	}
	params.Patterns = append(params.Patterns, k.readonly.patterns()...)
	if len(params.Patterns) == 0 {
		return nil
	}
	if !slices.Contains(k.stopped, s) {
		k.stopped = append(k.stopped, s)
		guard := k.readonly
		on(s, fetch.RequestPaused, func(e *fetch.EventRequestPaused) {
			if guard.refuse(s, e) {
				return
			}
			resume(s, e, k.inForce().headers(e, p.originOf(e.FrameID)))
		})
		k.listenAuth(s)
	}
	return s.send(fetch.CommandEnable, params)
}

func (k *kit) inForce() rules {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.rules
}

// listenAuth answers each challenge of a known origin once. A second challenge
// of the same request says that the login was rejected; the page gets its 401.
func (k *kit) listenAuth(s *session) {
	tried := map[fetch.RequestID]bool{} // the session's own goroutine alone
	on(s, fetch.AuthRequired, func(e *fetch.EventAuthRequired) {
		answer := &fetch.AuthChallengeResponse{Response: fetch.AuthChallengeResponseResponseCancelAuth}
		k.mu.Lock()
		l, known := k.logins[originOf(e.AuthChallenge.Origin)]
		switch {
		case !known || e.AuthChallenge.Source == fetch.AuthChallengeSourceProxy:
		case tried[e.RequestID]:
			k.rejected = originOf(e.AuthChallenge.Origin)
		default:
			tried[e.RequestID] = true
			answer = &fetch.AuthChallengeResponse{
				Response: fetch.AuthChallengeResponseResponseProvideCredentials, Username: l.user, Password: l.password,
			}
		}
		k.mu.Unlock()
		s.send(fetch.CommandContinueWithAuth, fetch.ContinueWithAuthParams{RequestID: e.RequestID, AuthChallengeResponse: answer})
	})
}

// rejection is the failure of a login that an origin did not take, nil when
// all were taken.
func (r *runner) rejection() *gengfu.Failure {
	k := &r.page.set.kit
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.rejected == "" {
		return nil
	}
	return &gengfu.Failure{Fault: gengfu.FaultCredential, Reason: gengfu.ReasonCredential, Seen: "HTTP 401 " + k.rejected}
}

// equip gives the run's context what the scenario says that it has.
func (r *runner) equip(ctx context.Context) error {
	e := r.s.Browser.Equipment
	if err := r.protect(ctx); err != nil {
		return err
	}
	if err := r.present(e.Clients); err != nil {
		return err
	}
	for _, l := range e.Auth {
		if err := r.addLogin(l); err != nil {
			return err
		}
	}
	if c := r.page.set.kit.intercept(r.page, r.page.s); c != nil {
		if err := c.wait(ctx, nil); err != nil {
			return err
		}
	}
	if err := r.setCookies(ctx, e.Cookies); err != nil {
		return err
	}
	if e.Location != nil {
		if err := r.locate(ctx, *e.Location); err != nil {
			return err
		}
	}
	if e.Network != nil {
		return r.page.set.kit.add(ctx, r.page.s, func(s *session, _ bool) []*call { return throttle(s, *e.Network) })
	}
	return nil
}

func (r *runner) addLogin(l scenarios.Login) error {
	var v [3]string
	for i, t := range []scenarios.Text{l.Origin, l.Username, l.Password} {
		got, err := r.resolve(t)
		if err != nil {
			return err
		}
		v[i] = got.Text
	}
	origin := originOf(v[0])
	if origin == "" {
		return scenarioFault("auth: %s is not an origin", l.Origin.Source())
	}
	k := &r.page.set.kit
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.logins == nil {
		k.logins = map[string]login{}
	}
	k.logins[origin] = login{v[1], v[2]}
	return nil
}

func (r *runner) setCookies(ctx context.Context, cookies []scenarios.Cookie) error {
	if len(cookies) == 0 {
		return nil
	}
	params := storage.SetCookiesParams{BrowserContextID: r.page.set.context}
	for _, c := range cookies {
		p := &network.CookieParam{Name: c.Name, Path: c.Path}
		for _, part := range []struct {
			from scenarios.Text
			to   *string
		}{{c.Value, &p.Value}, {c.URL, &p.URL}, {c.Domain, &p.Domain}} {
			if part.from.IsZero() {
				continue
			}
			v, err := r.resolve(part.from)
			if err != nil {
				return err
			}
			*part.to = v.Text
		}
		if p.Path == "" {
			p.Path = "/"
		}
		params.Cookies = append(params.Cookies, p)
	}
	if err := r.page.engine.proc.conn.root.Call(ctx, storage.CommandSetCookies, params, nil); err != nil {
		return scenarioFault("cookies: %v", err)
	}
	return nil
}

// locate says where the device is, to every page that asks.
func (r *runner) locate(ctx context.Context, l scenarios.Location) error {
	if err := r.page.engine.proc.conn.root.Call(ctx, browser.CommandSetPermission, grant(r.page.set.context, "geolocation"), nil); err != nil {
		return fmt.Errorf("geolocation: %w", err)
	}
	return r.page.set.kit.add(ctx, r.page.s, func(s *session, top bool) []*call {
		if !top {
			return nil
		}
		return []*call{s.send(emulation.CommandSetGeolocationOverride, emulation.SetGeolocationOverrideParams{
			Latitude: &l.Latitude, Longitude: &l.Longitude, Accuracy: &l.Accuracy,
		})}
	})
}

func grant(id cdp.BrowserContextID, name string) browser.SetPermissionParams {
	return browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted, BrowserContextID: id,
	}
}

// throttle makes a session's connections as slow as the scenario says.
func throttle(s *session, n scenarios.Network) []*call {
	rate := func(bytes int64) float64 {
		if bytes == 0 {
			return -1
		}
		return float64(bytes)
	}
	latency := float64(n.Latency.Milliseconds())
	return []*call{
		s.send(network.CommandEmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{
				Offline: n.Offline, Latency: latency, DownloadThroughput: rate(n.Download), UploadThroughput: rate(n.Upload),
			}},
		}),
		s.send(network.CommandOverrideNetworkState, network.OverrideNetworkStateParams{
			Offline: n.Offline, Latency: latency, DownloadThroughput: rate(n.Download), UploadThroughput: rate(n.Upload),
		}),
	}
}

// setNetwork cuts the run off from the network, or connects it again, from a
// step on.
func (r *runner) setNetwork(ctx context.Context, st *scenarios.Step) error {
	if st.Network == "" {
		return nil
	}
	n := scenarios.Network{}
	if own := r.s.Browser.Equipment.Network; own != nil {
		n = *own
	}
	n.Offline = st.Network == "offline"
	r.offline = n.Offline
	apply := func(s *session, _ bool) []*call { return throttle(s, n) }
	if err := r.page.set.kit.add(ctx, r.page.s, apply); err != nil {
		return err
	}
	var calls []*call
	for _, t := range r.page.set.tabs.living() {
		for _, s := range t.page.sessions() {
			calls = append(calls, apply(s, true)...)
		}
	}
	for _, c := range calls {
		if err := c.wait(ctx, nil); err != nil && ctx.Err() != nil { // a session that ends meanwhile needs nothing
			return stalled(ctx, err)
		}
	}
	return nil
}

// sessions are those of the page and of its frames in other processes.
func (p *page) sessions() []*session {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []*session
	for _, f := range p.frames {
		if !slices.Contains(out, f.session) && f.session != nil {
			out = append(out, f.session)
		}
	}
	return out
}
