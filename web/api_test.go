package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
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
