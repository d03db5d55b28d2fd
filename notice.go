package gengfu

import "time"

// Notice is what a recipient is to be told: one event of an incident, with the
// incident as it is after the event.
type Notice struct {
	Event    Event
	Incident Incident
	URL      string // address of the incident's page, empty when not configured
	Ack      string // address at which the reader takes the incident, empty when that cannot be
	Picture  []byte // PNG that a person is asked to look at; of attendances alone, which are not stored
}

// DeliveryState is how far a delivery has come.
type DeliveryState string

// The states of deliveries; pending is the only one that is worked on.
const (
	DeliveryPending DeliveryState = "pending"
	DeliverySent    DeliveryState = "sent"
	DeliveryDead    DeliveryState = "dead"   // given up: refused for good, or expired
	DeliveryMerged  DeliveryState = "merged" // another delivery tells it, or somebody dropped it
)

// Delivery is one message to one endpoint: a row of the outbox. The body is
// rendered once, so that every try sends the same bytes under the same key.
type Delivery struct {
	ID       int64  // set by the store
	Key      string // idempotency key, the same on every try
	Endpoint string // name of the endpoint in the configuration
	Stream   string // deliveries of a stream leave in order: endpoint and incident
	Incident string // number
	Seq      int    // of the event
	Kind     EventKind
	Priority int    // lower leaves first
	Body     []byte // rendered message, in the channel's own format
	Summary  string // one line, for the deliveries page

	Bundle string        // those of an endpoint with the same one leave in one message; empty for alone
	Gap    time.Duration // between messages of a bundle; not kept
	Known  bool          // another message tells, or may tell, its reader the same; it ends what waits before it all the same; not kept
	Fold   bool          // it takes the place of what waits before it and is needless now; not kept

	State    DeliveryState
	Attempts int
	Next     time.Time // not before
	Expires  time.Time // dead after
	Created  time.Time
	SentAt   time.Time
	Ref      string // the provider's name for the accepted message
	Thread   string // Ref of the stream's first accepted message; set when claimed
	Error    string // of the last try, redacted
}

// Priorities of deliveries.
const (
	PriorityOpen    = 1
	PriorityResolve = 2
	PriorityUpdate  = 3
)
