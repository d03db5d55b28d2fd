package chrome

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	stdlog "log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"gengfu"
	"gengfu/egress"
	"gengfu/prober/netcheck"
)

// pemOf is a certificate with its key as people keep it.
func pemOf(t *testing.T, c tls.Certificate) string {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, der := range c.Certificate {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	_ = pem.Encode(&b, &pem.Block{Type: "PRIVATE KEY", Bytes: key})
	return b.String()
}

// TestClientCertificate shows one to a server that lets nobody else in: the
// page, what it fetches and its WebSocket come through, the facts are those of
// the server, and no other origin is shown anything.
func TestClientCertificate(t *testing.T) {
	for _, browser := range []string{"chromium-headless-shell", "chromium"} {
		t.Run(browser, func(t *testing.T) { clientCertificate(t, browser) })
	}
}

func clientCertificate(t *testing.T, browser string) {
	ca := newAuthority(t, "更夫 Test CA")
	now := time.Now()
	server := ca.leaf(t, "admin.test", now.Add(-time.Hour), now.AddDate(0, 1, 0))
	mine, strangers := newAuthority(t, "probe"), newAuthority(t, "stranger")
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		who := q.TLS.PeerCertificates[0].Subject.CommonName
		switch q.URL.Path {
		case "/api":
			_, _ = fmt.Fprint(w, who, " ", q.Proto)
		case "/live":
			c, err := websocket.Accept(w, q, nil)
			if err != nil {
				return
			}
			_ = c.Write(q.Context(), websocket.MessageText, []byte("live "+who))
			_ = c.Close(websocket.StatusNormalClosure, "")
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = fmt.Fprint(w, `<!doctype html><title>admin</title><p id=a></p><p id=b></p><script>
				fetch('/api').then(r => r.text()).then(t => a.textContent = t)
				new WebSocket('wss://' + location.host + '/live').onmessage = e => b.textContent = e.data
			</script>`)
		}
	}))
	srv.Config.ErrorLog = stdlog.New(io.Discard, "", 0)
	allowed := x509.NewCertPool()
	allowed.AddCert(mine.cert)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: allowed, MaxVersion: tls.VersionTLS12}
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()

	secrets := map[string]string{
		"mine": pemOf(t, mine.client(t, "probe 7")), "stranger": pemOf(t, strangers.client(t, "stranger")),
		"ca": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})), "none": "x",
	}
	secret := func(name string) (gengfu.Secret, error) { return gengfu.Secret(secrets[name]), nil }
	p, err := NewPool(Config{
		Path: browser, Profiles: t.TempDir(), Overload: -1, NoSpare: true, Egress: openEgress, Secret: secret,
		Checks: netcheck.New(netcheck.Config{Policy: egress.Policy{Loopback: true}, Secret: secret}),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	visit := func(browser string) gengfu.Run {
		t.Helper()
		s := parse(t, srv.URL, browser+strings.ReplaceAll("steps:\n  - goto: ${base}/\n    expect: [{text: probe 7 HTTP/2.0}, {text: live probe 7}]\n  - http: ${base}/api\n    expect: [{body: probe 7 HTTP/2.0}]\n  - websocket: WSS/live\n    expect: [{body: live probe 7}]\n", "WSS", strings.Replace(srv.URL, "https:", "wss:", 1)))
		return p.Run(t.Context(), s, slot(), nil)
	}
	with := func(name, ca string) string {
		return "browser: {client_certificate: {origin: \"${base}\", pem: \"${secret." + name + "}\"" + ca + "}}\n"
	}
	const trusted = `, ca: "${secret.ca}"`
	r := visit(with("mine", trusted))
	mustPass(t, r)
	if c := r.Pages[0].TLS; c == nil || c.Subject != "admin.test" || c.Issuer != "更夫 Test CA" || c.Protocol != "TLS 1.2" {
		t.Errorf("the connection is told as %+v", c)
	}
	for _, row := range []struct{ name, browser, want string }{
		{"a stranger's", with("stranger", trusted), "errored credential/credential: the log-in was rejected (our account): net::ERR_BAD_SSL_CLIENT_AUTH_CERT"},
		{"a server that nobody vouches for", with("mine", ""), "failed tls/tls: TLS failed: net::ERR_CERT_AUTHORITY_INVALID"},
		{"no certificate in the secret", with("none", trusted), "errored scenario/scenario: "},
		{"none at all", "", "failed tls/tls: TLS failed: net::ERR_"},
	} {
		r := visit(row.browser)
		if r.Failure == nil {
			t.Errorf("%s: %s", row.name, r.Outcome)
			continue
		}
		got := fmt.Sprintf("%s %s/%s: %s", r.Outcome, r.Failure.Fault, r.Failure.Reason, r.Failure.Sentence(gengfu.English))
		if !strings.HasPrefix(got, row.want) {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
		for _, s := range strings.Split(secrets["mine"], "\n")[1:3] {
			if strings.Contains(fmt.Sprintf("%+v %+v", r, r.Failure), s) {
				t.Errorf("%s: the key is told", row.name)
			}
		}
	}
}

// client is a certificate that shows who somebody is.
func (a authority) client(t *testing.T, name string) tls.Certificate {
	t.Helper()
	c := a.leaf(t, name, time.Now().Add(-time.Hour), time.Now().AddDate(0, 1, 0), x509.ExtKeyUsageClientAuth)
	return c
}
