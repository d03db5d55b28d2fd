package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	// maxStreams is how many pages may listen at once; a browser holds one for
	// each visible tab.
	maxStreams = 512
	// heartbeatEvery keeps proxies from closing a silent stream.
	heartbeatEvery = 15 * time.Second
	// gather is how long topics are collected before a page is told, so that a
	// busy minute costs one refresh a second and not one a run.
	gather = time.Second
	// writeWithin is how long a listener may take to read before it is dropped.
	writeWithin = 10 * time.Second
)

// events streams "changed" whenever something that the page asked about was
// committed. What changed is not told: the page loads itself again, so a topic
// that was missed costs nothing but a moment.
func (s *Server) events(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Changes == nil {
		return fmt.Errorf("stream of changes: %w", errUnavailable)
	}
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		return fmt.Errorf("stream of changes: %d pages listen already: %w", maxStreams, errUnavailable)
	}
	topics, cancel := s.cfg.Changes()
	defer cancel()
	st := stream{w: w, rc: http.NewResponseController(w), wants: wanted(r)}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	if st.write("retry: 3000\n\n") != nil {
		return nil
	}
	st.follow(r.Context(), topics, s.closing)
	return nil
}

// stream is one listening page.
type stream struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	wants []string
}

// follow writes until the page leaves, the ledger closes or the site does.
func (st stream) follow(ctx context.Context, topics <-chan string, closing <-chan struct{}) {
	beat := time.NewTicker(heartbeatEvery)
	defer beat.Stop()
	var due <-chan time.Time // set while a change waits to be told
	for {
		var err error
		select {
		case topic, open := <-topics:
			if !open {
				return
			}
			if due == nil && st.concerns(topic) {
				due = time.After(gather)
			}
		case <-due:
			due, err = nil, st.write("event: changed\ndata: 1\n\n")
		case <-beat.C:
			err = st.write(": \n\n")
		case <-closing:
			return
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (st stream) write(text string) error {
	// A recorder in a test has no deadlines and no connection to lose.
	_ = st.rc.SetWriteDeadline(time.Now().Add(writeWithin))
	if _, err := st.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("write stream: %w", err)
	}
	return st.rc.Flush()
}

func (st stream) concerns(topic string) bool {
	for _, prefix := range st.wants {
		if strings.HasPrefix(topic, prefix) {
			return true
		}
	}
	return false
}

// wanted are the topic prefixes a page asked for; none asked for means all.
func wanted(r *http.Request) []string {
	text := r.URL.Query().Get("topics")
	if len(text) > 200 {
		text = ""
	}
	return strings.Split(text, ",")
}
