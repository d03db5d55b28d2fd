package egress_test

import (
	"net/netip"
	"os"
	"strings"
	"testing"

	"gengfu/egress"
)

// corpus reads the addresses that no page may reach: rule and address a line.
func corpus(t *testing.T) [][2]string {
	t.Helper()
	text, err := os.ReadFile("testdata/corpus.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out [][2]string
	for line := range strings.Lines(string(text)) {
		if rule, address, ok := strings.Cut(strings.TrimRight(line, "\n"), " "); ok && rule != "#" {
			out = append(out, [2]string{rule, strings.ReplaceAll(address, "{port}", "8070")})
		}
	}
	return out
}

func TestDecide_corpus(t *testing.T) {
	list := corpus(t)
	if len(list) < 60 {
		t.Fatalf("%d addresses", len(list))
	}
	for _, c := range list {
		d := egress.Policy{}.Decide(c[1], nil, egress.Page)
		if d == nil || string(d.Reason) != c[0] {
			t.Errorf("%s: %v, want %s", c[1], d, c[0])
		}
	}
}

func rules(t *testing.T, texts ...string) []egress.Rule {
	t.Helper()
	var out []egress.Rule
	for _, text := range texts {
		r, err := egress.ParseRule(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func TestDecide_policies(t *testing.T) {
	var zero egress.Policy
	own := egress.Policy{Loopback: true, Own: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:8900")}}
	for _, c := range []struct {
		name    string
		policy  egress.Policy
		address string
		ips     string
		purpose egress.Purpose
		want    egress.Reason
	}{
		{"internet", zero, "https://example.com/", "93.184.216.34", egress.Page, ""},
		{"intranet", zero, "http://oa.example.gov.cn/", "10.1.2.3", egress.Page, ""},
		{"blank page", zero, "about:blank", "", egress.Page, ""},
		{"name with number", zero, "http://app1:8080/", "192.168.1.1", egress.Page, ""},
		{"Chinese name", zero, "http://政务.example/", "10.1.1.1", egress.Page, ""},
		{"socket", zero, "wss://example.com/live", "93.184.216.34", egress.Page, ""},
		{"name that lies here", zero, "http://example.com/", "127.0.0.1", egress.Page, egress.Loopback},
		{"one of several lies here", zero, "http://example.com/", "93.184.216.34 127.0.0.1", egress.Page, egress.Loopback},
		{"only of version six", zero, "http://example.com/", "::1", egress.Page, egress.Loopback},
		{"name of the metadata service's address", zero, "http://example.com/", "169.254.169.254", egress.Scenario, egress.Metadata},
		{"author names the own machine", zero, "http://127.0.0.1:8080/", "", egress.Scenario, ""},
		{"author names localhost", zero, "http://localhost:8080/", "127.0.0.1 ::1", egress.Scenario, ""},
		{"author names a name that lies here", zero, "http://example.com/", "127.0.0.1", egress.Scenario, egress.Loopback},
		{"author names metadata", zero, "http://169.254.169.254/", "", egress.Scenario, egress.Metadata},
		{"named by the scenario", egress.Policy{Named: []string{"127.0.0.1:8080"}}, "http://127.0.0.1:8080/", "", egress.Page, ""},
		{"another port than named", egress.Policy{Named: []string{"127.0.0.1:8080"}}, "http://127.0.0.1:8081/", "", egress.Page, egress.Loopback},
		{"named otherwise", egress.Policy{Named: []string{"localhost:8080"}}, "http://[::1]:8080/", "", egress.Page, ""},
		{"another address of the own machine", egress.Policy{Named: []string{"localhost:8080"}}, "http://127.0.0.2:8080/", "", egress.Page, egress.Loopback},
		{"named but rebound", egress.Policy{Named: []string{"example.com:80"}}, "http://example.com/", "127.0.0.1", egress.Page, egress.Loopback},
		{"own machine on", egress.Policy{Loopback: true}, "http://127.0.0.1:1234/", "", egress.Page, ""},
		{"our own pages", own, "http://127.0.0.1:8900/", "", egress.Page, egress.Own},
		{"our own pages by the author", own, "http://localhost:8900/", "", egress.Scenario, egress.Own},
		{"our own pages by a mapped address", own, "http://[::ffff:127.0.0.1]:8900/", "", egress.Page, egress.Own},
		{"allowed port", egress.Policy{Allow: rules(t, "127.0.0.1:9000")}, "http://127.0.0.1:9000/", "", egress.Page, ""},
		{"allowed port for messages", egress.Policy{Allow: rules(t, "127.0.0.1:9000")}, "http://127.0.0.1:9000/", "", egress.Notice, ""},
		{"messages to the own machine", zero, "http://127.0.0.1:9000/", "", egress.Notice, egress.Loopback},
		{"messages over sockets", zero, "ws://example.com/", "", egress.Notice, egress.Scheme},
		{"allowed name that lies here", egress.Policy{Allow: rules(t, "hooks.example")}, "http://hooks.example/", "127.0.0.1", egress.Notice, ""},
		{"what is always refused cannot be allowed", egress.Policy{Allow: rules(t, "169.254.0.0/16")}, "http://169.254.169.254/", "", egress.Page, egress.Metadata},
		{"denied domain", egress.Policy{Deny: rules(t, "*.ads.example")}, "http://a.ads.example/", "1.1.1.1", egress.Page, egress.Listed},
		{"denied network", egress.Policy{Deny: rules(t, "10.0.0.0/8")}, "http://x.example/", "10.1.1.1", egress.Page, egress.Listed},
		{"denied before allowed", egress.Policy{Allow: rules(t, "10.0.0.0/8"), Deny: rules(t, "10.1.0.0/16")}, "http://10.1.0.1/", "", egress.Page, egress.Listed},
		{"closed intranet", egress.Policy{Closed: true}, "http://192.168.1.1/", "", egress.Page, egress.Private},
		{"closed intranet by six", egress.Policy{Closed: true}, "http://[fd12::1]/", "", egress.Page, egress.Private},
		{"closed intranet but one", egress.Policy{Closed: true, Allow: rules(t, "192.168.1.0/24")}, "http://192.168.1.1/", "", egress.Page, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ips []netip.Addr
			for s := range strings.FieldsSeq(c.ips) {
				ips = append(ips, netip.MustParseAddr(s))
			}
			d := c.policy.Decide(c.address, ips, c.purpose)
			var got egress.Reason
			if d != nil {
				got = d.Reason
			}
			if got != c.want {
				t.Errorf("%s with %q: %v, want %q", c.address, c.ips, d, c.want)
			}
		})
	}
}

func TestDenial_keepsSecretsOfTheAddress(t *testing.T) {
	d := egress.Policy{}.Decide("http://user:hush@127.0.0.1:81/hush?key=hush", nil, egress.Page)
	if d == nil || strings.Contains(d.Error(), "hush") || !strings.Contains(d.Error(), "http://127.0.0.1:81") {
		t.Errorf("%v", d)
	}
}

func TestParseRule_refusesWhatIsNoPlace(t *testing.T) {
	for _, text := range []string{"*.例子.中国", "", "http://x.example", "x.example:", "x.example:99999", "*", "*.*.x", "10.0.0.0/99", "*.10.0.0.1", "a b"} {
		if r, err := egress.ParseRule(text); err == nil {
			t.Errorf("%q is taken as %v", text, r)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"http://a@b:1/", "http:\\\\[::1]", "about:blank", "http://0x", "https://政务.cn:443/x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		a, reason := egress.Parse(raw)
		if reason != "" || a.Host == "" {
			return
		}
		again, reason := egress.Parse(a.Scheme + "://" + a.HostPort())
		if reason != "" || again.Host != a.Host || again.Port != a.Port {
			t.Errorf("%q is %+v, and that again %+v %s", raw, a, again, reason)
		}
	})
}
