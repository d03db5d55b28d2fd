package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// people runs gengfu incident against the drill's daemon.
func (d *drill) people(args ...string) (string, error) {
	d.t.Helper()
	_, address, _ := strings.Cut(d.pages, "//")
	writeFile(d.t, d.dir, "people.yaml", "scenarios: [scenarios]\nlisten: \""+address+"\"\n")
	var out bytes.Buffer
	cmd := root()
	cmd.SetOut(&out)
	cmd.SetArgs(append([]string{"-c", filepath.Join(d.dir, "people.yaml"), "incident"}, args...))
	err := cmd.ExecuteContext(d.t.Context())
	return out.String(), err
}

// TestDrill_peopleWorkOnAnIncident takes an incident from its opening to its
// review by the command.
func TestDrill_peopleWorkOnAnIncident(t *testing.T) {
	d, off := newStorm(t, 1, "2s", "")
	d.logged("outcome=passed")
	off.Store(true)
	d.told("incident.opened", 1, 1)
	inc := onlyOpen(t, d)
	soon := time.Now().Add(time.Hour).Format(time.RFC3339)
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"ack", inc}, " acked "},
		{[]string{"assign", inc, "王工"}, " working "},
		{[]string{"eta", inc, "--until", soon, "换盘"}, " working "},
		{[]string{"hold", inc, "等厂商", "--until", soon}, " working "},
		{[]string{"release", inc}, " working "},
		{[]string{"onsite", inc, "王工"}, " working "},
	} {
		got, err := d.people(append(step.args, "--actor", "李工")...)
		if err != nil || !strings.Contains(got, step.want) {
			t.Errorf("%v: %q %v", step.args, got, err)
		}
	}
	var exit *exitError
	for _, args := range [][]string{
		{"hold", inc, "等厂商", "--until", "soon"}, {"merge", inc, "INC-2026-9999"}, {"close", inc}, {"show", "INC-2026-9999"}, {"note", inc},
	} {
		if args[0] != "show" {
			args = append(args, "--actor", "李工")
		}
		if _, err := d.people(args...); !errors.As(err, &exit) || exit.code != exitUsage {
			t.Errorf("%v: %v", args, err)
		}
	}
	if got, err := d.people("report", "无法打印", "--by", "张三", "--actor", "李工", "--impact", "wide"); err != nil || !strings.Contains(got, " major ") || !strings.Contains(got, "\n  R-2") {
		t.Errorf("report: %q %v", got, err)
	}
	off.Store(false)
	d.told("incident.resolved", 2, 2)
	if got, err := d.people("review", inc, "--actor", "李工"); err != nil || !strings.Contains(got, " reviewed ") {
		t.Errorf("review: %q %v", got, err)
	}
	story, err := d.people("show", inc)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"opened", "acked", "assigned", "eta", "held", "released", "onsite", "resolved", "reviewed"} {
		if !strings.Contains(story, "  "+kind+" ") {
			t.Errorf("the timeline lacks %s:\n%s", kind, story)
		}
	}
}

// onlyOpen is the number of the one open incident.
func onlyOpen(t *testing.T, d *drill) string {
	t.Helper()
	list, err := d.people("list")
	if err != nil || strings.Count(list, "\n") != 1 {
		t.Fatalf("%q %v", list, err)
	}
	return strings.Fields(list)[0]
}
