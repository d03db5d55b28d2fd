package notify

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gengfu"
)

// Silenced are the messages that tell, a line each, what silences kept quiet:
// to the rooms that would have heard of it; programs take none. However often
// they are asked for with an id, they are queued once.
func (r *Router) Silenced(incidents []gengfu.Incident, line func(gengfu.Incident) string, id string, now time.Time) ([]gengfu.Delivery, error) {
	var rooms []string
	lines := map[string][]string{}
	for _, inc := range incidents {
		_, endpoints := r.Match(inc)
		for _, ep := range endpoints {
			if ch, ok := r.channels.For(ep); !ok || ch.Limits().Each {
				continue
			}
			rooms = append(rooms, ep)
			lines[ep] = append(lines[ep], line(inc))
		}
	}
	var list []gengfu.Delivery
	for _, ep := range unique(rooms) {
		ch, _ := r.channels.For(ep)
		d := newDraft(ch, gengfu.Notice{
			Event:    gengfu.Event{At: now, Actor: gengfu.Machine, Kind: eventSilenced, Text: strings.Join(lines[ep], "\n")},
			Incident: gengfu.Incident{State: gengfu.IncidentClosed, Title: strconv.Itoa(len(lines[ep])), Opened: now},
		}, eventSilenced)
		if d.err != nil {
			return nil, fmt.Errorf("render message for %q: %w", ep, d.err)
		}
		list = append(list, announce(d, eventSilenced, ep, "silenced|"+id, gengfu.PriorityUpdate, now))
	}
	return list, nil
}
