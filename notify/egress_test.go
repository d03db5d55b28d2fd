package notify

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"gengfu"
	"gengfu/egress"
)

func TestHTTPClient_keepsToTheEgressPolicy(t *testing.T) {
	var hits atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer srv.Close()
	own := netip.MustParseAddrPort(srv.Listener.Addr().String())
	ads, err := egress.ParseRule("*.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HTTP_PROXY", srv.URL)
	for name, c := range map[string]struct {
		address string
		policy  egress.Policy
		rule    egress.Reason
	}{
		"own machine":   {srv.URL, egress.Policy{}, egress.Loopback},
		"other form":    {fmt.Sprintf("http://2130706433:%d", own.Port()), egress.Policy{}, egress.Loopback},
		"own listener":  {srv.URL, egress.Policy{Loopback: true, Own: []netip.AddrPort{own}}, egress.Own},
		"metadata":      {"http://169.254.169.254/x", egress.Policy{Loopback: true}, egress.Metadata},
		"denied domain": {"http://a.example/x", egress.Policy{Deny: []egress.Rule{ads}}, egress.Listed},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := webhookConfig(c.address)
			ch, err := New(cfg, Deps{Egress: c.policy})
			if err != nil {
				t.Fatal(err)
			}
			_, err = ch.Send(t.Context(), gengfu.Delivery{Key: "k", Body: []byte("{}")})
			var final *EndpointError
			if !errors.As(err, &final) || !strings.Contains(err.Error(), "egress policy: "+string(c.rule)) {
				t.Errorf("%v, want %s", err, c.rule)
			}
		})
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("%d calls", n)
	}
}
