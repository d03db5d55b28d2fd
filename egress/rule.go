package egress

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Rule is one entry of an allow or deny list: a host name, *.domain, an address
// or a network, each with a port or for all ports. The zero Rule matches nothing.
type Rule struct {
	name   string
	suffix bool // the name stands for what is below it
	prefix netip.Prefix
	port   uint16 // 0 for all
	text   string
}

// ParseRule reads a rule: "hooks.example", "*.gov.cn", "10.1.0.0/16",
// "127.0.0.1:8080", "[::1]:8080".
func ParseRule(text string) (Rule, error) {
	r := Rule{text: text}
	host := text
	if strings.Contains(text, "://") {
		return r, fmt.Errorf("%q has a scheme (want a host, a network or *.domain, with or without :port)", text)
	}
	if prefix, err := netip.ParsePrefix(text); err == nil {
		r.prefix = prefix.Masked()
		return r, nil
	}
	if ip, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		r.prefix = netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen())
		return r, nil
	}
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		n, err := strconv.ParseUint(host[i+1:], 10, 16)
		if err != nil || n == 0 {
			return r, fmt.Errorf("%q has no port behind its colon (want such as 127.0.0.1:8080)", text)
		}
		host, r.port = host[:i], uint16(n)
	}
	host, r.suffix = strings.CutPrefix(host, "*.")
	for _, c := range host {
		if c > 127 {
			return r, fmt.Errorf("%q: requests name it in the form xn--… (write that)", text)
		}
	}
	name, ip, ok := readHost(host)
	if !ok || strings.Contains(name, "*") || r.suffix && ip.IsValid() {
		return r, fmt.Errorf("%q is no host (want a name, *.domain, an address or a network such as 10.0.0.0/8)", text)
	}
	if ip.IsValid() {
		r.prefix = netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen())
		return r, nil
	}
	r.name = name
	return r, nil
}

// String is the rule as it was written.
func (r Rule) String() string { return r.text }

func (r Rule) match(a Address, ip netip.Addr) bool {
	switch {
	case r.port != 0 && r.port != a.Port:
		return false
	case r.prefix.IsValid():
		return ip.IsValid() && r.prefix.Contains(ip)
	case r.name == "":
		return false
	case r.suffix:
		return strings.HasSuffix(a.Host, "."+r.name)
	}
	return a.Host == r.name
}

func matches(list []Rule, a Address, ip netip.Addr) bool {
	return slices.ContainsFunc(list, func(r Rule) bool { return r.match(a, ip) })
}
