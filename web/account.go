package web

import (
	"fmt"
	"net/http"
	"time"

	"gengfu"
)

// suspensionDoc is an identity whose log-ins are suspended.
type suspensionDoc struct {
	Identity   string    `json:"identity"`
	Rejections int       `json:"rejections"`
	Since      time.Time `json:"since"`
	Until      time.Time `json:"until"`
}

func (s *Server) apiSuspended(w http.ResponseWriter, _ *http.Request) error {
	list := []suspensionDoc{}
	if s.cfg.Suspended != nil {
		for _, a := range s.cfg.Suspended() {
			list = append(list, suspensionDoc{a.Identity, a.Count, a.Since.UTC(), a.Until.UTC()})
		}
	}
	writeJSON(w, http.StatusOK, list)
	return nil
}

func (s *Server) apiResume(w http.ResponseWriter, r *http.Request) error {
	if err := readJSON(r, &struct{}{}); err != nil {
		return err
	}
	if err := s.resumeAccount(r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// resume lets the log-ins of an identity go on, and shows the overview.
func (s *Server) resume(w http.ResponseWriter, r *http.Request) error {
	if err := s.resumeAccount(r.PathValue("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (s *Server) resumeAccount(identity string) error {
	if s.cfg.Resume == nil {
		return fmt.Errorf("resume log-ins: %w", errUnavailable)
	}
	if !s.suspendedNow(identity) {
		return fmt.Errorf("resume log-ins of %q: they are not suspended: %w", identity, gengfu.ErrNotFound)
	}
	return s.cfg.Resume(identity)
}

// suspendedNow reports whether the log-ins of an identity are suspended.
func (s *Server) suspendedNow(identity string) bool {
	if s.cfg.Suspended == nil {
		return false
	}
	for _, a := range s.cfg.Suspended() {
		if a.Identity == identity {
			return true
		}
	}
	return false
}

// resumable is the identity whose log-ins can be resumed after a run, empty when
// there is none.
func (s *Server) resumable(r *gengfu.Run) string {
	if f := r.Failure; s.cfg.Resume != nil && f != nil && f.Reason == gengfu.ReasonBreaker && s.suspendedNow(f.Want) {
		return f.Want
	}
	return ""
}
