package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// TestReport_anotherParserReadsJUnit hands the report of a passed, a failed and
// an errored run to a parser of JUnit reports.
func TestReport_anotherParserReadsJUnit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.xml")
	rep, err := newRunReport(os.Stderr, gengfu.Chinese, false, []string{"junit=" + file})
	if err != nil {
		t.Fatal(err)
	}
	rep.shown = nil
	step := func(i int, name string, s gengfu.StepStatus) gengfu.StepResult {
		return gengfu.StepResult{Index: i, Name: name, Verb: "click", Status: s, Duration: time.Second}
	}
	for _, r := range []gengfu.Run{
		{Slot: gengfu.Slot{Scenario: "good"}, Outcome: gengfu.Passed, Steps: []gengfu.StepResult{step(1, "click 登录", gengfu.StepPassed)}},
		{
			Slot: gengfu.Slot{Scenario: "bad"}, Outcome: gengfu.Failed, Failure: &gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNotFound, Step: 1, Verb: "click", Want: "“<a & b>”", Hints: []string{"near:登录"}},
			Steps: []gengfu.StepResult{step(1, "click <a & b>", gengfu.StepFailed), step(2, "x", gengfu.StepSkipped)},
		},
		{Slot: gengfu.Slot{Scenario: "ours"}, Outcome: gengfu.Errored, Failure: &gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonBrowserFrozen}},
	} {
		rep.begin(&scenarios.Scenario{})
		if err := rep.end(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := rep.close(); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Testsuite []struct {
			Name                             string
			Tests, Failures, Errors, Skipped int
			Testcase                         []struct {
				Name    string
				Failure []struct{ Message, Type, Inner string }
			}
		}
	}
	out := nodeTool(t, nil, "junit.mjs", file)
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err, out)
	}
	if len(got.Testsuite) != 3 {
		t.Fatal(out)
	}
	for i, want := range []string{"good 1 0 0 0", "bad 2 1 0 1", "ours 1 0 1 0"} {
		s := got.Testsuite[i]
		if words := fmt.Sprint(s.Name, " ", s.Tests, " ", s.Failures, " ", s.Errors, " ", s.Skipped); words != want {
			t.Errorf("%s, not %s", words, want)
		}
	}
	if c := got.Testsuite[1].Testcase[0]; c.Name != "1 点击 <a & b>" || len(c.Failure) != 1 || !strings.Contains(c.Failure[0].Message, "“<a & b>”") || c.Failure[0].Inner != "相近的元素：登录" {
		t.Errorf("%+v", c)
	}
}

// TestRun_watchesFiles: saving a file runs it again; a mistake is told and the
// next change waited for.
func TestRun_watchesFiles(t *testing.T) {
	visits := make(chan string, 10)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<title>A</title><h1>A</h1>")
		if strings.HasPrefix(q.URL.Path, "/at/") {
			visits <- q.URL.Path
		}
	}))
	defer site.Close()
	dir := t.TempDir()
	text := "scenario: w\nsteps:\n  - goto: " + site.URL + "/at/%d\n    expect: [{title: A}]\n"
	writeFile(t, dir, "w.yaml", fmt.Sprintf(text, 1))
	c := start(t, dir, "gengfu", "run", "--watch", "w.yaml")
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	await := func(want string) {
		t.Helper()
		for {
			select {
			case got := <-visits:
				if got == want {
					return
				}
			case <-ctx.Done():
				t.Fatalf("%s was not opened\n%s", want, c.log())
			}
		}
	}
	await("/at/1")
	writeFile(t, dir, "w.yaml", "scenario: w\nsteps:\n  - gto: x\n")
	writeFile(t, dir, "w.yaml", fmt.Sprintf(text, 23))
	await("/at/23")
	c.asked = true
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := c.stop(t); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("ended with %v\n%s", err, c.log())
	}
}

// TestRun_headedShowsAWindow: the page stands in a window with a frame, which
// the headless browser has not.
func TestRun_headedShowsAWindow(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<script>setInterval(() => { document.title = 'frame ' + (outerHeight - innerHeight) + (navigator.userAgent.includes('Headless') ? ' hidden' : ' shown') }, 50)</script>`)
	}))
	defer site.Close()
	dir := t.TempDir()
	writeFile(t, dir, "w.yaml", "scenario: w\nsteps:\n  - goto: "+site.URL+"/\n    expect: [{title: {match: '^frame [1-9].* shown$'}}]\n")
	self, err := exec.LookPath("gengfu")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "xvfb-run", "-a", self, "run", "--headed", "w.yaml")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
