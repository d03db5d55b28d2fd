package netcheck

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gengfu"
	"gengfu/egress"
	"gengfu/scenarios"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

// request is what an http step sends; it changes from hop to hop.
type request struct {
	method string
	url    *url.URL
	header http.Header
	body   []byte
	secret bool // the body holds a secret
	dialer egress.Dialer
}

// http sends a request and follows where it is led, each hop under the policy.
func (e *errand) http(ctx context.Context) error {
	q, err := e.request()
	if err != nil {
		return err
	}
	m := &meter{}
	defer m.finish(&e.check)
	transport := e.transport(q.dialer, m)
	defer transport.CloseIdleConnections()
	if err := e.present(transport); err != nil {
		return err
	}
	for hops := 0; ; hops++ {
		began := time.Now()
		if denied := q.dialer.Policy.Decide(q.url.String(), nil, q.dialer.Purpose); denied != nil {
			return denied
		}
		e.check.Address = bare(q.url)
		answer, err := e.roundTrip(ctx, transport, q, m)
		if err != nil {
			return err
		}
		to, redirected := location(answer, q.url)
		if !redirected || e.st.Follow == 0 {
			return e.accept(answer, m)
		}
		_ = answer.Body.Close()
		if hops >= e.st.Follow {
			return &stopError{gengfu.Failure{Fault: gengfu.FaultHTTPStatus, Reason: gengfu.ReasonRedirects, Detail: strconv.Itoa(hops + 1)}}
		}
		e.check.Hops = append(e.check.Hops, gengfu.Hop{URL: e.check.Address, Status: answer.StatusCode, Took: time.Since(began)})
		if err := q.follow(answer.StatusCode, to); err != nil {
			return err
		}
	}
}

// request makes the first request from the step.
func (e *errand) request() (*request, error) {
	v, err := e.resolve(e.st.URL)
	if err != nil {
		return nil, err
	}
	u, err := e.absolute(v.Text)
	if err != nil {
		return nil, err
	}
	q := &request{method: e.st.Method, url: u, header: http.Header{}, dialer: e.dialer(e.st.URL, strings.HasPrefix(v.Text, "/"))}
	q.header.Set("User-Agent", "gengfu")
	q.header.Set("Accept", "*/*")
	if err := e.body(q); err != nil {
		return nil, err
	}
	return q, e.headers(q.header)
}

// absolute reads an address, which may be relative to the page in front.
func (e *errand) absolute(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, wrong("the address cannot be read")
	}
	if strings.HasPrefix(text, "/") {
		base, err := url.Parse(e.on.Base)
		if err != nil || base.Host == "" {
			return nil, wrong("address %s needs a host: no page is open yet", u.Path)
		}
		u = base.ResolveReference(u)
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, wrong("%s is no address of http", bare(u))
	}
	return u, nil
}

func (e *errand) headers(to http.Header) error {
	for _, h := range e.st.Headers {
		v, err := e.resolve(h.Value)
		if err != nil {
			return err
		}
		if strings.ContainsAny(v.Text, "\r\n\x00") {
			return wrong("header %s holds a line break", h.Key)
		}
		to.Set(h.Key, v.Text)
	}
	return nil
}

func (e *errand) body(q *request) error {
	var v scenarios.Value
	var err error
	switch {
	case e.st.JSON != nil:
		q.header.Set("Content-Type", "application/json")
		v, err = resolve(e.st.JSON.Resolve, e.on.Env)
	case len(e.st.Form) > 0:
		q.header.Set("Content-Type", "application/x-www-form-urlencoded")
		form := url.Values{}
		for _, p := range e.st.Form {
			f, err := e.resolve(p.Value)
			if err != nil {
				return err
			}
			form.Add(p.Key, f.Text)
			v.Secret = v.Secret || f.Secret
		}
		v.Text = form.Encode()
	case !e.st.Body.IsZero():
		q.header.Set("Content-Type", "text/plain; charset=utf-8")
		v, err = e.resolve(e.st.Body)
	default:
		return nil
	}
	q.body, q.secret = []byte(v.Text), v.Secret
	return err
}

// follow turns the request to where it was led (RFC 9110, 15.4). What identifies
// us goes to no other origin.
func (q *request) follow(status int, to *url.URL) error {
	other := to.Scheme != q.url.Scheme || to.Host != q.url.Host
	kept := status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
	if !kept && q.method != http.MethodHead {
		q.method, q.body = http.MethodGet, nil
		q.header.Del("Content-Type")
	}
	if other && q.secret && q.body != nil {
		return &stopError{gengfu.Failure{Fault: gengfu.FaultPolicy, Reason: gengfu.ReasonPolicy, Detail: "the redirect would take a secret to " + origin(to)}}
	}
	if other {
		for name := range q.header {
			if !slices.Contains([]string{"User-Agent", "Accept", "Accept-Language", "Content-Type"}, name) {
				q.header.Del(name)
			}
		}
	} else if to.User == nil {
		to.User = q.url.User
	}
	q.url, q.dialer.Purpose = to, egress.Page
	return nil
}

func location(a *http.Response, from *url.URL) (*url.URL, bool) {
	switch a.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		to := a.Header.Get("Location")
		u, err := from.Parse(to)
		return u, to != "" && err == nil
	}
	return nil, false
}

func (e *errand) roundTrip(ctx context.Context, transport http.RoundTripper, q *request, m *meter) (*http.Response, error) {
	req, err := http.NewRequestWithContext(context.WithValue(m.trace(ctx), purposeKey{}, q.dialer.Purpose), q.method, q.url.String(), bytes.NewReader(q.body))
	if err != nil {
		return nil, wrong("the request cannot be made")
	}
	req.Header = q.header.Clone()
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
		req.Header.Del("Host")
	}
	if q.body == nil {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	}
	if q.url.User != nil && req.Header.Get("Authorization") == "" {
		password, _ := q.url.User.Password()
		req.SetBasicAuth(q.url.User.Username(), password)
	}
	if e.on.Jar != nil {
		for _, c := range e.on.Jar.Cookies(req.URL) {
			req.AddCookie(c)
		}
	}
	answer, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if cookies := answer.Cookies(); e.on.Jar != nil && len(cookies) > 0 {
		e.on.Jar.SetCookies(req.URL, cookies)
	}
	return answer, nil
}

// accept reads the answer at the end of the way and judges its status.
func (e *errand) accept(a *http.Response, m *meter) error {
	body, err := io.ReadAll(io.LimitReader(a.Body, maxAnswer+1))
	m.done()
	_ = a.Body.Close()
	e.check.Status, e.check.Protocol, e.check.Bytes = a.StatusCode, a.Proto, int64(len(body))
	e.check.Latency = time.Since(e.began)
	if a.TLS != nil {
		e.check.TLS = summary(*a.TLS)
	}
	e.answer = &scenarios.Answer{Body: body[:min(len(body), maxAnswer)], Header: a.Header}
	switch {
	case err != nil:
		return err
	case len(body) > maxAnswer:
		return &stopError{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonAnswerSize, Want: "1 MiB"}}
	case !e.accepted(a.StatusCode):
		return &stopError{gengfu.Failure{Fault: gengfu.FaultHTTPStatus, Reason: gengfu.ReasonStatus, Seen: strconv.Itoa(a.StatusCode), Hints: hints(e.answer)}}
	}
	return nil
}

// hints is what an error page says, in a line.
func hints(a *scenarios.Answer) []string {
	if text := cut(string(a.Body)); text != "" && !strings.HasPrefix(text, "<") {
		return []string{gengfu.HintAnswer + text}
	}
	return nil
}

func (e *errand) accepted(status int) bool {
	asked := false
	for _, x := range e.st.Expect {
		if x.Kind == scenarios.ExpectStatus {
			asked = true
			if !slices.Contains(x.Status, status) {
				return false
			}
		}
	}
	return asked || status >= 200 && status < 400
}

// purposeKey carries the purpose of a hop to the dialer.
type purposeKey struct{}

// transport connects under the policy and measures how.
func (e *errand) transport(d egress.Dialer, m *meter) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			d := d
			if p, ok := ctx.Value(purposeKey{}).(egress.Purpose); ok {
				d.Purpose = p
			}
			conn, path, err := d.Reach(ctx, address, e.cfg.Upstream)
			m.connected(path)
			return conn, err
		},
		TLSClientConfig:        &tls.Config{RootCAs: e.cfg.Roots, InsecureSkipVerify: e.st.Insecure}, //nolint:gosec // the author asked for it
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: maxAnswer,
	}
}

// bare is an address without user, query and fragment.
func bare(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }
