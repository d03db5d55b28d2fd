package main

import (
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gengfu"
	"gengfu/demo/sinks"
	"gengfu/scenarios"
)

func TestQuietUntil(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*3600)
	for clock, want := range map[string]string{"21:59": "", "22:00": "24T07:00", "23:30": "24T07:00", "00:10": "23T07:00", "06:59": "23T07:00", "07:00": ""} {
		now, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+clock, zone)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if until := quietUntil(now, 22*60, 7*60); !until.IsZero() {
			got = until.Format("02T15:04")
		}
		if got != want {
			t.Errorf("%s: %q, want %q", clock, got, want)
		}
	}
	noon := time.Date(2026, 11, 23, 12, 30, 0, 0, zone)
	if until := quietUntil(noon, 12*60, 13*60); until.Hour() != 13 || !quietUntil(noon, 13*60, 14*60).IsZero() {
		t.Errorf("at noon: %s", until)
	}
}

func TestUpkeepAt(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	window := func(from, to time.Duration) scenarios.Maintenance {
		return scenarios.Maintenance{Title: "m", Window: gengfu.Window{From: now.Add(from), To: now.Add(to)}}
	}
	cron, bad := scenarios.ParseCron("0 10 * * *", time.UTC)
	if bad != nil {
		t.Fatal(bad)
	}
	for name, tt := range map[string]struct {
		m    scenarios.Maintenance
		want int
	}{
		"to come":       {window(time.Minute, time.Hour), 0},
		"now":           {window(-time.Minute, time.Hour), 1},
		"just over":     {window(-time.Hour, -time.Minute), 1},
		"long over":     {window(-3*time.Hour, -2*time.Hour), 0},
		"cron now":      {scenarios.Maintenance{Cron: &cron, For: 3 * time.Hour}, 1},
		"cron over":     {scenarios.Maintenance{Cron: &cron, For: 90 * time.Minute}, 1},
		"cron long ago": {scenarios.Maintenance{Cron: &cron, For: 30 * time.Minute}, 0},
	} {
		if got := upkeepAt(tt.m, now); len(got) != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestInstance_manners(t *testing.T) {
	const head = "scenarios: [scenarios]\ncalendars:\n  office: {week: {mon-fri: [09:00-18:00]}}\nchannels:\n  hook: {type: webhook, url: \"https://hook.example\", secret: \"${secret.k}\"}\n"
	t.Setenv("GENGFU_SECRET_K", "whsec_Z2VuZ2Z1LWRlbW8tc2lnbmluZy1rZXktMjAyNg==")
	for text, want := range map[string]string{
		"{name: default, to: [hook], quiet: 22:00-07:00, debounce: 5s}":                                           "",
		"{name: default, to: [hook], quiet: office, group_by: [target], group_wait: 30s, group_interval: 5m}":     "",
		"{name: default, to: [hook], quiet: nights}":                                                              "neither a stretch of the day nor a calendar",
		"{name: default, to: [hook], group_by: [colour]}":                                                         "unknown label",
		"{name: default, to: [hook], group_wait: 30s}":                                                            "there is no group",
		"{name: default, to: [hook], debounce: 48h}":                                                              "out of range",
		"{name: default, to: [hook]}\nmaintenance:\n  - {cron: 0 2 * * 0, duration: 1h, title: m, tell: default}": "",
		"{name: default, to: [hook]}\nmaintenance:\n  - {cron: 0 2 * * 0, duration: 1h, title: m, tell: nobody}":  "unknown route",
	} {
		dir := t.TempDir()
		writeFile(t, dir, "gengfu.yaml", head+"routes:\n  - "+text+"\n")
		_, problems, err := loadInstance(filepath.Join(dir, "gengfu.yaml"))
		if err != nil || (want == "") != (len(problems) == 0) || !strings.Contains(problems.Error(), want) {
			t.Errorf("%s: %v %v", text, problems, err)
		}
	}
}

// TestDrill_bursts: an outage of several targets is one message to a room that
// groups them, and one of the maintenance that begins.
func TestDrill_groupsAndMaintenance(t *testing.T) {
	d, off := newStorm(t, 1, "1s", "maintenance:\n  - {from: 2020-01-01, to: 2099-01-01, title: 换盘, scenarios: [none], tell: default}\n")
	d.logged("outcome=passed")
	ctx := d.within(30 * time.Second)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for len(d.got.Received().Mails) == 0 || len(d.got.Received().Slack) == 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("nobody was told of the maintenance")
		}
	}
	if text := d.got.Received().Mails[0].Subject; !strings.Contains(text, "【维护开始】换盘") {
		t.Errorf("told %q", text)
	}
	off.Store(true)
	d.told("incident.opened", 2, 2)
}

// TestDrill_brokenChannel revokes the token of the room: the others hear of
// that, and of the end when it is put right.
func TestDrill_brokenChannel(t *testing.T) {
	d, off := newStorm(t, 1, "1s", "")
	d.logged("outcome=passed")
	reload := func(token string) {
		d.daemon.forget()
		writeFile(t, d.dir, "secrets.yaml", "applicant_password: x\nsigning: \""+demoSigningKey+"\"\nslack: \""+token+"\"\n")
		if err := d.daemon.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		d.logged("configuration reloaded")
	}
	reload("xoxb-revoked")
	off.Store(true)
	d.scope("incident.opened", "channel:slack")
	if got, err := d.command("outbox", "list", "--state", "pending"); err != nil || strings.Count(got, "  slack  opened") != 1 {
		t.Errorf("what waits for the room: %q %v", got, err)
	}
	reload(demoSlackToken)
	d.scope("incident.resolved", "channel:slack")
}

// scope waits until the hook hears of an event of an incident key.
func (d *drill) scope(kind, key string) {
	d.t.Helper()
	err := d.got.Wait(d.within(30*time.Second), func(sinks.Received) bool {
		return slices.ContainsFunc(d.events(), func(e event) bool { return e.Type == kind && e.Data.Key == key })
	})
	if err != nil {
		d.t.Fatalf("%s of %s: %v", kind, key, err)
	}
}
