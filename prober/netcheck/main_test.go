package netcheck

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// testDSN leads to a real PostgreSQL, started once for the tests of the package.
var testDSN string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "gengfu-pg-")
	if err == nil {
		var stop func()
		if stop, err = startPostgres(dir); err == nil {
			code := m.Run()
			stop()
			_ = os.RemoveAll(dir)
			os.Exit(code)
		}
	}
	fmt.Fprintln(os.Stderr, "PostgreSQL (see deploy/prepare.sh):", err)
	_ = os.RemoveAll(dir)
	os.Exit(1)
}

func startPostgres(dir string) (stop func(), err error) {
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(bins) == 0 {
		return nil, fmt.Errorf("is not installed")
	}
	attr := &syscall.SysProcAttr{}
	if os.Getuid() == 0 { // it refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			return nil, err
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			return nil, err
		}
	}
	word := filepath.Join(dir, "word")
	if err := os.WriteFile(word, []byte("Correct-Horse-7"), 0o644); err != nil {
		return nil, err
	}
	command := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(filepath.Join(bins[len(bins)-1], name), args...)
		c.SysProcAttr, c.Dir = attr, dir
		return c
	}
	data := filepath.Join(dir, "data")
	if out, err := command("initdb", "-D", data, "-U", "prober", "--auth=scram-sha-256", "--pwfile="+word, "--no-sync", "-E", "UTF8").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	server := command("postgres", "-D", data, "-p", strconv.Itoa(port), "-k", dir, "-c", "listen_addresses=127.0.0.1", "-F")
	if err := server.Start(); err != nil {
		return nil, err
	}
	testDSN = fmt.Sprintf("postgres://prober:Correct-Horse-7@127.0.0.1:%d/postgres?sslmode=disable", port)
	stop = func() {
		_ = server.Process.Signal(syscall.SIGQUIT)
		_ = server.Wait()
	}
	ready := time.Now().Add(30 * time.Second)
	for time.Now().Before(ready) {
		if command("pg_isready", "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(port)).Run() == nil {
			return stop, nil
		}
	}
	stop()
	return nil, fmt.Errorf("did not start")
}

func testSecret(name string) (gengfu.Secret, error) {
	v, ok := map[string]string{
		"token": "Correct-Horse-7", "db": testDSN,
		"bad": strings.Replace(testDSN, "Correct-Horse-7", "Wrong-Donkey-8", 1),
	}[name]
	if !ok {
		return "", gengfu.ErrNotFound
	}
	return gengfu.Secret(v), nil
}

// load reads a scenario of the steps; $X in them stands for the values given in
// pairs.
func load(t *testing.T, steps string, values ...string) *scenarios.Scenario {
	t.Helper()
	text := "scenario: net\nsteps:\n" + strings.NewReplacer(values...).Replace(steps)
	set, problems := scenarios.Parse("net.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatalf("%s\n%v", text, problems)
	}
	return &set.Scenarios[0]
}

func runOn(t *testing.T, c *Checker, s *scenarios.Scenario) gengfu.Run {
	t.Helper()
	if !s.Browserless() {
		t.Fatal("the scenario needs a browser")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return c.Run(ctx, s, slotNow(), nil)
}

func checker() *Checker { return New(Config{Secret: testSecret}) }

// told is the verdict in a line: failed connect/connect: sentence.
func told(r gengfu.Run) string {
	if r.Failure == nil {
		return string(r.Outcome)
	}
	return fmt.Sprintf("%s %s/%s: %s", r.Outcome, r.Failure.Fault, r.Failure.Reason, r.Failure.Cause(gengfu.English))
}

// trial is a row of a table: steps, and how the run begins to tell its verdict.
type trial struct{ name, steps, want string }

func try(t *testing.T, c *Checker, rows []trial, values ...string) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := runOn(t, c, load(t, row.steps, values...))
			if got := told(r); !strings.HasPrefix(got, row.want) {
				t.Errorf("told  %s\nwant  %s", got, row.want)
			}
			for _, s := range []string{"Correct-Horse-7", "Wrong-Donkey-8"} {
				if strings.Contains(fmt.Sprintf("%+v %+v", r, r.Failure), s) {
					t.Error("a secret is told")
				}
			}
		})
	}
}

func slotNow() gengfu.Slot {
	return gengfu.Slot{Scenario: "net", Due: time.Now(), Location: gengfu.DefaultLocation, Attempt: 1, Kind: gengfu.SlotManual}
}
