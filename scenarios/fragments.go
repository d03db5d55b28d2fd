package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gengfu/scenarios/strict"
)

// maxUse bounds fragments that use fragments.
const maxUse = 10

// fragment is a document of steps for others to use. Its steps are kept as
// written and read anew for each use, with the parameters of that use.
type fragment struct {
	name   string
	pos    Pos
	title  string
	source string
	params []param
	steps  strict.Node
	told   strict.Node // outcome rules of all its steps
}

// param is a declared parameter of a fragment.
type param struct {
	name     string
	required bool
	secret   bool
	preset   strict.Node // the default, read in the fragment's scope
	at       strict.Node // its name
}

func fragmentKeys() []key[fragment] {
	return []key[fragment]{
		{Field{Name: "fragment", Shape: shapeText, Required: true, Zh: "片段标识", En: "the fragment's name, used by use"}, func(r *reader, n strict.Node, f *fragment) { f.name = identifier(n) }},
		{Field{Name: "title", Shape: shapeText, Zh: "标题", En: "what people call it"}, func(r *reader, n strict.Node, f *fragment) { f.title, _ = n.String() }},
		{Field{Name: "params", Shape: shapeParams, Zh: "参数", En: "its parameters by name"}, (*reader).parameters},
		{Field{Name: "outcome", Shape: shapeOutcomes, Zh: "各步骤共用的已知提示", En: "known messages of the page, for each of its steps"}, func(_ *reader, n strict.Node, f *fragment) { f.told = n }},
		{Field{Name: "steps", Shape: shapeSteps, Required: true, Zh: "步骤", En: "its steps"}, func(r *reader, n strict.Node, f *fragment) { f.steps = n }},
	}
}

func paramKeys() []key[param] {
	return []key[param]{
		{Field{Name: "required", Shape: shapeBool, Zh: "必填", En: "the user must give it"}, func(r *reader, n strict.Node, p *param) { p.required, _ = n.Bool() }},
		{Field{Name: "default", Shape: shapeText, Zh: "默认值", En: "its value unless given"}, func(r *reader, n strict.Node, p *param) { p.preset = n }},
		{Field{Name: "secret", Shape: shapeBool, Zh: "保密", En: "its value is masked everywhere"}, func(r *reader, n strict.Node, p *param) { p.secret, _ = n.Bool() }},
	}
}

func (r *reader) parameters(n strict.Node, f *fragment) {
	m, ok := n.Map()
	if !ok {
		return
	}
	for _, e := range m.Entries {
		p := param{name: e.Key, at: e.At}
		if !validName(e.Key) {
			e.At.Problem(fmt.Sprintf("%q cannot be a name", e.Key), "use letters, digits, _ and -")
			continue
		}
		if readMap(r, e.Value, r.lang.param, &p) && p.required && p.preset.Kind() != strict.Missing {
			e.At.Problem(fmt.Sprintf("parameter %q is required and has a default", e.Key), "keep one of them")
		}
		f.params = append(f.params, p)
	}
}

// fragment reads a fragment's declaration; its steps are read by checkFragment
// and by each use.
func (r *reader) fragment(doc strict.Document) (*fragment, bool) {
	f := &fragment{pos: at(doc.Root), source: doc.Source}
	readMap(r, doc.Root, r.lang.fragment, f)
	return f, f.name != "" && f.steps.Kind() != strict.Missing
}

// checkFragment reads the steps once with empty parameters, so that the
// mistakes of a fragment nobody uses are told too.
func (r *reader) checkFragment(f *fragment) {
	bound := map[string]Text{}
	inner := r.inside(f, bound)
	for _, p := range f.params {
		if p.preset.Kind() != strict.Missing {
			preset := inner.text(p.preset)
			if p.secret {
				r.mustBeSecret(p.preset, preset, "the secret "+p.name)
			}
		}
		t := Literal("")
		t.secret = p.secret
		bound[p.name] = t
	}
	inner.stepsOf(f)
	r.unusedParams(f)
}

// stepsOf reads the steps of a fragment. Its outcome rules come after those of
// each step.
func (r *reader) stepsOf(f *fragment) []Step {
	var shared Step
	if f.told.Kind() != strict.Missing {
		r.outcome(f.told, &shared)
	}
	steps := r.steps(f.steps)
	for i := range steps {
		steps[i].Outcome = append(steps[i].Outcome, shared.Outcome...)
	}
	return steps
}

// inside is a reader for the fragment's steps with its parameters bound.
func (r *reader) inside(f *fragment, bound map[string]Text) *reader {
	r.sum.used[f.name]++
	inner := *r
	inner.params = true
	inner.within = append(slices.Clone(r.within), f.name)
	inner.scope = &scope{names: bound, saved: map[string]string{}}
	inner.prefix = r.prefix + f.name + "."
	if n := r.sum.used[f.name]; n > 1 {
		inner.prefix = fmt.Sprintf("%s%s#%d.", r.prefix, f.name, n)
	}
	return &inner
}

// use puts a fragment's steps in the place of the step.
func (r *reader) use(m strict.Map, arg strict.Node) []Step {
	for _, e := range m.Entries {
		if _, modifier := r.modifier(e.Key); e.Key == string(Verify) || (modifier && e.Key != "with") {
			e.At.Problem(fmt.Sprintf("%q cannot stand beside use", e.Key), "put it on the steps of the fragment, or on a step of its own")
		} else if e.Key != string(Use) && e.Key != "with" {
			e.Unknown([]string{string(Use), "with"})
		}
	}
	name, ok := arg.String()
	if !ok {
		return nil
	}
	f, ok := r.load.fragments[name]
	switch {
	case !ok:
		arg.Problem(fmt.Sprintf("unknown fragment %q", name), strict.Suggest(name, slices.Sorted(maps.Keys(r.load.fragments))))
	case slices.Contains(r.within, name):
		arg.Problem(fmt.Sprintf("fragment %q uses itself", name), strings.Join(append(slices.Clone(r.within), name), " → "))
	case len(r.within) >= maxUse:
		arg.Problem(fmt.Sprintf("fragments use each other more than %d deep", maxUse), "flatten them")
	default:
		r.load.used[name] = true
		r.sum.steps++ // a use costs as much as a step, so that empty ones are bounded too
		return r.inside(f, r.bind(m, arg, f)).stepsOf(f)
	}
	return nil
}

// bind gives each parameter its text: the caller's, read in the caller's
// scope, or the default, read in the fragment's.
func (r *reader) bind(m strict.Map, arg strict.Node, f *fragment) map[string]Text {
	bound := map[string]Text{}
	given := strict.Map{}
	if with, ok := m.Lookup("with"); ok {
		given, _ = with.Map()
		var known []string
		for _, p := range f.params {
			known = append(known, p.name)
		}
		given.Known(known...)
	}
	defaults := *r
	defaults.params, defaults.scope = true, &scope{names: bound, saved: map[string]string{}}
	for _, p := range f.params {
		t := Literal("")
		if n, ok := given.Lookup(p.name); ok {
			t = r.text(n)
			if p.secret {
				r.mustBeSecret(n, t, "the secret "+p.name)
			}
		} else if p.preset.Kind() != strict.Missing {
			t = defaults.text(p.preset)
		} else if p.required {
			arg.Problem(fmt.Sprintf("fragment %q needs %q", f.name, p.name), "add with: {"+p.name+": …}")
		}
		t.secret = t.secret || p.secret
		bound[p.name] = t
	}
	return bound
}

// revision is the sha256, in hex, of a source and the fragments it uses.
func (r *reader) revision(source string) string {
	h := sha256.New()
	h.Write([]byte(source))
	for _, name := range slices.Sorted(maps.Keys(r.sum.used)) {
		h.Write([]byte("\n---\n" + r.load.fragments[name].source))
	}
	return hex.EncodeToString(h.Sum(nil))
}
