package scenarios

import (
	"fmt"
	"regexp"

	"gengfu/scenarios/strict"
)

// originPattern is scheme, host with any number of *, and maybe a port.
var originPattern = regexp.MustCompile(`^https?://(\*|[a-zA-Z0-9.*-]+|\[[0-9a-fA-F:]+\])(:([0-9]{1,5}|\*))?$`)

func traceKeys() []key[Trace] {
	return []key[Trace]{
		{Field{Name: "origins", Shape: shapeTexts, Zh: "哪些源的请求", En: "origins of the requests, with *; those that goto steps open unless given"}, (*reader).origins},
		{Field{Name: "sampled", Words: []string{"rerun", "always"}, Zh: "何时要求采样", En: "when sampling is asked for; rerun unless given"}, func(r *reader, n strict.Node, t *Trace) {
			when, _ := n.Enum("moment", "rerun", "always")
			t.Always = when == "always"
		}},
	}
}

func (r *reader) trace(n strict.Node, b *Browser) {
	b.Trace.On = readMap(r, n, r.lang.trace, &b.Trace)
}

func (r *reader) origins(n strict.Node, t *Trace) {
	t.Origins, _ = n.StringList()
	for _, o := range t.Origins {
		if !originPattern.MatchString(o) {
			n.Problem(fmt.Sprintf("%q is not an origin", o), "such as https://platform.example or https://*.platform.example, without a path")
			return
		}
	}
}
