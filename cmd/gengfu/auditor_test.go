package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gengfu"
)

func TestForgotten(t *testing.T) {
	now := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	kept := &gengfu.Escalation{}
	due := func(after time.Duration) []gengfu.Timer { return []gengfu.Timer{{Due: now.Add(after)}} }
	for name, c := range map[string]struct {
		inc        gengfu.Incident
		have, want []gengfu.Timer
		forgotten  bool
	}{
		"waits for its step":     {gengfu.Incident{State: gengfu.IncidentOpen, Course: gengfu.Course{Escalation: kept}}, due(time.Hour), due(time.Hour), false},
		"its step is due":        {gengfu.Incident{State: gengfu.IncidentOpen, Course: gengfu.Course{Escalation: kept}}, due(-time.Minute), due(-time.Minute), false},
		"its step was not taken": {gengfu.Incident{State: gengfu.IncidentOpen, Course: gengfu.Course{Escalation: kept}}, due(-time.Hour), due(-time.Hour), true},
		"its timer is lost":      {gengfu.Incident{State: gengfu.IncidentOpen, Course: gengfu.Course{Escalation: kept}}, nil, due(time.Hour), true},
		"nobody is to be told":   {gengfu.Incident{State: gengfu.IncidentOpen, Course: gengfu.Course{Escalation: kept}}, nil, nil, false},
		"it never had any":       {gengfu.Incident{State: gengfu.IncidentOpen}, nil, nil, true},
		"somebody took it":       {gengfu.Incident{State: gengfu.IncidentAcked}, nil, due(time.Hour), false},
		"it is on hold":          {gengfu.Incident{State: gengfu.IncidentOpen, Course: gengfu.Course{HoldUntil: now}}, nil, nil, false},
	} {
		if got := forgotten(c.inc, c.have, c.want, now); got != c.forgotten {
			t.Errorf("%s: forgotten %t", name, got)
		}
	}
}

func TestPing_doesNotShowTheAddress(t *testing.T) {
	asked := 0
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Path == "/broken" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	if err := ping(t.Context(), site.Client(), gengfu.Secret(site.URL+"/token")); err != nil || asked != 1 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	if err := ping(t.Context(), site.Client(), gengfu.Secret(site.URL+"/broken")); err == nil {
		t.Error("404 is no success")
	}
	site.Close()
	if err := ping(t.Context(), site.Client(), gengfu.Secret(site.URL+"/token")); err == nil || strings.Contains(err.Error(), "token") {
		t.Errorf("nobody is there: %v", err)
	}
}
