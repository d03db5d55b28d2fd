package egress

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Purpose says who wants to go there.
type Purpose string

// Purposes. A scenario's author may name the own machine, a page that he opens
// may not.
const (
	Scenario Purpose = "scenario" // an address that the author wrote
	Page     Purpose = "page"     // whatever a page asks for: redirects, parts, sockets
	Notice   Purpose = "notice"   // a message that leaves
)

// Reason names the rule that refused an address.
type Reason string

// Reasons. All but Loopback, Private and Listed hold whatever is allowed.
const (
	Scheme      Reason = "scheme"
	Unreadable  Reason = "unreadable-address"
	Listed      Reason = "deny-list"
	Metadata    Reason = "cloud-metadata"
	LinkLocal   Reason = "link-local"
	Multicast   Reason = "multicast"
	Unspecified Reason = "unspecified-address"
	Reserved    Reason = "reserved-address"
	Own         Reason = "own-listener"
	Loopback    Reason = "loopback"
	Private     Reason = "private-network"
)

// DeniedError is an address that was refused, and the rule that did it.
type DeniedError struct {
	Address string // scheme, host and port alone: paths and users may be secret
	Reason  Reason
	IP      netip.Addr // that the rule is about, invalid when it is about the name
}

// Error names address and rule.
func (d *DeniedError) Error() string {
	if d.IP.IsValid() && !strings.Contains(d.Address, d.IP.String()) {
		return fmt.Sprintf("%s (%s) is refused by the egress policy: %s", d.Address, d.IP, d.Reason)
	}
	return fmt.Sprintf("%s is refused by the egress policy: %s", d.Address, d.Reason)
}

// Policy is what an instance allows. The zero value is the default: private
// networks are open, since the targets of an intranet live there; the own machine
// is closed but for what a scenario names.
type Policy struct {
	Allow, Deny []Rule           // Deny goes before Allow
	Closed      bool             // private networks are refused
	Loopback    bool             // the own machine is open to pages, too
	Own         []netip.AddrPort // our own listeners, refused to everyone
	Named       []string         // host:port that the scenario itself opens, as [Address.HostPort] writes them
}

// Decide says whether an address may be called, nil when it may. ips are the
// addresses that its host has been found to have; each must be allowed. Without
// them only what the address itself says is judged. It reads nothing else.
func (p Policy) Decide(address string, ips []netip.Addr, purpose Purpose) *DeniedError {
	a, reason := Parse(address)
	if reason != "" {
		return &DeniedError{Address: a.String(), Reason: reason}
	}
	if purpose == Notice && a.Scheme != "http" && a.Scheme != "https" {
		return &DeniedError{Address: a.String(), Reason: Scheme}
	}
	if a.Host == "" {
		return nil // about:blank goes nowhere
	}
	return p.judge(a, ips, purpose)
}

// judge decides on an address that was read.
func (p Policy) judge(a Address, ips []netip.Addr, purpose Purpose) *DeniedError {
	if matches(p.Deny, a, netip.Addr{}) {
		return &DeniedError{Address: a.String(), Reason: Listed}
	}
	if metadataName(a.Host) {
		return &DeniedError{Address: a.String(), Reason: Metadata}
	}
	if a.IP.IsValid() {
		ips = append([]netip.Addr{a.IP}, ips...)
	}
	for _, ip := range ips {
		for _, form := range forms(ip) {
			if reason := p.rule(a, form, purpose); reason != "" {
				return &DeniedError{Address: a.String(), Reason: reason, IP: ip}
			}
		}
	}
	if len(ips) == 0 && localName(a.Host) {
		if reason := p.rule(a, netip.AddrFrom4([4]byte{127, 0, 0, 1}), purpose); reason != "" {
			return &DeniedError{Address: a.String(), Reason: reason}
		}
	}
	return nil
}

// rule is the first rule against one of the address's forms, empty for none.
func (p Policy) rule(a Address, ip netip.Addr, purpose Purpose) Reason {
	switch kind := kindOf(ip); {
	case matches(p.Deny, a, ip):
		return Listed
	case kind != "" && kind != Loopback && kind != Private:
		return kind
	case p.own(netip.AddrPortFrom(ip, a.Port)):
		return Own
	case matches(p.Allow, a, ip):
		return ""
	case kind == Loopback && !p.Loopback && !p.named(a, purpose):
		return Loopback
	case kind == Private && p.Closed:
		return Private
	}
	return ""
}

// named reports whether the scenario itself names this place on the own
// machine. A name that merely turned out to lie here is not enough: whoever
// answers for the name could choose what is called.
func (p Policy) named(a Address, purpose Purpose) bool {
	if !a.IP.IsValid() && !localName(a.Host) {
		return false
	}
	return purpose == Scenario || purpose == Page && slices.ContainsFunc(p.Named, func(n string) bool {
		b, ok := target(n)
		return ok && place(a) == place(b)
	})
}

// place is host and port, with one name for the own machine: a site that is
// opened as localhost may redirect to 127.0.0.1.
func place(a Address) string {
	if ip := a.IP.Unmap(); localName(a.Host) || ip == netip.AddrFrom4([4]byte{127, 0, 0, 1}) || ip == netip.IPv6Loopback() {
		a.Host = "localhost"
	}
	return a.HostPort()
}

func (p Policy) own(to netip.AddrPort) bool {
	return slices.ContainsFunc(p.Own, func(o netip.AddrPort) bool {
		here := o.Addr().Unmap()
		return o.Port() == to.Port() && (here == to.Addr() || here.IsUnspecified() || here.IsLoopback() && to.Addr().IsLoopback())
	})
}
