package scenarios

import (
	"fmt"
	"regexp"
	"strings"

	"gengfu/scenarios/strict"
)

// Guard keeps the pages of a run from writing: requests that are not for reading
// are refused, but for those that Allow names.
type Guard struct {
	Allow []Write
}

// Write is a kind of request that a guard lets through.
type Write struct {
	Method  string // POST, PUT, PATCH, DELETE, or * for any
	Address Text   // a path of the site, or a whole address; * stands for anything
}

func guardKeys() []key[Guard] {
	return []key[Guard]{
		{Field{Name: "allow", Shape: shapeTexts, Zh: "允许的写请求，例如 POST /api/login", En: "writes that are allowed, such as POST /api/login"}, func(r *reader, n strict.Node, g *Guard) {
			items, _ := n.Items()
			for _, item := range items {
				if w, ok := r.write(item); ok {
					g.Allow = append(g.Allow, w)
				}
			}
		}},
	}
}

var writePattern = regexp.MustCompile(`^(\S+)\s+(\S.*)$`)

// write reads METHOD ADDRESS.
func (r *reader) write(n strict.Node) (Write, bool) {
	s, ok := n.String()
	if !ok {
		return Write{}, false
	}
	m := writePattern.FindStringSubmatch(s)
	if m == nil {
		n.Problem(fmt.Sprintf("%q is no method and path", s), "write POST /api/login")
		return Write{}, false
	}
	methods := []string{"POST", "PUT", "PATCH", "DELETE", "*"}
	method := strings.ToUpper(m[1])
	for _, known := range methods {
		if method != known {
			continue
		}
		if !strings.HasPrefix(m[2], "/") && !strings.HasPrefix(m[2], "${") && !strings.HasPrefix(m[2], "http://") && !strings.HasPrefix(m[2], "https://") {
			n.Problem(fmt.Sprintf("%q is neither a path nor an address", m[2]), "begin with /, http:// or https://")
			return Write{}, false
		}
		return Write{Method: method, Address: r.parse(n, m[2], len([]rune(s))-len([]rune(m[2])))}, true
	}
	n.Problem(fmt.Sprintf("%q is no method that writes", m[1]), "one of POST, PUT, PATCH, DELETE and *; reading is never refused")
	return Write{}, false
}
