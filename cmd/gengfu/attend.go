package main

import (
	"fmt"

	"gengfu/scenarios"
	"gengfu/scenarios/strict"
)

// unasked are the attend steps of a scenario whose route is not there.
func (in *instance) unasked(s *scenarios.Scenario) strict.Problems {
	var list strict.Problems
	for _, st := range s.Asks() {
		if name := st.Ask.Route; name != "" && !in.hasRoute(name) {
			list = append(list, strict.Problem{
				File: st.Pos.File, Line: st.Pos.Line, Col: st.Pos.Col,
				Finding: fmt.Sprintf("scenario %s: unknown route %q", s.ID, name), Remedy: suggest(name, in.routeNames()),
			})
		}
	}
	return list
}
