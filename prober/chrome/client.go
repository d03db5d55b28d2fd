package chrome

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"

	"gengfu/egress"
	"gengfu/scenarios"
)

// pin is the switch that makes browsers take what our proxies sign.
func (x *exit) pin() []string {
	if x.front == nil {
		return nil
	}
	return []string{"--ignore-certificate-errors-spki-list=" + x.front.Pin()}
}

// present shows the scenario's client certificates, by way of the run's proxy:
// no browser can be handed one.
func (r *runner) present(certs []scenarios.ClientCertificate) error {
	if len(certs) == 0 {
		return nil
	}
	way := r.page.set.way
	if way == nil || r.page.engine.exit.front == nil {
		return scenarioFault("client_certificate: needs egress.enforce: proxy and a browser of this machine")
	}
	for _, c := range certs {
		place, client, err := r.clientOf(c)
		if err != nil {
			return err
		}
		client.Front = r.page.engine.exit.front
		way.Present(place, client)
	}
	return nil
}

func (r *runner) clientOf(c scenarios.ClientCertificate) (place string, client egress.Client, err error) {
	var texts [3]string
	for i, t := range []scenarios.Text{c.Origin, c.PEM, c.CA} {
		if t.IsZero() {
			continue
		}
		v, err := r.resolve(t)
		if err != nil {
			return "", client, err
		}
		texts[i] = v.Text
	}
	a, reason := egress.Parse(texts[0] + "/")
	if reason != "" || originOf(texts[0]) == "" {
		return "", client, scenarioFault("client_certificate: %s is not an origin", c.Origin.Source())
	}
	if client, err = egress.NewClient(texts[1], texts[2]); err != nil {
		return "", client, scenarioFault("%v", err)
	}
	return a.HostPort(), client, nil
}

// tlsWords are the browser's words for TLS that our proxy could not come to with
// a server.
func tlsWords(err error) string {
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "net::ERR_CERT_DATE_INVALID"
	case errors.As(err, &invalid):
		return "net::ERR_CERT_INVALID"
	case errors.As(err, new(x509.HostnameError)):
		return "net::ERR_CERT_COMMON_NAME_INVALID"
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return "net::ERR_CERT_AUTHORITY_INVALID"
	case egress.Alerted(err): // our certificate is none that it takes
		return "net::ERR_BAD_SSL_CLIENT_AUTH_CERT"
	}
	return "net::ERR_SSL_PROTOCOL_ERROR"
}

func epoch(t time.Time) cdp.TimeSinceEpoch { return cdp.TimeSinceEpoch(float64(t.UnixMicro()) / 1e6) }

// security is what a browser would have told of a connection.
func security(state *tls.ConnectionState) *network.SecurityDetails {
	leaf := state.PeerCertificates[0]
	return &network.SecurityDetails{
		Protocol: tls.VersionName(state.Version), Cipher: tls.CipherSuiteName(state.CipherSuite),
		SubjectName: leaf.Subject.CommonName, SanList: leaf.DNSNames, Issuer: leaf.Issuer.CommonName,
		ValidFrom: epoch(leaf.NotBefore), ValidTo: epoch(leaf.NotAfter),
	}
}
