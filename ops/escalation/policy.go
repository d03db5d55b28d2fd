package escalation

import (
	"slices"
	"time"

	"gengfu"
)

// Policy is how an operator wants people to be told.
type Policy struct {
	Name     string
	Steps    []Step // in the order of their delays
	Repeat   int    // times that the steps are gone through again, at most [MaxRepeat]
	Calendar string // that delays are counted by, empty for the clock on the wall
	Page     bool   // tells outside the calendar's hours; otherwise it waits for them
	Dynamic  bool   // asks at each step who is on duty then
	Acks     map[gengfu.Grade]time.Duration
}

// MaxRepeat bounds how often a policy may repeat itself.
const MaxRepeat = 5

// Step is who is told so long after the opening.
type Step struct {
	After  time.Duration
	Tell   []string // roster.role, a roster, a person or a channel
	Grades []gengfu.Grade
}

// AckWithin is how long whoever took an incident of the grade may be silent,
// unless the policy says otherwise; nobody waits for news of a notice.
func (p Policy) AckWithin(g gengfu.Grade) time.Duration {
	if d, ok := p.Acks[g]; ok {
		return d
	}
	switch g {
	case gengfu.GradeMajor:
		return 30 * time.Minute
	case gengfu.GradeOrdinary:
		return 2 * time.Hour
	}
	return 0
}

// Reach turns what a step names into the names of people and the endpoints at
// which they are reached, at a time.
type Reach func(name string, at time.Time) (people, endpoints []string)

// Copy resolves a policy for an incident: who is on duty at this moment is
// written down, and steps that reach nobody are left out.
func Copy(p Policy, g gengfu.Grade, reach Reach, at time.Time) *gengfu.Escalation {
	e := &gengfu.Escalation{Policy: p.Name, Repeat: p.Repeat, Calendar: p.Calendar, Page: p.Page, Dynamic: p.Dynamic, AckWithin: p.AckWithin(g)}
	for _, s := range p.Steps {
		step := resolve(gengfu.EscalationStep{After: s.After, Tell: s.Tell, Grades: s.Grades}, reach, at)
		if len(step.Endpoints) > 0 {
			e.Steps = append(e.Steps, step)
		}
	}
	if len(e.Steps) == 0 {
		e.AckWithin = 0
	}
	return e
}

func resolve(s gengfu.EscalationStep, reach Reach, at time.Time) gengfu.EscalationStep {
	s.People, s.Endpoints = nil, nil
	for _, name := range s.Tell {
		people, endpoints := reach(name, at)
		for _, p := range people {
			if !slices.Contains(s.People, p) {
				s.People = append(s.People, p)
			}
		}
		for _, e := range endpoints {
			if !slices.Contains(s.Endpoints, e) {
				s.Endpoints = append(s.Endpoints, e)
			}
		}
	}
	return s
}
