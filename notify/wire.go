package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"gengfu"
	"gengfu/egress"
)

const (
	maxTry   = 30 * time.Second // of any channel
	maxReply = 64 << 10         // bytes read of an answer
	maxAfter = 24 * time.Hour   // the longest wait that a provider may ask for
)

// trust is the TLS configuration of a channel: the machine's certificates and
// those of the file.
func trust(file, host string) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if file == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read CA file: %w", err)
	}
	if cfg.RootCAs, err = x509.SystemCertPool(); err != nil {
		cfg.RootCAs = x509.NewCertPool()
	}
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read CA file %s: no PEM certificate in it", file)
	}
	return cfg, nil
}

// httpClient is a client that follows no redirects: a notice goes where the
// operator said, or nowhere.
func httpClient(cfg Config, deps Deps) (*http.Client, error) {
	client := &http.Client{
		Transport:     deps.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if client.Transport != nil {
		return client, nil
	}
	tlsCfg, err := trust(cfg.CAFile, "")
	if err != nil {
		return nil, err
	}
	t := &http.Transport{
		DialContext: (&egress.Dialer{Policy: deps.Egress, Purpose: egress.Notice}).DialContext, TLSClientConfig: tlsCfg, ForceAttemptHTTP2: true,
		MaxIdleConns: 8, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: maxReply,
	}
	if cfg.Proxy != "" {
		u, err := url.Parse(cfg.Proxy)
		if err != nil {
			return nil, errors.New("proxy: not an address")
		}
		t.Proxy = http.ProxyURL(u)
		t.DialContext = nil // the proxy is the operator's; what lies behind it is judged by name
	}
	client.Transport = guard{deps.Egress, t}
	return client, nil
}

// guard refuses what the egress policy refuses by name, before anything is
// called.
type guard struct {
	policy egress.Policy
	next   http.RoundTripper
}

// RoundTrip passes an allowed request on.
func (g guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if denied := g.policy.Decide(req.URL.String(), nil, egress.Notice); denied != nil {
		return nil, denied
	}
	return g.next.RoundTrip(req)
}

// reply is an HTTP answer as far as it is looked at.
type reply struct {
	status int
	after  time.Duration // of Retry-After, 0 without
	body   string
}

// post sends a JSON body and reads the answer. The error is already one of the
// three kinds; an answer of any status is no error here.
func post(ctx context.Context, client *http.Client, address string, header http.Header, body []byte) (reply, error) {
	return exchange(ctx, client, http.MethodPost, address, header, body)
}

// exchange is post with any method.
func exchange(ctx context.Context, client *http.Client, method, address string, header http.Header, body []byte) (reply, error) {
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(string(body)))
	if err != nil {
		return reply{}, &EndpointError{Err: errors.New("the address cannot be called")}
	}
	req.Header = header
	resp, err := client.Do(req)
	if err != nil {
		return reply{}, transportError(err, wrote.Load())
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err != nil && resp.StatusCode < http.StatusMultipleChoices {
		// The status is the promise; a body that breaks off behind it is not.
		text = nil
	}
	return reply{status: resp.StatusCode, after: retryAfter(resp.Header.Get("Retry-After"), time.Now()), body: string(text)}, nil
}

// transportError says why there was no answer, without the address that
// net/http puts in front.
func transportError(err error, wrote bool) error {
	var address *url.Error
	if errors.As(err, &address) {
		err = address.Err
	}
	if denied := (*egress.DeniedError)(nil); untrusted(err) || errors.As(err, &denied) {
		return &EndpointError{Err: err}
	}
	return &RetryError{Ambiguous: wrote, Err: err}
}

// untrusted reports that the other end's certificate does not hold, which no
// number of tries will change.
func untrusted(err error) bool {
	var verify *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verify) || errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid)
}

// statusError classifies an HTTP status; nil for success.
func statusError(r reply) error {
	err := fmt.Errorf("answered HTTP %d %s", r.status, http.StatusText(r.status))
	if said := clean(r.body, maxReason/2); said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	switch r.status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return &RetryError{After: r.after, Err: err}
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return &RetryError{After: r.after, Err: err}
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusProxyAuthRequired, http.StatusGone:
		return &EndpointError{Err: err}
	}
	switch r.status / 100 {
	case 2:
		return nil
	case 3:
		return &EndpointError{Err: fmt.Errorf("%w; redirects are not followed, configure the final address", err)}
	case 4:
		return &MessageError{Err: err}
	}
	return &RetryError{After: r.after, Ambiguous: r.status == http.StatusBadGateway || r.status == http.StatusGatewayTimeout, Err: err}
}

// retryAfter reads both forms of the header: seconds, or a date.
func retryAfter(text string, now time.Time) time.Duration {
	if text == "" {
		return 0
	}
	if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
		return min(max(time.Duration(min(n, int(maxAfter/time.Second)))*time.Second, 0), maxAfter)
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxAfter)
}

// checkAddress is what is wrong with a URL, "" when nothing is. It does not
// repeat the address, which may hold a key.
func checkAddress(s gengfu.Secret) string {
	switch u, err := url.Parse(s.Reveal()); {
	case s == "":
		return "url: is missing, want the address to post to"
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return "url: is not an address, want http:// or https:// and a host"
	}
	return ""
}

// addressSecrets are the parts of an address that open doors: the user, the
// path, its last words, and the query.
func addressSecrets(address string) []gengfu.Secret {
	u, err := url.Parse(address)
	if err != nil || address == "" {
		return nil
	}
	secrets := []gengfu.Secret{gengfu.Secret(u.RawQuery)}
	for _, part := range append(strings.Split(u.Path, "/"), u.EscapedPath(), u.Path) {
		if len(part) >= minKey {
			secrets = append(secrets, gengfu.Secret(part))
		}
	}
	for _, values := range u.Query() {
		for _, v := range values {
			secrets = append(secrets, gengfu.Secret(v))
		}
	}
	if password, ok := u.User.Password(); ok {
		secrets = append(secrets, gengfu.Secret(password))
	}
	return secrets
}

// minKey is the length from which a word of a path is taken for a key.
const minKey = 8
