package netcheck

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"

	"gengfu/egress"
)

func (e *errand) presents() bool {
	return e.on != nil && e.on.Scenario != nil && len(e.on.Scenario.Browser.Equipment.Clients) > 0
}

// present has the transport show the scenario's client certificates, each to its
// own origin and to no other that a redirect leads to.
func (e *errand) present(t *http.Transport) error {
	if !e.presents() {
		return nil
	}
	clients := map[string]egress.Client{}
	for _, c := range e.on.Scenario.Browser.Equipment.Clients {
		origin, err := e.resolve(c.Origin)
		if err != nil {
			return err
		}
		identity, err := e.resolve(c.PEM)
		if err != nil {
			return err
		}
		ca, err := e.resolve(c.CA)
		if err != nil {
			return err
		}
		a, reason := egress.Parse(origin.Text + "/")
		if reason != "" {
			return wrong("client_certificate: %s is not an origin", c.Origin.Source())
		}
		if clients[a.HostPort()], err = egress.NewClient(identity.Text, ca.Text); err != nil {
			return wrong("%v", err)
		}
	}
	t.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := t.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		cfg := t.TLSClientConfig.Clone()
		if t.ForceAttemptHTTP2 {
			cfg.NextProtos = []string{"h2", "http/1.1"}
		}
		if cfg.ServerName, _, err = net.SplitHostPort(address); err != nil {
			return nil, err
		}
		if c, ok := clients[address]; ok {
			cfg.Certificates = []tls.Certificate{c.Certificate}
			if c.Roots != nil {
				cfg.RootCAs = c.Roots
			}
		}
		return tls.Client(conn, cfg), nil
	}
	return nil
}
