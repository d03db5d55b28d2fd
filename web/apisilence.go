package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"gengfu"
)

// silenceDoc is a silence in the API.
type silenceDoc struct {
	ID       int64      `json:"id"`
	State    string     `json:"state"` // pending, active or over
	Author   string     `json:"author"`
	Reason   string     `json:"reason"`
	From     *time.Time `json:"from"`
	To       *time.Time `json:"to"`
	Matchers []string   `json:"matchers"`
	Created  *time.Time `json:"created"`
	EndedBy  string     `json:"ended_by,omitempty"`
}

func silenceDocOf(q gengfu.Silence, now time.Time) silenceDoc {
	state := "over"
	switch {
	case now.Before(q.From):
		state = "pending"
	case q.Covers(now):
		state = "active"
	}
	return silenceDoc{
		ID: q.ID, State: state, Author: q.Author, Reason: q.Reason, From: moment(q.From), To: moment(q.To),
		Matchers: list(q.Matchers), Created: moment(q.Created), EndedBy: q.EndedBy,
	}
}

func (s *Server) apiSilences(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Silences == nil {
		return fmt.Errorf("silences: %w", errUnavailable)
	}
	after := s.cfg.Now()
	if r.URL.Query().Get("all") == "true" {
		after = time.Time{}
	}
	found, err := s.cfg.Silences.Silences(r.Context(), after, 0)
	if err != nil {
		return err
	}
	docs := []silenceDoc{}
	for _, q := range found {
		docs = append(docs, silenceDocOf(q, s.cfg.Now()))
	}
	writeJSON(w, http.StatusOK, map[string]any{"silences": docs})
	return nil
}

func (s *Server) apiAddSilence(w http.ResponseWriter, r *http.Request) error {
	var ask silenceAsk
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	q, err := s.beginSilence(r, ask)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, silenceDocOf(q, s.cfg.Now()))
	return nil
}

func (s *Server) apiPreviewSilence(w http.ResponseWriter, r *http.Request) error {
	var ask struct {
		Matchers []string `json:"matchers"`
	}
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	if s.cfg.Silences == nil {
		return fmt.Errorf("silence: %w", errUnavailable)
	}
	p, err := s.cfg.Silences.Preview(r.Context(), ask.Matchers)
	if err != nil {
		return err
	}
	type scenario struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	}
	found := []scenario{}
	for _, c := range p.Scenarios {
		found = append(found, scenario{c.ID, c.Title})
	}
	writeJSON(w, http.StatusOK, map[string]any{"incidents": incidentDocs(p.Incidents, s.tongueOf(r)), "scenarios": found})
	return nil
}

func (s *Server) apiEndSilence(w http.ResponseWriter, r *http.Request) error {
	var ask struct {
		Actor string `json:"actor"`
	}
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	q, err := s.stopSilence(r, strings.TrimSpace(ask.Actor))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, silenceDocOf(q, s.cfg.Now()))
	return nil
}
