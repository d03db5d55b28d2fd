package notify

import (
	"maps"
	"sync"
	"time"

	"gengfu"
)

// EndpointStats are the counts of one endpoint since the start.
type EndpointStats struct {
	Sent        uint64
	Failed      uint64 // tries that did not succeed
	Dead        uint64 // messages given up after a refusal
	Broken      bool   // needs somebody's hand
	LastSuccess time.Time
	LastError   string           // of the last failed try, redacted; empty after a success
	Latency     gengfu.Histogram // from an event's queueing to its acceptance
}

// ledger keeps the counts.
type ledger struct {
	mu sync.Mutex // guards by
	by map[string]*EndpointStats
}

func newLedger(endpoints []string) *ledger {
	l := &ledger{by: map[string]*EndpointStats{}}
	for _, ep := range endpoints {
		l.by[ep] = &EndpointStats{}
	}
	return l
}

func (l *ledger) change(endpoint string, do func(*EndpointStats)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by[endpoint] == nil {
		l.by[endpoint] = &EndpointStats{}
	}
	do(l.by[endpoint])
}

// snapshot copies the counts.
func (l *ledger) snapshot() map[string]EndpointStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make(map[string]EndpointStats, len(l.by))
	for ep, s := range maps.All(l.by) {
		c := *s
		c.Latency = s.Latency.Clone()
		out[ep] = c
	}
	return out
}
