package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gengfu/demo"
)

// output runs the command to its end and returns what it wrote and its code.
func (d *drill) output(args ...string) (string, int) {
	d.t.Helper()
	self, err := exec.LookPath("gengfu")
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := exec.CommandContext(d.within(60*time.Second), self, args...)
	cmd.Dir = d.dir
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		d.t.Fatalf("%v: %v", args, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// TestServe_refusesWhatCannotBe: a data folder that is in use, an address that
// others can reach.
func TestServe_refusesWhatCannotBe(t *testing.T) {
	d, _ := newPlay(t, "home")
	defer d.end()
	out, code := d.output("serve")
	if want := fmt.Sprintf("in use by another process (pid %d)", d.daemon.cmd.Process.Pid); code != exitErrored || !strings.Contains(out, want) {
		t.Errorf("a second daemon: %d %s", code, out)
	}
	for _, address := range []string{"0.0.0.0:0", ":8900", "[::]:0", "192.0.2.1:8900"} {
		writeFile(t, d.dir, "open.yaml", strings.Replace(d.instance, "listen: 127.0.0.1:0", fmt.Sprintf("listen: %q", address), 1))
		for _, verb := range []string{"serve", "check"} {
			if out, code := d.output(verb, "-c", "open.yaml"); code != exitInvalid || !strings.Contains(out, "open.yaml:2:9:") || !strings.Contains(out, "can be reached from other machines") {
				t.Errorf("%s on %s: %d %s", verb, address, code, out)
			}
		}
	}
}

// TestServe_filesAreOurs: nobody else may read what the daemon writes, even in
// a folder that others may look into.
func TestServe_filesAreOurs(t *testing.T) {
	s := newStage(t)
	d := prepare(t)
	if err := os.Mkdir(filepath.Join(d.dir, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	d.scenario("home", playedScenario("home"))
	s.set("home", true)
	d.start(playedName)
	defer d.end()
	d.told("incident.opened", 1, 1)
	err := filepath.WalkDir(filepath.Join(d.dir, "data"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == filepath.Join(d.dir, "data") {
			return err
		}
		st, err := e.Info()
		if err == nil && st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, st.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestNotify_reachesEveryEndpoint sends a test along a route, to receivers that
// take it and to one that does not.
func TestNotify_reachesEveryEndpoint(t *testing.T) {
	d := prepare(t)
	out, code := d.output("notify", "test", "default")
	if code != 0 || strings.Count(out, "✓ ") != 3 {
		t.Errorf("%d\n%s", code, out)
	}
	if w, m, s := d.got.Webhooks(), d.got.Mails(), d.got.SlackMessages(); len(w) != 1 || !w[0].Verified || len(m) != 1 || len(s) != 1 {
		t.Errorf("%d webhooks, %d mails, %d Slack messages", len(w), len(m), len(s))
	}
	writeFile(t, d.dir, "gengfu.yaml", strings.Replace(d.instance, `channel: C0DRILL`, `channel: C0OTHER`, 1))
	if out, code := d.output("notify", "test", "default"); code != exitErrored || !strings.Contains(out, "✗ slack") || strings.Count(out, "✓ ") != 2 {
		t.Errorf("%d\n%s", code, out)
	}
	if out, code := d.output("notify", "test", "defaul"); code != exitUsage || !strings.Contains(out, `did you mean "default"?`) {
		t.Errorf("%d\n%s", code, out)
	}
}

// TestDoctor_saysWhatIsWrong looks over a machine that is well, and one whose
// configuration and browser are not.
func TestDoctor_saysWhatIsWrong(t *testing.T) {
	newStage(t)
	d := prepare(t)
	d.scenario("home", playedScenario("home"))
	out, code := d.output("doctor")
	for _, name := range []string{"configuration", "browser", "sandbox", "fonts", "disk", "cores", "clock"} {
		if !strings.Contains(out, " "+name) {
			t.Errorf("no word of %s", name)
		}
	}
	if (code == 0) != !strings.Contains(out, "✗") || code != 0 && code != exitErrored {
		t.Errorf("%d\n%s", code, out)
	}
	writeFile(t, d.dir, "gengfu.yaml", d.instance+"browser: {path: ./bin/none, profiles: pro}\n")
	d.scenario("bad", "scenario: bad\nsteps: []\n")
	out, code = d.output("doctor")
	if code != exitErrored || !strings.Contains(out, "✗ configuration") || !strings.Contains(out, "✗ browser") || !strings.Contains(out, d.dir+"/bin/none") && !strings.Contains(out, "bin/none") {
		t.Errorf("%d\n%s", code, out)
	}
}

// TestRun_interrupted: Ctrl-C ends a run with 130 and leaves no browser.
func TestRun_interrupted(t *testing.T) {
	d := newDrill(t)
	d.end()
	if err := d.platform.Configure(demo.Slow, demo.Setting{On: true, Delay: 20 * time.Second}); err != nil {
		t.Fatal(err)
	}
	writeFile(t, d.dir, "browser.yaml", "browser: {profiles: data/profiles}\nsecrets: {file: secrets.yaml}\n")
	c := start(t, d.dir, "gengfu", "run", "-c", "browser.yaml", "scenarios/login.yaml")
	for path := ""; path != "/login"; {
		select {
		case path = <-d.visits:
		case <-d.within(20 * time.Second).Done():
			t.Fatal("the page was not asked for")
		}
	}
	browsers := browsersOf(c.cmd.Process.Pid)
	c.asked = true
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := c.stop(t); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("ended with %v\n%s", err, c.log())
	}
	if len(browsers) == 0 {
		t.Error("no browser was running")
	}
	for _, pid := range browsers {
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("browser process %d is still there", pid)
		}
	}
}
