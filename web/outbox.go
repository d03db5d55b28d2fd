package web

import (
	"slices"
	"strings"
	"time"

	"gengfu"
)

// Endpoint is how a way to people has worked since the channels were opened.
type Endpoint struct {
	Name        string
	Sent        uint64
	Failed      uint64 // tries that did not succeed
	Refused     uint64 // messages given up after a refusal
	Broken      bool   // needs somebody's hand
	LastSuccess time.Time
	LastError   string           // of the last failed try, redacted; empty after a success
	Latency     gengfu.Histogram // from an event's queueing to its acceptance
}

// Pending is the number of deliveries that wait, over all endpoints.
func (h Health) Pending() (n int) {
	for _, b := range h.Outbox {
		n += b.Pending
	}
	return n
}

// Dead is the number of deliveries that were given up, over all endpoints.
func (h Health) Dead() (n int) {
	for _, b := range h.Outbox {
		n += b.Dead
	}
	return n
}

// Oldest is when the oldest pending delivery was made, zero when none waits.
func (h Health) Oldest() (at time.Time) {
	for _, b := range h.Outbox {
		if !b.Oldest.IsZero() && (at.IsZero() || b.Oldest.Before(at)) {
			at = b.Oldest
		}
	}
	return at
}

// Broken are the names of the endpoints that need somebody's hand.
func (h Health) Broken() []string {
	var names []string
	for _, e := range h.Endpoints {
		if e.Broken {
			names = append(names, e.Name)
		}
	}
	return names
}

// wayView is one endpoint on the page: what waits for it, and how it works.
type wayView struct {
	Backlog

	Broken      bool
	LastError   string
	LastSuccess time.Time
}

// Bad reports trouble that somebody has to look at.
func (w wayView) Bad() bool { return w.Broken || w.Dead > 0 }

// ways joins the endpoints that work now with what waits, by name. What waits
// for an endpoint that left the configuration is among them.
func (h Health) ways() []wayView {
	var list []wayView
	for _, b := range h.Outbox {
		list = append(list, wayView{Backlog: b})
	}
	for _, e := range h.Endpoints {
		i := slices.IndexFunc(list, func(w wayView) bool { return w.Endpoint == e.Name })
		if i < 0 {
			i = len(list)
			list = append(list, wayView{Backlog: Backlog{Endpoint: e.Name}})
		}
		list[i].Broken, list[i].LastError, list[i].LastSuccess = e.Broken, e.LastError, e.LastSuccess
	}
	slices.SortFunc(list, func(a, b wayView) int { return strings.Compare(a.Endpoint, b.Endpoint) })
	return list
}
