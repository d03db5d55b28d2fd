package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"gengfu"
)

// deliveriesView is the outbox: who was told what, and what did not arrive.
type deliveriesView struct {
	Frame
	Filters   []choice
	List      []gengfu.Delivery
	Ways      []wayView
	CanReplay bool
}

// sentListed is how many deliveries the page shows.
const sentListed = 200

func (s *Server) deliveries(w http.ResponseWriter, r *http.Request) error {
	state, err := deliveryState(r)
	if err != nil {
		return err
	}
	lang, _ := s.language(r)
	v := deliveriesView{
		Frame: s.frame(w, r, "deliveries", say(lang, "nav.deliveries"), "delivery"), CanReplay: s.cfg.Replay != nil,
		Ways: s.cfg.Health(r.Context()).ways(),
	}
	for _, st := range append([]gengfu.DeliveryState{""}, deliveryStates()...) {
		label := say(v.Lang, "delivery.all")
		if st != "" {
			label = say(v.Lang, "delivery."+string(st))
		}
		v.Filters = append(v.Filters, choice{Value: string(st), Label: label, URL: with(r.URL, "state", string(st)), Chosen: st == state})
	}
	if v.List, err = s.cfg.Deliveries.Deliveries(r.Context(), state, r.URL.Query().Get("incident"), sentListed); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, v.Lang, "deliveries", v)
}

func deliveryStates() []gengfu.DeliveryState {
	return []gengfu.DeliveryState{gengfu.DeliveryPending, gengfu.DeliverySent, gengfu.DeliveryDead, gengfu.DeliveryMerged}
}

// deliveryState is the state that the address narrows the list to.
func deliveryState(r *http.Request) (gengfu.DeliveryState, error) {
	state := gengfu.DeliveryState(r.URL.Query().Get("state"))
	if state != "" && !slices.Contains(deliveryStates(), state) {
		return "", fmt.Errorf("state=%q: %w", state, gengfu.ErrInvalid)
	}
	return state, nil
}

// replay sends a dead delivery again.
func (s *Server) replay(w http.ResponseWriter, r *http.Request) error {
	if err := s.sendAgain(r); err != nil {
		return err
	}
	http.Redirect(w, r, "/deliveries", http.StatusSeeOther)
	return nil
}

// apiReplay does the same for programs.
func (s *Server) apiReplay(w http.ResponseWriter, r *http.Request) error {
	if err := readJSON(r, &struct{}{}); err != nil {
		return err
	}
	if err := s.sendAgain(r); err != nil {
		return err
	}
	writeJSON(w, http.StatusAccepted, map[string]string{"state": string(gengfu.DeliveryPending)})
	return nil
}

func (s *Server) sendAgain(r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return fmt.Errorf("delivery %q: %w", r.PathValue("id"), gengfu.ErrNotFound)
	}
	if s.cfg.Replay == nil {
		return fmt.Errorf("replay: %w", errUnavailable)
	}
	return s.cfg.Replay(r.Context(), id)
}
