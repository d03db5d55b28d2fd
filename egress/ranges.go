package egress

import (
	"net/netip"
	"slices"
	"strings"
)

// ranges are networks with a meaning, the narrow ones first. Sources: the IANA
// special-purpose registries (RFC 6890 and its updates) and the clouds' manuals.
var ranges = []struct {
	prefix netip.Prefix
	reason Reason
}{
	{netip.MustParsePrefix("169.254.169.254/32"), Metadata}, // most clouds
	{netip.MustParsePrefix("169.254.170.2/32"), Metadata},   // container credentials
	{netip.MustParsePrefix("100.100.100.200/32"), Metadata}, // Alibaba
	{netip.MustParsePrefix("168.63.129.16/32"), Metadata},   // Azure
	{netip.MustParsePrefix("192.0.0.192/32"), Metadata},     // Oracle
	{netip.MustParsePrefix("fd00:ec2::/32"), Metadata},      // Amazon
	{netip.MustParsePrefix("fd20:ce::254/128"), Metadata},   // Google
	{netip.MustParsePrefix("169.254.0.0/16"), LinkLocal},
	{netip.MustParsePrefix("fe80::/10"), LinkLocal},
	{netip.MustParsePrefix("127.0.0.0/8"), Loopback},
	{netip.MustParsePrefix("::1/128"), Loopback},
	{netip.MustParsePrefix("0.0.0.0/8"), Unspecified}, // reaches the own machine on many systems
	{netip.MustParsePrefix("::/128"), Unspecified},
	{netip.MustParsePrefix("224.0.0.0/4"), Multicast},
	{netip.MustParsePrefix("ff00::/8"), Multicast},
	{netip.MustParsePrefix("255.255.255.255/32"), Multicast},
	{netip.MustParsePrefix("240.0.0.0/4"), Reserved},
	{netip.MustParsePrefix("10.0.0.0/8"), Private},
	{netip.MustParsePrefix("172.16.0.0/12"), Private},
	{netip.MustParsePrefix("192.168.0.0/16"), Private},
	{netip.MustParsePrefix("100.64.0.0/10"), Private},
	{netip.MustParsePrefix("fc00::/7"), Private},
	{netip.MustParsePrefix("fec0::/10"), Private},
}

// kindOf is the reason to look twice at an address, empty for one on the
// internet.
func kindOf(ip netip.Addr) Reason {
	for _, r := range ranges {
		if r.prefix.Contains(ip) {
			return r.reason
		}
	}
	return ""
}

// carriers are the ways to wrap an IPv4 address in an IPv6 one, with the bytes
// that hold it: mapped and compatible (RFC 4291), translated (RFC 7915), NAT64
// (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380).
var carriers = []struct {
	prefix netip.Prefix
	at     [4]int
	flip   byte
}{
	{netip.MustParsePrefix("::/96"), [4]int{12, 13, 14, 15}, 0},
	{netip.MustParsePrefix("::ffff:0:0:0/96"), [4]int{12, 13, 14, 15}, 0},
	{netip.MustParsePrefix("64:ff9b::/96"), [4]int{12, 13, 14, 15}, 0},
	{netip.MustParsePrefix("64:ff9b:1::/48"), [4]int{6, 7, 9, 10}, 0},
	{netip.MustParsePrefix("64:ff9b:1::/48"), [4]int{12, 13, 14, 15}, 0},
	{netip.MustParsePrefix("2002::/16"), [4]int{2, 3, 4, 5}, 0},
	{netip.MustParsePrefix("2001::/32"), [4]int{4, 5, 6, 7}, 0},
	{netip.MustParsePrefix("2001::/32"), [4]int{12, 13, 14, 15}, 0xff},
}

// forms are the addresses that an address stands for: itself and what it
// carries. A zone is no part of what is judged.
func forms(ip netip.Addr) []netip.Addr {
	ip = ip.Unmap().WithZone("")
	out := []netip.Addr{ip}
	if ip.Is4() || ip.IsUnspecified() || ip.IsLoopback() {
		return out
	}
	b := ip.As16()
	for _, c := range carriers {
		if c.prefix.Contains(ip) {
			out = append(out, netip.AddrFrom4([4]byte{b[c.at[0]] ^ c.flip, b[c.at[1]] ^ c.flip, b[c.at[2]] ^ c.flip, b[c.at[3]] ^ c.flip}))
		}
	}
	if b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe { // ISATAP, RFC 5214, has no prefix of its own
		out = append(out, netip.AddrFrom4([4]byte(b[12:])))
	}
	return out
}

// metadataNames are what clouds call the service that hands out their keys.
var metadataNames = []string{
	"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal",
	"metadata.tencentyun.com", "metadata.azure.internal",
}

func metadataName(host string) bool { return slices.Contains(metadataNames, host) }

// localName reports whether a name stands for the own machine, after RFC 6761.
func localName(host string) bool { return host == "localhost" || strings.HasSuffix(host, ".localhost") }
