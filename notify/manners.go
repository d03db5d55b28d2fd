package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gengfu"
)

// Manners say when the messages along a route leave. Programs hear of every
// event at once, whatever they say. The zero value is at once for everybody.
type Manners struct {
	// Quiet is until when grades below major wait at a time, zero when they do
	// not; nil for never. What waited leaves in one message.
	Quiet func(now time.Time) time.Time
	// Debounce is how long an event waits for another of its incident, which
	// takes its place.
	Debounce time.Duration
	// GroupBy are the labels whose incidents share a message, nil for none, as
	// in Alertmanager: the first waits GroupWait for others, and later ones
	// leave GroupInterval after it.
	GroupBy       []string
	GroupWait     time.Duration
	GroupInterval time.Duration
}

// Validate says what is wrong, in the words of the instance file.
func (m Manners) validate() (found []string) {
	for _, l := range m.GroupBy {
		if !slices.Contains(labelNames, l) {
			found = append(found, fmt.Sprintf("group_by: unknown label %q, want one of %s", l, strings.Join(labelNames, ", ")))
		}
	}
	if m.GroupBy == nil && (m.GroupWait > 0 || m.GroupInterval > 0) {
		found = append(found, "group_wait and group_interval: there is no group, want group_by")
	}
	for name, d := range map[string]time.Duration{"group_wait": m.GroupWait, "group_interval": m.GroupInterval, "debounce": m.Debounce} {
		if d < 0 || d > 24*time.Hour {
			found = append(found, fmt.Sprintf("%s: %s is out of range, want up to 24h", name, d))
		}
	}
	slices.Sort(found)
	return found
}

func (m Manners) none() bool { return m.Quiet == nil && m.Debounce == 0 && m.GroupBy == nil }

// manners are those of the first route that leads an incident to an endpoint.
func (r *Router) manners(inc gengfu.Incident, endpoint string) (string, Manners) {
	names, _ := r.Match(inc)
	for _, name := range names {
		if route, ok := r.named(name); ok && slices.Contains(route.Endpoints, endpoint) {
			return name, route.Manners
		}
	}
	return "", Manners{}
}

// QuietUntil is until when messages about an incident to an endpoint wait, zero
// when they leave at once.
func (r *Router) QuietUntil(inc gengfu.Incident, endpoint string, now time.Time) time.Time {
	_, m := r.manners(inc, endpoint)
	if ch, ok := r.channels.For(endpoint); !ok || ch.Limits().Each {
		return time.Time{}
	}
	return m.until(inc, now)
}

func (m Manners) until(inc gengfu.Incident, now time.Time) time.Time {
	if m.Quiet == nil || inc.Grade == gengfu.GradeMajor {
		return time.Time{}
	}
	return m.Quiet(now)
}

// polite lets a delivery wait as its route says.
func (r *Router) polite(d *gengfu.Delivery, inc gengfu.Incident, now time.Time) {
	ch, ok := r.channels.For(d.Endpoint)
	if !ok || ch.Limits().Each {
		return
	}
	d.Fold, d.Known = true, d.Kind == gengfu.EventMerged && !ch.Limits().Edits
	name, m := r.manners(inc, d.Endpoint)
	until := m.until(inc, now)
	switch {
	case m.none():
	case !until.IsZero():
		d.Bundle, d.Next = "quiet", until
		d.Expires = d.Expires.Add(until.Sub(now))
	case m.GroupBy != nil:
		var values []string
		for _, l := range m.GroupBy {
			values = append(values, strings.Join(labelOf(inc, l), ","))
		}
		d.Bundle, d.Next, d.Gap = "group|"+name+"|"+strings.Join(values, "|"), now.Add(m.GroupWait), m.GroupInterval
	case m.Debounce > 0:
		d.Bundle, d.Next = "burst|"+inc.Number, now.Add(m.Debounce)
	}
}
