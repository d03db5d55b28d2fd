package notify

import (
	"fmt"
	"strings"
	"time"

	"gengfu"
)

// Handover are the messages that tell people at a shift change what is open, a
// line each. However often they are asked for with an id, they are queued once.
func (r *Router) Handover(endpoints []string, title string, lines []string, id string, now time.Time) ([]gengfu.Delivery, error) {
	if len(lines) == 0 {
		lines = []string{gengfu.Both("没有未结束的事件", "nothing is open")}
	}
	var list []gengfu.Delivery
	for _, ep := range unique(endpoints) {
		ch, ok := r.channels.For(ep)
		if !ok {
			continue
		}
		d := newDraft(ch, gengfu.Notice{
			Event:    gengfu.Event{At: now, Actor: gengfu.Machine, Kind: eventHandover, Text: strings.Join(lines, "\n")},
			Incident: gengfu.Incident{State: gengfu.IncidentClosed, Title: title, Opened: now},
		}, eventHandover)
		if d.err != nil {
			return nil, fmt.Errorf("render message for %q: %w", ep, d.err)
		}
		list = append(list, announce(d, eventHandover, ep, "handover|"+id, gengfu.PriorityUpdate, now))
	}
	return list, nil
}
