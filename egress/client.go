package egress

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Front is the face that proxies of this process show to browsers in place of a
// server that wants a client certificate: Chromium has no way to be given one,
// so the proxy speaks TLS with the server in its stead. The key never leaves
// the process, and a browser takes what is signed with it because it was
// started with [Front.Pin].
type Front struct {
	key *ecdsa.PrivateKey
	pin string
}

// NewFront makes a key.
func NewFront() (*Front, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("key of the proxies: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("key of the proxies: %w", err)
	}
	sum := sha256.Sum256(public)
	return &Front{key, base64.StdEncoding.EncodeToString(sum[:])}, nil
}

// Pin is the SHA-256 of the public key, in base64, as Chromium's
// --ignore-certificate-errors-spki-list wants it.
func (f *Front) Pin() string { return f.pin }

// certificate is for one name, and good for the life of a run.
func (f *Front) certificate(host string) (tls.Certificate, error) {
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "Gengfu"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &f.key.PublicKey, f.key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: f.key}, err
}

// Client is what a proxy shows to a server.
type Client struct {
	Certificate tls.Certificate
	Roots       *x509.CertPool // that the server is judged by; nil for the system's
	Front       *Front
}

// NewClient reads a certificate with its key, and who vouches for the server if
// that is not empty, all in PEM. The errors repeat nothing of either.
func NewClient(identity, ca string) (Client, error) {
	var c Client
	var err error
	if c.Certificate, err = tls.X509KeyPair([]byte(identity), []byte(identity)); err != nil {
		return c, errors.New("client_certificate: the secret holds no certificate with its key in PEM")
	}
	if ca == "" {
		return c, nil
	}
	c.Roots = x509.NewCertPool()
	if !c.Roots.AppendCertsFromPEM([]byte(ca)) {
		return c, errors.New("client_certificate: ca holds no certificate in PEM")
	}
	return c, nil
}

// Present shows a client certificate to the server at a place, host:port, from
// the next connection on. The server is judged by its own certificate.
func (p *Proxy) Present(place string, c Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clients == nil {
		p.clients = map[string]Client{}
	}
	p.clients[place] = c
}

func (p *Proxy) clientFor(a Address) (Client, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.clients[a.HostPort()]
	return c, ok
}

// interpose joins a browser and a server that each speak TLS with us.
func (p *Proxy) interpose(browser, server net.Conn, a Address, with Client) {
	var up *tls.Conn
	down := tls.Server(browser, &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			up = tls.Client(server, &tls.Config{
				MinVersion: tls.VersionTLS12, ServerName: a.Host, NextProtos: hello.SupportedProtos,
				Certificates: []tls.Certificate{with.Certificate}, RootCAs: with.Roots,
			})
			if err := up.HandshakeContext(hello.Context()); err != nil {
				p.secured(a, nil, err)
				return nil, err
			}
			state := up.ConnectionState()
			p.secured(a, &state, nil)
			leaf, err := with.Front.certificate(a.Host)
			if err != nil {
				return nil, err
			}
			cfg := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{leaf}}
			if state.NegotiatedProtocol != "" {
				cfg.NextProtos = []string{state.NegotiatedProtocol}
			}
			return cfg, nil
		},
	})
	ctx, cancel := context.WithTimeout(p.ctx, handshakeTime)
	err := down.HandshakeContext(ctx)
	cancel()
	if err != nil {
		return
	}
	tunnel(down, judged{up, func(err error) { p.secured(a, nil, err) }})
}

// judged is a connection to a server that may refuse the certificate after the
// handshake, as TLS 1.3 has it.
type judged struct {
	*tls.Conn
	refused func(error)
}

// Read notes what the server says of the certificate.
func (j judged) Read(b []byte) (int, error) {
	n, err := j.Conn.Read(b)
	if Alerted(err) {
		j.refused(err)
	}
	return n, err
}

// Alerted reports whether an error is that the other side ended TLS with an
// alert, as package tls tells it.
func Alerted(err error) bool {
	var told *net.OpError
	return errors.As(err, &told) && told.Op == "remote error"
}

// secured notes how TLS with a server came about.
func (p *Proxy) secured(a Address, state *tls.ConnectionState, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	path := p.paths[a.HostPort()]
	if path.TLS = state; err != nil {
		path.Err = fmt.Errorf("%w: %w", ErrTLS, err)
	}
	p.paths[a.HostPort()] = path
}

// ErrTLS is in the error of a path on which TLS with the server did not come
// about, or not with the client certificate.
var ErrTLS = errors.New("TLS with the server")
