package triage

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"gengfu"
	"gengfu/egress"
)

// Control is an address that tells whether our own network works. Exactly one
// field is set.
type Control struct {
	URL string // is asked for with GET; any answer will do
	TCP string // host:port to connect to
	DNS string // a name to look up
}

// String is the address as it was written.
func (c Control) String() string { return c.URL + c.TCP + c.DNS }

// Check says what is wrong with a control target.
func (c Control) Check() error {
	switch {
	case c.URL != "":
		u, err := url.Parse(c.URL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("%q is no address of a page: %w", c.URL, gengfu.ErrInvalid)
		}
	case c.TCP != "":
		if host, port, err := net.SplitHostPort(c.TCP); err != nil || host == "" || port == "" {
			return fmt.Errorf("%q is not host:port: %w", c.TCP, gengfu.ErrInvalid)
		}
	case c.DNS == "":
		return fmt.Errorf("nothing to look at: %w", gengfu.ErrInvalid)
	}
	return nil
}

// perProbe is what one address may take; a few of them fit into Limit.
const perProbe = 3 * time.Second

func (t *Triage) control(ctx context.Context, c Control) gengfu.Probe {
	ctx, cancel := context.WithTimeout(ctx, perProbe)
	defer cancel()
	began := time.Now()
	p := gengfu.Probe{Name: c.String()}
	switch {
	case c.DNS != "":
		p.Stage = "dns"
		p.Error = plain(t.lookup(ctx, c.DNS))
	case c.TCP != "":
		conn, stage, err := t.connect(ctx, c.TCP)
		p.Stage, p.Error = stage, plain(err)
		if err == nil {
			_ = conn.Close()
		}
	default:
		p = t.get(ctx, c.URL, func(int) bool { return true })
	}
	p.Took = time.Since(began)
	return p
}

// visit asks for the entry of a target: name, connection, certificate, and an
// answer that is no error of the server and no page that is not there.
func (t *Triage) visit(ctx context.Context, entry string) gengfu.Probe {
	ctx, cancel := context.WithTimeout(ctx, perProbe)
	defer cancel()
	began := time.Now()
	p := t.get(ctx, entry, func(status int) bool {
		return status < http.StatusInternalServerError && status != http.StatusNotFound && status != http.StatusGone
	})
	p.Took = time.Since(began)
	return p
}

func (t *Triage) lookup(ctx context.Context, name string) error {
	if _, err := netip.ParseAddr(name); err == nil || t.cfg.Upstream != nil {
		return nil // nothing to look up, or not by us
	}
	resolver := t.cfg.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	_, err := resolver.LookupNetIP(ctx, "ip", name)
	return err
}

// connect looks the name up and opens a connection under the egress policy.
func (t *Triage) connect(ctx context.Context, address string) (net.Conn, string, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, "tcp", err
	}
	if err := t.lookup(ctx, host); err != nil {
		return nil, "dns", err
	}
	d := egress.Dialer{Policy: t.cfg.Policy, Purpose: egress.Scenario, Resolver: t.cfg.Resolver}
	conn, _, err := d.Reach(ctx, address, t.cfg.Upstream)
	return conn, "tcp", err
}

// get asks for an address. Redirects are answers, and are not followed.
func (t *Triage) get(ctx context.Context, raw string, accept func(status int) bool) gengfu.Probe {
	p := gengfu.Probe{Name: bare(raw), Stage: "http"}
	stage := "http"
	transport := &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			conn, at, err := t.connect(ctx, address)
			if err != nil {
				stage = at
			} else if strings.HasPrefix(raw, "https:") {
				stage = "tls"
			}
			return conn, err
		},
	}
	defer transport.CloseIdleConnections()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, raw, http.NoBody)
	if err != nil {
		p.Error = plain(err)
		return p
	}
	a, err := transport.RoundTrip(q)
	if err != nil {
		p.Stage, p.Error = stage, plain(err)
		return p
	}
	defer func() { _ = a.Body.Close() }()
	if _, err := io.CopyN(io.Discard, a.Body, 1); err != nil && !errors.Is(err, io.EOF) {
		p.Error = plain(err)
		return p
	}
	if !accept(a.StatusCode) {
		p.Error = "HTTP " + a.Status
	}
	return p
}

// bare is an address without what may be private in it.
func bare(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "?"
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// refused is the error of an address that our own policy does not let us look
// at, which says nothing about it.
const refused = "refused by the egress policy"

func denied(err error) bool {
	var d *egress.DeniedError
	return errors.As(err, &d)
}

// plain is an error in few words, without addresses of our own.
func plain(err error) string {
	var op *net.OpError
	var name *net.DNSError
	switch {
	case err == nil:
		return ""
	case denied(err):
		return refused
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.As(err, &name):
		return name.Err
	case errors.As(err, &op):
		return op.Err.Error()
	}
	return err.Error()
}
