package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"gengfu"
)

// intakeView is the form for what a person reported.
type intakeView struct {
	Frame
	Channels []gengfu.Channel
	Impacts  []gengfu.Impact
	Types    []string // that the instance file knows a team for
	Targets  []string
}

func channels() []gengfu.Channel {
	return []gengfu.Channel{gengfu.ChannelPhone, gengfu.ChannelMail, gengfu.ChannelFax, gengfu.ChannelWalkIn, gengfu.ChannelChat}
}

func impacts() []gengfu.Impact {
	return []gengfu.Impact{gengfu.ImpactFunction, gengfu.ImpactWide, gengfu.ImpactNone}
}

func (s *Server) intake(w http.ResponseWriter, r *http.Request) error {
	lang, _ := s.language(r)
	v := intakeView{Frame: s.frame(w, r, "incidents", say(lang, "intake.title"), ""), Channels: channels(), Impacts: impacts()}
	if s.cfg.IntakeTypes != nil {
		v.Types = s.cfg.IntakeTypes()
	}
	cards, err := s.cfg.Scenarios.Scenarios(r.Context())
	if err != nil {
		return err
	}
	for _, c := range cards {
		if c.Target != "" && !slices.Contains(v.Targets, c.Target) {
			v.Targets = append(v.Targets, c.Target)
		}
	}
	return s.render(w, http.StatusOK, v.Lang, "intake", v)
}

// takeForm opens an incident for what the form says; its page shows the
// receipt.
func (s *Server) takeForm(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("read form: %w: %w", err, gengfu.ErrInvalid)
	}
	if s.cfg.Take == nil {
		return fmt.Errorf("take report: %w", errUnavailable)
	}
	f, actor := r.PostForm, strings.TrimSpace(r.PostForm.Get("actor"))
	at, err := s.timeOf(f.Get("at"))
	if err != nil {
		return err
	}
	inc, err := s.cfg.Take(r.Context(), gengfu.Report{
		Title: f.Get("title"), Target: f.Get("target"), By: f.Get("by"), Channel: gengfu.Channel(f.Get("channel")), At: at, Type: f.Get("type"),
		Impact: gengfu.Impact(f.Get("impact")), Blocked: f.Get("blocked") != "",
	}, actor, f.Get("team"))
	if err != nil {
		return err
	}
	remember(w, actorCookie, actor)
	http.Redirect(w, r, incidentURL(inc.Number), http.StatusSeeOther)
	return nil
}
