package main

import (
	"fmt"
	"maps"
	"slices"

	"gengfu/scenarios/strict"
)

// team is who works on reports of a type, and the route by which they hear.
type team struct{ name, route string }

// readIntake reads intake: types of reports, the team that each is for, and the
// route by which it hears of them, which may stand further down.
func (in *instance) readIntake(n strict.Node) {
	m, ok := n.Map()
	if !ok {
		return
	}
	in.teams = map[string]team{}
	for _, e := range m.Entries {
		var t team
		fields(e.Value, map[string]func(strict.Node){"team": in.text(&t.name), "notify": func(n strict.Node) {
			in.text(&t.route)(n)
			in.later = append(in.later, func() {
				if !in.hasRoute(n.Text()) {
					n.Problem(fmt.Sprintf("unknown route %q", n.Text()), suggest(n.Text(), in.routeNames()))
				}
			})
		}})
		if t.name == "" {
			e.At.Problem("the type names no team", "such as 打印: {team: 平台组}")
		}
		in.teams[e.Key] = t
	}
}

// configured is the configuration in force.
func (d *daemon) configured() *instance {
	d.heightening.turn.Lock()
	defer d.heightening.turn.Unlock()
	return d.heightening.in
}

// intakeTypes are the types of reports that a team is known for.
func (d *daemon) intakeTypes() []string { return slices.Sorted(maps.Keys(d.configured().teams)) }
