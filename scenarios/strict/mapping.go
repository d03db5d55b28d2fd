package strict

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Entry is one key of a mapping with its value.
type Entry struct {
	Key   string
	At    Node // the key, for its place
	Value Node
}

// Map is a mapping in the author's order, each key once, merged keys included.
type Map struct {
	Node
	Entries []Entry
}

// Map reads a mapping. Keys that stand twice are reported with the line of the
// first, which is the one that is kept.
func (n Node) Map() (Map, bool) {
	if n.Kind() != Mapping {
		n.unfit("a mapping")
		return Map{}, false
	}
	m, ok := Map{Node: n}, true
	first := map[string]int{}
	var merges []Node
	for i := 0; i+1 < len(n.target().Content); i += 2 {
		k := Node{y: n.target().Content[i], file: n.file, rep: n.rep}
		v := Node{y: n.target().Content[i+1], file: n.file, rep: n.rep}
		if k.y.Kind == yaml.ScalarNode && k.y.ShortTag() == "!!merge" {
			merges = append(merges, v)
			continue
		}
		ok = m.add(k, v, first) && ok
	}
	for _, v := range merges {
		ok = m.merge(v, first) && ok
	}
	return m, ok
}

func (m *Map) add(k, v Node, first map[string]int) bool {
	if k.Kind() != Scalar {
		k.Problem("a key must be a text, not "+string(k.Kind()), `quote it when it holds { } [ ] or ?`)
		return false
	}
	key := k.Text()
	if line, twice := first[key]; twice {
		k.Problem(fmt.Sprintf("%q is set twice", key), fmt.Sprintf("first on line %d", line))
		return false
	}
	first[key] = k.Line()
	m.Entries = append(m.Entries, Entry{Key: key, At: k, Value: v})
	return true
}

// merge adds the keys of <<: that the mapping does not set itself.
func (m *Map) merge(v Node, first map[string]int) bool {
	sources, ok := v.Items()
	for _, s := range sources {
		from, fine := s.Map()
		ok = ok && fine
		for _, e := range from.Entries {
			if _, own := first[e.Key]; !own {
				first[e.Key] = e.At.Line()
				m.Entries = append(m.Entries, e)
			}
		}
	}
	return ok
}

// Lookup returns the value of a key; the zero Node when it is not set.
func (m Map) Lookup(key string) (Node, bool) {
	for _, e := range m.Entries {
		if e.Key == key {
			return e.Value, true
		}
	}
	return Node{}, false
}

// Keys lists the keys in the author's order.
func (m Map) Keys() []string {
	keys := make([]string, len(m.Entries))
	for i, e := range m.Entries {
		keys[i] = e.Key
	}
	return keys
}

// Known reports every key that is not one of known.
func (m Map) Known(known ...string) bool {
	ok := true
	for _, e := range m.Entries {
		found := false
		for _, k := range known {
			found = found || k == e.Key
		}
		if !found {
			e.Unknown(known)
			ok = false
		}
	}
	return ok
}

// Unknown reports the entry's key as one that does not exist.
func (e Entry) Unknown(known []string) {
	finding, remedy := fmt.Sprintf("unknown key %q", e.Key), Suggest(e.Key, known)
	if bare, ok := strings.CutSuffix(e.Key, "："); ok {
		finding, remedy = fmt.Sprintf("the colon after %q is full-width", bare), "write : and a blank"
	}
	e.At.Problem(finding, remedy)
}
