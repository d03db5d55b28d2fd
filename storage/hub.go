package storage

import "sync"

// backlog is how many topics a subscriber may be behind before it loses some.
const backlog = 256

// hub tells those who wait that something was committed.
type hub struct {
	wake chan struct{}

	mu     sync.Mutex
	closed bool
	subs   map[chan string]struct{}
}

// Wake returns a channel that gets a value when deliveries were queued or are
// to be tried again. One value may stand for many; there is one receiver.
func (s *Store) Wake() <-chan struct{} { return s.hub.wake }

// Subscribe returns a channel of topics: "run:" and a run id, "incident:" and
// a number, "timer:" and the same, "delivery:" and an id, "host:" and a name, each sent after its
// change was committed.
// A receiver that is slow misses topics, so a topic is a hint to look again.
// The channel is closed by cancel and by [Store.Close].
func (s *Store) Subscribe() (topics <-chan string, cancel func()) {
	return s.hub.subscribe()
}

func (h *hub) subscribe() (<-chan string, func()) {
	ch := make(chan string, backlog)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(ch)
		return ch, func() {}
	}
	if h.subs == nil {
		h.subs = map[chan string]struct{}{}
	}
	h.subs[ch] = struct{}{}
	return ch, func() { h.drop(ch) }
}

func (h *hub) drop(ch chan string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.subs[ch]; ok {
		delete(h.subs, ch)
		close(ch)
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for ch := range h.subs {
		close(ch)
	}
	h.subs = nil
}

func (h *hub) publish(topics []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.subs {
		for _, topic := range topics {
			select {
			case ch <- topic:
			default:
			}
		}
	}
}

func (h *hub) rouse() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}
