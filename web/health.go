package web

import (
	"fmt"
	"net/http"
	"strings"

	"gengfu"
)

// healthz says that the process answers.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("ok\n"))
	return gone(err)
}

// readyz says that the ledger can be read, and below it what the prober found
// wrong with itself. That is no reason to take the pages away from those who
// look what is wrong.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.cfg.Scenarios.States(r.Context()); err != nil {
		s.cfg.Log.Error("check readiness", "err", err)
		return fmt.Errorf("ledger: %w", errUnavailable)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	var text strings.Builder
	text.WriteString("ready\n")
	for _, f := range s.cfg.Health(r.Context()).Self.Findings {
		text.WriteString("self-check: " + f.Sentence(gengfu.English) + "\n")
	}
	_, err := w.Write([]byte(text.String()))
	return gone(err)
}
