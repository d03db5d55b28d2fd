package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"gengfu"
)

func TestAPI_documents(t *testing.T) {
	s := newSite(t)
	for _, target := range []string{
		"/api/v1", "/api/v1/overview", "/api/v1/scenarios", "/api/v1/scenarios/admin-login/runs?limit=5", "/api/v1/runs/" + url.PathEscape(failedRun()),
		"/api/v1/incidents?active=true", "/api/v1/incidents/INC-2026-0042", "/api/v1/deliveries?state=dead",
	} {
		w := s.get(target)
		if w.Code != http.StatusOK || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: status %d: %s", target, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "null,") && strings.Contains(w.Body.String(), `"scenarios":null`) {
			t.Errorf("%s: a list is null", target)
		}
	}
	for _, c := range []struct {
		method, target, body string
		status               int
		code                 string
	}{
		{"GET", "/api/v1/runs/none", "", 404, "not_found"},
		{"GET", "/api/v1/scenarios/none/runs", "", 404, "not_found"},
		{"GET", "/api/v1/scenarios/home/runs?before=yesterday", "", 400, "invalid"},
		{"GET", "/api/v1/scenarios/home/runs?limit=0", "", 400, "invalid"},
		{"GET", "/api/v1/incidents/INC-1", "", 404, "not_found"},
		{"GET", "/api/v1/incidents?active=perhaps", "", 400, "invalid"},
		{"GET", "/api/v1/deliveries?state=lost", "", 400, "invalid"},
		{"GET", "/api/v1/nothing", "", 404, "not_found"},
		{"POST", "/api/v1/incidents/INC-2026-0042/note", `{"actor":"a"}`, 400, "invalid"},
		{"POST", "/api/v1/incidents/INC-2026-0042/note", `{"who":"a"}`, 400, "invalid"},
		{"POST", "/api/v1/incidents/INC-2026-0040/note", `{"actor":"a","text":"b"}`, 409, "conflict"},
	} {
		w := s.do(c.method, c.target, strings.NewReader(c.body), "Content-Type", "application/json")
		var e struct {
			Error struct{ Code, Message string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != c.status || e.Error.Code != c.code || e.Error.Message == "" {
			t.Errorf("%s %s: %d %s", c.method, c.target, w.Code, w.Body)
		}
	}
	if w := s.do("POST", "/api/v1/incidents/INC-2026-0042/ack", strings.NewReader(`{"actor":"王工"}`), "Content-Type", "application/json"); w.Code != http.StatusAccepted {
		t.Errorf("ack: %d %s", w.Code, w.Body)
	}
	if w := s.do("POST", "/api/v1/scenarios/home/run", nil); w.Code != http.StatusAccepted {
		t.Errorf("run: %d %s", w.Code, w.Body)
	}
	if w := s.do("POST", "/api/v1/incidents/INC-2026-0042/ack", strings.NewReader(`{"actor":"x"}`), "Content-Type", "text/plain"); w.Code != http.StatusBadRequest {
		t.Errorf("a form's content type is taken: %d", w.Code)
	}
}

func TestAPIRunNow_waitsForTheRun(t *testing.T) {
	s := newSite(t)
	for target, want := range map[string]int{
		"/api/v1/scenarios/home/run?wait=1ms":   http.StatusAccepted, // nobody runs it
		"/api/v1/scenarios/home/run?wait=often": http.StatusBadRequest,
		"/api/v1/scenarios/home/run?wait=1h":    http.StatusBadRequest,
	} {
		if w := s.do("POST", target, nil); w.Code != want {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	answer := make(chan *httptest.ResponseRecorder)
	go func() { answer <- s.do("POST", "/api/v1/scenarios/home/run?wait=30s", nil) }()
	r := gengfu.Run{
		Slot:    gengfu.Slot{Scenario: "home", Due: now, Location: "local", Attempt: 1, Kind: gengfu.SlotManual},
		Started: now, Outcome: gengfu.Passed, Duration: time.Second,
	}
	must(t, s.store.Record(t.Context(), r, nil, func(gengfu.Snapshot) (gengfu.Change, error) { return gengfu.Change{}, nil }))
	w := <-answer
	var run struct{ ID, Outcome string }
	if err := json.Unmarshal(w.Body.Bytes(), &run); err != nil || w.Code != http.StatusOK || run.ID != r.Slot.ID() || run.Outcome != "passed" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
