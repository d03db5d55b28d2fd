package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"gengfu"
)

// apiError is the body of every answer that is an error.
type apiError struct {
	Error apiFault `json:"error"`
}

type apiFault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// writeJSON encodes v as the whole answer.
func writeJSON(w http.ResponseWriter, code int, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	body, err := json.Marshal(v)
	if err != nil {
		code, body = http.StatusInternalServerError, []byte(`{"error":{"code":"internal","message":"encode answer"}}`)
	}
	w.WriteHeader(code)
	_, err = w.Write(append(body, '\n'))
	_ = gone(err)
}

// apiIndex lists the addresses of the API.
func (s *Server) apiIndex(w http.ResponseWriter, _ *http.Request) error {
	type address struct {
		Method     string `json:"method"`
		Path       string `json:"path"`
		Permission string `json:"permission"`
	}
	var list []address
	for _, rt := range s.plan() {
		method, path, _ := strings.Cut(rt.pattern, " ")
		if rt.reply == asJSON && !strings.HasSuffix(path, "/") {
			list = append(list, address{method, path, string(rt.need)})
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"version": s.cfg.Version, "addresses": list})
	return nil
}

func (s *Server) apiOverview(w http.ResponseWriter, r *http.Request) error {
	v, err := s.survey(r.Context())
	if err != nil {
		return err
	}
	lang, _ := s.language(r)
	out := overviewDoc{
		State: v.Verdict, Troubled: v.Troubled, Scenarios: []scenarioDoc{}, Incidents: incidentDocs(v.Incidents, s.tongueOf(r)), Prober: healthDocOf(v.Health, lang),
	}
	for _, g := range v.Groups {
		for _, row := range g.Rows {
			out.Scenarios = append(out.Scenarios, scenarioDocOf(row))
		}
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (s *Server) apiScenarios(w http.ResponseWriter, r *http.Request) error {
	v, err := s.survey(r.Context())
	if err != nil {
		return err
	}
	list := []scenarioDoc{}
	for _, g := range v.Groups {
		for _, row := range g.Rows {
			list = append(list, scenarioDocOf(row))
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"scenarios": list})
	return nil
}

func (s *Server) apiRuns(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if _, err := s.cfg.Scenarios.Scenario(r.Context(), id); err != nil {
		return err
	}
	before, err := cursor(r)
	if err != nil {
		return err
	}
	limit, err := limitOf(r, listed)
	if err != nil {
		return err
	}
	runs, err := s.cfg.Runs.Runs(r.Context(), id, before, limit)
	if err != nil {
		return err
	}
	out := runsDoc{Runs: []runDoc{}}
	for _, run := range runs {
		out.Runs = append(out.Runs, runDocOf(run, false))
	}
	if len(runs) >= limit {
		out.Before = &runs[len(runs)-1].Slot.Due
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// maxLimit bounds what one answer of the API may hold.
const maxLimit = 500

func limitOf(r *http.Request, normal int) (int, error) {
	text := r.URL.Query().Get("limit")
	if text == "" {
		return normal, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, fmt.Errorf("limit=%q: want 1 to %d: %w", text, maxLimit, gengfu.ErrInvalid)
	}
	return n, nil
}

func (s *Server) apiRun(w http.ResponseWriter, r *http.Request) error {
	run, err := s.cfg.Runs.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, runDocOf(run, true))
	return nil
}

func (s *Server) apiRunNow(w http.ResponseWriter, r *http.Request) error {
	if err := readJSON(r, &struct{}{}); err != nil {
		return err
	}
	wait, err := waitOf(r)
	if err != nil {
		return err
	}
	var topics <-chan string
	if wait > 0 && s.cfg.Changes != nil { // before the run is queued: it may be quick
		listen, cancel := s.cfg.Changes()
		defer cancel()
		topics = listen
	}
	id, err := s.queueRun(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if topics != nil {
		switch run, err := s.await(r.Context(), id, topics, wait); {
		case err == nil:
			writeJSON(w, http.StatusOK, runDocOf(run, true))
			return nil
		case !errors.Is(err, gengfu.ErrNotFound):
			return err
		}
	}
	writeJSON(w, http.StatusAccepted, map[string]string{"run": id, "url": "/api/v1" + runURL(id)})
	return nil
}

func (s *Server) apiIncidents(w http.ResponseWriter, r *http.Request) error {
	active := false
	switch text := r.URL.Query().Get("active"); text {
	case "", "false":
	case "true":
		active = true
	default:
		return fmt.Errorf("active=%q: want true or false: %w", text, gengfu.ErrInvalid)
	}
	limit, err := limitOf(r, pastListed)
	if err != nil {
		return err
	}
	list, err := s.cfg.Incidents.Incidents(r.Context(), active, limit)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"incidents": incidentDocs(list, s.tongueOf(r))})
	return nil
}

func (s *Server) apiIncident(w http.ResponseWriter, r *http.Request) error {
	number := r.PathValue("number")
	inc, err := s.cfg.Incidents.Incident(r.Context(), number)
	if err != nil {
		return err
	}
	events, err := s.cfg.Incidents.Events(r.Context(), number)
	if err != nil {
		return err
	}
	told, err := s.cfg.Deliveries.Deliveries(r.Context(), "", number, 0)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, incidentPageDoc{incidentDoc: incidentDocOf(inc, s.tongueOf(r)), Events: eventDocs(events, s.tongueOf(r)), Deliveries: deliveryDocs(told)})
	return nil
}

func (s *Server) apiAct(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Actor string `json:"actor"`
		Text  string `json:"text"`
		Until string `json:"until"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if err := s.perform(r, strings.TrimSpace(body.Actor), timedText(body.Until, body.Text)); err != nil {
		return err
	}
	inc, err := s.cfg.Incidents.Incident(r.Context(), r.PathValue("number"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusAccepted, incidentDocOf(inc, s.tongueOf(r)))
	return nil
}

func (s *Server) apiDeliveries(w http.ResponseWriter, r *http.Request) error {
	state, err := deliveryState(r)
	if err != nil {
		return err
	}
	limit, err := limitOf(r, sentListed)
	if err != nil {
		return err
	}
	list, err := s.cfg.Deliveries.Deliveries(r.Context(), state, r.URL.Query().Get("incident"), limit)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"deliveries": deliveryDocs(list)})
	return nil
}

// readJSON decodes a body that is one JSON object with known keys; an empty
// body leaves v as it is. A form's content type is refused, so that no form of
// another page can reach the API.
func readJSON(r *http.Request, v any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if media, _, bad := mime.ParseMediaType(r.Header.Get("Content-Type")); bad != nil || media != "application/json" {
		return fmt.Errorf("content type %q: want application/json: %w", r.Header.Get("Content-Type"), gengfu.ErrInvalid)
	}
	if err != nil {
		return fmt.Errorf("read body: %w: %w", err, gengfu.ErrInvalid)
	}
	if d.More() {
		return fmt.Errorf("read body: more than one value: %w", gengfu.ErrInvalid)
	}
	return nil
}

// moment is nil for a time that has not come.
func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	utc := at.UTC()
	return &utc
}
