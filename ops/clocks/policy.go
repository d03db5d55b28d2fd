package clocks

import (
	"time"

	"gengfu"
)

// Policy holds the targets of each grade. A kind that a grade has no target for
// has no clock.
type Policy map[gengfu.Grade]map[Kind]Target

// Usual is the policy of a maintenance contract that says no more than 2 h to
// the site and 4 h to repair: ordinary faults count in support hours, major ones
// around the clock, and a major one is resolved by the time that is announced.
func Usual(support, always *gengfu.Calendar) Policy {
	return Policy{
		gengfu.GradeOrdinary: {
			Respond: {Within: 30 * time.Minute, Calendar: support},
			OnSite:  {Within: 2 * time.Hour, Calendar: support},
			Resolve: {Within: 4 * time.Hour, Calendar: support},
		},
		gengfu.GradeMajor: {
			Respond:  {Within: 15 * time.Minute, Calendar: always},
			OnSite:   {Within: 2 * time.Hour, Calendar: always},
			Announce: {Within: time.Hour, Calendar: always},
			Report:   {Days: 3, Calendar: support},
		},
	}
}

// Text says when the clock is due, by both readings until the contract is
// settled: "工作时限 03-09 13:30；自然时限 03-06 21:30".
func (c Clock) Text(lang gengfu.Lang) string {
	if c.State == Paused {
		if lang == gengfu.English {
			return "paused: " + c.Reason
		}
		return "暂停：" + c.Reason
	}
	return c.Written().DueIn(lang, c.Target.Calendar.Zone())
}
