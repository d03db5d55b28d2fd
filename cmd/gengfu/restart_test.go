package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestRestart_accountsForTheTimeBetween: what was planned while nobody ran is
// one gap; an incident that was open is the same afterwards, and its end goes
// into the same threads.
func TestRestart_accountsForTheTimeBetween(t *testing.T) {
	d, s := newPlay(t, "home")
	s.set("home", true)
	opened := d.told("incident.opened", 1, 1)
	for range 2 { // the very first run is not one of the plan
		d.recorded("home", "failed")
	}
	d.end()
	<-time.NewTimer(4 * time.Second).C // slots go by
	d.start(playedName)
	d.recorded("home", "failed")
	store := dbOf(t, d.dir)
	gaps := "SELECT COUNT(*) FROM gap WHERE reason = 'the prober was not running'"
	if n := store.count(t, gaps); n != 1 {
		t.Errorf("%d gaps", n)
	}
	if n := store.count(t, "SELECT SUM(n) FROM gap WHERE reason = 'the prober was not running'"); n < 2 || n > 6 {
		t.Errorf("%d slots missed in four seconds", n)
	}
	var doc struct {
		Incidents []struct{ Number, State string }
	}
	if d.fetch("/api/v1/incidents", &doc); len(doc.Incidents) != 1 || doc.Incidents[0].Number != opened.Data.Incident || doc.Incidents[0].State != "open" {
		t.Errorf("incidents after the restart: %+v", doc)
	}
	d.end()
	d.start(playedName) // at once: nothing more was missed
	s.set("home", false)
	resolved := d.told("incident.resolved", 2, 2)
	if resolved.Data.Incident != opened.Data.Incident {
		t.Errorf("opened %s, resolved %s", opened.Data.Incident, resolved.Data.Incident)
	}
	d.oneIncident(opened.Data.Incident)
	d.threads(opened.Data.Incident)
	d.end()
	if n := store.count(t, "SELECT COUNT(*) FROM gap WHERE n > 1"); n != 1 {
		t.Errorf("%d long gaps", n)
	}
}

// TestAct_overTheAPI: people work on an incident; it says who did what, those
// who follow it hear of it, and what makes no sense is refused.
func TestAct_overTheAPI(t *testing.T) {
	d, s := newPlay(t, "home")
	defer d.end()
	s.set("home", true)
	number := d.told("incident.opened", 1, 1).Data.Incident
	act := func(name, body string, want int, header ...string) {
		t.Helper()
		if code, text := d.ask(http.MethodPost, "/api/v1/incidents/"+number+"/"+name, body, header...); code != want {
			t.Errorf("%s: %d, want %d: %s", name, code, want, text)
		}
	}
	act("ack", `{"actor":"李工"}`, http.StatusForbidden, "Sec-Fetch-Site", "cross-site")
	act("ack", `{"actor":"李工"}`, http.StatusForbidden, "Origin", "https://elsewhere.example")
	act("ack", `{"actor":"李工"}`, http.StatusBadRequest, "Content-Type", "text/plain")
	act("ack", `{}`, http.StatusBadRequest)
	act("ack", `{"actor":"gengfu"}`, http.StatusBadRequest)
	act("close", `{"actor":"李工"}`, http.StatusConflict)
	act("ack", `{"actor":"李工"}`, http.StatusAccepted)
	act("ack", `{"actor":"王工"}`, http.StatusConflict)
	act("assign", `{"actor":"李工","text":"赵工"}`, http.StatusAccepted)
	act("note", `{"actor":"赵工","text":"已重启 <b>"}`, http.StatusAccepted)
	act("frobnicate", `{"actor":"赵工"}`, http.StatusNotFound)
	s.set("home", false)
	d.told("incident.resolved", 2, 5)
	act("close", `{"actor":"赵工","text":"磁盘已换"}`, http.StatusAccepted)
	act("note", `{"actor":"赵工","text":"再看"}`, http.StatusConflict)
	closed := d.told("incident.closed", 2, 6)
	if closed.Data.Actor != "赵工" || closed.Data.Text != "磁盘已换" {
		t.Errorf("closed %+v", closed)
	}
	var doc struct {
		Events []struct{ Kind, Actor, Text string }
	}
	d.fetch("/api/v1/incidents/"+number, &doc)
	var story []string
	for _, e := range doc.Events {
		story = append(story, e.Kind+" "+e.Actor+" "+e.Text)
	}
	want := "opened gengfu |acked 李工 |assigned 李工 赵工|noted 赵工 已重启 <b>|resolved gengfu |closed 赵工 磁盘已换"
	if got := strings.Join(story, "|"); got != want {
		t.Errorf("events\n%s, want\n%s", got, want)
	}
	slack := d.got.SlackMessages()
	for _, m := range slack[1:] {
		if m.ThreadTS != slack[0].TS {
			t.Errorf("outside the thread: %+v", m)
		}
	}
	var kinds []string
	for _, e := range d.events() {
		kinds = append(kinds, strings.TrimPrefix(e.Type, "incident."))
	}
	if got := strings.Join(kinds, " "); got != "opened acked assigned noted resolved closed" {
		t.Errorf("webhooks: %s", got)
	}
}
