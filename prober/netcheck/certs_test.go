package netcheck

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// authority makes certificates for 127.0.0.1 and the names given.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, pool: x509.NewCertPool()}
	var der []byte
	a.key, der = a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "Test CA"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}, true)
	var err error
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	return a
}

func (a *authority) sign(c *x509.Certificate, self bool) (*ecdsa.PrivateKey, []byte) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	if c.NotBefore.IsZero() {
		c.NotBefore = time.Now().Add(-48 * time.Hour)
	}
	by, with := a.cert, a.key
	if self {
		by, with = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by, &key.PublicKey, with)
	if err != nil {
		a.t.Fatal(err)
	}
	return key, der
}

// serve is the address of a TLS server with a certificate that is valid for
// left, for the address 127.0.0.1 unless a name is given.
func (a *authority) serve(left time.Duration, name string, self bool) string {
	a.t.Helper()
	c := &x509.Certificate{Subject: pkix.Name{CommonName: "leaf"}, NotAfter: time.Now().Add(left), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	if name != "" {
		c.IPAddresses, c.DNSNames = nil, []string{name}
	}
	key, der := a.sign(c, self)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = nil
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	srv.StartTLS()
	a.t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

func TestTLS_chains(t *testing.T) {
	a := newAuthority(t)
	const year = 365 * 24 * time.Hour
	c := New(Config{Secret: testSecret, Roots: a.pool})
	mail := startMail(t, a)
	plain := startLines(t, "220 ready\r\n")
	try(t, c, []trial{
		{"sound", "  - tls: GOOD\n    expect: [{expires_in: {warn: 30d, fail: 7d}}, {protocol: TLS 1.3}, {latency: {fail: 20s}}]\n", "passed"},
		{"soon for warn", "  - tls: SOON\n    expect: [{expires_in: {warn: 30d, fail: 7d}}]\n", "degraded /cert_ends_soon: step 1 (tls 127.0.0.1:"},
		{"too soon", "  - tls: SOON\n    expect: [{expires_in: {fail: 25d}}]\n", "failed tls/cert_ends_soon"},
		{"expired", "  - tls: EXPIRED\n", "failed tls/cert_expired"},
		{"wrong name", "  - tls: NAMED\n", "failed tls/cert_name"},
		{"other name", "  - tls: {address: NAMED, server_name: platform.example}\n", "passed"},
		{"self-signed", "  - tls: SELF\n", "failed tls/cert_self_signed"},
		{"not judged", "  - tls: {address: SELF, insecure: true}\n    expect: [{expires_in: {fail: 7d}}]\n", "passed"},
		{"expired, not judged", "  - tls: {address: EXPIRED, insecure: true}\n    expect: [{expires_in: {fail: 7d}}]\n", "failed tls/cert_ends_soon"},
		{"no TLS", "  - tls: PLAIN\n", "failed tls/tls"},
		{"protocol that is not", "  - tls: GOOD\n    expect: [{protocol: TLS 1.2}]\n", "failed assertion/expectation"},
		{"after SMTP", "  - tls: {address: MAIL, starttls: smtp}\n    expect: [{expires_in: {fail: 7d}}]\n", "passed"},
		{"refused by the policy", "  - tls: 169.254.169.254:443\n", "errored policy/egress"},
		{"https", "  - http: https://GOOD/\n    expect: [{expires_in: {fail: 7d}}, {protocol: HTTP/2.0}, {body: hello}]\n", "passed"},
		{"https too soon", "  - http: https://SOON/\n    expect: [{expires_in: {fail: 25d}}]\n", "failed tls/cert_ends_soon"},
		{"https self-signed", "  - http: https://SELF/\n", "failed tls/cert_self_signed"},
		{"https not judged", "  - http: {url: https://SELF/, insecure: true}\n", "passed"},
	}, "GOOD", a.serve(year, "", false), "SOON", a.serve(20*24*time.Hour, "", false), "EXPIRED", a.serve(-time.Hour, "", false),
		"NAMED", a.serve(year, "platform.example", false), "SELF", a.serve(year, "", true), "PLAIN", plain, "MAIL", mail)

	r := runOn(t, New(Config{}), load(t, "  - tls: X\n", "X", a.serve(-time.Hour, "", false)))
	if got := told(r); !strings.HasPrefix(got, "failed tls/cert_expired") || r.Steps[0].Check.TLS.DaysLeft(time.Now()) >= 0 {
		t.Error("an expired certificate is not measured:", got, r.Steps[0].Check)
	}
	r = runOn(t, New(Config{}), load(t, "  - tls: X\n", "X", a.serve(year, "", false)))
	if got := told(r); !strings.HasPrefix(got, "failed tls/cert_unknown_issuer") || !strings.Contains(got, "Test CA") {
		t.Error(got)
	}
}

// startLines is a server that says something to everyone and echoes a line.
func startLines(t *testing.T, greeting string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				fmt.Fprint(conn, greeting)
				line, _ := bufio.NewReader(conn).ReadString('\n')
				fmt.Fprintf(conn, "you said %s", line)
			}()
		}
	}()
	return l.Addr().String()
}

// startMail is a server that goes on in TLS when it is asked to.
func startMail(t *testing.T, a *authority) string {
	t.Helper()
	key, der := a.sign(&x509.Certificate{NotAfter: time.Now().Add(1000 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, false)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		lines := bufio.NewReader(conn)
		fmt.Fprint(conn, "220 mail.example ESMTP\r\n")
		_, _ = lines.ReadString('\n')
		fmt.Fprint(conn, "250-mail.example\r\n250 STARTTLS\r\n")
		_, _ = lines.ReadString('\n')
		fmt.Fprint(conn, "220 go ahead\r\n")
		_ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}).HandshakeContext(t.Context())
	}()
	return l.Addr().String()
}

func TestTCP_banners(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	try(t, checker(), []trial{
		{"open", "  - tcp: LINES\n", "passed"},
		{"refused", "  - tcp: CLOSED\n", "failed connect/connect"},
		{"banner", "  - tcp: LINES\n    expect: [{body: {match: ^220 }}]\n", "passed"},
		{"banner that is not", "  - tcp: {address: LINES, send: \"x\\n\"}\n    expect: [{body: ^550}]\n", "failed assertion/expectation"},
		{"silence", "  - tcp: MUTE\n    expect: [{body: x}]\n    timeout: 300ms\n", "failed timeout/no_answer"},
		{"answer", "  - tcp: {address: LINES, send: \"hello\\n\"}\n    expect: [{body: you said hello}, {latency: {fail: 20s}}]\n", "passed"},
		{"unknown", "  - tcp: nowhere.invalid:22\n", "failed dns/dns"},
	}, "LINES", startLines(t, "220 ready\r\n"), "MUTE", startLines(t, ""), "CLOSED", l.Addr().String())
}
