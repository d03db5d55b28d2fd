package chrome

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// authority is a certificate authority of a test's own.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	return authority{sign(t, template, template, &key.PublicKey, key), key}
}

func sign(t *testing.T, template, parent *x509.Certificate, public *ecdsa.PublicKey, by *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// leaf is a certificate for this machine's loopback address.
func (a authority) leaf(t *testing.T, name string, from, to time.Time, more ...x509.ExtKeyUsage) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to, DNSNames: []string{name},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: append(more, x509.ExtKeyUsageServerAuth),
	}, a.cert, &key.PublicKey, a.key)
	return tls.Certificate{Certificate: [][]byte{cert.Raw, a.cert.Raw}, PrivateKey: key, Leaf: cert}
}

// trusting is a pool of a browser that takes certificates with these keys. The
// product has no such switch: a machine's own authorities belong into its store.
func trusting(t *testing.T, certs ...*x509.Certificate) *Pool {
	t.Helper()
	var list strings.Builder
	for _, c := range certs {
		sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
		list.WriteString("," + base64.StdEncoding.EncodeToString(sum[:]))
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "browser")
	script := fmt.Sprintf("#!/bin/sh\nexec %s \"$@\" --ignore-certificate-errors-spki-list=%s\n", pool.path, list.String()[1:])
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil { //nolint:gosec // it is to be run
		t.Fatal(err)
	}
	p, err := NewPool(Config{Path: path, Profiles: filepath.Join(dir, "profiles"), Overload: -1, NoSpare: true, Egress: openEgress})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// secureServer speaks HTTP/2 over TLS, leads from /old to the page, and asks
// for a part of it.
func secureServer(t *testing.T, cert tls.Certificate) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/old":
			http.Redirect(w, q, "/mid", http.StatusMovedPermanently)
		case "/mid":
			http.Redirect(w, q, "/", http.StatusFound)
		case "/part":
			fmt.Fprint(w, "ready")
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, `<!doctype html><h1>门户</h1><script>fetch('/part').then(r=>r.text()).then(s=>document.title=s)</script>`)
		}
	}))
	srv.EnableHTTP2 = true
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv
}

// TestSecure_factsOfARealConnection: from plain HTTP over three redirects to a
// page by HTTP/2 over TLS, with what its certificate says, and the same in the
// archive.
func TestSecure_factsOfARealConnection(t *testing.T) {
	ca := newAuthority(t, "更夫 Test CA")
	from, to := time.Now().AddDate(0, -1, 0).UTC().Truncate(time.Second), time.Now().Add(40*24*time.Hour+time.Hour).UTC().Truncate(time.Second)
	cert := ca.leaf(t, "portal.test", from, to)
	srv := secureServer(t, cert)
	front := httptest.NewServer(http.RedirectHandler(srv.URL+"/old", http.StatusPermanentRedirect))
	defer front.Close()
	s := parse(t, front.URL, "browser: {har: always}\nsteps:\n  - goto: ${base}/start\n    expect: [{title: ready}]\n")
	r := trusting(t, cert.Leaf, ca.cert).Run(t.Context(), s, slot(), nil)
	mustPass(t, r)
	p := r.Pages[0]
	if p.URL != srv.URL+"/" || p.Status != 200 || p.Protocol != "h2" || p.RemoteIP != "127.0.0.1" {
		t.Errorf("%s %d by %s from %s", p.URL, p.Status, p.Protocol, p.RemoteIP)
	}
	if c := p.TLS; c == nil || c.Protocol != "TLS 1.3" || c.Cipher == "" || c.Issuer != "更夫 Test CA" || c.Subject != "portal.test" ||
		!c.From.Equal(from) || !c.To.Equal(to) || c.DaysLeft(r.Started) != 40 {
		t.Errorf("certificate %+v, want from %s to %s", c, from, to)
	}
	if p.Phases.Connect <= 0 || p.Phases.TLS <= 0 || p.Phases.Wait <= 0 || p.TTFB < p.Phases.Wait {
		t.Errorf("phases %+v, first byte after %s", p.Phases, p.TTFB)
	}
	var way []string
	for _, h := range p.Hops {
		way = append(way, fmt.Sprint(h.Status, " ", h.URL))
		if h.Took <= 0 {
			t.Errorf("%s took %s", h.URL, h.Took)
		}
	}
	if want := []string{"308 " + front.URL + "/start", "301 " + srv.URL + "/old", "302 " + srv.URL + "/mid"}; !slices.Equal(way, want) {
		t.Errorf("by way of %v, want %v", way, want)
	}
	if e := archiveOf(t, r).entry(t, "/part"); e.Request.HTTPVersion != "h2" || e.Response.HTTPVersion != "h2" {
		t.Errorf("the part came by %s", e.Response.HTTPVersion)
	}
}
