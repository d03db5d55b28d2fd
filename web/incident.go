package web

import (
	"fmt"
	"net/http"
	"strings"

	"gengfu"
)

// incidentsView is the list of what people work on and have worked on.
type incidentsView struct {
	Frame
	Active []gengfu.Incident
	Past   []gengfu.Incident
}

// incidentView is one incident: what it is, what was done, who was told.
type incidentView struct {
	Frame
	Incident   gengfu.Incident
	Members    []gengfu.ScenarioCard // those that are scenarios
	Others     []string              // the other members
	Events     []gengfu.Event
	Deliveries []gengfu.Delivery
	Acts       []actForm
}

// actForm is one thing a person may do to the incident now.
type actForm struct {
	Name     string // last part of the address
	Text     bool   // it takes a text
	Required bool   // which must not be empty
	Primary  bool
	Until    bool // it takes a time
}

// pastListed is how many incidents without work the list shows.
const pastListed = 200

func (s *Server) incidents(w http.ResponseWriter, r *http.Request) error {
	list, err := s.cfg.Incidents.Incidents(r.Context(), false, pastListed)
	if err != nil {
		return err
	}
	lang, _ := s.language(r)
	v := incidentsView{Frame: s.frame(w, r, "incidents", say(lang, "nav.incidents"), "incident")}
	if v.Active, err = s.cfg.Incidents.Incidents(r.Context(), true, 0); err != nil {
		return err
	}
	for _, inc := range list {
		if !inc.Active() {
			v.Past = append(v.Past, inc)
		}
	}
	return s.render(w, http.StatusOK, v.Lang, "incidents", v)
}

func (s *Server) incident(w http.ResponseWriter, r *http.Request) error {
	ctx, number := r.Context(), r.PathValue("number")
	inc, err := s.cfg.Incidents.Incident(ctx, number)
	if err != nil {
		return err
	}
	v := incidentView{Incident: inc, Frame: s.frame(w, r, "incidents", number+" "+inc.Title, "incident:"+number+",delivery")}
	for _, m := range inc.Members {
		if card, err := s.cfg.Scenarios.Scenario(ctx, m); err == nil {
			v.Members = append(v.Members, card)
		} else {
			v.Others = append(v.Others, m)
		}
	}
	if v.Events, err = s.cfg.Incidents.Events(ctx, number); err != nil {
		return err
	}
	if v.Deliveries, err = s.cfg.Deliveries.Deliveries(ctx, "", number, 0); err != nil {
		return err
	}
	if s.cfg.Act != nil {
		v.Acts = actsFor(inc)
	}
	return s.render(w, http.StatusOK, v.Lang, "incident", v)
}

// actsFor lists what the incident's state allows; the desk has the last word.
func actsFor(inc gengfu.Incident) []actForm {
	switch inc.State {
	case gengfu.IncidentClosed, gengfu.IncidentDeclined, gengfu.IncidentMerged:
		return nil
	}
	var acts []actForm
	if inc.State == gengfu.IncidentOpen {
		acts = append(acts, actForm{Name: "ack", Primary: true})
	}
	if inc.Active() {
		acts = append(acts, actForm{Name: "assign", Text: true, Required: true})
	}
	acts = append(acts, actForm{Name: "note", Text: true, Required: true})
	acts = append(acts, courseActs(inc)...)
	return append(acts, actForm{Name: "close", Text: true})
}

// actKind is the event that an act of a person makes.
func actKind(name string) (gengfu.EventKind, bool) {
	kind, ok := map[string]gengfu.EventKind{
		"ack": gengfu.EventAcked, "assign": gengfu.EventAssigned, "note": gengfu.EventNoted, "close": gengfu.EventClosed,
		"mitigate": gengfu.EventMitigated, "resolve": gengfu.EventResolved, "review": gengfu.EventReviewed, "decline": gengfu.EventDeclined,
		"hold": gengfu.EventHeld, "release": gengfu.EventReleased, "eta": gengfu.EventETA, "ask-onsite": gengfu.EventOnSiteAsked,
		"onsite": gengfu.EventOnSite, "merge": gengfu.EventMerged, "relate": gengfu.EventRelated,
	}[name]
	return kind, ok
}

// act does what a form of the incident page asks for.
func (s *Server) act(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("read form: %w: %w", err, gengfu.ErrInvalid)
	}
	actor := strings.TrimSpace(r.PostForm.Get("actor"))
	if err := s.perform(r, actor, timedText(r.PostForm.Get("until"), r.PostForm.Get("text"))); err != nil {
		return err
	}
	remember(w, actorCookie, actor)
	http.Redirect(w, r, incidentURL(r.PathValue("number")), http.StatusSeeOther)
	return nil
}

// The longest a name and a text may be, in bytes.
const (
	maxActor = 200
	maxText  = 8000
)

// perform checks who does what, for forms and the API alike.
func (s *Server) perform(r *http.Request, actor, text string) error {
	kind, ok := actKind(r.PathValue("act"))
	text = strings.TrimSpace(text)
	switch {
	case s.cfg.Act == nil:
		return fmt.Errorf("change incident: %w", errUnavailable)
	case !ok:
		return fmt.Errorf("act %q: %w", r.PathValue("act"), gengfu.ErrNotFound)
	case actor == "":
		return fmt.Errorf("the actor's name is missing: %w", gengfu.ErrInvalid)
	case actor == gengfu.Machine:
		return fmt.Errorf("actor %q is the machine's own name: %w", actor, gengfu.ErrInvalid)
	case len(actor) > maxActor || len(text) > maxText:
		return fmt.Errorf("actor over %d or text over %d bytes: %w", maxActor, maxText, gengfu.ErrInvalid)
	case text == "" && (kind == gengfu.EventAssigned || kind == gengfu.EventNoted):
		return fmt.Errorf("%s needs a text: %w", r.PathValue("act"), gengfu.ErrInvalid)
	}
	return s.cfg.Act(r.Context(), r.PathValue("number"), kind, actor, text)
}
