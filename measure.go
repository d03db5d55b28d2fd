package gengfu

import "time"

// Taint says why the times of a run are not the target's: the run counts for
// availability, but for no latency figure, and no budget alone can fail or
// degrade it.
type Taint string

// The taints of a run.
const (
	TaintLate    Taint = "late"    // it began long after it was due
	TaintStarved Taint = "starved" // our machine had no processor time to spare
)

// Phases are the parts of fetching a main document, the connecting for its
// redirects included. A phase that did not happen, such as connecting over a kept connection, is 0.
type Phases struct {
	DNS      time.Duration `json:",omitzero"`
	Connect  time.Duration `json:",omitzero"` // TCP alone, without TLS
	TLS      time.Duration `json:",omitzero"`
	Wait     time.Duration `json:",omitzero"` // request sent to first byte of the answer
	Download time.Duration `json:",omitzero"` // first to last byte
}

// Hop is one redirect on the way to a main document.
type Hop struct {
	URL    string
	Status int
	Took   time.Duration
}

// TLS sums up how a main document's connection is secured.
type TLS struct {
	Protocol string // TLS 1.3, QUIC
	Cipher   string
	Issuer   string
	Subject  string
	From, To time.Time // of the certificate's validity
}

// DaysLeft is the number of whole days until the certificate ends, below zero
// when it has ended.
func (t TLS) DaysLeft(now time.Time) int {
	left := t.To.Sub(now)
	if left < 0 {
		return int(left/(24*time.Hour)) - 1
	}
	return int(left / (24 * time.Hour))
}

// LongTasks are the stretches of 50 ms and more in which a page's scripts left
// it unable to react.
type LongTasks struct {
	Count   int           `json:",omitzero"`
	Total   time.Duration `json:",omitzero"`
	Longest time.Duration `json:",omitzero"`
}

// Share is the part of the traffic that one resource type or origin has. The
// word is empty for what came after the first ones that are told apart.
type Share struct {
	Word     string
	Requests int
	Bytes    int64
}

// Counts are numbers of a run that its lists do not give: the lists are
// bounded, these go on.
type Counts struct {
	Warnings      int     `json:",omitzero"` // on the console
	Errors        int     `json:",omitzero"` // on the console, exceptions not among them
	Exceptions    int     `json:",omitzero"` // that no script caught
	Dialogs       int     `json:",omitzero"`
	Workers       int     `json:",omitzero"` // requests of workers and service workers
	ServiceWorker int     `json:",omitzero"` // requests that a service worker answered
	Types         []Share `json:",omitempty"`
	Origins       []Share `json:",omitempty"`
}
