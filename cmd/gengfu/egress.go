package main

import (
	"net"
	"net/netip"
	"strconv"

	"gengfu/egress"
	"gengfu/scenarios/strict"
)

// readEgress reads egress: where pages and messages may go.
func (in *instance) readEgress(n strict.Node) {
	p := &in.egress.Policy
	fields(n, map[string]func(strict.Node){
		"allow":    rules(&p.Allow),
		"deny":     rules(&p.Deny),
		"private":  func(n strict.Node) { p.Closed = !onOff(n, "private setting", !p.Closed) },
		"loopback": func(n strict.Node) { p.Loopback = onOff(n, "loopback setting", p.Loopback) },
		"enforce": func(n strict.Node) {
			if v, ok := n.Enum("way to enforce", "proxy", "direct"); ok {
				in.egress.Enforce = v
			}
		},
		"proxy": func(n strict.Node) {
			v, ok := n.String()
			if !ok {
				return
			}
			up, err := egress.ParseUpstream(in.expand(n, v))
			if err != nil {
				n.Problem(err.Error(), "such as http://proxy.example:3128")
				return
			}
			in.egress.Upstream = up
		},
	})
	if in.egress.Enforce == "direct" && in.egress.Upstream != nil {
		n.Problem("proxy needs enforce: proxy", "leave enforce out")
	}
}

func rules(to *[]egress.Rule) func(strict.Node) {
	return func(n strict.Node) {
		items, ok := n.Items()
		if !ok {
			return
		}
		for _, item := range items {
			text, ok := item.String()
			if !ok {
				continue
			}
			r, err := egress.ParseRule(text)
			if err != nil {
				item.Problem(err.Error(), "")
				continue
			}
			*to = append(*to, r)
		}
	}
}

func onOff(n strict.Node, what string, now bool) bool {
	if v, ok := n.Enum(what, "on", "off"); ok {
		return v == "on"
	}
	return now
}

// policy is where this instance's pages and messages may go; its own pages are
// closed to both.
func (in *instance) policy() egress.Policy {
	p := in.egress.Policy
	host, port, err := net.SplitHostPort(in.listen)
	if err != nil {
		return p
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1}) // a name of the own machine: no other is listened on
	}
	if n, err := strconv.ParseUint(port, 10, 16); err == nil && n > 0 {
		p.Own = []netip.AddrPort{netip.AddrPortFrom(ip, uint16(n))}
	}
	return p
}
