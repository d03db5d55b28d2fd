package main

import (
	"fmt"

	"gengfu"
	"gengfu/ops/clocks"
)

// clocks say how much time there would be for an incident that opened at the
// time, by both readings as long as the contract leaves them open.
func (c *circumstances) clocks(inc gengfu.Incident, lang gengfu.Lang) (list []string) {
	targets := c.in.targetsOf(inc, c.raised.Covers(c.at) || c.in.heightenedFor(c.at))
	for _, kind := range []clocks.Kind{clocks.Respond, clocks.OnSite, clocks.Announce, clocks.Resolve, clocks.Report} {
		target, ok := targets[kind]
		if !ok {
			continue
		}
		clock, _, err := clocks.Start(kind, target, c.at)
		if err != nil {
			list = append(list, fmt.Sprintf("clock %s: %v", kind, err))
			continue
		}
		within := gengfu.Span(target.Within)
		if target.Days > 0 {
			within = fmt.Sprintf("%d d", target.Days)
		}
		list = append(list, fmt.Sprintf("clock %s (%s): %s", kind, within, clock.Text(lang)))
	}
	return list
}
