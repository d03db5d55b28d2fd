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
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// identity is a client certificate that a server can be told to want.
func identity(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// TestProxy_presentsACertificate: the server sees the certificate, the browser
// the key of our own that it was told of, and both speak what they agreed on.
func TestProxy_presentsACertificate(t *testing.T) {
	probe, other := identity(t, "probe"), identity(t, "other")
	pool := x509.NewCertPool()
	pool.AddCert(probe.Leaf)
	start := func(latest uint16) *httptest.Server {
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = fmt.Fprintf(w, "%s %s", r.TLS.PeerCertificates[0].Subject.CommonName, r.Proto)
		}))
		srv.Config.ErrorLog = log.New(io.Discard, "", 0)
		srv.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MaxVersion: latest}
		srv.EnableHTTP2 = true
		srv.StartTLS()
		t.Cleanup(srv.Close)
		return srv
	}
	srv, old := start(tls.VersionTLS13), start(tls.VersionTLS12)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	front, err := NewFront()
	if err != nil {
		t.Fatal(err)
	}
	ask := func(t *testing.T, srv *httptest.Server, c *Client) (string, Path, error) {
		t.Helper()
		place := srv.Listener.Addr().String()
		p, err := Listen(Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		p.Name(place)
		if c != nil {
			p.Present(place, *c)
		}
		proxy, err := url.Parse(p.Address())
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{Proxy: http.ProxyURL(proxy), ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{
			InsecureSkipVerify: true, // as a browser that knows the pin
			VerifyConnection: func(s tls.ConnectionState) error {
				if sum := sha256.Sum256(s.PeerCertificates[0].RawSubjectPublicKeyInfo); c != nil && base64.StdEncoding.EncodeToString(sum[:]) != front.Pin() {
					return errors.New("another key")
				}
				return nil
			},
		}}
		defer transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		q, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		var body []byte
		a, err := transport.RoundTrip(q)
		if err == nil {
			body, err = io.ReadAll(a.Body)
			_ = a.Body.Close()
		}
		p.Close() // everything is noted then
		path, _ := p.Path(srv.URL)
		return string(body), path, err
	}
	if got, path, err := ask(t, srv, &Client{Certificate: probe, Roots: roots, Front: front}); err != nil || got != "probe HTTP/2.0" || path.TLS == nil || !path.TLS.PeerCertificates[0].Equal(srv.Certificate()) {
		t.Errorf("with the certificate: %q %v, path %+v", got, err, path)
	}
	if got, path, err := ask(t, old, &Client{Certificate: other, Roots: roots, Front: front}); err == nil || !errors.Is(path.Err, ErrTLS) {
		t.Errorf("with a stranger's: %q, path %+v", got, path)
	}
	if got, path, err := ask(t, srv, &Client{Certificate: probe, Front: front}); err == nil || !errors.As(path.Err, new(x509.UnknownAuthorityError)) {
		t.Errorf("a server that nobody vouches for: %q, path %+v", got, path)
	}
	if got, path, err := ask(t, srv, nil); err == nil || path.Err != nil {
		t.Errorf("without: %q, path %+v", got, path)
	}
	// The refusal of TLS 1.3 comes after the handshake, and may be lost in the
	// reset that follows it.
	if got, path, err := ask(t, srv, &Client{Certificate: other, Roots: roots, Front: front}); err == nil || path.Err != nil && !errors.Is(path.Err, ErrTLS) {
		t.Errorf("with a stranger's, late: %q, path %+v", got, path)
	}
}
