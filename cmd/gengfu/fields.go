package main

import (
	"os"
	"slices"
	"strings"
	"time"

	"gengfu"
	"gengfu/scenarios/strict"
)

// fields reads a mapping by a table of its keys; others are reported.
func fields(n strict.Node, read map[string]func(strict.Node)) {
	m, ok := n.Map()
	if !ok {
		return
	}
	known := make([]string, 0, len(read))
	for k := range read {
		known = append(known, k)
	}
	slices.Sort(known)
	m.Known(known...)
	for _, e := range m.Entries {
		if f := read[e.Key]; f != nil {
			f(e.Value)
		}
	}
}

func number(to *int, lo, hi int) func(strict.Node) {
	return func(n strict.Node) {
		if v, ok := n.Int(lo, hi); ok {
			*to = v
		}
	}
}

// mebibytes reads a size that is written as a number of MiB.
func mebibytes(to *int64) func(strict.Node) {
	return func(n strict.Node) {
		if v, ok := n.Int(64, 1<<20); ok {
			*to = int64(v) << 20
		}
	}
}

func span(to *time.Duration) func(strict.Node) {
	return func(n strict.Node) {
		if v, ok := n.Duration(); ok {
			*to = v
		}
	}
}

func truth(to *bool) func(strict.Node) {
	return func(n strict.Node) {
		if v, ok := n.Bool(); ok {
			*to = v
		}
	}
}

func share(to *float64) func(strict.Node) {
	return func(n strict.Node) {
		if v, ok := n.Float(0, 1); ok {
			*to = v
		}
	}
}

// text reads a plain text; ${env.X} is replaced, a secret is refused.
func (in *instance) text(to *string) func(strict.Node) {
	return func(n strict.Node) {
		v, ok := n.String()
		if !ok {
			return
		}
		if strings.Contains(v, "${secret.") {
			n.Problem("a secret cannot stand here", "it would be shown; keys that may hold one are url, secret, token, password and headers")
			return
		}
		*to = in.expand(n, v)
	}
}

// path1 reads a path, relative to the instance file.
func (in *instance) path1(to *string) func(strict.Node) {
	return func(n strict.Node) {
		if v, ok := n.String(); ok {
			*to = in.expand(n, v)
		}
	}
}

// secret reads a text that may hold ${secret.x}.
func (in *instance) secret(to *gengfu.Secret) func(strict.Node) {
	return func(n strict.Node) {
		if v, ok := n.String(); ok {
			*to = gengfu.Secret(in.expand(n, v))
		}
	}
}

// expand replaces ${secret.x} and ${env.X}.
func (in *instance) expand(n strict.Node, v string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(v, "${")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		ref, after, closed := strings.Cut(rest, "}")
		if !closed {
			n.Problem("${ without }", "write ${secret.name} or ${env.NAME}")
			return ""
		}
		b.WriteString(in.lookup(n, ref))
		v = after
	}
}

func (in *instance) lookup(n strict.Node, ref string) string {
	if name, ok := strings.CutPrefix(ref, "secret."); ok {
		s, err := in.secrets.Lookup(name)
		if err != nil {
			n.Problem(err.Error(), "")
		}
		return s.Reveal()
	}
	if name, ok := strings.CutPrefix(ref, "env."); ok {
		v, ok := os.LookupEnv(name)
		if !ok {
			n.Problem("environment variable "+name+" is not set", "")
		}
		return v
	}
	n.Problem("unknown reference ${"+ref+"}", "write ${secret.name} or ${env.NAME}")
	return ""
}
