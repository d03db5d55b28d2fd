package main

import (
	"fmt"
	"time"

	"gengfu/scenarios"
	"gengfu/scenarios/strict"
)

// readMaintenance reads one entry of maintenance: from and to, or cron and
// duration.
func (in *instance) readMaintenance(n strict.Node) {
	var m period[scenarios.Maintenance]
	given := map[string]bool{}
	window := &m.when.Window
	fields(n, map[string]func(strict.Node){
		"from": func(n strict.Node) { window.From, given["from"] = in.moment(n, false) },
		"to":   func(n strict.Node) { window.To, given["to"] = in.moment(n, true) },
		"cron": func(n strict.Node) {
			text, ok := n.String()
			if !ok {
				return
			}
			cron, bad := scenarios.ParseCron(text, in.zone)
			if bad != nil {
				n.ProblemAt(bad.Offset, bad.Finding, bad.Remedy)
				return
			}
			m.when.Cron, given["cron"] = &cron, true
		},
		"duration": span(&m.when.For),
		"tell": func(n strict.Node) {
			in.text(&m.tell)(n)
			in.later = append(in.later, func() {
				if !in.hasRoute(m.tell) {
					n.Problem(fmt.Sprintf("unknown route %q", m.tell), suggest(m.tell, in.routeNames()))
				}
			})
		},
		"title":     in.text(&m.when.Title),
		"scenarios": func(n strict.Node) { m.scenarios, _ = n.StringList() },
		"tags":      func(n strict.Node) { m.tags, _ = n.StringList() },
	})
	dated := given["from"] || given["to"]
	switch {
	case dated == given["cron"]:
		n.Problem("it does not say when, or says it twice", "from and to, or cron and duration")
	case dated && !window.From.Before(window.To):
		n.Problem("the maintenance has no end, or ends before it begins", "from comes before to")
	case given["cron"] && (m.when.For <= 0 || m.when.For > 7*24*time.Hour):
		n.Problem("cron needs a duration of at most a week", "such as duration: 2h")
	case m.when.Title == "":
		n.Problem("the maintenance has no title", "say what is done")
	}
	in.upkeep = append(in.upkeep, m)
}
