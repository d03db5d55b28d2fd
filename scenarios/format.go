package scenarios

import (
	"slices"

	"gengfu/scenarios/strict"
)

// Format gives a file of scenarios and fragments its canonical form. It never
// changes what a file means; one that it cannot keep whole, or that is not YAML,
// is refused with an error. Formatting twice is formatting once.
func Format(file string, data []byte) ([]byte, error) {
	l := newLanguage()
	return strict.Format(file, data, l.order)
}

// order puts the keys of documents and of steps into the order of the tables.
// The order of all others, of fields that are filled in among them, is the
// author's.
func (l *language) order(path, keys []string) []string {
	switch {
	case len(path) == 0 && slices.Contains(keys, "fragment"):
		return names(l.fragment)
	case len(path) == 0:
		return l.documentOrder()
	case path[len(path)-1] == "-" && isSteps(path[:len(path)-1]):
		return l.stepOrder(keys)
	}
	return nil
}

func isSteps(path []string) bool {
	switch len(path) {
	case 1:
		return path[0] == "steps" || path[0] == "always"
	case 2:
		return path[0] == "session" && path[1] == "login"
	}
	return false
}

// documentOrder is the table's, with the time limit beside the budget.
func (l *language) documentOrder() []string {
	var out []string
	for _, name := range names(l.top) {
		if name == "timeout" {
			continue
		}
		out = append(out, name)
		if name == "budget" {
			out = append(out, "timeout")
		}
	}
	return out
}

// stepOrder has the action first, then its name, what it leads to, and its
// limits.
func (l *language) stepOrder(keys []string) []string {
	var out []string
	acts := false
	for _, v := range l.verbs {
		if v.Verb != Verify {
			out = append(out, string(v.Verb))
			acts = acts || slices.Contains(keys, string(v.Verb))
		}
	}
	if !acts {
		out = append(out, string(Verify)) // the action of its step
	}
	out = append(out, "name", "with")
	last := []string{string(Verify), "outcome", "budget", "optional", "timeout"}
	for _, name := range names(l.modifiers) {
		if !slices.Contains(out, name) && !slices.Contains(last, name) {
			out = append(out, name)
		}
	}
	for _, name := range last {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
