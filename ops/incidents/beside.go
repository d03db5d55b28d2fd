package incidents

import (
	"strings"
	"time"

	"gengfu"
)

// besideWithin is how long after its opening an incident takes note of a
// machine that gets into trouble.
const besideWithin = 10 * time.Minute

// BesideLine says that machines are in trouble while something else is: 关联:
// db01 磁盘 / 98 %. That one is the cause of the other is not said, and not
// known. It is empty without incidents of hosts.
func BesideLine(hosts []gengfu.Incident) string {
	var zh, en []string
	for _, h := range hosts {
		if h.Failure == nil || h.Failure.Seen == "" {
			continue
		}
		machine, _, _ := strings.Cut(h.Title, " · ")
		zh = append(zh, machine+" "+resource(h, gengfu.Chinese)+h.Failure.Seen)
		en = append(en, machine+" "+resource(h, gengfu.English)+h.Failure.Seen)
	}
	if len(en) == 0 {
		return ""
	}
	return gengfu.Both("关联: "+strings.Join(zh, "，"), "At the same time: "+strings.Join(en, ", "))
}

// Beside notes on an incident of a target that a machine of the target got into
// trouble, too. It is empty when the incident is too old for that, or about
// something else, or says so already.
func Beside(inc, host gengfu.Incident, now time.Time) gengfu.Change {
	scope, _, _ := strings.Cut(inc.Key, ":")
	line := BesideLine([]gengfu.Incident{host})
	machine, _, _ := strings.Cut(host.Title, " · ")
	told := strings.Contains(gengfu.Say(inc.Cause, gengfu.English), machine+" "+resource(host, gengfu.English)) // it may come and go with other figures
	if !inc.Active() || inc.Recovered() || scope != "scenario" && scope != "target" && scope != "login" ||
		now.Sub(inc.Opened) > besideWithin || line == "" || told {
		return gengfu.Change{}
	}
	inc.Cause = noted(inc.Cause, line)
	inc.Seq++
	ev := gengfu.Event{Incident: inc.Number, Seq: inc.Seq, At: now, Actor: gengfu.Machine, Kind: gengfu.EventUpdated, Text: line, Failure: inc.Failure, Run: inc.LastRun}
	return gengfu.Change{Incidents: []gengfu.Incident{inc}, Events: []gengfu.Event{ev}}
}

// resource names what an incident of a host is about, with a blank after it.
func resource(host gengfu.Incident, lang gengfu.Lang) string {
	if host.Failure == nil {
		return ""
	}
	return gengfu.ResourceName(host.Failure.Want, lang) + " "
}

// noted is a note with one more line.
func noted(note, line string) string {
	if note == "" || line == "" {
		return note + line
	}
	return note + "\n" + line
}
