package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// command runs the command against the drill's daemon.
func (d *drill) command(args ...string) (string, error) {
	d.t.Helper()
	_, address, _ := strings.Cut(d.pages, "//")
	writeFile(d.t, d.dir, "people.yaml", "scenarios: [scenarios]\nlisten: \""+address+"\"\n")
	var out bytes.Buffer
	cmd := root()
	cmd.SetOut(&out)
	cmd.SetArgs(append([]string{"-c", filepath.Join(d.dir, "people.yaml")}, args...))
	err := cmd.ExecuteContext(d.t.Context())
	return out.String(), err
}

// TestDrill_silences keeps an outage quiet from its beginning to its end, and
// another one until the silence is ended with the platform still down.
func TestDrill_silences(t *testing.T) {
	d, off := newStorm(t, 1, "1s", "")
	d.logged("outcome=passed")
	got, err := d.command("silence", "add", `target="portal"`, "--preview")
	if err != nil || !strings.Contains(got, "0 open incidents, 1 scenarios") {
		t.Errorf("preview: %q %v", got, err)
	}
	var exit *exitError
	for _, args := range [][]string{{`tag!="x"`, "--for", "2h", "--reason", "r"}, {`target="portal"`, "--for", "2h"}, {`target="portal"`, "--for", "721h", "--reason", "r"}} {
		if _, err := d.command(append([]string{"silence", "add", "--actor", "li"}, args...)...); !errors.As(err, &exit) || exit.code != exitUsage {
			t.Errorf("%v: %v", args, err)
		}
	}
	if got, err = d.command("silence", "add", `target="portal"`, "--for", "2h", "--reason", "换盘", "--actor", "李工"); err != nil || !strings.Contains(got, "active") {
		t.Fatalf("add: %q %v", got, err)
	}

	off.Store(true)
	d.timeline("INC-"+time.Now().Format("2006")+"-0001", "muted", "#1 · 李工 · 换盘")
	off.Store(false)
	d.timeline("INC-"+time.Now().Format("2006")+"-0001", "resolved", "")

	off.Store(true)
	d.timeline("INC-"+time.Now().Format("2006")+"-0001", "reopened", "")
	if n := len(d.got.Received().Webhooks); n != 0 {
		t.Errorf("%d webhooks during the silence", n)
	}
	if got, err := d.command("silence", "end", "1", "--actor", "王工"); err != nil || !strings.Contains(got, "over") {
		t.Errorf("end: %q %v", got, err)
	}
	if e := d.told("incident.unmuted", 1, 1); e.Data.Text != "#1" {
		t.Errorf("told %+v", e.Data)
	}
	if n := len(d.got.Received().Webhooks); n != 1 {
		t.Errorf("%d webhooks, want the one that it still fails", n)
	}
	if got, err := d.command("silence", "list", "--all"); err != nil || !strings.Contains(got, "over") {
		t.Errorf("list: %q %v", got, err)
	}
}

// timeline waits until an incident has an event.
func (d *drill) timeline(number, kind, text string) {
	d.t.Helper()
	ctx := d.within(60 * time.Second)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		story, err := d.command("incident", "show", number)
		for line := range strings.Lines(story) {
			if err == nil && strings.Contains(line, "  "+kind+" ") && strings.Contains(line, text) {
				return
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			d.t.Fatalf("no %s in\n%s\n%v", kind, story, err)
		}
	}
}

// TestDrill_heightened makes a scenario that is due once an hour due every
// second, for as long as the period lasts, a restart included.
func TestDrill_heightened(t *testing.T) {
	d, _ := newStorm(t, 1, "1h", "")
	got, err := d.command("heightened", "on", "--until", time.Now().Add(time.Hour).Format(time.RFC3339), "--reason", "开放日", "--every", "1s", "--actor", "李工")
	if err != nil || !strings.Contains(got, "开放日") {
		t.Fatalf("on: %q %v", got, err)
	}
	for range 2 {
		d.daemon.forget()
		d.logged("outcome=passed")
	}
	if err := d.daemon.stop(t); err != nil {
		t.Fatal(err)
	}
	d.start("gengfu")
	if got, err = d.command("heightened", "status"); err != nil || !strings.HasPrefix(got, "on") {
		t.Errorf("status after a restart: %q %v", got, err)
	}
	for range 2 {
		d.daemon.forget()
		d.logged("outcome=passed")
	}
	if got, err = d.command("incident", "report", "无法打印", "--by", "张三", "--actor", "李工", "--impact", "function", "--blocked"); err != nil || !strings.Contains(got, " major ") {
		t.Errorf("report: %q %v", got, err)
	}
	if got, err = d.command("heightened", "off", "--actor", "李工"); err != nil || got != "off\n" {
		t.Errorf("off: %q %v", got, err)
	}
	if _, err = d.command("heightened", "off", "--actor", "李工"); err == nil {
		t.Error("ended twice")
	}
}
