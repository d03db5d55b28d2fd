package web

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"gengfu"
)

// drop gives a dead delivery up, so that nobody looks at it again.
func (s *Server) drop(w http.ResponseWriter, r *http.Request) error {
	if err := s.giveUp(r, actorOf(r)); err != nil {
		return err
	}
	http.Redirect(w, r, "/deliveries", http.StatusSeeOther)
	return nil
}

// apiDrop does the same for programs, and for deliveries that wait.
func (s *Server) apiDrop(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Actor string `json:"actor"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if err := s.giveUp(r, body.Actor); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]string{"state": string(gengfu.DeliveryMerged)})
	return nil
}

func (s *Server) giveUp(r *http.Request, actor string) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return fmt.Errorf("delivery %q: %w", r.PathValue("id"), gengfu.ErrNotFound)
	}
	if s.cfg.Drop == nil {
		return fmt.Errorf("drop: %w", errUnavailable)
	}
	return s.cfg.Drop(r.Context(), id, cmp.Or(strings.TrimSpace(actor), "?"), s.cfg.Now())
}
