package netcheck

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// tls looks at a server's certificate. A chain that does not hold is told with
// its reason, and what it says is noted all the same.
func (e *errand) tls(ctx context.Context) error {
	conn, address, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return wrong("%s is not host:port", address)
	}
	if !e.st.Peer.IsZero() {
		v, err := e.resolve(e.st.Peer)
		if err != nil {
			return err
		}
		name = v.Text
	}
	if e.st.StartTLS == "smtp" {
		if err := startSMTP(conn); err != nil {
			return err
		}
	}
	began := time.Now()
	c := tls.Client(conn, &tls.Config{ServerName: name, RootCAs: e.cfg.Roots, InsecureSkipVerify: e.st.Insecure}) //nolint:gosec // the author asked for it
	err = c.HandshakeContext(ctx)
	e.check.Phases.TLS, e.check.Latency = time.Since(began), time.Since(e.began)
	if err != nil {
		f, ok := e.certificate(err)
		if !ok {
			return err
		}
		if soon := e.soon(); soon != nil {
			f.Hints = append(f.Hints, gengfu.HintMessage+soon.Error())
		}
		return &stopError{f}
	}
	state := c.ConnectionState()
	e.check.TLS, e.check.Protocol = summary(state), tls.VersionName(state.Version)
	return nil
}

// soon is what the step's expectations say of a certificate that is refused
// already.
func (e *errand) soon() error {
	for _, x := range e.st.Expect {
		if x.Kind == scenarios.ExpectExpires && time.Now().Before(e.check.TLS.To) {
			return e.expires(x)
		}
	}
	return nil
}

// connect opens the step's address over TCP.
func (e *errand) connect(ctx context.Context) (net.Conn, string, error) {
	v, err := e.resolve(e.st.Address)
	if err != nil {
		return nil, "", err
	}
	if _, _, err := net.SplitHostPort(v.Text); err != nil {
		return nil, "", wrong("%s is not host:port", v.Text)
	}
	e.check.Address = v.Text
	d := e.dialer(e.st.Address, false)
	conn, path, err := d.Reach(ctx, v.Text, e.cfg.Upstream)
	e.check.Phases.DNS, e.check.Phases.Connect = path.DNS, path.Connect
	e.check.Latency = time.Since(e.began)
	if path.Remote.IsValid() {
		e.check.Remote = path.Remote.String()
	}
	if err != nil {
		return nil, "", err
	}
	until, _ := ctx.Deadline()
	if err := conn.SetDeadline(until); err != nil {
		_ = conn.Close()
		return nil, "", fmt.Errorf("set the deadline: %w", err)
	}
	return conn, v.Text, nil
}

// startSMTP asks a mail server to go on in TLS (RFC 3207).
func startSMTP(conn net.Conn) error {
	text := textproto.NewConn(conn)
	for _, turn := range []struct {
		say  string
		code int
	}{{"", 220}, {"EHLO gengfu.invalid", 250}, {"STARTTLS", 220}} {
		if turn.say != "" {
			if err := text.PrintfLine("%s", turn.say); err != nil {
				return err
			}
		}
		if _, said, err := text.ReadResponse(turn.code); err != nil {
			var refused *textproto.Error
			if errors.As(err, &refused) {
				return unmet("STARTTLS", quoted(fmt.Sprintf("%d %s", refused.Code, said)))
			}
			return err
		}
	}
	return nil
}

// summary sums up a connection and the certificate of its server.
func summary(s tls.ConnectionState) *gengfu.TLS {
	t := &gengfu.TLS{}
	if s.Version != 0 {
		t.Protocol, t.Cipher = tls.VersionName(s.Version), tls.CipherSuiteName(s.CipherSuite)
	}
	if len(s.PeerCertificates) > 0 {
		leaf := s.PeerCertificates[0]
		t.Issuer, t.Subject, t.From, t.To = leaf.Issuer.CommonName, leaf.Subject.CommonName, leaf.NotBefore.UTC(), leaf.NotAfter.UTC()
	}
	return t
}
