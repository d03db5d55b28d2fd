package chrome

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"

	"gengfu"
	"gengfu/scenarios"
)

// Checks does the steps of a journey that need no browser. It may be called from
// several goroutines at once.
type Checks interface {
	// Do does one step within ctx. Nothing in its result is redacted yet.
	Do(ctx context.Context, st *scenarios.Step, on *scenarios.Errand) gengfu.Checked
	// Holds tests conditions on the last answer.
	Holds(on *scenarios.Errand, list []scenarios.Expect) (bool, *gengfu.Failure)
	// Keep takes values of the last answer into variables.
	Keep(on *scenarios.Errand, saves []scenarios.SaveValue) *gengfu.Failure
}

// checkError ends a step without a browser: what the page shows has no say in it.
type checkError struct{ gengfu.Failure }

func (s *checkError) Error() string { return s.Sentence(gengfu.English) }

func checkFailed(f *gengfu.Failure) error {
	if f == nil {
		return nil
	}
	return &checkError{*f}
}

// errands is what the steps of a run that need no browser have together.
type errands struct {
	checks  Checks // nil when there is nobody to do them
	on      *scenarios.Errand
	checked *gengfu.Check // of the present step
}

func (r *runner) errandOf() *scenarios.Errand {
	if r.errands.on == nil {
		r.errands.on = &scenarios.Errand{Scenario: r.s, Env: &r.env, Hide: func(texts ...string) {
			for _, t := range texts {
				r.hide(gengfu.Secret(t))
			}
		}}
	}
	return r.errands.on
}

// errand does a step without a browser. Requests have the cookies of the browser
// context, and what they are given goes back there.
func (r *runner) errand(ctx context.Context, st *scenarios.Step) error {
	if r.errands.checks == nil {
		return scenarioFault("verb %s cannot be run", st.Verb)
	}
	on := r.errandOf()
	on.Base = r.page.url()
	var jar *jar
	if st.Verb == scenarios.HTTP || st.Verb == scenarios.WebSocket {
		var err error
		if jar, err = r.jar(ctx); err != nil {
			return err
		}
		on.Jar = jar
	}
	if r.offline {
		return &checkError{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNavigate, Detail: "the scenario is cut off from the network"}}
	}
	within, cancel := context.WithTimeoutCause(ctx, patience(ctx), errStepTime)
	defer cancel()
	out := r.errands.checks.Do(within, st, on)
	r.giveBack(ctx, jar)
	check := out.Check.Redacted(r.rec.clean)
	r.errands.checked = &check
	if out.Warning != nil {
		r.degrade(st, *out.Warning)
	}
	return checkFailed(out.Failure)
}

// takeChecked is what the step measured, once.
func (r *runner) takeChecked() *gengfu.Check {
	c := r.errands.checked
	r.errands.checked = nil
	return c
}

// split parts the conditions on answers from those on the page.
func split(list []scenarios.Expect) (answers, pages []scenarios.Expect) {
	for _, e := range list {
		if e.Kind.OfAnswer() {
			answers = append(answers, e)
		} else {
			pages = append(pages, e)
		}
	}
	return answers, pages
}

// holdsOf tests the conditions of a step on the last answer.
func (r *runner) holdsOf(list []scenarios.Expect) (bool, error) {
	if len(list) == 0 || r.errands.checks == nil {
		return len(list) == 0, nil
	}
	ok, f := r.errands.checks.Holds(r.errandOf(), list)
	return ok, checkFailed(f)
}

// keepOf takes the values of a save step that the last answer has.
func (r *runner) keepOf(saves []scenarios.SaveValue) error {
	if r.errands.checks == nil {
		return nil
	}
	return checkFailed(r.errands.checks.Keep(r.errandOf(), saves))
}

// jar is the cookies of the browser context for one step.
type jar struct {
	http.CookieJar
	given []*network.CookieParam
}

// SetCookies notes what the browser is to get.
func (j *jar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.CookieJar.SetCookies(u, cookies)
	host := u.Hostname()
	for _, c := range cookies {
		domain := strings.TrimPrefix(c.Domain, ".")
		if domain != "" && domain != host && !strings.HasSuffix(host, "."+domain) {
			continue
		}
		p := &network.CookieParam{Name: c.Name, Value: c.Value, URL: u.String(), Domain: domain, Path: c.Path, Secure: c.Secure, HTTPOnly: c.HttpOnly, SameSite: siteRule(c.SameSite)}
		switch {
		case c.MaxAge != 0:
			p.Expires = cdp.TimeSinceEpoch(time.Now().Unix() + int64(c.MaxAge))
		case !c.Expires.IsZero():
			p.Expires = cdp.TimeSinceEpoch(max(c.Expires.Unix(), 1)) // 0 is for the session
		}
		if domain == host {
			p.Domain = c.Domain
		}
		j.given = append(j.given, p)
	}
}

func siteRule(s http.SameSite) network.CookieSameSite {
	switch s {
	case http.SameSiteStrictMode:
		return network.CookieSameSiteStrict
	case http.SameSiteLaxMode:
		return network.CookieSameSiteLax
	case http.SameSiteNoneMode:
		return network.CookieSameSiteNone
	}
	return ""
}

// jar reads the cookies of the context.
func (r *runner) jar(ctx context.Context) (*jar, error) {
	have, err := cdp.Call(ctx, r.page.engine.proc.conn.root, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: r.page.set.context})
	if err != nil {
		return nil, stalled(ctx, err)
	}
	inner, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	for _, c := range have.Cookies {
		if c.PartitionKey != nil {
			continue // of a site inside another one
		}
		host, all := strings.CutPrefix(c.Domain, ".")
		hc := &http.Cookie{Name: c.Name, Value: c.Value, Path: c.Path, Secure: c.Secure, Quoted: false}
		if all {
			hc.Domain = host
		}
		if strings.Contains(host, ":") {
			host = "[" + strings.Trim(host, "[]") + "]"
		}
		inner.SetCookies(&url.URL{Scheme: "https", Host: host, Path: "/"}, []*http.Cookie{hc})
	}
	return &jar{CookieJar: inner}, nil
}

// giveBack puts the cookies that answers brought into the context. One that the
// browser does not take would not have been taken from a page either.
func (r *runner) giveBack(ctx context.Context, j *jar) {
	if j == nil {
		return
	}
	var calls []*call
	for _, c := range j.given {
		calls = append(calls, r.page.engine.proc.conn.root.send(storage.CommandSetCookies, storage.SetCookiesParams{
			BrowserContextID: r.page.set.context, Cookies: []*network.CookieParam{c},
		}))
	}
	for _, c := range calls {
		_ = c.wait(ctx, nil)
	}
}
