package gengfu

import "time"

// Report is a trouble that a person told of, not a check.
type Report struct {
	Title   string
	Target  string
	By      string    // who reported it, and how they are reached
	Channel Channel   // by which they did
	At      time.Time // when they did
	Type    string    // decides the team, see the instance's teams
	Impact  Impact
	Blocked bool   // people cannot work round it
	Receipt string // the number that the reporter is given
}

// Channel is the way by which a person reported.
type Channel string

// The ways.
const (
	ChannelPhone  Channel = "phone"
	ChannelMail   Channel = "mail"
	ChannelFax    Channel = "fax"
	ChannelWalkIn Channel = "walk-in"
	ChannelChat   Channel = "chat"
)

// Words is the way as people say it, to be read with [Say].
func (c Channel) Words() string {
	switch c {
	case ChannelPhone:
		return Both("电话", "Phone")
	case ChannelMail:
		return Both("邮件", "Mail")
	case ChannelFax:
		return Both("传真", "Fax")
	case ChannelWalkIn:
		return Both("来访", "Walk-in")
	case ChannelChat:
		return Both("即时消息", "Chat")
	}
	return string(c)
}

// Impact is how much is hit.
type Impact string

// The impacts, from mild to bad.
const (
	ImpactNone     Impact = "none"     // a question, a flaw of looks
	ImpactFunction Impact = "function" // one function or one log-in
	ImpactWide     Impact = "wide"     // the home page, all log-ins, lost data, security
)

// GradeFor is the matrix of grades: impact, whether people are blocked, and
// whether the period is a heightened one.
func GradeFor(impact Impact, blocked, heightened bool) Grade {
	switch {
	case impact == ImpactWide, impact == ImpactFunction && blocked && heightened:
		return GradeMajor
	case impact == ImpactNone && !blocked && !heightened:
		return GradeNotice
	}
	return GradeOrdinary
}

// ManualKey is the incident key of what a person reported: each is its own.
func ManualKey(number string) string { return "manual:" + number }
