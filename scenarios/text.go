package scenarios

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"gengfu"
)

// Text is an author's string with ${…} references, bound to the place where it
// was written: a fragment's text sees the fragment's parameters only.
type Text struct {
	parts  []part
	scope  *scope
	source string
	secret bool // bound to a secret parameter: tainted whatever it holds
	size   size
}

// size bounds what resolving a text costs, so that references to references
// cannot grow without end. It is measured when the text is read.
type size struct {
	weight int // bytes of literals and one for each part, references followed
	depth  int // longest chain of references
}

// measure adds up the parts, with the size of a reference given by of.
func (t Text) measure(of func(ref string) size) size {
	var s size
	for _, p := range t.parts {
		inner := of(p.ref)
		s.weight = min(s.weight+1+len(p.literal)+inner.weight, maxWeight+1)
		if p.ref != "" {
			s.depth = max(s.depth, inner.depth+1)
		}
	}
	return s
}

type part struct {
	literal string
	ref     string // vars name, secret.x or env.X; empty for a literal
}

// scope resolves the names a text may use: parameters of a fragment, each bound
// in the caller's scope, or the variables of a scenario.
type scope struct {
	names map[string]Text
	saved map[string]string // what its steps save: the author's name to the key in Env.Saved
}

// Value is a resolved text. Secret is true when any part of it came from a
// secret.
type Value struct {
	Text   string
	Secret bool
}

// Env gives the values that are only known while running.
type Env struct {
	Saved  map[string]Value // by save steps
	Secret func(name string) (gengfu.Secret, error)
	Getenv func(name string) (string, bool)
	Zone   *time.Location // of generated dates; the machine's when nil

	moment time.Time         // when the first of them was asked for
	made   map[string]string // by reference
}

// Literal is a text without references.
func Literal(s string) Text { return Text{parts: []part{{literal: s}}, source: s} }

// Source is the text as the author wrote it, references unresolved. It never
// holds a secret's value.
func (t Text) Source() string { return t.source }

// IsZero reports whether the text was not given at all.
func (t Text) IsZero() bool { return len(t.parts) == 0 }

// Refs lists the references in order of appearance.
func (t Text) Refs() []string {
	var refs []string
	for _, p := range t.parts {
		if p.ref != "" {
			refs = append(refs, p.ref)
		}
	}
	return refs
}

// Resolve replaces the references. The error names the reference that has no
// value.
func (t Text) Resolve(env *Env) (Value, error) { return t.resolve(env, 0) }

// Bounds of references to references; both are held, and loops are caught,
// when a scenario is read.
const (
	maxDepth  = 20
	maxWeight = 1 << 20
)

func (t Text) resolve(env *Env, depth int) (Value, error) {
	if depth > maxDepth {
		return Value{}, errors.New("${…} refers to itself")
	}
	var b strings.Builder
	out := Value{Secret: t.secret}
	for _, p := range t.parts {
		if p.ref == "" {
			b.WriteString(p.literal)
			continue
		}
		v, err := t.lookup(env, p.ref, depth)
		if err != nil {
			return Value{}, err
		}
		out.Secret = out.Secret || v.Secret
		b.WriteString(v.Text)
	}
	out.Text = b.String()
	return out, nil
}

func (t Text) lookup(env *Env, ref string, depth int) (Value, error) {
	if name, ok := strings.CutPrefix(ref, "secret."); ok {
		if env.Secret == nil {
			return Value{}, &MissingSecretError{Name: name, Err: errors.New("no secrets are configured")}
		}
		s, err := env.Secret(name)
		if err != nil {
			return Value{}, &MissingSecretError{Name: name, Err: err}
		}
		return Value{Text: s.Reveal(), Secret: true}, nil
	}
	if name, ok := strings.CutPrefix(ref, "env."); ok {
		if env.Getenv != nil {
			if v, ok := env.Getenv(name); ok {
				return Value{Text: v}, nil
			}
		}
		return Value{}, fmt.Errorf("environment variable %s is not set", name)
	}
	if t.scope != nil {
		if bound, ok := t.scope.names[ref]; ok {
			return bound.resolve(env, depth+1)
		}
	}
	if v, ok := env.Saved[t.savedKey(ref)]; ok {
		return v, nil
	}
	if v, ok := env.generated(ref); ok {
		return v, nil
	}
	return Value{}, fmt.Errorf("${%s} has no value yet", ref)
}

// savedKey is the key in [Env.Saved] for a name: what a fragment saves is kept
// apart from what its caller saves.
func (t Text) savedKey(ref string) string {
	if t.scope != nil {
		if key, ok := t.scope.saved[ref]; ok {
			return key
		}
	}
	return ref
}

// Tainted reports whether any part of the text comes from a secret, through
// variables and parameters too. What is saved while running is not known yet.
func (t Text) Tainted() bool { return t.tainted(0) }

func (t Text) tainted(depth int) bool {
	if t.secret || depth > maxDepth {
		return true
	}
	for _, ref := range t.Refs() {
		if strings.HasPrefix(ref, "secret.") {
			return true
		}
		if t.scope != nil {
			if bound, ok := t.scope.names[ref]; ok && bound.tainted(depth+1) {
				return true
			}
		}
	}
	return false
}

// MissingSecretError says which secret a scenario asks for in vain.
type MissingSecretError struct {
	Name string
	Err  error
}

func (e *MissingSecretError) Error() string { return "secret " + e.Name + ": " + e.Err.Error() }
func (e *MissingSecretError) Unwrap() error { return e.Err }
