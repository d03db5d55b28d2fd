package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gengfu/demo"
	"gengfu/demo/sinks"
)

// drill is the whole product at work: the platform, the real daemon with real
// Chromium, and receivers that enforce their protocols.
type drill struct {
	t        *testing.T
	platform *demo.Platform
	got      *sinks.Sinks
	daemon   *command
	dir      string
	instance string      // text of the instance file
	site     string      // address of the platform
	pages    string      // address of the daemon
	visits   chan string // paths of the platform as they are asked for, when somebody reads
}

const drillScenario = `scenario: login
title: 申请人登录
target: platform
severity: major
owner: 平台组
vars: {base: "BASE"}
steps:
  - goto: ${base}/login
    timeout: 4s
  - fill:
      - {field: {placeholder: 账号}, value: probe_applicant}
      - {field: {placeholder: 密码}, value: "${secret.applicant_password}"}
    timeout: 4s
  - click: {role: button, name: 登录}
    expect:
      - url: /home
      - visible: {role: heading, name: 我的申请}
    outcome:
      - {text: 密码错误, is: credential}
      - {text: 用户暂时锁定, is: lockout}
    timeout: 4s
    budget: {warn: 2s}
schedule: {every: 2s}
confirm: {retries: 1, wait: 100ms}
`

const drillInstance = `timezone: Asia/Shanghai
listen: 127.0.0.1:0
url: http://gengfu.example
data: data
scenarios: [scenarios]
secrets: {file: secrets.yaml}
hosts: {local: off}
egress: {loopback: on}
resolve_after: 0
channels:
  hook: {type: webhook, url: "%[1]s/webhook", secret: "${secret.signing}"}
  slack: {type: slack, url: "%[1]s/api/", token: "${secret.slack}", channel: C0DRILL}
  mail: {type: mail, host: 127.0.0.1, port: %[2]d, tls: none, from: gengfu@drill.example, to: [duty@drill.example]}
routes:
  - {name: default, to: [hook, slack, mail]}
`

// newDrill starts everything, with a scenario that logs in.
func newDrill(t *testing.T) *drill {
	t.Helper()
	d := prepare(t)
	pages := d.platform.Handler()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		select {
		case d.visits <- q.URL.Path:
		default:
		}
		pages.ServeHTTP(w, q)
	}))
	t.Cleanup(site.Close)
	d.site = site.URL
	d.scenario("login", strings.ReplaceAll(drillScenario, "BASE", site.URL))
	d.start("gengfu")
	t.Cleanup(d.end)
	return d
}

// prepare makes the platform, the receivers and an instance without scenarios.
func prepare(t *testing.T) *drill {
	t.Helper()
	d := &drill{t: t, dir: t.TempDir(), platform: demo.New(demo.Config{}), visits: make(chan string)}
	d.got = sinks.New(sinks.Config{WebhookSecret: demoSigningKey, SlackToken: demoSlackToken, SlackChannels: []string{"C0DRILL"}})
	receivers := httptest.NewServer(d.got.Handler())
	t.Cleanup(receivers.Close)
	mail, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- d.got.ServeSMTP(ctx, mail) }()
	t.Cleanup(func() { cancel(); <-served })
	d.instance = fmt.Sprintf(drillInstance, receivers.URL, mail.Addr().(*net.TCPAddr).Port)
	writeFile(t, d.dir, "gengfu.yaml", d.instance+"browser: {overload: 0}\n") // the machine may be busy with other tests
	d.secrets(demo.Accounts().ApplicantPassword)
	return d
}

func (d *drill) secrets(password string) {
	writeFile(d.t, d.dir, "secrets.yaml", fmt.Sprintf("applicant_password: %q\nsigning: %q\nslack: %q\n", password, demoSigningKey, demoSlackToken))
}

func (d *drill) scenario(name, text string) { writeFile(d.t, d.dir, "scenarios/"+name+".yaml", text) }

// start starts the daemon under a name of TestMain's and waits for its pages.
func (d *drill) start(name string) {
	d.t.Helper()
	args := []string{"serve", "-v"}
	if name != "gengfu" {
		args = nil
	}
	d.daemon = start(d.t, d.dir, name, args...)
	line, err := d.daemon.await(d.within(20*time.Second), "pages=")
	if err != nil {
		d.t.Fatal(err)
	}
	_, d.pages, _ = strings.Cut(line, "pages=")
}

// end stops the daemon and looks for what it left behind.
func (d *drill) end() {
	d.t.Helper()
	if err := d.daemon.stop(d.t); err != nil {
		d.t.Errorf("serve ended with %v:\n%s", err, d.daemon.log())
	}
	if left, _ := os.ReadDir(d.dir + "/data/profiles"); len(left) > 0 {
		d.t.Errorf("profiles left: %v", left)
	}
}

func (d *drill) within(limit time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(d.t.Context(), limit)
	d.t.Cleanup(cancel)
	return ctx
}

// event is what a webhook carries.
type event struct {
	Type string `json:"type"`
	Data struct {
		Incident string            `json:"incident"`
		Seq      int               `json:"seq"`
		Key      string            `json:"scope"`
		Class    string            `json:"class"`
		Cause    map[string]string `json:"cause"`
		Actor    string            `json:"actor"`
		Text     string            `json:"text"`
	} `json:"data"`
}

func (d *drill) events() []event {
	var out []event
	for _, w := range d.got.Webhooks() {
		if !w.Verified {
			d.t.Errorf("webhook with a bad signature: %s", w.Problem)
		}
		var e event
		if err := json.Unmarshal([]byte(w.Body), &e); err != nil {
			d.t.Errorf("webhook body: %v", err)
		}
		out = append(out, e)
	}
	return out
}

// told waits until an event of the type has gone out on all three channels.
func (d *drill) told(kind string, mails, slack int) event {
	d.t.Helper()
	var found event
	err := d.got.Wait(d.within(60*time.Second), func(got sinks.Received) bool {
		if len(got.Mails) < mails || len(got.Slack) < slack {
			return false
		}
		for _, e := range d.events() {
			if e.Type == kind {
				found = e
				return true
			}
		}
		return false
	})
	if err != nil {
		got := d.got.Received()
		d.t.Fatalf("%s was not told: %v; %d webhooks, %d mails, %d Slack messages\n%s", kind, err, len(got.Webhooks), len(got.Mails), len(got.Slack), d.daemon.log())
	}
	return found
}

// TestDrill_faultsReachPeopleAndRecoveriesToo switches a fault of the platform
// on and off and reads what arrives, each with a daemon of its own.
func TestDrill_faultsReachPeopleAndRecoveriesToo(t *testing.T) {
	for _, c := range []struct {
		fault demo.Fault
		key   string
		class string
		cause string // in the Chinese cause
	}{
		{demo.Overlay, "scenario:login", "assertion", "maintenance-mask"},
		{demo.HTTP500, "target:platform", "http_status", "HTTP 500"},
		{demo.LoginRejected, "account:login", "credential", "密码错误"},
		{demo.AccountLocked, "account:login", "lockout", "用户暂时锁定"},
		{demo.MainThreadLoop, "scenario:login", "blocked_page", "主线程失去响应"},
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			t.Parallel()
			d := newDrill(t)
			d.logged("outcome=passed")
			if n := len(d.got.Webhooks()); n > 0 {
				t.Fatalf("%d notices about a healthy platform", n)
			}
			d.platform.Set(c.fault, true)
			opened := d.told("incident.opened", 1, 1)
			if opened.Data.Key != c.key || opened.Data.Class != c.class || !strings.Contains(opened.Data.Cause["zh-CN"], c.cause) {
				t.Errorf("opened %+v", opened.Data)
			}
			d.platform.Set(c.fault, false)
			if c.fault == demo.AccountLocked { // no log-in is tried any more until somebody says so
				if out, code := d.output("resume", "login"); code != 0 {
					t.Errorf("resume: %s", out)
				}
			}
			resolved := d.told("incident.resolved", 2, 2)
			if resolved.Data.Incident != opened.Data.Incident {
				t.Errorf("opened %s, resolved %s", opened.Data.Incident, resolved.Data.Incident)
			}
			d.oneIncident(opened.Data.Incident)
			d.threads(opened.Data.Incident)
		})
	}
}

// TestDrill_slowIsNoOutage: over the warn budget is degraded, and nobody is
// woken.
func TestDrill_slowIsNoOutage(t *testing.T) {
	d := newDrill(t)
	d.logged("outcome=passed")
	if err := d.platform.Configure(demo.Slow, demo.Setting{On: true, Delay: time.Second}); err != nil {
		t.Fatal(err)
	}
	d.logged("outcome=degraded")
	d.platform.Clear()
	if n := len(d.got.Webhooks()); n > 0 {
		t.Errorf("%d notices about a slow platform", n)
	}
}

// logged waits for the daemon to write a line.
func (d *drill) logged(part string) {
	d.t.Helper()
	if _, err := d.daemon.await(d.within(30*time.Second), part); err != nil {
		d.t.Fatal(err)
	}
}

// oneIncident makes sure that nothing else was told and nothing twice.
func (d *drill) oneIncident(number string) {
	d.t.Helper()
	var kinds []string
	for _, e := range d.events() {
		if e.Data.Incident != number {
			d.t.Errorf("a second incident %s: %s", e.Data.Incident, e.Type)
		}
		if e.Type == "incident.opened" || e.Type == "incident.resolved" {
			kinds = append(kinds, e.Type)
		}
	}
	if !slices.Equal(kinds, []string{"incident.opened", "incident.resolved"}) {
		d.t.Errorf("webhooks %v", kinds)
	}
}

// threads makes sure that mail and Slack keep an incident in one thread.
func (d *drill) threads(number string) {
	d.t.Helper()
	mails, slack := d.got.Mails(), d.got.SlackMessages()
	if len(mails) != 2 || len(slack) < 2 {
		d.t.Fatalf("%d mails, %d Slack messages", len(mails), len(slack))
	}
	for _, m := range mails {
		if len(m.Problems) > 0 {
			d.t.Errorf("mail: %v", m.Problems)
		}
		if !strings.Contains(m.Subject, number) {
			d.t.Errorf("subject %q", m.Subject)
		}
	}
	root := mails[0].MessageID()
	if ref := strings.Trim(mails[1].Header.Get("In-Reply-To"), "<>"); ref != strings.Trim(root, "<>") {
		d.t.Errorf("the second mail answers %q, not %q", ref, root)
	}
	if slack[0].ThreadTS != "" || slack[1].ThreadTS != slack[0].TS {
		d.t.Errorf("Slack: %q in thread %q", slack[1].TS, slack[1].ThreadTS)
	}
}
