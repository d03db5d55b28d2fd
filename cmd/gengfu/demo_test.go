package main

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDemo_endsWithoutAnAlarm: the platform outlives the prober, so that the
// last runs do not find it gone; and a second demonstration is told what to do.
func TestDemo_endsWithoutAnAlarm(t *testing.T) {
	d := &drill{t: t, dir: t.TempDir()}
	port := freePorts(t)
	d.daemon = start(t, d.dir, "gengfu", "demo", "-v", "--port", strconv.Itoa(port), "--data", "data")
	if _, err := d.daemon.await(d.within(20*time.Second), "serving"); err != nil {
		t.Fatal(err)
	}
	if out, code := d.output("demo", "--port", strconv.Itoa(port), "--data", "other"); code != exitErrored || !strings.Contains(out, "try --port") {
		t.Errorf("the same ports: %d %s", code, out)
	}
	if err := d.daemon.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if _, err := d.daemon.await(d.within(10*time.Second), "configuration reloaded"); err != nil {
		t.Error(err)
	}
	if _, err := d.daemon.awaitAll(d.within(30*time.Second), "slot=applicant-wizard@", "outcome=passed"); err != nil {
		t.Error(err)
	}
	d.end()
	if n := dbOf(t, d.dir).count(t, "SELECT COUNT(*) FROM run WHERE outcome = 3"); n > 0 {
		t.Errorf("%d failed runs of a healthy platform: %s\n%s", n, dbOf(t, d.dir).text(t, "SELECT GROUP_CONCAT(fault || ' ' || reason || ' at step ' || failed_step) FROM run WHERE outcome = 3"), d.daemon.log())
	}
	if _, err := os.Stat(filepath.Join(d.dir, "other")); err == nil {
		t.Error("a folder was written before the ports were there")
	}
}

// freePorts finds the first of five ports in a row that nobody listens on.
func freePorts(t *testing.T) int {
	t.Helper()
	for port := 21000; port < 30000; port += 5 {
		free := true
		for i := range 5 {
			l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port+i)))
			if err != nil {
				free = false
				break
			}
			_ = l.Close()
		}
		if free {
			return port
		}
	}
	t.Fatal("no free ports")
	return 0
}
