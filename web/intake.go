package web

import (
	"fmt"
	"net/http"
	"time"

	"gengfu"
)

// apiTake opens an incident for what a person reported.
func (s *Server) apiTake(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Actor   string         `json:"actor"`
		Title   string         `json:"title"`
		Target  string         `json:"target"`
		By      string         `json:"by"`
		Channel gengfu.Channel `json:"channel"`
		At      time.Time      `json:"at"`
		Type    string         `json:"type"`
		Team    string         `json:"team"`
		Impact  gengfu.Impact  `json:"impact"`
		Blocked bool           `json:"blocked"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if s.cfg.Take == nil {
		return fmt.Errorf("take report: %w", errUnavailable)
	}
	inc, err := s.cfg.Take(r.Context(), gengfu.Report{
		Title: body.Title, Target: body.Target, By: body.By, Channel: body.Channel, At: body.At, Type: body.Type, Impact: body.Impact, Blocked: body.Blocked,
	}, body.Actor, body.Team)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, incidentDocOf(inc, s.tongueOf(r)))
	return nil
}

// reportDoc is a report in the API.
type reportDoc struct {
	By      string         `json:"by"`
	Channel gengfu.Channel `json:"channel"`
	At      *time.Time     `json:"at"`
	Type    string         `json:"type"`
	Impact  gengfu.Impact  `json:"impact"`
	Blocked bool           `json:"blocked"`
	Receipt string         `json:"receipt"`
}

func reportDocOf(r *gengfu.Report) *reportDoc {
	if r == nil {
		return nil
	}
	return &reportDoc{By: r.By, Channel: r.Channel, At: moment(r.At), Type: r.Type, Impact: r.Impact, Blocked: r.Blocked, Receipt: r.Receipt}
}
