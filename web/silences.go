package web

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"gengfu"
)

// silencesView is what is kept quiet, and the form for more.
type silencesView struct {
	Frame
	Active  []gengfu.Silence // those to come among them
	Past    []gengfu.Silence
	Form    silenceForm
	Preview *gengfu.SilencePreview // nil until asked for
	Problem string                 // of the conditions that were to be looked at

	Switch bool               // heightened periods can be begun
	Period *gengfu.Heightened // in force or to come
}

// silenceForm is what was filled in.
type silenceForm struct {
	Matchers string // one a line
	Reason   string
	From     string
	To       string
}

// silencesListed is how many silences that are over the page shows.
const silencesListed = 50

func (s *Server) silences(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Silences == nil {
		return fmt.Errorf("silences: %w", errUnavailable)
	}
	list, err := s.cfg.Silences.Silences(r.Context(), time.Time{}, silencesListed)
	if err != nil {
		return err
	}
	lang, _ := s.language(r)
	v := silencesView{Frame: s.frame(w, r, "silences", say(lang, "nav.silences"), "silence,incident")}
	for _, q := range list {
		if q.To.After(v.Now) {
			v.Active = append(v.Active, q)
		} else {
			v.Past = append(v.Past, q)
		}
	}
	asked := r.URL.Query()
	v.Form = silenceForm{Matchers: asked.Get("matchers"), Reason: asked.Get("reason"), From: asked.Get("from"), To: asked.Get("to")}
	v.Actor = cmp.Or(asked.Get("actor"), v.Actor)
	if matchers := lines(v.Form.Matchers); len(matchers) > 0 {
		p, err := s.cfg.Silences.Preview(r.Context(), matchers)
		if code, _ := status(err); err != nil && code != http.StatusBadRequest {
			return err
		}
		if err != nil {
			v.Problem = err.Error()
		} else {
			v.Preview = &p
		}
	}
	if v.Switch = s.cfg.Heightening != nil; v.Switch {
		if h, on := s.cfg.Heightening.Heightened(); on {
			v.Period = &h
		}
	}
	return s.render(w, http.StatusOK, v.Lang, "silences", v)
}

// lines are those of a text that are not empty.
func lines(text string) (list []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

func (s *Server) addSilence(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("read form: %w: %w", err, gengfu.ErrInvalid)
	}
	ask := silenceAsk{
		Author: r.PostForm.Get("actor"), Reason: r.PostForm.Get("reason"), From: r.PostForm.Get("from"), To: r.PostForm.Get("to"),
		Matchers: lines(r.PostForm.Get("matchers")),
	}
	if _, err := s.beginSilence(r, ask); err != nil {
		return err
	}
	remember(w, actorCookie, strings.TrimSpace(ask.Author))
	http.Redirect(w, r, "/silences", http.StatusSeeOther)
	return nil
}

// silenceAsk is a silence as people ask for it: times are such as
// 2026-11-24T18:00, in the site's zone or with an offset.
type silenceAsk struct {
	Author   string   `json:"author"`
	Reason   string   `json:"reason"`
	From     string   `json:"from"` // now when empty
	To       string   `json:"to"`
	For      string   `json:"for"` // instead of to
	Matchers []string `json:"matchers"`
}

func (s *Server) beginSilence(r *http.Request, ask silenceAsk) (gengfu.Silence, error) {
	q := gengfu.Silence{Author: strings.TrimSpace(ask.Author), Reason: strings.TrimSpace(ask.Reason), Matchers: ask.Matchers}
	var err error
	if q.From, err = s.timeOf(ask.From); err != nil {
		return q, err
	}
	if q.To, err = s.timeOf(ask.To); err != nil {
		return q, err
	}
	if ask.For != "" {
		long, err := time.ParseDuration(ask.For)
		if err != nil || ask.To != "" {
			return q, fmt.Errorf("for=%q: want a span such as 2h, or to: %w", ask.For, gengfu.ErrInvalid)
		}
		begin := q.From
		if begin.IsZero() {
			begin = s.cfg.Now()
		}
		q.To = begin.Add(long)
	}
	if s.cfg.Silences == nil {
		return q, fmt.Errorf("silence: %w", errUnavailable)
	}
	return s.cfg.Silences.Add(r.Context(), q)
}

// timeOf reads a time as forms and people write it, zero for none.
func (s *Server) timeOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, s.cfg.Zone); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time such as 2026-11-24T18:00: %w", text, gengfu.ErrInvalid)
}

func (s *Server) endSilence(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("read form: %w: %w", err, gengfu.ErrInvalid)
	}
	actor := strings.TrimSpace(r.PostForm.Get("actor"))
	if _, err := s.stopSilence(r, actor); err != nil {
		return err
	}
	remember(w, actorCookie, actor)
	http.Redirect(w, r, "/silences", http.StatusSeeOther)
	return nil
}

// stopSilence ends the silence of the address, and returns it as it was.
func (s *Server) stopSilence(r *http.Request, actor string) (gengfu.Silence, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	switch {
	case err != nil:
		return gengfu.Silence{}, fmt.Errorf("silence %q: %w", r.PathValue("id"), gengfu.ErrNotFound)
	case actor == "" || actor == gengfu.Machine || len(actor) > maxActor:
		return gengfu.Silence{}, fmt.Errorf("the actor's name is missing or over %d bytes: %w", maxActor, gengfu.ErrInvalid)
	case s.cfg.Silences == nil:
		return gengfu.Silence{}, fmt.Errorf("silence: %w", errUnavailable)
	}
	if err := s.cfg.Silences.End(r.Context(), id, actor); err != nil {
		return gengfu.Silence{}, err
	}
	list, err := s.cfg.Silences.Silences(r.Context(), time.Time{}, 0)
	for _, q := range list {
		if q.ID == id {
			return q, nil
		}
	}
	return gengfu.Silence{}, err
}
