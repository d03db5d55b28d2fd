package web

import (
	"fmt"
	"net/http"

	"gengfu"
)

// Link is what a signed address of a message stands for: one reader taking one
// incident, once.
type Link struct {
	Incident string // number
	Seq      int    // of the event that the message told of
	Person   string // the endpoint that the message went to
}

// ackView asks the reader of a message whether to take the incident.
type ackView struct {
	Frame
	Incident gengfu.Incident
	Person   string
}

// linkOf reads the address. A link is spent once somebody took the incident
// after the message, and when there is nothing to take.
func (s *Server) linkOf(r *http.Request) (Link, gengfu.Incident, error) {
	if s.cfg.Links == nil {
		return Link{}, gengfu.Incident{}, fmt.Errorf("links of messages: %w", errUnavailable)
	}
	link, err := s.cfg.Links(r.PathValue("token"), s.cfg.Now())
	if err != nil {
		return Link{}, gengfu.Incident{}, err
	}
	inc, err := s.cfg.Incidents.Incident(r.Context(), link.Incident)
	if err != nil {
		return Link{}, gengfu.Incident{}, err
	}
	events, err := s.cfg.Incidents.Events(r.Context(), link.Incident)
	if err != nil {
		return Link{}, gengfu.Incident{}, err
	}
	for _, ev := range events {
		if ev.Seq > link.Seq && (ev.Kind == gengfu.EventAcked || ev.Kind == gengfu.EventAssigned) {
			return Link{}, gengfu.Incident{}, fmt.Errorf("link: %s took the incident already: %w", ev.Actor, gengfu.ErrConflict)
		}
	}
	if inc.State != gengfu.IncidentOpen {
		return Link{}, gengfu.Incident{}, fmt.Errorf("link: the incident is %s: %w", inc.State, gengfu.ErrConflict)
	}
	return link, inc, nil
}

// askAck shows what is to be taken and changes nothing, for programs look at
// the addresses in messages before people do.
func (s *Server) askAck(w http.ResponseWriter, r *http.Request) error {
	link, inc, err := s.linkOf(r)
	if err != nil {
		return err
	}
	lang, _ := s.language(r)
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Robots-Tag", "noindex")
	v := ackView{Frame: s.frame(w, r, "incidents", say(lang, "ack.title"), "incident"), Incident: inc, Person: link.Person}
	return s.render(w, http.StatusOK, v.Lang, "ack", v)
}

// takeAck takes the incident in the reader's name.
func (s *Server) takeAck(w http.ResponseWriter, r *http.Request) error {
	link, inc, err := s.linkOf(r)
	if err != nil {
		return err
	}
	if s.cfg.Act == nil {
		return fmt.Errorf("change incident: %w", errUnavailable)
	}
	if err := s.cfg.Act(r.Context(), inc.Number, gengfu.EventAcked, link.Person, ""); err != nil {
		return err
	}
	http.Redirect(w, r, incidentURL(inc.Number), http.StatusSeeOther)
	return nil
}
