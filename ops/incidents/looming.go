package incidents

import (
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
