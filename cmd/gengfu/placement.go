package main

import (
	"strings"

	"gengfu"
	"gengfu/scenarios/strict"
)

// placed tells what a package found in a channel or route where its author can
// mend it: at the value of the key that the finding begins with, else at the
// entry. The findings are lines such as `channel "desk": url: …, want …`.
func placed(entry, value strict.Node, err error) {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		line = strings.TrimSuffix(line, ": "+gengfu.ErrInvalid.Error())
		finding, want, _ := strings.Cut(line, ", want ")
		switch {
		case want == "one of ":
			want = "add it under channels, there is none yet"
		case want != "":
			want = "want " + want
		}
		spot(entry, value, finding).Problem(finding, want)
	}
}

// spot is the value of the key in a finding: of "to", the item that it quotes.
func spot(entry, value strict.Node, finding string) strict.Node {
	_, rest, _ := strings.Cut(finding, `": `)
	key, _, named := strings.Cut(rest, ": ")
	if key == "endpoints" {
		key = "to"
	}
	if !named || value.Kind() != strict.Mapping {
		return entry
	}
	m, _ := value.Map()
	at, ok := m.Lookup(key)
	if !ok || at.Kind() != strict.List {
		return orNode(at, entry, ok)
	}
	items, _ := at.Items()
	for _, item := range items {
		if item.Text() != "" && strings.Contains(rest, `"`+item.Text()+`"`) {
			return item
		}
	}
	return at
}

func orNode(n, other strict.Node, ok bool) strict.Node {
	if ok {
		return n
	}
	return other
}

// routeAt is the node of a route of this name in a list of them, and of those
// below each.
func routeAt(list strict.Node, line string) (strict.Node, bool) {
	if list.Kind() != strict.List {
		return list, false
	}
	items, _ := list.Items()
	for _, item := range items {
		if item.Kind() != strict.Mapping {
			continue
		}
		m, _ := item.Map()
		if name, ok := m.Lookup("name"); ok && strings.HasPrefix(line, `route "`+name.Text()+`": `) {
			return item, true
		}
		if below, ok := m.Lookup("routes"); ok {
			if found, ok := routeAt(below, line); ok {
				return found, true
			}
		}
	}
	return list, false
}
