package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gengfu"
)

// DefaultRoute is the name of the route for what no other route takes. Every
// configuration has it, so that nothing is dropped in silence.
const DefaultRoute = "default"

// Route says which endpoints hear of which incidents.
type Route struct {
	Name      string
	Match     Match
	Endpoints []string // names of channels, or of one endpoint such as mail/duty@example.org
	Continue  bool     // the routes behind it are asked, too
	Manners            // when its messages leave; those of the parent unless it has its own
	Routes    []Route  // asked first, when it fits; those without endpoints have its own
	Escalate  string   // policy by which people are told one after another; empty for the parent's
}

// Match narrows a route. Each list that is not empty must hold one thing that
// the incident has.
type Match struct {
	Grades  []gengfu.Grade
	Tags    []string
	Targets []string
	Keys    []string  // beginnings of incident keys, such as "host:"
	Labels  []Matcher // all of which must hold
}

func (m Match) holds(inc gengfu.Incident) bool {
	return (len(m.Grades) == 0 || slices.Contains(m.Grades, inc.Grade)) &&
		(len(m.Targets) == 0 || slices.Contains(m.Targets, inc.Target)) &&
		(len(m.Tags) == 0 || slices.ContainsFunc(m.Tags, func(t string) bool { return slices.Contains(inc.Tags, t) })) &&
		(len(m.Keys) == 0 || slices.ContainsFunc(m.Keys, func(k string) bool { return strings.HasPrefix(inc.Key, k) })) &&
		!slices.ContainsFunc(m.Labels, func(l Matcher) bool { return !l.holds(inc) })
}

func (m Match) empty() bool {
	return len(m.Grades) == 0 && len(m.Tags) == 0 && len(m.Targets) == 0 && len(m.Keys) == 0 && len(m.Labels) == 0
}

// Router turns notices into deliveries. It does not change and may be used
// from any goroutine.
type Router struct {
	routes   []Route // endpoints expanded, the default left out
	fallback Route
	channels Channels
}

// NewRouter checks the routes, in the order in which they are asked. The route
// called default stands for everything and is asked last, wherever it is.
func NewRouter(routes []Route, channels Channels) (*Router, error) {
	r := &Router{channels: channels}
	var errs []error
	wrong := func(name, finding string, args ...any) {
		errs = append(errs, fmt.Errorf("route %q: %s: %w", name, fmt.Sprintf(finding, args...), gengfu.ErrInvalid))
	}
	seen := map[string]bool{}
	for _, route := range routes {
		if route.Name == "" || seen[route.Name] {
			wrong(route.Name, "name: is empty or used twice, want names that differ")
		}
		seen[route.Name] = true
		var unknown []string
		route.Endpoints, unknown = expand(route.Endpoints, channels)
		for _, name := range unknown {
			wrong(route.Name, "endpoints: there is no channel or endpoint %q, want one of %s", name, strings.Join(channels.endpoints, ", "))
		}
		for _, finding := range route.validate() {
			wrong(route.Name, "%s", finding)
		}
		route = route.raise(channels, seen, wrong)
		switch {
		case route.Name != DefaultRoute:
			r.routes = append(r.routes, route)
		case !route.Match.empty():
			wrong(route.Name, "match: the default route takes everything, want no conditions")
		default:
			r.fallback = route
		}
	}
	if !seen[DefaultRoute] {
		wrong(DefaultRoute, "is missing, want a route of this name for what no other takes")
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return r, nil
}

func expand(names []string, channels Channels) (endpoints, unknown []string) {
	for _, name := range names {
		more, ok := channels.expand(name)
		if !ok {
			unknown = append(unknown, name)
			continue
		}
		endpoints = append(endpoints, more...)
	}
	return unique(endpoints), unknown
}

// unique drops repeats and keeps the order.
func unique(names []string) []string {
	var out []string
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// Has reports whether there is a route of this name, for the check of
// scenarios that name one.
func (r *Router) Has(route string) bool {
	_, ok := r.named(route)
	return ok
}

func (r *Router) named(name string) (Route, bool) {
	if name == DefaultRoute {
		return r.fallback, true
	}
	for _, route := range append(slices.Clone(r.routes), r.fallback) {
		if found, ok := route.find(name); ok {
			return found, true
		}
	}
	return Route{}, false
}

// Match returns the names of the routes that an incident takes and the
// endpoints that they lead to. A route that the incident names itself is the
// only one; a name that does not exist falls back to the conditions.
func (r *Router) Match(inc gengfu.Incident) (routes, endpoints []string) {
	if route, ok := r.named(inc.Notify); ok && inc.Notify != "" {
		return []string{route.Name}, route.Endpoints
	}
	for _, route := range r.routes {
		names, more := route.take(inc)
		if len(names) == 0 {
			continue
		}
		routes = append(routes, names...)
		endpoints = append(endpoints, more...)
		if !route.Continue {
			return routes, unique(endpoints)
		}
	}
	names, more := r.fallback.take(inc)
	return append(routes, names...), unique(append(endpoints, more...))
}

const (
	expireOpen   = 72 * time.Hour // of openings and resolutions
	expireUpdate = 24 * time.Hour
)

// Deliveries are the messages to queue for a notice. Told are the endpoints
// that a message of the incident was queued for before.
//
// Openings go to every endpoint of the incident's routes. What follows goes to
// the endpoints that were told, wherever the routes lead by now: nobody hears
// the end of a story without its beginning, and nobody is left waiting for it.
// An endpoint that comes under the routes while the incident goes on is told
// how it stands, once, as if it had opened now.
//
// Messages that cannot be rendered go out without their details. The error
// names the endpoints for which that failed, too; the deliveries that come
// with it are good.
func (r *Router) Deliveries(n gengfu.Notice, told []string, now time.Time) ([]gengfu.Delivery, error) {
	return r.deliveries(n, r.audience(n, told), now)
}

// Greetings are the messages to the endpoints under the routes of an incident
// at work that were told nothing of it: how it stands, as if it had opened now.
// Errors are those of [Router.Deliveries].
func (r *Router) Greetings(n gengfu.Notice, told []string, now time.Time) ([]gengfu.Delivery, error) {
	list := slices.DeleteFunc(r.audience(n, told), func(h hearer) bool { return slices.Contains(told, h.endpoint) })
	for i := range list {
		list[i].kind = gengfu.EventOpened
	}
	return r.deliveries(n, list, now)
}

// Forward are the messages that tell an event to some endpoints, whatever the
// routes say. Errors are those of [Router.Deliveries].
func (r *Router) Forward(n gengfu.Notice, endpoints []string, now time.Time) ([]gengfu.Delivery, error) {
	var list []hearer
	for _, ep := range unique(endpoints) {
		list = append(list, hearer{ep, n.Event.Kind})
	}
	return r.deliveries(n, list, now)
}

func (r *Router) deliveries(n gengfu.Notice, audience []hearer, now time.Time) ([]gengfu.Delivery, error) {
	drafts := map[string]draft{}
	var out []gengfu.Delivery
	var errs []error
	for _, a := range audience {
		ch, ok := r.channels.For(a.endpoint)
		if !ok {
			continue // it left the configuration after it was told
		}
		key := ch.Endpoints()[0] + " " + string(a.kind) // endpoints of a channel share a message
		d, ok := drafts[key]
		if !ok {
			d = newDraft(ch, n, a.kind)
			drafts[key] = d
		}
		if d.err != nil {
			errs = append(errs, fmt.Errorf("render message for %q: %w", a.endpoint, d.err))
			continue
		}
		del := address(n, d, a, now)
		r.polite(&del, n.Incident, now)
		out = append(out, del)
	}
	return out, errors.Join(errs...)
}

// hearer is an endpoint with what it is told.
type hearer struct {
	endpoint string
	kind     gengfu.EventKind
}

// audience lists who hears of an event, and as what.
func (r *Router) audience(n gengfu.Notice, told []string) []hearer {
	_, routed := r.Match(n.Incident)
	kind := recovery(n)
	var list []hearer
	for _, ep := range unique(slices.Concat(routed, told, n.Event.To)) {
		knows := slices.Contains(told, ep)
		switch {
		case n.Incident.Key == gengfu.ChannelKey(ep): // its own trouble, which it could not hear of
		case opens(kind), slices.Contains(n.Event.To, ep), knows && (r.follows(ep, kind, n) || alerts(n.Event)):
			list = append(list, hearer{ep, kind})
		case !knows && n.Incident.Active() && !n.Incident.Recovered():
			list = append(list, hearer{ep, gengfu.EventOpened})
		}
	}
	return list
}

// follows reports whether an endpoint that was told wants to hear of an event:
// of the end at any rate, even if it was closed without having been resolved.
func (r *Router) follows(endpoint string, kind gengfu.EventKind, n gengfu.Notice) bool {
	if ends(kind, n.Incident) && !confirms(n) || kind == gengfu.EventFlapping {
		return true
	}
	ch, ok := r.channels.For(endpoint)
	return ok && ch.Limits().Updates
}

// ends reports whether nothing more is to come of an incident after an event
// that the readers have not heard of yet.
func ends(kind gengfu.EventKind, inc gengfu.Incident) bool {
	switch kind {
	case gengfu.EventResolved, gengfu.EventDeclined, gengfu.EventMerged:
		return true
	case gengfu.EventClosed:
		return inc.Resolved.IsZero()
	}
	return false
}

// draft is a message before it is addressed; the endpoints of a channel share
// it.
type draft struct {
	body    []byte
	summary string
	err     error
}

func newDraft(ch Channel, n gengfu.Notice, kind gengfu.EventKind) draft {
	n.Event.Kind, n.Incident = kind, over(n.Incident)
	var d draft
	d.body, d.summary, d.err = render(ch, n)
	return d
}

func address(n gengfu.Notice, d draft, a hearer, now time.Time) gengfu.Delivery {
	del := gengfu.Delivery{
		Key: key(n.Incident.Number, n.Event.Seq, a.endpoint), Endpoint: a.endpoint, Stream: a.endpoint + "|" + n.Incident.Number,
		Incident: n.Incident.Number, Seq: n.Event.Seq, Kind: a.kind, Body: d.body, Summary: d.summary,
		Priority: gengfu.PriorityUpdate, State: gengfu.DeliveryPending, Next: now, Created: now, Expires: now.Add(expireUpdate),
	}
	switch {
	case opens(a.kind), pages(a.kind), n.Event.Raised:
		del.Priority, del.Expires = gengfu.PriorityOpen, now.Add(expireOpen)
	case ends(a.kind, n.Incident):
		del.Priority, del.Expires = gengfu.PriorityResolve, now.Add(expireOpen)
	}
	return del
}

// key names a message for good: the same event for the same endpoint has the
// same key, whoever computes it.
func key(incident string, seq int, endpoint string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%d|%s", incident, seq, endpoint))
	return "evt_" + hex.EncodeToString(sum[:])
}
