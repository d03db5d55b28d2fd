package web

import (
	"fmt"
	"net/http"

	"gengfu"
)

// attendView shows what a run waits for a person with.
type attendView struct {
	Frame
	Attendance gengfu.Attendance
	Token      string
}

func (s *Server) attended(r *http.Request) (gengfu.Attendance, error) {
	if s.cfg.Attend == nil {
		return gengfu.Attendance{}, fmt.Errorf("attend: %w", errUnavailable)
	}
	return s.cfg.Attend(r.PathValue("token"))
}

// attend is the page that a message without the picture leads to. It is there
// as long as the run waits.
func (s *Server) attend(w http.ResponseWriter, r *http.Request) error {
	a, err := s.attended(r)
	if err != nil {
		return err
	}
	lang, _ := s.language(r)
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Robots-Tag", "noindex")
	v := attendView{Frame: s.frame(w, r, "overview", say(lang, "attend.title"), ""), Attendance: a, Token: r.PathValue("token")}
	return s.render(w, http.StatusOK, v.Lang, "attend", v)
}

func (s *Server) attendPicture(w http.ResponseWriter, r *http.Request) error {
	a, err := s.attended(r)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "image/png")
	h.Set("Content-Security-Policy", evidenceCSP)
	h.Set("Cache-Control", "no-store")
	_, err = w.Write(a.Picture)
	return gone(err)
}
