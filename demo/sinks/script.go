package sinks

import (
	"net/http"
	"slices"
	"strings"
)

// Reply is one scripted answer of an HTTP receiver. The request is recorded
// all the same.
type Reply struct {
	Status     int    // 0 for the ordinary answer
	RetryAfter string // header Retry-After, as it is to be sent
	Location   string // header Location, for redirects
	Body       string
	Hang       bool   // never answers; ends when the caller gives up
	Held       func() // called when Hang has a call in its hands; nil for nobody
	Drop       bool   // closes the connection without an answer
}

// The receivers that replies are scripted for.
const (
	forWebhook  = "webhook"
	forSlack    = "slack"
	forIncoming = "incoming"
)

// ScriptWebhook lines up the answers to the next webhook calls, one each; after
// them calls are answered as ever. An earlier script is replaced.
func (s *Sinks) ScriptWebhook(replies ...Reply) { s.script(forWebhook, replies) }

// ScriptSlack does the same for the calls of Slack's Web API.
func (s *Sinks) ScriptSlack(replies ...Reply) { s.script(forSlack, replies) }

// ScriptIncoming does the same for Slack's incoming webhooks, which answer some
// faults with 200 and a word such as invalid_payload.
func (s *Sinks) ScriptIncoming(replies ...Reply) { s.script(forIncoming, replies) }

func (s *Sinks) script(receiver string, replies []Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replies[receiver] = slices.Clone(replies)
}

// next takes the scripted reply of the present call; callers hold the mutex.
func (s *Sinks) next(receiver string) Reply {
	line := s.replies[receiver]
	if len(line) == 0 {
		return Reply{}
	}
	s.replies[receiver] = line[1:]
	return line[0]
}

// play gives the scripted answer; false when the ordinary one is due.
func (rp Reply) play(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case rp.Hang:
		if rp.Held != nil {
			rp.Held()
		}
		<-r.Context().Done()
		return true
	case rp.Drop:
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close()
		}
		return true
	case rp.Status == 0:
		return false
	}
	if rp.RetryAfter != "" {
		w.Header().Set("Retry-After", rp.RetryAfter)
	}
	if rp.Location != "" {
		w.Header().Set("Location", rp.Location)
	}
	if strings.HasPrefix(rp.Body, "{") {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(rp.Status)
	_, _ = w.Write([]byte(rp.Body)) // the caller may have left
	return true
}
