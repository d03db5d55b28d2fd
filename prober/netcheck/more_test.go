package netcheck

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/miekg/dns"
)

// nameServer answers for platform.example over UDP, and TCP for what is long.
func nameServer(t *testing.T) string {
	t.Helper()
	records := map[string][]string{
		"A":     {"platform.example. 60 IN A 192.0.2.1", "platform.example. 60 IN A 192.0.2.2"},
		"AAAA":  {"platform.example. 60 IN AAAA 2001:db8::1"},
		"CNAME": {"platform.example. 60 IN CNAME www.platform.example."},
		"MX":    {"platform.example. 60 IN MX 10 mail.platform.example."},
		"TXT":   {`platform.example. 60 IN TXT "v=spf1 -all"`},
		"NS":    {"platform.example. 60 IN NS ns1.platform.example."},
		"CAA":   {`platform.example. 60 IN CAA 0 issue "ca.example"`},
		"SRV":   {"platform.example. 60 IN SRV 1 2 5060 sip.platform.example."},
		"SOA":   {"platform.example. 60 IN SOA ns1.platform.example. admin.platform.example. 7 1 1 1 1"},
	}
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		ask := q.Question[0]
		_, udp := w.RemoteAddr().(*net.UDPAddr)
		switch {
		case strings.HasPrefix(ask.Name, "broken."):
			m.Rcode = dns.RcodeServerFailure
		case strings.HasPrefix(ask.Name, "silent."):
			return
		case ask.Name == "1.2.0.192.in-addr.arpa.":
			rr, _ := dns.NewRR(ask.Name + " 60 IN PTR platform.example.")
			m.Answer = append(m.Answer, rr)
		case strings.HasPrefix(ask.Name, "long.") && udp:
			m.Truncated = true
		case strings.HasPrefix(ask.Name, "long."):
			rr, _ := dns.NewRR(ask.Name + ` 60 IN TXT "whole"`)
			m.Answer = append(m.Answer, rr)
		case ask.Name != "platform.example.":
			m.Rcode = dns.RcodeNameError
		default:
			for _, text := range records[dns.TypeToString[ask.Qtype]] {
				rr, err := dns.NewRR(text)
				if err != nil {
					panic(err)
				}
				m.Answer = append(m.Answer, rr)
			}
		}
		_ = w.WriteMsg(m)
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	pc, err := net.ListenPacket("udp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*dns.Server{{Listener: l, Handler: handler}, {PacketConn: pc, Handler: handler}} {
		up := make(chan struct{})
		s.NotifyStartedFunc = func() { close(up) }
		go func() { _ = s.ActivateAndServe() }()
		<-up
		t.Cleanup(func() { _ = s.Shutdown() })
	}
	return l.Addr().String()
}

func TestDNS_records(t *testing.T) {
	rows := []trial{
		{"contains", "  - dns: {name: platform.example, server: NS}\n    expect: [{answers: 192.0.2.2}, {answers: {contains: [192.0.2.1]}}, {latency: {fail: 20s}}]\n", "passed"},
		{"equals", "  - dns: {name: platform.example, server: NS}\n    expect: [{answers: {equals: [192.0.2.2, 192.0.2.1]}}]\n", "passed"},
		{"not all", "  - dns: {name: platform.example, server: NS}\n    expect: [{answers: {equals: [192.0.2.2]}}]\n", "failed assertion/expectation"},
		{"another", "  - dns: {name: platform.example, server: NS}\n    expect: [{answers: 192.0.2.3}]\n", "failed assertion/expectation"},
		{"unknown", "  - dns: {name: none.example, server: NS}\n", "failed dns/dns: step 1 (dns A none.example): the name cannot be resolved: NXDOMAIN"},
		{"server failure", "  - dns: {name: broken.example, server: NS}\n", "failed dns/dns: step 1 (dns A broken.example): the name cannot be resolved: SERVFAIL"},
		{"silence", "  - dns: {name: silent.example, server: NS}\n    timeout: 300ms\n", "failed timeout/no_answer"},
		{"long", "  - dns: {name: long.example, type: TXT, server: NS}\n    expect: [{answers: whole}]\n", "passed"},
		{"reverse", "  - dns: {name: 192.0.2.1, type: PTR, server: NS}\n    expect: [{answers: platform.example}]\n", "passed"},
		{"refused by the policy", "  - dns: {name: platform.example, server: 169.254.169.254}\n", "errored policy/egress"},
	}
	for kind, want := range map[string]string{
		"AAAA": "2001:db8::1", "CNAME": "www.platform.example.", "MX": "10 mail.platform.example", "TXT": "v=spf1 -all", "NS": "NS1.platform.example",
		"CAA": "0 issue ca.example", "SRV": "1 2 5060 sip.platform.example", "SOA": "ns1.platform.example admin.platform.example 7",
	} {
		rows = append(rows, trial{kind, fmt.Sprintf("  - dns: {name: platform.example, type: %s, server: SERVER}\n    expect: [{answers: {equals: [\"%s\"]}}]\n", kind, want), "passed"})
	}
	address := nameServer(t)
	try(t, checker(), rows, "SERVER", address, "server: NS", "server: "+address)
}

func TestICMP_ownMachine(t *testing.T) {
	try(t, checker(), []trial{
		{"answers", "  - icmp: {host: 127.0.0.1, count: 2}\n    expect: [{loss: {warn: 10%, fail: 50%}}, {latency: {fail: 5s}}]\n", "passed"},
		{"refused by the policy", "  - icmp: 169.254.169.254\n", "errored policy/egress"},
		{"unknown", "  - icmp: nowhere.invalid\n", "failed dns/dns"},
	})
	e := &errand{}
	e.check.Sent, e.check.Received = 4, 3
	half, tenth := 50.0, 10.0
	x := load(t, "  - icmp: 127.0.0.1\n    expect: [{loss: {warn: 10%, fail: 20%}}]\n").Steps[0].Expect[0]
	if err := e.loss(x); err == nil {
		t.Error("a quarter lost is not over a fifth")
	}
	x.LossFail, x.LossWarn = &half, &tenth
	if err := e.loss(x); err != nil || e.warn == nil {
		t.Error("a quarter lost is not over a tenth", err)
	}
}

func TestWebSocket_messages(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/no" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"chat"}})
		if err != nil {
			return
		}
		defer func() { _ = c.CloseNow() }()
		if r.URL.Path == "/mute" {
			_, _, _ = c.Read(r.Context())
			return
		}
		_ = c.Write(r.Context(), websocket.MessageText, []byte("welcome "+r.Header.Get("X-Token")))
		if _, data, err := c.Read(r.Context()); err == nil {
			_ = c.Write(r.Context(), websocket.MessageText, []byte(`{"echo":"`+string(data)+`"}`))
		}
		_ = c.Close(websocket.StatusNormalClosure, "")
	}))
	defer srv.Close()
	try(t, checker(), []trial{
		{"opens", "  - websocket: WS/\n", "passed"},
		{"first message", "  - websocket: WS/\n    expect: [{body: welcome}]\n", "passed"},
		{"later message", "  - websocket: {url: WS/, send: hello}\n    expect: [{json: {path: echo, equals: hello}}, {latency: {fail: 20s}}]\n", "passed"},
		{"never", "  - websocket: {url: WS/, send: hello}\n    expect: [{body: goodbye}]\n", "failed assertion/expectation"},
		{"silence", "  - websocket: WS/mute\n    expect: [{body: x}]\n    timeout: 300ms\n", "failed timeout/no_answer"},
		{"subprotocol", "  - websocket: {url: WS/, subprotocol: chat}\n    expect: [{protocol: chat}]\n", "passed"},
		{"other subprotocol", "  - websocket: {url: WS/, subprotocol: mail}\n", "failed assertion/expectation"},
		{"headers are masked", "  - websocket: {url: WS/, headers: {X-Token: \"${secret.token}\"}, send: x}\n    expect: [{body: \"welcome ${secret.token}\"}]\n", "passed"},
		{"forbidden", "  - websocket: WS/no\n", "failed http_status/status"},
		{"policy", "  - websocket: ws://169.254.169.254/\n", "errored policy/egress"},
	}, "WS/", strings.Replace(srv.URL, "http", "ws", 1)+"/")
}

func TestSQL_postgres(t *testing.T) {
	const head = "  - sql: {driver: postgres, dsn: \"${secret.db}\"}\n"
	query := func(q string) string {
		return "  - sql:\n      driver: postgres\n      dsn: ${secret.db}\n      query: " + q + "\n"
	}
	try(t, checker(), []trial{
		{"default", head + "    expect: [{body: {equals: \"1\"}}, {rows: {is: 1}}, {latency: {fail: 20s}}]\n", "passed"},
		{"value", query("SELECT 7 AS n, 'x' AS s") + "    expect: [{json: {path: \"[0].n\", min: 7, max: 7}}, {json: {path: \"[0].s\", equals: x}}]\n", "passed"},
		{"value that is not", query("SELECT 7 AS n") + "    expect: [{json: {path: \"[0].n\", min: 8}}]\n", "failed assertion/expectation"},
		{"rows", query("SELECT generate_series(1, 20)") + "    expect: [{rows: {min: 20}}]\n", "passed"},
		{"too few rows", query("SELECT generate_series(1, 20)") + "    expect: [{rows: {min: 21}}]\n", "failed assertion/expectation"},
		{"too many rows", query("SELECT generate_series(1, 2000)"), "failed assertion/answer_too_large"},
		{"saved", query("SELECT 7 AS n") + "  - save: {n: {json: \"[0].n\"}}\n  - check: ${n} == 7\n", "passed"},
		{"read-only", query("CREATE TABLE t (i int)"), "failed assertion/query"},
		{"no table", query("SELECT * FROM nowhere"), "failed assertion/query"},
		{"syntax", query("SELEC 1"), "errored scenario/scenario"},
		{"slow", query("SELECT pg_sleep(20)") + "    timeout: 500ms\n", "failed timeout/no_answer"},
		{"wrong password", strings.Replace(head, "db}", "bad}", 1), "errored credential/credential"},
	})
	r := runOn(t, checker(), load(t, strings.Replace(head, "db}", "bad}", 1)))
	if strings.Contains(told(r), "prober\"") {
		t.Error("the user is told:", told(r))
	}
}
