package netcheck

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"gengfu"
)

// resolvConf is where Unix systems keep their name servers.
const resolvConf = "/etc/resolv.conf"

// dns asks a name server, the step's own or the system's, for the records of a
// name.
func (e *errand) dns(ctx context.Context) error {
	name, err := e.resolve(e.st.Address)
	if err != nil {
		return err
	}
	e.check.Address = name.Text
	servers, own, err := e.servers(ctx)
	if err != nil {
		return err
	}
	q := new(dns.Msg)
	kind := dns.StringToType[e.st.Record]
	full := dns.Fqdn(name.Text)
	if kind == dns.TypePTR && net.ParseIP(name.Text) != nil {
		full, _ = dns.ReverseAddr(name.Text) // an address always has one
	}
	if _, ok := dns.IsDomainName(full); !ok {
		return wrong("%s is no name", name.Text)
	}
	q.SetQuestion(full, kind)
	q.SetEdns0(1232, false)
	var answer *dns.Msg
	for _, s := range servers {
		if answer, err = e.ask(ctx, q, s); err == nil {
			e.check.Remote, _, _ = net.SplitHostPort(s)
			break
		}
	}
	e.check.Latency = time.Since(e.began)
	e.check.Phases.DNS = e.check.Latency
	switch {
	case err != nil && !own:
		return &stopError{gengfu.Failure{Fault: gengfu.FaultNetwork, Reason: gengfu.ReasonNetworkOurs, Detail: "our name servers do not answer: " + plain(err)}}
	case err != nil:
		return err
	}
	return e.records(answer, kind)
}

// servers are the step's server, or the system's; own says that it is the
// step's.
func (e *errand) servers(ctx context.Context) (list []string, own bool, err error) {
	if e.st.Peer.IsZero() {
		conf, err := dns.ClientConfigFromFile(resolvConf)
		if err != nil || len(conf.Servers) == 0 {
			return nil, false, &stopError{gengfu.Failure{Fault: gengfu.FaultNetwork, Reason: gengfu.ReasonNetworkOurs, Detail: "no name server is configured in " + resolvConf}}
		}
		for _, s := range conf.Servers {
			list = append(list, net.JoinHostPort(s, conf.Port))
		}
		return list, false, nil
	}
	v, err := e.resolve(e.st.Peer)
	if err != nil {
		return nil, true, err
	}
	address := v.Text
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), "53")
	}
	d := e.dialer(e.st.Peer, false)
	ips, err := d.Resolve(ctx, address)
	for _, ip := range ips {
		list = append(list, ip.String())
	}
	return list, true, err
}

// ask sends a question over UDP, and again over TCP when the answer was cut. A
// packet that got lost is sent again once.
func (e *errand) ask(ctx context.Context, q *dns.Msg, server string) (*dns.Msg, error) {
	until, _ := ctx.Deadline()
	patience := max(time.Until(until)/3, time.Millisecond)
	var answer *dns.Msg
	var err error
	for range 2 {
		once, cancel := context.WithTimeout(ctx, patience)
		answer, _, err = (&dns.Client{Net: "udp", Timeout: patience}).ExchangeContext(once, q, server)
		cancel()
		var slow net.Error
		if err == nil || !errors.As(err, &slow) || !slow.Timeout() {
			break
		}
	}
	if err == nil && answer.Truncated {
		answer, _, err = (&dns.Client{Net: "tcp", Timeout: patience}).ExchangeContext(ctx, q, server)
	}
	return answer, err
}

// records notes the answers of the type that was asked for.
func (e *errand) records(m *dns.Msg, kind uint16) error {
	if m.Rcode != dns.RcodeSuccess {
		return &stopError{gengfu.Failure{Fault: gengfu.FaultDNS, Reason: gengfu.ReasonDNS, Detail: dns.RcodeToString[m.Rcode]}}
	}
	for _, rr := range m.Answer {
		if rr.Header().Rrtype == kind && len(e.check.Answers) < 100 {
			e.check.Answers = append(e.check.Answers, value(rr))
		}
	}
	if len(e.check.Answers) == 0 {
		return &stopError{gengfu.Failure{Fault: gengfu.FaultDNS, Reason: gengfu.ReasonDNS, Detail: "no " + dns.TypeToString[kind] + " record"}}
	}
	slices.Sort(e.check.Answers)
	return nil
}

// value is what a record says, names without the dot at their end.
func value(rr dns.RR) string {
	dot := func(s string) string { return strings.TrimSuffix(s, ".") }
	switch r := rr.(type) {
	case *dns.TXT:
		return strings.Join(r.Txt, "")
	case *dns.MX:
		return fmt.Sprintf("%d %s", r.Preference, dot(r.Mx))
	case *dns.SRV:
		return fmt.Sprintf("%d %d %d %s", r.Priority, r.Weight, r.Port, dot(r.Target))
	case *dns.CAA:
		return fmt.Sprintf("%d %s %s", r.Flag, r.Tag, r.Value)
	case *dns.SOA:
		return fmt.Sprintf("%s %s %d", dot(r.Ns), dot(r.Mbox), r.Serial)
	}
	return dot(strings.TrimPrefix(rr.String(), rr.Header().String()))
}
