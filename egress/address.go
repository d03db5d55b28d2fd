package egress

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Address is a URL as far as it says where to go, read the way browsers read
// one (the WHATWG URL standard).
type Address struct {
	Scheme string
	Host   string     // lower case, without brackets, last dot or zone; empty for about:blank
	IP     netip.Addr // when the host is one, in whatever spelling
	Port   uint16
}

// HostPort is host and port as dialers want them.
func (a Address) HostPort() string { return net.JoinHostPort(a.Host, strconv.Itoa(int(a.Port))) }

// String is the origin, with the port unless it is the usual one.
func (a Address) String() string {
	switch {
	case a.Host == "":
		return a.Scheme + ":"
	case a.Port == ports[a.Scheme]:
		host, _ := strings.CutSuffix(net.JoinHostPort(a.Host, ""), ":")
		return a.Scheme + "://" + host
	}
	return a.Scheme + "://" + a.HostPort()
}

// ports are the schemes that may be called, with their usual ports.
var ports = map[string]uint16{"http": 80, "ws": 80, "https": 443, "wss": 443}

// Parse reads an address. The reason is Scheme for one that is never called and
// Unreadable for one that a browser would not take either.
func Parse(raw string) (Address, Reason) {
	raw = strings.TrimFunc(raw, func(r rune) bool { return r <= ' ' })
	raw = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(raw)
	scheme, rest, ok := strings.Cut(raw, ":")
	scheme = strings.ToLower(scheme)
	if !ok || !schemeName(scheme) {
		return Address{}, Unreadable
	}
	a := Address{Scheme: scheme}
	if scheme == "about" {
		page, _, _ := strings.Cut(rest, "#")
		if page, _, _ = strings.Cut(page, "?"); page == "blank" {
			return a, ""
		}
		return a, Scheme
	}
	usual, ok := ports[scheme]
	if !ok {
		return a, Scheme
	}
	authority := strings.TrimLeft(rest, `/\`)
	if i := strings.IndexAny(authority, `/\?#`); i >= 0 {
		authority = authority[:i]
	}
	host, port, ok := splitPort(authority[strings.LastIndexByte(authority, '@')+1:])
	if !ok {
		return a, Unreadable
	}
	if a.Port = usual; port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return a, Unreadable
		}
		a.Port = uint16(n)
	}
	if a.Host, a.IP, ok = readHost(host); !ok {
		return Address{Scheme: scheme}, Unreadable
	}
	return a, ""
}

func schemeName(s string) bool {
	for i, c := range s {
		if (c < 'a' || c > 'z') && (i == 0 || (c < '0' || c > '9') && !strings.ContainsRune("+-.", c)) {
			return false
		}
	}
	return s != ""
}

func splitPort(authority string) (host, port string, ok bool) {
	if strings.HasPrefix(authority, "[") {
		i := strings.IndexByte(authority, ']')
		if i < 0 {
			return "", "", false
		}
		host, rest := authority[:i+1], authority[i+1:]
		port, colon := strings.CutPrefix(rest, ":")
		return host, port, colon || rest == ""
	}
	host, port, _ = strings.Cut(authority, ":")
	return host, port, true
}

// readHost brings a host into the one spelling that is judged.
func readHost(raw string) (string, netip.Addr, bool) {
	if v6, ok := strings.CutPrefix(raw, "["); ok {
		ip, err := netip.ParseAddr(strings.TrimSuffix(v6, "]"))
		if err != nil || ip.Zone() != "" || !ip.Is6() {
			return "", netip.Addr{}, false
		}
		return ip.String(), ip, true
	}
	plain, err := url.PathUnescape(raw)
	if err != nil {
		return "", netip.Addr{}, false
	}
	host := strings.TrimRight(fold(plain), ".")
	if host == "" || !utf8.ValidString(plain) || strings.ContainsAny(host, " #/:<>?@[\\]^|%\x7f") || strings.ContainsFunc(host, func(r rune) bool { return r < ' ' }) {
		return "", netip.Addr{}, false
	}
	labels := strings.Split(host, ".")
	if !numeric(labels[len(labels)-1]) {
		return host, netip.Addr{}, true
	}
	ip, ok := readIPv4(labels)
	if !ok {
		return "", netip.Addr{}, false
	}
	return ip.String(), ip, true
}

// numeric reports whether a last label makes its host an IPv4 address or
// nothing at all.
func numeric(label string) bool {
	if label != "" && strings.Trim(label, "0123456789") == "" {
		return true
	}
	_, ok := number(label)
	return ok
}

// readIPv4 reads the spellings of old: one to four numbers, each decimal, octal
// or hexadecimal, the last one filling what is left.
func readIPv4(labels []string) (netip.Addr, bool) {
	if len(labels) > 4 {
		return netip.Addr{}, false
	}
	var value uint64
	for i, l := range labels {
		n, ok := number(l)
		last := i == len(labels)-1
		switch {
		case !ok, !last && n > 255, last && n >= 1<<(8*(5-len(labels))):
			return netip.Addr{}, false
		case last:
			value += n
		default:
			value += n << (8 * (3 - i))
		}
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), true
}

func number(s string) (uint64, bool) {
	base := 10
	switch {
	case s == "":
		return 0, false
	case strings.HasPrefix(s, "0x"):
		s, base = s[2:], 16
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	}
	if s == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(s, base, 64)
	return n, err == nil && s[0] != '+'
}

// fold maps the letters, digits and dots that the standard for international
// names (UTS 46) takes for plain ones, and drops what it does not see.
func fold(host string) string {
	var b strings.Builder
	for _, r := range host {
		if slices.Contains(unseen, r) || r >= 0xFE00 && r <= 0xFE0F {
			continue
		}
		b.WriteRune(plainRune(r))
	}
	return strings.ToLower(b.String())
}

var unseen = []rune{0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x34F}

func plainRune(r rune) rune {
	switch {
	case slices.Contains([]rune{0x3002, 0xFF0E, 0xFF61, 0x2024}, r):
		return '.'
	case r >= 0xFF01 && r <= 0xFF5E: // full width
		return r - 0xFF01 + '!'
	case r >= 0x2460 && r <= 0x2468: // in circles
		return r - 0x2460 + '1'
	case r == 0x24EA, r == 0x2070, r == 0x2080:
		return '0'
	case r >= 0x24B6 && r <= 0x24CF:
		return r - 0x24B6 + 'a'
	case r >= 0x24D0 && r <= 0x24E9:
		return r - 0x24D0 + 'a'
	case r == 0xB9:
		return '1'
	case r == 0xB2, r == 0xB3:
		return r - 0xB2 + '2'
	case r >= 0x2074 && r <= 0x2079: // raised and lowered
		return r - 0x2070 + '0'
	case r >= 0x2081 && r <= 0x2089:
		return r - 0x2080 + '0'
	case r >= 0x1D400 && r <= 0x1D6A3: // of formulas, in pairs of alphabets
		return (r-0x1D400)%26 + 'a'
	case r >= 0x1D7CE && r <= 0x1D7FF:
		return (r-0x1D7CE)%10 + '0'
	case r == 0x17F:
		return 's'
	case r == 0x212A:
		return 'k'
	}
	return r
}
