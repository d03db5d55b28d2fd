package sinks

import (
	"io"
	"net/http"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// maxBody bounds what one HTTP call may send.
const maxBody = 1 << 20

// Webhook is one call of the webhook endpoint.
type Webhook struct {
	At       time.Time   `json:"at"`
	Path     string      `json:"path"`
	ID       string      `json:"id"` // header webhook-id
	Header   http.Header `json:"header"`
	Body     string      `json:"body"`
	Verified bool        `json:"verified"`          // signature and time hold
	Problem  string      `json:"problem,omitempty"` // why not
	Times    int         `json:"times"`             // 1 for the first call with this id, 2… for its repeats
	Status   int         `json:"status"`            // answered; 0 when the call was left without an answer
}

// Duplicate reports whether an earlier call had the same id.
func (w Webhook) Duplicate() bool { return w.Times > 1 }

func (s *Sinks) webhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "body too large or cut off", http.StatusRequestEntityTooLarge)
		return
	}
	call := Webhook{
		At: s.cfg.Now(), Path: r.URL.Path, ID: r.Header.Get(standardwebhooks.HeaderWebhookID),
		Header: r.Header.Clone(), Body: string(body), Status: http.StatusOK,
	}
	if s.cfg.WebhookSecret != "" {
		if err := verify(s.cfg.WebhookSecret, body, r.Header); err != nil {
			call.Problem, call.Status = err.Error(), http.StatusUnauthorized
		} else {
			call.Verified = true
		}
	}
	reply := s.keepWebhook(&call)
	if reply.play(w, r) {
		return
	}
	if call.Status != http.StatusOK {
		http.Error(w, call.Problem, call.Status)
		return
	}
	_, _ = io.WriteString(w, "ok\n") // the caller may have left
}

// verify leaves the judgement to the reference library of Standard Webhooks,
// which takes timestamps within five minutes of now.
func verify(secret string, body []byte, header http.Header) error {
	wh, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return err
	}
	return wh.Verify(body, header)
}

// keepWebhook counts and stores a call and takes its scripted reply.
func (s *Sinks) keepWebhook(call *Webhook) Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply := s.next(forWebhook)
	switch {
	case reply.Hang || reply.Drop:
		call.Status = 0
	case reply.Status != 0:
		call.Status = reply.Status
	}
	call.Times = s.count(call.ID)
	s.webhooks = kept(s.webhooks, *call, s.cfg.Keep)
	s.arrived()
	return reply
}

// count says how often an id has come. It remembers more ids than calls are
// kept, but not without end; callers hold the mutex.
func (s *Sinks) count(id string) int {
	if id == "" {
		return 1
	}
	if s.seen[id] == 0 {
		s.seenOrder = append(s.seenOrder, id)
	}
	s.seen[id]++
	if len(s.seenOrder) > 10*s.cfg.Keep {
		delete(s.seen, s.seenOrder[0])
		s.seenOrder = s.seenOrder[1:]
	}
	return s.seen[id]
}
