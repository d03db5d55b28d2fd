package web

import (
	"fmt"
	"net/http"
)

// healthz says that the process answers.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("ok\n"))
	return gone(err)
}

// readyz says that the ledger can be read.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.cfg.Scenarios.States(r.Context()); err != nil {
		s.cfg.Log.Error("check readiness", "err", err)
		return fmt.Errorf("ledger: %w", errUnavailable)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("ready\n"))
	return gone(err)
}
