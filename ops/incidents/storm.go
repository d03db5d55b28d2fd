package incidents

import (
	"slices"

	"gengfu"
)

// flapping says once that a trouble comes and goes.
func (f *fold) flapping(inc gengfu.Incident, s gengfu.Signal) {
	inc.LastRun = s.Run
	f.event(&inc, gengfu.EventFlapping, "", s)
	f.keep(inc)
}

// quiet reports whether an event is in the timeline only: a relapse of which
// the same change says that it is one of many.
func quiet(events []gengfu.Event, i int) bool {
	ev := events[i]
	return ev.Kind == gengfu.EventReopened && slices.ContainsFunc(events[i+1:], func(next gengfu.Event) bool {
		return next.Incident == ev.Incident && next.Kind == gengfu.EventFlapping
	})
}
