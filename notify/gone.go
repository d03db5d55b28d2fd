package notify

import (
	"context"
	"errors"

	"gengfu"
)

// gone stands for an endpoint that left the configuration while messages for
// it waited: they are given up, and may be sent again by hand once it is back.
type gone struct{}

// Endpoints are none.
func (gone) Endpoints() []string { return nil }

// Limits let everything be given up at once.
func (gone) Limits() Limits { return Limits{PerSecond: 1000, Burst: 1000} }

// Render has nobody to render for.
func (gone) Render(gengfu.Notice) ([]byte, string, error) { return nil, "", errGone }

// Send refuses the message.
func (gone) Send(context.Context, gengfu.Delivery) (string, error) {
	return "", &MessageError{Err: errGone}
}

var errGone = errors.New("the endpoint is no longer configured")
