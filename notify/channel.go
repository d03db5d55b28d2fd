package notify

import (
	"context"
	"errors"
	"time"

	"gengfu"
)

// Channel is a way to reach endpoints: one webhook, one Slack channel, or the
// recipients behind one mail server.
//
// All methods may be called from any goroutine, at the same time. Render is
// pure: the same notice gives the same bytes. It is called once for an event;
// what it returns is stored, and every try sends exactly that, so that a
// repeat can be recognised at the other end.
//
// Send makes one try and never waits to make another: the outbox decides when.
// It may be called again for a delivery that it has sent before, under the
// same key, and then sends the same bytes. It returns when ctx is done at the
// latest, and what it returns is free of the channel's secrets. Its errors are
// of three kinds, found with errors.As: [*RetryError] for trouble that may
// pass, [*EndpointError] for an endpoint that needs a person's hand, and
// [*MessageError] for a message that will never be taken. An error of no kind
// counts as one to retry. Without an error, ref is the provider's name for the
// message, empty when it has none.
type Channel interface {
	// Endpoints are the names that deliveries are addressed to, in the order of
	// the configuration.
	Endpoints() []string
	// Limits say what may be sent and how fast.
	Limits() Limits
	// Render makes the message and a line for the list of deliveries.
	Render(n gengfu.Notice) (body []byte, summary string, err error)
	// Send makes one try at handing d to the endpoint it names.
	Send(ctx context.Context, d gengfu.Delivery) (ref string, err error)
}

// Limits are what a channel can take. The rate is for each endpoint, below
// what the provider documents.
type Limits struct {
	PerSecond float64
	Burst     int
	Updates   bool // also hears what is between opening and resolving
	Edits     bool // puts its earlier message of an incident right, which disturbs nobody
	Each      bool // a program reads it: every message is for itself, and at once
}

// RetryError says that a try did not succeed and another may.
type RetryError struct {
	After     time.Duration // the provider asked to wait so long; 0 when it did not
	Ambiguous bool          // the message may have been accepted all the same
	Err       error
}

// Error is the text of the cause.
func (e *RetryError) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *RetryError) Unwrap() error { return e.Err }

// EndpointError says that the endpoint takes nothing until somebody repairs
// it: a revoked token, a deleted hook, an untrusted certificate.
type EndpointError struct{ Err error }

// Error is the text of the cause.
func (e *EndpointError) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *EndpointError) Unwrap() error { return e.Err }

// MessageError says that this message is refused for good while others may
// pass.
type MessageError struct{ Err error }

// Error is the text of the cause.
func (e *MessageError) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *MessageError) Unwrap() error { return e.Err }

// guarded takes the secrets out of the errors of a channel. The causes are cut
// off, for they might print what was taken out of the text.
type guarded struct {
	Channel
	redact gengfu.Redactor
}

// Send makes one try and redacts the error.
func (g *guarded) Send(ctx context.Context, d gengfu.Delivery) (string, error) {
	ref, err := g.Channel.Send(ctx, d)
	if err == nil {
		return ref, nil
	}
	return "", g.bare(err)
}

// bare is an error of the same kind with its text redacted and no cause.
func (g *guarded) bare(err error) error {
	bare := errors.New(clean(g.redact.Redact(err.Error()), maxReason))
	var retry *RetryError
	var endpoint *EndpointError
	var message *MessageError
	switch {
	case errors.As(err, &endpoint):
		return &EndpointError{Err: bare}
	case errors.As(err, &message):
		return &MessageError{Err: bare}
	case errors.As(err, &retry):
		return &RetryError{After: retry.After, Ambiguous: retry.Ambiguous, Err: bare}
	}
	return &RetryError{Err: bare}
}

// maxReason bounds the error text that is kept with a delivery, in bytes.
const maxReason = 400
