package chrome

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// originOf is scheme, host and port of an address as the browser names them,
// empty when it has none.
func originOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return ""
	}
	host := strings.ToLower(u.Host)
	if port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; port != "" {
		host = strings.TrimSuffix(host, port)
	}
	return u.Scheme + "://" + host
}

// sameSite reports whether two hosts belong to one organisation, as far as
// their names tell: equal, or under the same registrable domain. Unknown hosts
// count as first-party, so that nothing is played down by mistake.
func sameSite(a, b string) bool {
	if a == "" || b == "" || a == b {
		return true
	}
	if net.ParseIP(a) != nil || net.ParseIP(b) != nil {
		return false
	}
	return registrable(a) == registrable(b)
}

// secondLevel are the labels under which a country's registry sells third-level
// names; the full public suffix list would only matter for shared hosting.
var secondLevel = []string{"com", "net", "org", "gov", "edu", "ac", "co", "mil"}

func registrable(host string) string {
	labels := strings.Split(host, ".")
	n := 2
	if len(labels) > 2 && len(labels[len(labels)-1]) == 2 && slices.Contains(secondLevel, labels[len(labels)-2]) {
		n = 3
	}
	if len(labels) <= n {
		return host
	}
	return strings.Join(labels[len(labels)-n:], ".")
}
