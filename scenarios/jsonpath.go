package scenarios

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"gengfu/scenarios/strict"
)

// Path leads to values in JSON: keys with dots between them, [n] for an element
// of a list (-1 is the last), [*] for all of them. A leading $ may stand there.
type Path struct {
	source string
	hops   []hop
}

// hop is one part of a path.
type hop struct {
	key   string
	index int
	kind  byte // k key, i index, * all
}

// ParsePath reads a path. The error says what is wrong with it.
func ParsePath(s string) (*Path, error) {
	p := &Path{source: s}
	rest := strings.TrimPrefix(s, "$")
	for rest != "" {
		switch rest[0] {
		case '[':
			inside, after, closed := strings.Cut(rest[1:], "]")
			if !closed {
				return nil, errors.New("[ is not closed")
			}
			h := hop{kind: 'i'}
			switch n, err := strconv.Atoi(inside); {
			case inside == "*":
				h.kind = '*'
			case len(inside) > 1 && (inside[0] == '"' || inside[0] == '\'') && inside[len(inside)-1] == inside[0]:
				h.kind, h.key = 'k', inside[1:len(inside)-1]
			case err != nil:
				return nil, fmt.Errorf("[%s] is no number and not *", inside)
			default:
				h.index = n
			}
			p.hops, rest = append(p.hops, h), after
		default:
			rest = strings.TrimPrefix(rest, ".")
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			if end == 0 {
				return nil, errors.New("a key is missing")
			}
			p.hops, rest = append(p.hops, hop{kind: 'k', key: rest[:end]}), rest[end:]
		}
	}
	return p, nil
}

// String is the path as it was written.
func (p *Path) String() string { return p.source }

// Find returns the values that the path leads to in a decoded document.
func (p *Path) Find(doc any) []any {
	found := []any{doc}
	for _, h := range p.hops {
		var next []any
		for _, v := range found {
			next = append(next, h.of(v)...)
		}
		found = next
	}
	return found
}

func (h hop) of(v any) []any {
	switch v := v.(type) {
	case map[string]any:
		if x, ok := v[h.key]; ok && h.kind == 'k' {
			return []any{x}
		}
	case []any:
		i := h.index
		if i < 0 {
			i += len(v)
		}
		switch {
		case h.kind == '*':
			return v
		case h.kind == 'i' && i >= 0 && i < len(v):
			return v[i : i+1]
		}
	}
	return nil
}

func (r *reader) path(n strict.Node) *Path {
	s, ok := n.String()
	if !ok {
		return nil
	}
	p, err := ParsePath(s)
	if err != nil {
		n.Problem(fmt.Sprintf("%q is no path: %s", s, err), "such as data.items[0].id")
		return nil
	}
	return p
}

// JSONValue is a JSON document of the author's, with references in its texts.
type JSONValue struct {
	raw    string // a number, true, false or null
	text   *Text
	keys   []string
	values []JSONValue
	kind   strict.Kind
}

// jsonValue reads a document: what is not quoted and is a JSON number, true,
// false or null stays that, everything else is a text.
func (r *reader) jsonValue(n strict.Node) *JSONValue {
	v := &JSONValue{kind: n.Kind()}
	switch v.kind {
	case strict.Mapping:
		m, _ := n.Map()
		for _, e := range m.Entries {
			v.keys = append(v.keys, e.Key)
			v.values = append(v.values, *r.jsonValue(e.Value))
		}
	case strict.List:
		items, _ := n.Items()
		for _, item := range items {
			v.values = append(v.values, *r.jsonValue(item))
		}
	case strict.Scalar:
		if s := n.Text(); n.Plain() && (s == "true" || s == "false" || json.Valid([]byte(s)) && strings.ContainsAny(s[:1], "-0123456789")) {
			v.raw = s
			return v
		}
		t := r.text(n)
		v.text = &t
	default:
		v.raw = "null"
	}
	return v
}

// Resolve is the document with its references replaced. Secret is true when any
// of them is a secret.
func (v *JSONValue) Resolve(env *Env) (Value, error) {
	var b bytes.Buffer
	secret, err := v.write(&b, env)
	return Value{Text: b.String(), Secret: secret}, err
}

// Walk goes through the document in its order: text gets the texts, and word
// what else there is, keys and brackets included.
func (v *JSONValue) Walk(text func(Text), word func(string)) {
	switch {
	case v.raw != "":
		word(v.raw)
	case v.text != nil:
		text(*v.text)
	default:
		word(fmt.Sprintf("%d[", len(v.values)))
		for i := range v.values {
			if v.keys != nil {
				word(v.keys[i])
			}
			v.values[i].Walk(text, word)
		}
	}
}

func (v *JSONValue) write(b *bytes.Buffer, env *Env) (secret bool, err error) {
	switch {
	case v.raw != "":
		b.WriteString(v.raw)
	case v.text != nil:
		t, err := v.text.Resolve(env)
		quote(b, t.Text)
		return t.Secret, err
	default:
		marks := "[]"
		if v.kind == strict.Mapping {
			marks = "{}"
		}
		b.WriteByte(marks[0])
		for i := range v.values {
			if i > 0 {
				b.WriteByte(',')
			}
			if v.keys != nil {
				quote(b, v.keys[i])
				b.WriteByte(':')
			}
			s, err := v.values[i].write(b, env)
			if secret = secret || s; err != nil {
				return secret, err
			}
		}
		b.WriteByte(marks[1])
	}
	return secret, nil
}

func quote(b *bytes.Buffer, s string) {
	text, _ := json.Marshal(s) // a string always encodes
	b.Write(text)
}
