package netcheck

import (
	"bytes"
	"context"
	"fmt"
	"io"
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

// testDSN and testMySQL lead to a real PostgreSQL and a real MariaDB, started
// once for the tests of the package.
var testDSN, testMySQL string

func TestMain(m *testing.M) {
	os.Exit(withDatabases(m.Run))
}

func withDatabases(run func() int) int {
	for _, start := range []func(dir string) (stop func(), err error){startPostgres, startMariaDB} {
		dir, err := os.MkdirTemp("", "gengfu-db-")
		if err == nil {
			defer func() { _ = os.RemoveAll(dir) }()
			var stop func()
			if stop, err = start(dir); err == nil {
				defer stop()
				continue
			}
		}
		fmt.Fprintln(os.Stderr, "database (see deploy/prepare.sh):", err)
		return 1
	}
	return run()
}

// as makes commands run as this user in dir when we are root, as whom databases
// refuse to run.
func as(name, dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{}
	if os.Getuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, uid, gid)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// serve starts a server and waits until it answers.
func serve(server *exec.Cmd, answers func() bool) (stop func(), err error) {
	if err := server.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		_ = server.Process.Signal(syscall.SIGQUIT)
		_ = server.Wait()
	}
	for ready := time.Now().Add(30 * time.Second); time.Now().Before(ready); {
		if answers() {
			return stop, nil
		}
	}
	stop()
	return nil, fmt.Errorf("%s did not start", server.Path)
}

func startPostgres(dir string) (stop func(), err error) {
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(bins) == 0 {
		return nil, fmt.Errorf("PostgreSQL is not installed")
	}
	attr, err := as("postgres", dir)
	if err != nil {
		return nil, err
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
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	testDSN = fmt.Sprintf("postgres://prober:Correct-Horse-7@127.0.0.1:%d/postgres?sslmode=disable", port)
	return serve(command("postgres", "-D", data, "-p", strconv.Itoa(port), "-k", dir, "-c", "listen_addresses=127.0.0.1", "-F"), func() bool {
		return command("pg_isready", "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(port)).Run() == nil
	})
}

func startMariaDB(dir string) (stop func(), err error) {
	attr, err := as("nobody", dir)
	if err != nil {
		return nil, err
	}
	command := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(name, args...)
		c.SysProcAttr, c.Dir = attr, dir
		return c
	}
	data := filepath.Join(dir, "data")
	boot := command("mariadbd", "--no-defaults", "--bootstrap", "--datadir="+data, "--innodb-log-file-size=4M")
	if boot.Stdin, err = systemTables(); err != nil {
		return nil, err
	}
	if err := os.Mkdir(data, 0o777); err != nil {
		return nil, err
	}
	if err := os.Chmod(data, 0o777); err != nil { // whatever the umask is
		return nil, err
	}
	if out, err := boot.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadbd --bootstrap: %w: %s", err, out)
	}
	account := filepath.Join(dir, "account.sql")
	if err := os.WriteFile(account, []byte("CREATE USER prober@'%' IDENTIFIED BY 'Correct-Horse-7';\nCREATE DATABASE care;\nGRANT ALL ON care.* TO prober@'%';\n"), 0o644); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	testMySQL = fmt.Sprintf("mysql://prober:Correct-Horse-7@127.0.0.1:%d/care", port)
	return serve(command("mariadbd", "--no-defaults", "--datadir="+data, "--port="+strconv.Itoa(port), "--bind-address=127.0.0.1",
		"--socket="+filepath.Join(dir, "s"), "--pid-file="+filepath.Join(dir, "pid"), "--init-file="+account, "--skip-log-bin", "--innodb-log-file-size=4M", "--innodb-flush-log-at-trx-commit=0"), func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

// systemTables are the statements that make a new MariaDB.
func systemTables() (io.Reader, error) {
	all := []io.Reader{strings.NewReader("CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL, @skip_auth_anonymous=1;\n")}
	for _, name := range []string{"system_tables", "performance_tables", "system_tables_data"} {
		files, _ := filepath.Glob("/usr/share/m*/m*_" + name + ".sql") // mysql or mariadb, by version
		if len(files) == 0 {
			return nil, fmt.Errorf("MariaDB has no %s", name)
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			return nil, err
		}
		all = append(all, bytes.NewReader(text))
	}
	return io.MultiReader(all...), nil
}

func testSecret(name string) (gengfu.Secret, error) {
	v, ok := map[string]string{
		"token": "Correct-Horse-7", "db": testDSN,
		"bad":   strings.Replace(testDSN, "Correct-Horse-7", "Wrong-Donkey-8", 1),
		"mysql": testMySQL, "badmysql": strings.Replace(testMySQL, "Correct-Horse-7", "Wrong-Donkey-8", 1),
		"drivers": strings.NewReplacer("mysql://", "", "@", "@tcp(", "/care", ")/care").Replace(testMySQL),
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
