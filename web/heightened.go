package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"gengfu"
)

// Heightening is the switch for periods in which more is at stake than usual.
type Heightening interface {
	// Heightened is the latest period; false when none is in force or to come.
	Heightened() (gengfu.Heightened, bool)
	Heighten(ctx context.Context, h gengfu.Heightened) (gengfu.Heightened, error)
	// Unheighten ends the period; the error is [gengfu.ErrConflict] when there
	// is none.
	Unheighten(ctx context.Context, actor string) error
}

// heightenedAsk is a period as people ask for it.
type heightenedAsk struct {
	Author string `json:"author"`
	Reason string `json:"reason"`
	From   string `json:"from"`
	To     string `json:"to"`
	Every  string `json:"every"`
}

func (s *Server) beginHeightened(r *http.Request, ask heightenedAsk) error {
	h := gengfu.Heightened{Author: strings.TrimSpace(ask.Author), Reason: strings.TrimSpace(ask.Reason)}
	var err error
	if h.From, err = s.timeOf(ask.From); err != nil {
		return err
	}
	if h.To, err = s.timeOf(ask.To); err != nil {
		return err
	}
	if ask.Every != "" {
		if h.Every, err = time.ParseDuration(ask.Every); err != nil {
			return fmt.Errorf("every=%q: want a span such as 1m: %w", ask.Every, gengfu.ErrInvalid)
		}
	}
	if s.cfg.Heightening == nil {
		return fmt.Errorf("heightened period: %w", errUnavailable)
	}
	_, err = s.cfg.Heightening.Heighten(r.Context(), h)
	return err
}

func (s *Server) stopHeightened(r *http.Request, actor string) error {
	if actor = strings.TrimSpace(actor); actor == "" || actor == gengfu.Machine || len(actor) > maxActor {
		return fmt.Errorf("the actor's name is missing or over %d bytes: %w", maxActor, gengfu.ErrInvalid)
	}
	if s.cfg.Heightening == nil {
		return fmt.Errorf("heightened period: %w", errUnavailable)
	}
	return s.cfg.Heightening.Unheighten(r.Context(), actor)
}

func (s *Server) heighten(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("read form: %w: %w", err, gengfu.ErrInvalid)
	}
	f := r.PostForm
	ask := heightenedAsk{Author: f.Get("actor"), Reason: f.Get("reason"), From: f.Get("from"), To: f.Get("to"), Every: f.Get("every")}
	if err := s.beginHeightened(r, ask); err != nil {
		return err
	}
	remember(w, actorCookie, strings.TrimSpace(ask.Author))
	http.Redirect(w, r, "/silences", http.StatusSeeOther)
	return nil
}

func (s *Server) unheighten(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("read form: %w: %w", err, gengfu.ErrInvalid)
	}
	if err := s.stopHeightened(r, r.PostForm.Get("actor")); err != nil {
		return err
	}
	http.Redirect(w, r, "/silences", http.StatusSeeOther)
	return nil
}

func (s *Server) apiHeightened(w http.ResponseWriter, _ *http.Request) error {
	if s.cfg.Heightening == nil {
		return fmt.Errorf("heightened period: %w", errUnavailable)
	}
	h, on := s.cfg.Heightening.Heightened()
	if !on {
		writeJSON(w, http.StatusOK, map[string]any{"on": false})
		return nil
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"on": true, "author": h.Author, "reason": h.Reason, "from": moment(h.From), "to": moment(h.To), "every_ms": h.Every.Milliseconds(),
	})
	return nil
}

func (s *Server) apiHeighten(w http.ResponseWriter, r *http.Request) error {
	var ask heightenedAsk
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	if err := s.beginHeightened(r, ask); err != nil {
		return err
	}
	return s.apiHeightened(w, r)
}

func (s *Server) apiUnheighten(w http.ResponseWriter, r *http.Request) error {
	var ask struct {
		Actor string `json:"actor"`
	}
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	if err := s.stopHeightened(r, ask.Actor); err != nil {
		return err
	}
	return s.apiHeightened(w, r)
}
