package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gengfu/scenarios/strict"
)

// advise warns of what makes a scenario break without anything being wrong
// with its target, and of what nothing needs.
func (r *reader) advise(s Scenario, root strict.Node) {
	steps := slices.Concat(s.Session.Opening(), s.Steps, s.Always)
	for _, step := range steps {
		for _, l := range step.locators() {
			r.brittle(l)
		}
	}
	m, _ := root.Map()
	vars, given := m.Lookup("vars")
	if !given {
		return
	}
	declared, _ := vars.Map()
	for _, e := range declared.Entries {
		if !r.sum.touched["|"+e.Key] {
			e.At.Warn(fmt.Sprintf("the variable %q is not used", e.Key), unusedRemedy(e.Key))
		}
	}
}

func unusedRemedy(name string) string {
	return "delete it, or write ${" + name + "} where it is meant"
}

// touch notes that a text of this reader's scope refers to a name.
func (r *reader) touch(ref string) { r.sum.touched[strings.Join(r.within, "/")+"|"+ref] = true }

// unusedParams warns of the parameters that a fragment's steps do not mention,
// unless mistakes may be the reason.
func (r *reader) unusedParams(f *fragment) {
	for _, p := range f.params {
		if r.rep.Raised() == 0 && !r.sum.touched[f.name+"|"+p.name] {
			p.at.Warn(fmt.Sprintf("the parameter %q is not used", p.name), unusedRemedy(p.name))
		}
	}
}

// unusedFragments warns of fragments that no scenario and no other fragment
// uses. Files that hold fragments only are left alone, and so are those with
// mistakes, which may be the reason.
func (l *loader) unusedFragments() {
	if len(l.docs) == 0 || l.rep.Raised() > 0 {
		return
	}
	for name, f := range l.fragments {
		if !l.used[name] {
			l.rep.Warn(strict.Problem{
				File: f.pos.File, Line: f.pos.Line, Col: f.pos.Col,
				Finding: fmt.Sprintf("fragment %q is used by no scenario here", name), Remedy: "delete it, or check the folder it belongs to",
			})
		}
	}
}

// locators are all locators of a step, those inside others included.
func (s Step) locators() []Locator {
	var out []Locator
	add := func(l *Locator) {
		if l != nil {
			out = append(out, *l)
		}
	}
	add(s.Target)
	add(s.To)
	for _, p := range s.Fields {
		add(&p.Field)
	}
	for _, v := range s.Saves {
		add(v.From)
	}
	for _, e := range slices.Concat(s.Expect, s.When, s.For) {
		add(e.Locator)
	}
	out = append(out, s.Frame...)
	for i := 0; i < len(out); i++ {
		add(out[i].Within)
		add(out[i].Has)
		out = append(out, out[i].Frame...)
	}
	return out
}

var (
	// generated are ids and classes of common component libraries and style
	// compilers that differ from release to release, or from load to load.
	generated = regexp.MustCompile(`el-id-\d|:r[0-9a-z]+:|\bradix-|\b(?:css|sc|jsx|jss|svelte|emotion)-[0-9a-z]{5,}|\bdata-v-[0-9a-f]{6,}|[\w-]__[\w-]*[A-Za-z0-9]{5}\b|#(?:ember|mui-|rc_\w+_|ext-gen|yui_|headlessui-)[\w-]*\d|_[0-9a-f]{8,}\b`)
	// hashed is a class of a CSS module: a name, two underscores and a hash.
	hashed     = regexp.MustCompile(`__[A-Za-z0-9-]*\d[A-Za-z0-9-]*\b`)
	positional = regexp.MustCompile(`:nth-(?:last-)?(?:child|of-type)\(\s*-?\d+\s*\)`)
	indexed    = regexp.MustCompile(`^/html\b|\[\d+\]|position\(\)`)
)

// brittle warns of a locator that the next release of the page will break.
func (r *reader) brittle(l Locator) {
	const remedy = "say what a person would point at: a label, a role with a name, or a text"
	css, xpath := l.CSS.Source(), l.XPath.Source()
	for _, text := range []string{css, xpath, l.TestID.Source()} {
		if m := generated.FindString(text); m != "" && (!strings.Contains(m, "__") || hashed.MatchString(m)) {
			r.warn(l.Pos, fmt.Sprintf("%q looks made by a program and changes with the next release", text), remedy)
			return
		}
	}
	switch {
	case positional.MatchString(css):
		r.warn(l.Pos, fmt.Sprintf("%q counts positions, and a change of the layout moves them", css), remedy)
	case indexed.MatchString(xpath):
		r.warn(l.Pos, fmt.Sprintf("%q counts positions, and a change of the layout moves them", xpath), remedy)
	}
}

// fewLogins is how many scenarios may log in to one account on their own: one
// that watches the log-in, and one more.
const fewLogins = 2

// sharedLogins warns of scenarios that type the same secret into a form in
// every run, although one log-in could serve them all.
func (l *loader) sharedLogins(all []Scenario) {
	by := map[string][]Scenario{}
	for _, s := range all {
		if s.Session != nil {
			continue
		}
		for _, name := range s.typedSecrets() {
			by[name] = append(by[name], s)
		}
	}
	for _, list := range by {
		if len(list) <= fewLogins {
			continue
		}
		ids := make([]string, len(list))
		for i, s := range list {
			ids[i] = s.ID
		}
		first := list[0].Pos
		l.rep.Warn(strict.Problem{
			File: first.File, Line: first.Line, Col: first.Col,
			Finding: "the same account logs in anew in every run of " + strings.Join(ids, ", "),
			Remedy:  "share the log-in with session, or the account may get locked",
		})
	}
}

// typedSecrets are the names of the secrets that fill steps type, each once.
func (s Scenario) typedSecrets() []string {
	var out []string
	for _, step := range s.Steps {
		for _, p := range step.Fields {
			for _, name := range p.Value.secrets(0) {
				if step.Verb == Fill && !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// secrets are the names of the secrets in the text, through variables and
// parameters.
func (t Text) secrets(depth int) []string {
	if depth > maxDepth {
		return nil
	}
	var out []string
	for _, ref := range t.Refs() {
		if name, ok := strings.CutPrefix(ref, "secret."); ok {
			out = append(out, name)
		} else if t.scope != nil {
			out = append(out, t.scope.names[ref].secrets(depth+1)...)
		}
	}
	return out
}
