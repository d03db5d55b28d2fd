package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gengfu/demo"
)

// The test binary is the command: run under the name gengfu it does what the
// binary does, under loadName it is a daemon under load, under playedName one
// whose runs end as the test says.
const (
	loadName   = "gengfu-under-load"
	playedName = "gengfu-played"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"gengfu":   main,
		loadName:   underLoad,
		playedName: played,
	})
}

// TestScripts drives the real command as a person would.
func TestScripts(t *testing.T) {
	p := demo.New(demo.Config{})
	srv := httptest.NewServer(p.Handler())
	t.Cleanup(srv.Close)
	acc := demo.Accounts()
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(e *testscript.Env) error {
			e.Setenv("GENGFU_BASE_URL", srv.URL)
			e.Setenv("GENGFU_SECRET_APPLICANT_PASSWORD", acc.ApplicantPassword)
			e.Setenv("LANG", "en_US.UTF-8")
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
	})
}

// exits runs a command and checks its exit code: exits 4 gengfu check bad.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	var code *exec.ExitError
	if !errors.As(err, &code) {
		ts.Fatalf("%v ended with %v, want exit code %s", args[1:], err, args[0])
	}
	if got := fmt.Sprint(code.ExitCode()); got != args[0] {
		ts.Fatalf("%v ended with %s, want %s", args[1:], got, args[0])
	}
}

// command is a running gengfu whose log lines can be waited for.
type command struct {
	cmd   *exec.Cmd
	done  chan error
	asked bool // to end

	mu      sync.Mutex
	lines   []string
	changed chan struct{}
}

// start runs the command under a name of TestMain's in dir.
func start(t *testing.T, dir, name string, args ...string) *command {
	t.Helper()
	self, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	c := &command{cmd: exec.Command(self, args...), done: make(chan error, 1), changed: make(chan struct{})}
	c.cmd.Dir = dir
	out, err := c.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		scan := bufio.NewScanner(out)
		scan.Buffer(nil, 1<<20)
		for scan.Scan() {
			c.mu.Lock()
			c.lines = append(c.lines, scan.Text())
			close(c.changed)
			c.changed = make(chan struct{})
			c.mu.Unlock()
		}
		c.done <- c.cmd.Wait()
		close(c.done) // whoever asks later learns that it is over
	}()
	return c
}

// await waits for a line of the log and returns it.
func (c *command) await(ctx context.Context, part string) (string, error) {
	return c.awaitAll(ctx, part)
}

// awaitAll waits for a line that has all these parts.
func (c *command) awaitAll(ctx context.Context, parts ...string) (string, error) {
	for {
		c.mu.Lock()
		for _, l := range c.lines {
			if !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(l, p) }) {
				c.mu.Unlock()
				return l, nil
			}
		}
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return "", fmt.Errorf("no %q in the log:\n%s", parts, c.log())
		}
	}
}

// forget drops the lines so far, so that await sees later ones only.
func (c *command) forget() {
	c.mu.Lock()
	c.lines = nil
	c.mu.Unlock()
}

func (c *command) log() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.lines, "\n")
}

// terminate asks the command to end. Asked twice, it ends at once.
func (c *command) terminate() {
	if !c.asked {
		c.asked = true
		_ = c.cmd.Process.Signal(syscall.SIGTERM)
	}
}

// stop asks the command to end, unless it was asked before, and returns how it
// did.
func (c *command) stop(t *testing.T) error {
	t.Helper()
	c.terminate()
	late := time.NewTimer(30 * time.Second)
	defer late.Stop()
	select {
	case err := <-c.done:
		return err
	case <-late.C:
		_ = c.cmd.Process.Kill()
		t.Error("the command did not stop within 30 s")
		return <-c.done
	}
}

func writeFile(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
