package chrome

import (
	"strings"

	"github.com/chromedp/cdproto/network"
)

// blockPatterns turns the author's globs, in which only * is special, into URL
// patterns of the URL Pattern standard. Without a scheme a glob is the end of
// a path (*.mp4), and a host with a path as well when it has a slash
// (stat.example/*). Any port is meant unless one is given.
func blockPatterns(globs []string) []*network.BlockPattern {
	var out []*network.BlockPattern
	add := func(scheme, host, path string) {
		out = append(out, &network.BlockPattern{URLPattern: scheme + "://" + host + "/" + path, Block: true})
	}
	for _, g := range globs {
		scheme, rest, given := strings.Cut(g, "://")
		if !given {
			rest = strings.TrimLeft(g, "/")
			add("*", "*:*", anyDirectory(pathPattern(rest)))
			scheme = "*"
		}
		host, path, slash := strings.Cut(rest, "/")
		if !slash && !given {
			continue
		}
		if !slash {
			path = "*"
		}
		if !strings.Contains(strings.TrimPrefix(host, "["), ":") {
			host += ":*"
		}
		add(scheme, host, pathPattern(path))
	}
	return out
}

// anyDirectory lets a glob of a path begin in every directory.
func anyDirectory(path string) string {
	if strings.HasPrefix(path, "*") {
		return path
	}
	return "*" + path
}

// pathPattern escapes what the standard gives a meaning. An escaped question
// mark still begins the query.
func pathPattern(glob string) string {
	var b strings.Builder
	for _, c := range glob {
		if strings.ContainsRune(`\:(){}+?#`, c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}
