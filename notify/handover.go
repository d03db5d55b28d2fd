package notify

import (
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
	b := bulletin{eventHandover, title, strings.Join(lines, "\n"), "handover|" + id, gengfu.PriorityUpdate}
	var list []gengfu.Delivery
	for _, ep := range unique(endpoints) {
		ch, ok := r.channels.For(ep)
		if !ok {
			continue
		}
		d, err := b.to(ch, ep, now)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}
