package incidents

import "gengfu"

// watch keeps an incident for the quiet time although everything works again. A
// major one is not over by that: a person has the last word.
func (f *fold) watch(inc gengfu.Incident, s gengfu.Signal) {
	inc.State, inc.Mitigated, inc.Watched = gengfu.IncidentMitigated, f.now, true
	if inc.Grade != gengfu.GradeMajor {
		inc.QuietUntil = f.now.Add(f.quiet)
	}
	f.event(&inc, gengfu.EventMitigated, "", s)
	f.keep(inc)
}

// told reports whether people heard of what an event says before: that an
// incident is over was said when everything worked again.
func told(ev gengfu.Event, inc gengfu.Incident) bool {
	return ev.Kind == gengfu.EventResolved && ev.Actor == gengfu.Machine && inc.Watched
}
