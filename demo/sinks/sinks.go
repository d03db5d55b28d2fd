package sinks

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Config says what the receivers ask for; its zero value accepts everything.
type Config struct {
	Keep   int              // newest arrivals kept of each kind; 0 for 500
	Now    func() time.Time // stamps arrivals; nil for the machine's clock
	Zone   *time.Location   // of the times on the page; nil for the machine's
	Logger *slog.Logger     // nil for silence

	Domain       string      // name the mail server greets with; empty for localhost
	TLS          *tls.Config // offers STARTTLS; nil does not
	RequireTLS   bool        // refuses mail before STARTTLS
	SMTPUser     string      // asks for AUTH PLAIN when set
	SMTPPassword string

	WebhookSecret string // whsec_… of Standard Webhooks; empty checks no signature

	SlackToken    string   // bearer token of the Web API; empty takes any but none
	SlackChannels []string // known channels; empty knows all
}

// Sinks is one set of receivers. Its methods may be called from any goroutine.
type Sinks struct {
	cfg Config

	mu        sync.Mutex // guards the fields below
	mails     []Mail     // oldest first, like its siblings
	webhooks  []Webhook
	slack     []SlackMessage
	mailRules []MailRule
	replies   map[string][]Reply // scripts, by receiver
	seen      map[string]int     // arrivals by webhook-id
	seenOrder []string           // of seen, oldest first
	lastTS    int64              // microseconds of the last Slack timestamp
	changed   chan struct{}      // closed and replaced at every arrival
}

// Received is everything that is kept, oldest first.
type Received struct {
	Mails    []Mail         `json:"mails"`
	Webhooks []Webhook      `json:"webhooks"`
	Slack    []SlackMessage `json:"slack"`
}

// New makes receivers that have got nothing yet.
func New(cfg Config) *Sinks {
	if cfg.Keep <= 0 {
		cfg.Keep = 500
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Zone == nil {
		cfg.Zone = time.Local
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Domain == "" {
		cfg.Domain = "localhost"
	}
	s := &Sinks{cfg: cfg, changed: make(chan struct{}), replies: map[string][]Reply{}}
	s.Clear()
	return s
}

// Handler serves the page of arrivals at /, the same as JSON at /api/received
// (DELETE forgets them), webhooks at /webhook and below it, Slack's Web API
// under /api/ and its incoming webhooks under /services/.
func (s *Sinks) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("GET /api/received", s.list)
	mux.HandleFunc("DELETE /api/received", func(w http.ResponseWriter, r *http.Request) {
		s.Clear()
		s.list(w, r)
	})
	mux.HandleFunc("POST /webhook", s.webhook)
	mux.HandleFunc("POST /webhook/{name...}", s.webhook)
	mux.HandleFunc("POST /api/{method}", s.slackAPI)
	mux.HandleFunc("POST /services/{team}/{bot}/{key}", s.slackIncoming)
	return http.NewCrossOriginProtection().Handler(mux)
}

// Received copies what is kept.
func (s *Sinks) Received() Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Received{Mails: slices.Clone(s.mails), Webhooks: slices.Clone(s.webhooks), Slack: slices.Clone(s.slack)}
}

// Mails are the kept mails, oldest first.
func (s *Sinks) Mails() []Mail { return s.Received().Mails }

// Webhooks are the kept webhook calls, oldest first, refused ones included.
func (s *Sinks) Webhooks() []Webhook { return s.Received().Webhooks }

// SlackMessages are the kept Slack messages as they read now, oldest first.
func (s *Sinks) SlackMessages() []SlackMessage { return s.Received().Slack }

// Clear forgets every arrival; scripts stay.
func (s *Sinks) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails, s.webhooks, s.slack = []Mail{}, []Webhook{}, []SlackMessage{}
	s.seen, s.seenOrder = map[string]int{}, nil
}

// Wait returns when ok holds for what was received, which it is asked at once
// and after every arrival. The error is the context's cause.
func (s *Sinks) Wait(ctx context.Context, ok func(Received) bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if ok(s.Received()) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// arrived wakes those who wait; callers hold the mutex.
func (s *Sinks) arrived() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// kept appends item and drops the oldest over the limit.
func kept[T any](items []T, item T, limit int) []T {
	items = append(items, item)
	if over := len(items) - limit; over > 0 {
		items = slices.Delete(items, 0, over)
	}
	return items
}
