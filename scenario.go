package gengfu

import "time"

// ScenarioCard is what pages, metrics and messages show of a scenario, without
// the language it is written in.
type ScenarioCard struct {
	ID       string
	Title    string
	Target   string
	Tags     []string
	Owner    string
	Runbook  string
	Severity Grade
	Notify   string
	Schedule string        // in words: "every 5m0s", "cron 0 8 * * 1-5"
	Interval time.Duration // usual distance of two runs
	File     string
	Revision string // sha256 of the source, hex
	Source   string // the YAML document
	Steps    []string
}
