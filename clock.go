package gengfu

import (
	"strings"
	"time"
)

// Clock is how much of a time that a contract allows for an incident is used
// up, as the ledger keeps it. The calendar is named, for it may be revised.
type Clock struct {
	Kind     string // respond, onsite, announce, resolve or report
	State    string // running, paused, met, breached or cancelled
	Calendar string
	Within   time.Duration `json:",omitempty"`
	Days     int           `json:",omitempty"` // working days, instead of Within
	Reading  string        `json:",omitempty"` // which time is meant: working or wall, empty for unsettled
	Budget   time.Duration
	Start    time.Time
	Spans    []Window      `json:",omitempty"` // in which it ran
	Since    time.Time     `json:",omitzero"`
	Carried  time.Duration `json:",omitempty"`
	WallUsed time.Duration `json:",omitempty"`
	Due      time.Time     `json:",omitzero"`  // by working time
	WallDue  time.Time     `json:",omitzero"`  // by the clock on the wall
	Unsure   bool          `json:",omitempty"` // Due touches a year whose holidays are not announced
	Reason   string        `json:",omitempty"` // of the pause
	Holds    []Window      `json:",omitempty"`
	Warned   int           `json:",omitempty"` // percent
	BreachAt time.Time     `json:",omitzero"`
	Ended    time.Time     `json:",omitzero"`
}

// KindIn is what the clock allows time for.
func (c Clock) KindIn(lang Lang) string {
	word, ok := map[string][2]string{
		"respond": {"响应", "respond"}, "onsite": {"到场", "be on site"}, "announce": {"告知修复时间", "announce the repair"},
		"resolve": {"解决", "resolve"}, "report": {"提交报告", "report"},
	}[c.Kind]
	switch {
	case !ok:
		return c.Kind
	case lang == English:
		return word[1]
	}
	return word[0]
}

// StateIn is where the clock stands.
func (c Clock) StateIn(lang Lang) string {
	word, ok := map[string][2]string{
		"running": {"计时中", "running"}, "paused": {"暂停", "paused"}, "met": {"按时", "met"}, "breached": {"超时", "breached"}, "cancelled": {"取消", "cancelled"},
	}[c.State]
	switch {
	case !ok:
		return c.State
	case lang == English:
		return word[1]
	}
	return word[0]
}

// DueIn says when the clock is due, by both readings until the contract is
// settled; empty while it is paused.
func (c Clock) DueIn(lang Lang, zone *time.Location) string {
	working, wall, unsure, join := "by working time ", "by the clock ", " (provisional)", "; "
	if lang != English {
		working, wall, unsure, join = "工作时限 ", "自然时限 ", "（暂定）", "；"
	}
	if !c.Unsure {
		unsure = ""
	}
	var parts []string
	if c.Reading != "wall" && !c.Due.IsZero() {
		parts = append(parts, working+c.Due.In(zone).Format("01-02 15:04")+unsure)
	}
	if c.Reading != "working" && c.Days == 0 && !c.WallDue.IsZero() {
		parts = append(parts, wall+c.WallDue.In(zone).Format("01-02 15:04"))
	}
	return strings.Join(parts, join)
}
