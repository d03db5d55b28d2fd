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

// failing reports whether an incident goes on; one that works again and is only
// watched does not.
func failing(inc gengfu.Incident) bool { return inc.Active() && !inc.Recovered() }

// holds reports whether trouble of something else may belong to an incident: one
// that works again takes it in while it is watched, not as long as it waits for
// a person.
func (f *fold) holds(inc gengfu.Incident) bool {
	return failing(inc) || inc.Recovered() && f.now.Sub(inc.Mitigated) <= f.quiet
}

// conclude ends an incident that waited for a person when trouble came so long
// after that it is another one.
func (f *fold) conclude(inc gengfu.Incident) gengfu.Incident {
	inc.State, inc.Resolved = gengfu.IncidentResolved, f.now
	f.event(&inc, gengfu.EventResolved, "", gengfu.Signal{})
	f.ended = append(f.ended, inc)
	return inc
}
