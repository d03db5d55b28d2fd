package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// do is one line of a play, which follows the time at which it happens. Before
// them comes begin with a day and a time, and before that untimed when waits in
// it are drawn by lot: then only the order of what is told counts. Before begin,
// too, uses FILE=SECTION takes another section for a file.
//
//	down ID... [: CAUSE]   runs of these scenarios fail; * is all of them
//	up ID...               they pass
//	site on|off            the platform answers, or not; its scenarios fail then
//	network on|off         so do the control targets
//	disk|memory MIB        so much is free on the prober's own machine
//	lag|load|jump VALUE    its timers ring so late, so much is to do for each
//	                       core, its clock jumps once
//	elsewhere PLACE ID HOW another location has just run a scenario, and finds it up or down
//	hostdisk SHARE         so much of the watched host's disk is taken
//	channel NAME HOW       works, refuses (500), broken (404), rejects (400), limits (429) or hangs
//	act INC KIND WHO TEXT  what somebody does to an incident, such as acked
//	api METHOD PATH BODY   what somebody does by the API
//	link HOW CHANNEL       looks at (GET), or follows (POST), the link by which
//	                       the last reader of a channel takes an incident
//	run ID                 a run now
//	reload FILE=SECTION    another version of a file, and a reload
//	restart DURATION       the daemon is stopped for so long
//	end
func (p *conductor) do(verb string, args []string) error {
	rest := strings.Join(args, " ")
	switch verb {
	case "down", "up":
		ids, cause, _ := strings.Cut(rest, ":")
		for id := range strings.FieldsSeq(ids) {
			p.set(id, verb == "down", strings.TrimSpace(cause))
		}
	case "site":
		p.world.off.Store(rest == "off")
		p.set("*", rest == "off", "status")
	case "network":
		p.world.network(rest == "on")
		p.world.off.Store(rest == "off")
		p.set("*", rest == "off", "connect")
	case "disk", "memory", "lag", "load", "jump":
		return p.machine.set(verb, rest)
	case "elsewhere":
		return p.elsewhere(args[0], args[1], gengfu.State(args[2]))
	case "hostdisk":
		return p.machine.take(rest)
	case "channel":
		p.mail.how(args[0], args[1])
	case "act":
		return p.daemon.act(p.t.Context(), args[0], gengfu.EventKind(args[1]), args[2], strings.Join(args[3:], " "))
	case "api":
		return p.api(args[0], args[1], strings.Join(args[2:], " "))
	case "link":
		return p.api(args[0], "/ack/"+p.mail.token(args[1]), "")
	case "run":
		_, err := p.daemon.runNow(p.t.Context(), args[0])
		return err
	case "reload":
		file, section, _ := strings.Cut(rest, "=")
		p.put(file, section)
		return p.daemon.reload(p.t.Context())
	case "restart":
		d, err := time.ParseDuration(rest)
		if err != nil {
			return err
		}
		return p.restart(d)
	case "end":
	default:
		return fmt.Errorf("no such verb")
	}
	return nil
}

// set says how runs end from now on.
func (p *conductor) set(id string, down bool, cause string) {
	p.mail.mu.Lock()
	defer p.mail.mu.Unlock()
	if id == "*" {
		clear(p.ends)
	}
	p.ends[id] = ""
	if down {
		p.ends[id] = cause + " "
	}
}

func (p *conductor) end(id string) string {
	p.mail.mu.Lock()
	defer p.mail.mu.Unlock()
	if how, ok := p.ends[id]; ok {
		return how
	}
	return p.ends["*"]
}

// execute is a run of two seconds, and some milliseconds more for each scenario
// before it, so that no two end at the same moment.
func (p *conductor) execute(ctx context.Context, s *scenarios.Scenario, slot gengfu.Slot, _ func(gengfu.StepResult)) gengfu.Run {
	r := gengfu.Run{
		Slot: slot, Revision: s.Revision, Title: s.Title, Target: s.Target, Severity: s.Severity, Tags: s.Tags, Owner: s.Owner,
		Notify: s.Notify, Started: time.Now(), Duration: 2*time.Second + p.turn(s.ID), Outcome: gengfu.Passed,
		Steps: []gengfu.StepResult{{Index: 1, Name: "goto /", Verb: "goto", Status: gengfu.StepPassed}},
	}
	select {
	case <-time.After(r.Duration):
	case <-ctx.Done():
	}
	how := p.end(s.ID)
	if how == "" {
		return r
	}
	f := &gengfu.Failure{Step: 1, Name: "goto /", Verb: "goto"}
	r.Outcome, r.Failure = gengfu.Failed, f
	switch strings.TrimSpace(how) {
	case "connect":
		f.Fault, f.Reason = gengfu.FaultConnect, gengfu.ReasonConnect
	case "slow":
		f.Fault, f.Reason = gengfu.FaultTimeout, gengfu.ReasonTimeout
	case "browser":
		r.Outcome, f.Fault, f.Reason = gengfu.Errored, gengfu.FaultBrowser, gengfu.ReasonBrowserGone
	case "credential":
		r.Outcome, f.Fault, f.Reason = gengfu.Errored, gengfu.FaultCredential, gengfu.ReasonCredential
	default:
		f.Fault, f.Reason, f.Seen = gengfu.FaultHTTPStatus, gengfu.ReasonStatus, "503"
	}
	return r
}

// turn is what the place of a scenario in its file adds.
func (p *conductor) turn(id string) time.Duration {
	ids := regexp.MustCompile(`(?m)^scenario: (.*)$`).FindAllStringSubmatch(p.files["scenarios.yaml"], -1)
	n := slices.IndexFunc(ids, func(m []string) bool { return m[1] == id })
	return time.Duration(n) * 10 * time.Millisecond
}

// api asks the pages' own handler, as a program does.
func (p *conductor) api(method, path, body string) error {
	q := httptest.NewRequestWithContext(p.t.Context(), method, "http://127.0.0.1:1"+path, strings.NewReader(body))
	q.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	p.daemon.server.Handler().ServeHTTP(w, q)
	if w.Code >= http.StatusBadRequest {
		return fmt.Errorf("%d %s", w.Code, w.Body)
	}
	return nil
}

// receivers is the network to the receivers. It notes what they were sent, and when.
type receivers struct {
	p *conductor

	mu    sync.Mutex
	hows  map[string]string
	links map[string]string // by channel, the token in the last link
	told  []string
}

func newReceivers(p *conductor) *receivers {
	return &receivers{p: p, hows: map[string]string{}, links: map[string]string{}}
}

func (m *receivers) token(channel string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.links[channel]
}

func (m *receivers) how(channel, how string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hows[channel] = how
}

func (m *receivers) lines() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.Sort(m.told) // what is told at the same moment has no order
	text := strings.Join(m.told, "")
	if m.p.untimed {
		text = regexp.MustCompile(`(?m)^(\d\d-\d\d) \S+`).ReplaceAllString(text, "$1 --")
	}
	text = regexp.MustCompile(`/ack/[\w.-]+`).ReplaceAllString(text, "/ack/TOKEN")
	return strings.NewReplacer(m.p.world.site.URL, "{{SITE}}", hostname()+" ", "HOST ").Replace(text)
}

// RoundTrip takes a message; the host is the name of the channel.
func (m *receivers) RoundTrip(q *http.Request) (*http.Response, error) {
	body := []byte(q.Method + " " + q.URL.Path)
	if q.Body != nil {
		var err error
		if body, err = io.ReadAll(q.Body); err != nil {
			return nil, err
		}
	}
	m.mu.Lock()
	how := m.hows[q.URL.Host]
	m.mu.Unlock()
	status, header := http.StatusOK, http.Header{}
	switch how {
	case "refuses":
		status = http.StatusInternalServerError
	case "broken":
		status = http.StatusNotFound
	case "rejects":
		status = http.StatusBadRequest
	case "limits":
		status = http.StatusTooManyRequests
		header.Set("Retry-After", "600")
	case "hangs":
		<-q.Context().Done()
		return nil, errors.New("no answer")
	default:
		m.mu.Lock()
		if _, link, ok := strings.Cut(string(body), "/ack/"); ok {
			m.links[q.URL.Host] = regexp.MustCompile(`^[\w.-]*`).FindString(link)
		}
		m.told = append(m.told, fmt.Sprintf("%s %s %s\n", time.Now().In(m.p.zone).Format("01-02 15:04:05"), q.URL.Host, gist(body)))
		m.mu.Unlock()
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: header, Body: io.NopCloser(&bytes.Buffer{}), Request: q}, nil
}

// gist is a message in one line.
func gist(body []byte) string {
	var told struct {
		Type string
		Data struct {
			Incident, State, Grade, Scope, Class, Actor, Text string

			Members, Hints []string
		}
	}
	if err := json.Unmarshal(body, &told); err != nil || told.Type == "" {
		return strings.Join(strings.Fields(string(body)), " ")
	}
	d := told.Data
	for _, h := range d.Hints {
		d.Text += h
	}
	parts := []string{strings.TrimPrefix(told.Type, "incident."), d.Incident, d.State, d.Grade, d.Scope, d.Class}
	if len(d.Members) > 1 {
		parts = append(parts, fmt.Sprintf("%d members", len(d.Members)))
	}
	if d.Actor != "" && d.Actor != gengfu.Machine {
		parts = append(parts, "by "+d.Actor)
	}
	if d.Text != "" {
		parts = append(parts, "“"+d.Text+"”")
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}
