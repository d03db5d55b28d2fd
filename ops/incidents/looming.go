package incidents

import (
	"slices"
	"strings"
	"time"

	"gengfu"
)

// Looming reports whether the scenarios of a target that are suspected, with
// those that are open and this one, would be enough for a storm: then what this
// one opens may be part of another incident in a moment.
func Looming(snap gengfu.Snapshot, a Around, suspected int, now time.Time) bool {
	if a.Target == "" {
		return false
	}
	for key, inc := range snap.Incidents {
		if strings.HasPrefix(key, gengfu.ScenarioKey("")) && failing(inc) && inc.Target == a.Target && now.Sub(inc.Opened) <= a.Storm.window() {
			suspected++
		}
	}
	return suspected > 0 && suspected+1 >= a.Storm.size(a.Siblings)
}

// known leaves the mark only on messages of an incident that became part of
// another, and only for those readers who hear of that one: its messages name
// its parts, so that a storm that forms slowly is one message more, not one for
// each part. That a person merged two is told, and programs hear of each.
func known(list []gengfu.Delivery, ev gengfu.Event, part gengfu.Incident, snap gengfu.Snapshot, change gengfu.Change) []gengfu.Delivery {
	if ev.Kind != gengfu.EventMerged {
		return list
	}
	hear := slices.Clone(snap.Told[part.MergedInto])
	for _, d := range change.Deliveries {
		if d.Incident == part.MergedInto {
			hear = append(hear, d.Endpoint)
		}
	}
	for i, d := range list {
		list[i].Known = d.Known && ev.Actor == gengfu.Machine && slices.Contains(hear, d.Endpoint)
	}
	return list
}
