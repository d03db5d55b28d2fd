package main

import (
	"maps"
	"slices"

	"gengfu/scenarios/strict"
)

// readIntake reads intake: types of reports, and the team that each is for.
func (in *instance) readIntake(n strict.Node) {
	m, ok := n.Map()
	if !ok {
		return
	}
	in.teams = map[string]string{}
	for _, e := range m.Entries {
		team := ""
		fields(e.Value, map[string]func(strict.Node){"team": in.text(&team)})
		if team == "" {
			e.At.Problem("the type names no team", "such as 打印: {team: 平台组}")
		}
		in.teams[e.Key] = team
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
