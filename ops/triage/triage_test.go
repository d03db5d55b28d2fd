package triage_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"gengfu"
	"gengfu/egress"
	"gengfu/ops/triage"
)

// closed is an address on which nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func loopback() egress.Policy { return egress.Policy{Loopback: true} }

func TestLook_stages(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/broken":
			w.WriteHeader(http.StatusBadGateway)
		case "/gone":
			w.WriteHeader(http.StatusNotFound)
		case "/login":
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer site.Close()
	private := httptest.NewTLSServer(http.NotFoundHandler())
	defer private.Close()
	for _, row := range []struct{ entry, stage string }{
		{site.URL + "/", ""},
		{site.URL + "/login", ""},
		{site.URL + "/broken", "http"},
		{site.URL + "/gone", "http"},
		{private.URL, "tls"},
		{"http://" + closed(t) + "/?secret=1", "tcp"},
		{"http://nobody.invalid/", "dns"},
	} {
		found := triage.New(triage.Config{Policy: loopback()}).Look(t.Context(), "portal", row.entry, time.Now())
		switch p := found.Entry; {
		case p == nil:
			t.Errorf("%s was not looked at", row.entry)
		case row.stage == "" && !p.OK(), row.stage != "" && (p.OK() || p.Stage != row.stage):
			t.Errorf("%s: %+v, want trouble at %q", row.entry, *p, row.stage)
		}
		if found.OwnTrouble() {
			t.Errorf("%s: own trouble without controls", row.entry)
		}
	}
}

func TestLook_controls(t *testing.T) {
	open, shut := httptest.NewServer(http.NotFoundHandler()), closed(t)
	defer open.Close()
	for _, row := range []struct {
		controls []triage.Control
		own      bool
	}{
		{[]triage.Control{{TCP: shut}, {URL: "http://" + shut + "/"}}, true},
		{[]triage.Control{{TCP: shut}, {URL: open.URL}}, false},
		{[]triage.Control{{TCP: open.Listener.Addr().String()}, {TCP: shut}}, false},
		{[]triage.Control{{DNS: "nobody.invalid"}, {TCP: shut}}, true},
		{nil, false},
	} {
		found := triage.New(triage.Config{Controls: row.controls, Policy: loopback()}).Look(t.Context(), "portal", "", time.Now())
		if found.OwnTrouble() != row.own || found.Entry != nil || len(found.Controls) != len(row.controls) {
			t.Errorf("%v: %+v", row.controls, found)
		}
	}
	// What our own policy refuses says nothing.
	rule, err := egress.ParseRule("127.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	policy := egress.Policy{Deny: []egress.Rule{rule}}
	found := triage.New(triage.Config{Controls: []triage.Control{{TCP: shut}, {TCP: shut}}, Policy: policy}).Look(t.Context(), "p", open.URL, time.Now())
	if found.OwnTrouble() || found.Entry != nil {
		t.Errorf("refused by policy: %+v", found)
	}
}

func TestLook_isShared(t *testing.T) {
	var visits atomic.Int32
	var down atomic.Bool
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		visits.Add(1)
		if down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer site.Close()
	look := triage.New(triage.Config{Policy: loopback()})
	began := time.Now()
	see := func(since time.Time) gengfu.Triage { return look.Look(t.Context(), "portal", site.URL, since) }
	see(began)
	see(began) // of a run that began before the first look
	if n := visits.Load(); n != 1 {
		t.Errorf("%d visits for two runs, want 1", n)
	}
	down.Store(true)
	if found := see(time.Now()); !found.EntryDown() { // that it answered before is no proof
		t.Errorf("%+v", found)
	}
	for range 50 {
		if found := see(time.Now()); !found.EntryDown() {
			t.Errorf("%+v", found)
		}
	}
	if n := visits.Load(); n != 2 {
		t.Errorf("%d visits for 52 runs, want 2", n)
	}
}

func TestControls_untilTheyAnswer(t *testing.T) {
	open, shut := httptest.NewServer(http.NotFoundHandler()), closed(t)
	defer open.Close()
	look := triage.New(triage.Config{Controls: []triage.Control{{TCP: shut}, {URL: "http://" + shut}}, Policy: loopback()})
	if look.Suspect() {
		t.Error("suspect before anybody asked")
	}
	look.Look(t.Context(), "portal", "", time.Now())
	if !look.Suspect() || !look.Controls(t.Context()).OwnTrouble() {
		t.Error("not suspect although nothing answered")
	}
	l, err := net.Listen("tcp", shut)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if look.Controls(t.Context()).OwnTrouble() || look.Suspect() {
		t.Error("what was found before stands in the way")
	}
}
