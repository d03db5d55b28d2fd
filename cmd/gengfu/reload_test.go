package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gengfu"
	"gengfu/demo/sinks"
)

// reload asks for a reload and waits for a line of the log that tells of it.
func (d *drill) reload(said string) string {
	d.t.Helper()
	d.daemon.forget()
	if err := d.daemon.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		d.t.Fatal(err)
	}
	line, err := d.daemon.await(d.within(20*time.Second), said)
	if err != nil {
		d.t.Fatal(err)
	}
	return line
}

// ask calls the daemon's pages and returns status and body.
func (d *drill) ask(method, path, body string, header ...string) (int, string) {
	d.t.Helper()
	q, err := http.NewRequestWithContext(d.within(20*time.Second), method, d.pages+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if body != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		q.Header.Set(header[i], header[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(q)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// read is a page that must be there.
func (d *drill) read(path string) string {
	d.t.Helper()
	code, text := d.ask(http.MethodGet, path, "", "Accept-Language", "en")
	if code != http.StatusOK {
		d.t.Fatalf("GET %s: %d %s", path, code, text)
	}
	return text
}

func (d *drill) fetch(path string, into any) {
	d.t.Helper()
	if err := json.Unmarshal([]byte(d.read(path)), into); err != nil {
		d.t.Fatalf("%s: %v", path, err)
	}
}

// recorded waits until a run of a scenario ended so.
func (d *drill) recorded(scenario, outcome string) {
	d.t.Helper()
	d.daemon.forget()
	if _, err := d.daemon.awaitAll(d.within(20*time.Second), "slot="+scenario+"@", "outcome="+outcome); err != nil {
		d.t.Fatal(err)
	}
}

// TestReload_mistakesChangeNothing: with a mistake in any file the old
// configuration goes on, and log, page, API and metrics say where it is.
func TestReload_mistakesChangeNothing(t *testing.T) {
	d, _ := newPlay(t, "home")
	defer d.end()
	for _, c := range []struct{ file, bad, place string }{
		{"scenarios/other.yaml", "scenario: other\ntitle: x\nsteps:\n  - clik: x\n", "other.yaml:4:5: unknown verb"},
		{"gengfu.yaml", strings.Replace(d.instance, "hosts:", "hots:", 1), `gengfu.yaml:7:1: unknown key "hots"`},
		{"gengfu.yaml", strings.Replace(d.instance, "127.0.0.1:0", "0.0.0.0:80", 1), `gengfu.yaml:2:9: "0.0.0.0:80" can be reached from other machines`},
		{"gengfu.yaml", strings.Replace(d.instance, "{name: default", "{name: other", 1), "route \\\"default\\\": is missing"},
		{"secrets.yaml", "signing: [", "secrets.yaml"},
	} {
		good, _ := os.ReadFile(filepath.Join(d.dir, c.file))
		writeFile(t, d.dir, c.file, c.bad)
		place := strings.ReplaceAll(c.place, `"`, `\"`)
		if line := d.reload("reload refused"); !strings.Contains(strings.ReplaceAll(line, `\\\"`, `\"`), strings.ReplaceAll(place, `\\"`, `\"`)) {
			t.Errorf("%s: the log lacks %s\n%s", c.file, place, line)
		}
		var doc struct {
			Prober struct {
				ReloadError string `json:"reload_error"`
			}
		}
		if d.fetch("/api/v1/overview", &doc); !strings.Contains(doc.Prober.ReloadError, strings.ReplaceAll(c.place, `\`, "")) {
			t.Errorf("%s: the API says %q", c.file, doc.Prober.ReloadError)
		}
		if page := d.read("/"); !strings.Contains(page, "Errors, the old ones stay") || !strings.Contains(d.read("/metrics"), "gengfu_reload_success 0\n") {
			t.Errorf("%s: page or metrics do not tell", c.file)
		}
		d.recorded("home", "passed")
		if good == nil {
			if err := os.Remove(filepath.Join(d.dir, c.file)); err != nil {
				t.Fatal(err)
			}
		} else {
			writeFile(t, d.dir, c.file, string(good))
		}
		d.reload("configuration reloaded")
		if page := d.read("/"); strings.Contains(page, "the old ones stay") || !strings.Contains(d.read("/metrics"), "gengfu_reload_success 1\n") {
			t.Errorf("%s: put right, and page or metrics still complain", c.file)
		}
	}
	writeFile(t, d.dir, "gengfu.yaml", d.instance+"workers: 7\nstop: 3s\n")
	if line := d.reload("take a restart"); !strings.Contains(line, "workers, stop") {
		t.Errorf("keys of a restart: %s", line)
	}
}

// TestReload_scenariosComeAndGo: one that is added runs; one that is removed
// while its incident is open has it closed, which is not called a recovery.
func TestReload_scenariosComeAndGo(t *testing.T) {
	d, s := newPlay(t, "home")
	defer d.end()
	d.recorded("home", "passed")
	d.scenario("login", playedScenario("login"))
	s.set("login", true)
	d.reload("configuration reloaded")
	opened := d.told("incident.opened", 1, 1)
	if opened.Data.Key != "scenario:login" {
		t.Fatalf("opened %+v", opened)
	}
	if err := os.Remove(filepath.Join(d.dir, "scenarios/login.yaml")); err != nil {
		t.Fatal(err)
	}
	d.reload("configuration reloaded")
	closed := d.told("incident.closed", 1, 2)
	if closed.Data.Incident != opened.Data.Incident || closed.Data.Actor != gengfu.Machine || !strings.Contains(closed.Data.Text, "场景已移除") {
		t.Errorf("closed %+v", closed)
	}
	page := d.read("/incidents/" + opened.Data.Incident)
	if !strings.Contains(page, "scenario removed") || !strings.Contains(page, "<dt>Resolved</dt><dd>–</dd>") {
		t.Errorf("the incident's page:\n%s", page)
	}
	if slack := d.got.SlackMessages(); slack[1].ThreadTS != slack[0].TS || !strings.Contains(slack[0].BlockText(), "已关闭") {
		t.Errorf("Slack: %+v", slack)
	}
	if strings.Contains(d.read("/metrics"), `gengfu_scenario_up{scenario="login"`) {
		t.Error("a removed scenario is still in the metrics")
	}
	d.recorded("home", "passed")
}

// TestReload_changesAreSeen: nobody has to say that a file changed.
func TestReload_changesAreSeen(t *testing.T) {
	d, _ := newPlay(t, "home")
	defer d.end()
	await := func(line string) {
		t.Helper()
		if _, err := d.daemon.await(d.within(30*time.Second), line); err != nil {
			t.Fatal(err)
		}
		d.daemon.forget()
	}
	d.daemon.forget()
	d.scenario("login", playedScenario("login"))
	await("configuration reloaded")
	d.recorded("login", "passed")
	writeFile(t, d.dir, "gengfu.yaml", d.instance+"wrokers: 2\n")
	await("reload refused")
	d.recorded("login", "passed")
	writeFile(t, d.dir, "gengfu.yaml", d.instance+"reload: signal\n")
	await("configuration reloaded")
}

// TestReload_channelsChange: what waits for an endpoint goes to its new
// address, and so does what comes later.
func TestReload_channelsChange(t *testing.T) {
	d, s := newPlay(t, "home")
	defer d.end()
	refused := make([]sinks.Reply, 50)
	for i := range refused {
		refused[i].Status = http.StatusServiceUnavailable
	}
	d.got.ScriptWebhook(refused...)
	s.set("home", true)
	err := d.got.Wait(d.within(20*time.Second), func(got sinks.Received) bool {
		return len(got.Webhooks) > 0 && len(got.Slack) > 0 && len(got.Mails) > 0
	})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, d.dir, "gengfu.yaml", strings.Replace(d.instance, `/webhook"`, `/webhook/new"`, 1))
	d.reload("configuration reloaded")
	d.got.ScriptWebhook()
	at := func(kind string) {
		t.Helper()
		err := d.got.Wait(d.within(30*time.Second), func(got sinks.Received) bool {
			for _, w := range got.Webhooks {
				if w.Path == "/webhook/new" && w.Status == http.StatusOK && strings.Contains(w.Body, `"type":"incident.`+kind) {
					return true
				}
			}
			return false
		})
		if err != nil {
			t.Fatalf("%s did not come to the new address: %v\n%s", kind, err, d.daemon.log())
		}
	}
	at("opened")
	s.set("home", false)
	at("resolved")
	d.told("incident.resolved", 2, 2)
}

// TestReload_brokenEndpointIsShown: an endpoint that takes nothing is on the
// pages, in the API and in the metrics.
func TestReload_brokenEndpointIsShown(t *testing.T) {
	d, s := newPlay(t, "home")
	defer d.end()
	d.got.ScriptWebhook(sinks.Reply{Status: http.StatusUnauthorized})
	s.set("home", true)
	if _, err := d.daemon.await(d.within(20*time.Second), "endpoint needs repair"); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/": "to be repaired: hook", "/deliveries": "HTTP 401", "/api/v1/overview": `"broken_endpoints":["hook"]`, "/metrics": `gengfu_endpoint_broken{endpoint="hook"} 1`,
	} {
		if text := d.read(path); !strings.Contains(text, want) {
			t.Errorf("%s lacks %s", path, want)
		}
	}
	if text := d.read("/metrics"); !strings.Contains(text, "gengfu_self_check_ok 1\n") || strings.Contains(text, "gengfu_self_check_timestamp_seconds 0\n") {
		t.Error("the trouble of an endpoint is none of the prober's own, which looks at itself")
	}
	if strings.Count(d.daemon.log(), "level=ERROR") != 1 {
		t.Errorf("one trouble is logged once:\n%s", d.daemon.log())
	}
}
