package notify

import (
	"slices"
	"strings"

	"gengfu"
)

// Escalate is the name of the policy by which people are told of an incident
// one after another: that of the first of its routes that names one.
func (r *Router) Escalate(inc gengfu.Incident) string {
	names, _ := r.Match(inc)
	for _, name := range names {
		if route, ok := r.named(name); ok && route.Escalate != "" {
			return route.Escalate
		}
	}
	return ""
}

// Reach is where somebody is reached by a channel: at the address, when the
// channel takes any or lists it, else wherever the channel leads.
func (cs Channels) Reach(via, address string) []string {
	name := via + "/" + address
	_, listed := cs.byEndpoint[name]
	switch {
	case address != "" && (listed || slices.Contains(cs.anybody, via)):
		return []string{name}
	default:
		endpoints, _ := cs.expand(via)
		return endpoints
	}
}

// open notes which channels reach whoever is named: those whose messages are
// addressed to one person each.
func (cs Channels) open(cfgs []Config) Channels {
	for _, cfg := range cfgs {
		if cfg.Type == "mail" || cfg.Type == "wecom_app" {
			cs.anybody = append(cs.anybody, cfg.Name)
		}
	}
	return cs
}

// guest is the channel of an endpoint that is no recipient of its own.
func (cs Channels) guest(endpoint string) (Channel, bool) {
	name, address, ok := strings.Cut(endpoint, "/")
	if !ok || address == "" || !slices.Contains(cs.anybody, name) {
		return nil, false
	}
	ch, ok := cs.byName[name]
	return ch, ok
}

// alerts reports whether an event without recipients of its own is for everybody
// who knows of the incident.
func alerts(ev gengfu.Event) bool {
	switch ev.Kind {
	case gengfu.EventReminded:
		return len(ev.To) == 0
	case gengfu.EventUnacked, gengfu.EventExhausted, gengfu.EventClockWarned, gengfu.EventClockBreached:
		return true
	case gengfu.EventUpdated:
		return ev.Raised
	}
	return false
}

// pages reports whether an event is as urgent as an opening.
func pages(kind gengfu.EventKind) bool {
	switch kind {
	case gengfu.EventEscalated, gengfu.EventUnacked, gengfu.EventExhausted, gengfu.EventClockBreached:
		return true
	}
	return false
}

// recovery is what people are told an event is: that an incident is over as soon
// as everything works again, although it is watched for a while.
func recovery(n gengfu.Notice) gengfu.EventKind {
	if n.Event.Kind == gengfu.EventMitigated && n.Incident.Recovered() {
		return gengfu.EventResolved
	}
	return n.Event.Kind
}

// over is the incident as it is told: one that works again is over.
func over(inc gengfu.Incident) gengfu.Incident {
	if inc.Recovered() {
		inc.State, inc.Resolved = gengfu.IncidentResolved, inc.Mitigated
	}
	return inc
}

// confirms reports whether a person says at last that something is over of which
// everybody heard that it works again.
func confirms(n gengfu.Notice) bool {
	return n.Event.Kind == gengfu.EventResolved && n.Event.Actor != gengfu.Machine && n.Incident.Watched
}
