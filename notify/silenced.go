package notify

import (
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
		b := bulletin{eventSilenced, strconv.Itoa(len(lines[ep])), strings.Join(lines[ep], "\n"), "silenced|" + id, gengfu.PriorityUpdate}
		d, err := b.to(ch, ep, now)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}
