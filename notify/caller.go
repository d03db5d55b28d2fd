package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"gengfu"
)

// caller is a channel that hands each message over by HTTP; what sets one
// provider apart from another is its service.
type caller struct {
	cfg     Config
	style   style
	agent   string
	client  *http.Client
	service service
}

const callTimeout = 10 * time.Second

// service is the protocol of one provider. Its methods may be called at the
// same time; write is pure.
type service interface {
	limits() Limits
	// write makes the message, and a plain one for when the first is refused.
	write(m message, n gengfu.Notice) (parcel, error)
	// deliver hands one of them over.
	deliver(ctx context.Context, call carrier, content json.RawMessage, d gengfu.Delivery) (ref string, err error)
}

// carrier makes one HTTP call. The error is one of the three kinds; an answer
// of any status is none.
type carrier func(ctx context.Context, method, address string, header http.Header, body []byte) (reply, error)

// parcel is what is stored of a message.
type parcel struct {
	Rich  json.RawMessage `json:"rich"`
	Plain json.RawMessage `json:"plain,omitempty"` // when the service refuses Rich
}

// openCaller is the open of a channel type made of a service.
func openCaller(make func(Config) service) func(Config, Deps, style, layouts) (Channel, error) {
	return func(cfg Config, deps Deps, look style, _ layouts) (Channel, error) {
		client, err := httpClient(cfg, deps)
		if err != nil {
			return nil, err
		}
		if cfg.Timeout == 0 {
			cfg.Timeout = callTimeout
		}
		return &caller{cfg: cfg, style: look, agent: deps.UserAgent, client: client, service: make(cfg)}, nil
	}
}

// Endpoints is the channel itself, or one endpoint for each recipient.
func (c *caller) Endpoints() []string {
	if len(c.cfg.To) == 0 {
		return []string{c.cfg.Name}
	}
	var all []string
	for _, to := range c.cfg.To {
		all = append(all, c.cfg.Name+"/"+to)
	}
	return all
}

// Limits are the service's, or slower when the operator said so.
func (c *caller) Limits() Limits {
	limits := c.service.limits()
	if c.cfg.PerMinute > 0 {
		limits.Burst = min(limits.Burst, max(c.cfg.PerMinute/5, 1))
		limits.PerSecond = min(limits.PerSecond, max(float64(c.cfg.PerMinute-limits.Burst), 0.5)/60)
	}
	return limits
}

// Render makes what is stored.
func (c *caller) Render(n gengfu.Notice) ([]byte, string, error) {
	m := c.style.compose(n)
	p, err := c.service.write(m, n)
	if err != nil {
		return nil, "", err
	}
	body, err := encode(p)
	if err != nil {
		return nil, "", err
	}
	return body, m.Lead, nil
}

// Send hands the message over, and the plain one when the service does not
// take its form: plain words are better than none.
func (c *caller) Send(ctx context.Context, d gengfu.Delivery) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	var p parcel
	if err := json.Unmarshal(d.Body, &p); err != nil {
		return "", &MessageError{Err: fmt.Errorf("read stored message: %w", err)}
	}
	ref, err := c.service.deliver(ctx, c.call, p.Rich, d)
	if refused := (*MessageError)(nil); errors.As(err, &refused) && len(p.Plain) > 0 {
		return c.service.deliver(ctx, c.call, p.Plain, d)
	}
	return ref, err
}

func (c *caller) call(ctx context.Context, method, address string, header http.Header, body []byte) (reply, error) {
	if header == nil {
		header = http.Header{}
	}
	if len(body) > 0 && header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/json; charset=utf-8")
	}
	header.Set("User-Agent", c.agent)
	return exchange(ctx, c.client, method, address, header, body)
}

// encode is JSON without the escapes that are for HTML: they would count
// against the limits of services.
func encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// pack encodes both forms of a message.
func pack(rich, plain any) (parcel, error) {
	var p parcel
	var err error
	if p.Rich, err = encode(rich); err == nil && plain != nil {
		p.Plain, err = encode(plain)
	}
	return p, err
}

// codes says what the error codes of a service mean; a code in no list may
// pass by itself.
type codes struct {
	slow     map[int]time.Duration // asked to wait so long
	endpoint []int
	message  []int
}

// judge classifies a code that came with HTTP 200; 0 is success.
func (c codes) judge(code int, said string) error {
	if code == 0 {
		return nil
	}
	err := fmt.Errorf("answered code %d: %s", code, clean(said, maxReason/2))
	wait, slow := c.slow[code]
	switch {
	case slow:
		return &RetryError{After: wait, Err: err}
	case slices.Contains(c.endpoint, code):
		return &EndpointError{Err: err}
	case slices.Contains(c.message, code):
		return &MessageError{Err: err}
	}
	return &RetryError{Err: err}
}

// unreadable is an answer of HTTP 200 that is not the service's own, such as
// the page of a proxy.
func unreadable(r reply) error {
	return &RetryError{Ambiguous: true, Err: fmt.Errorf("answered what is not the service's JSON: %q", clean(r.body, maxReason/2))}
}
