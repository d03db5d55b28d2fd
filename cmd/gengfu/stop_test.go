package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"gengfu/demo"
	"gengfu/demo/sinks"
)

// TestStop_waitsForTheRun: a run under way ends as it would, is recorded, and
// the browser leaves nothing.
func TestStop_waitsForTheRun(t *testing.T) {
	d := newDrill(t)
	d.logged("outcome=passed")
	if err := d.platform.Configure(demo.Slow, demo.Setting{On: true, Delay: 500 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	d.daemon.forget()
	for path := ""; path != "/login"; path = <-d.visits {
	}
	browsers := browsersOf(d.daemon.cmd.Process.Pid)
	d.daemon.terminate()
	began := time.Now()
	d.end()
	if _, err := d.daemon.awaitAll(d.within(time.Second), "run recorded", "outcome="); err != nil {
		t.Error(err)
	}
	t.Logf("stopped after %s", time.Since(began).Round(time.Millisecond))
	if strings.Contains(d.daemon.log(), "outcome=errored") || strings.Contains(d.daemon.log(), "aborted") {
		t.Errorf("the run was broken off:\n%s", d.daemon.log())
	}
	for _, pid := range browsers {
		if err := syscall.Kill(pid, 0); err == nil {
			t.Errorf("browser process %d is still there", pid)
		}
	}
	if n := dbOf(t, d.dir).count(t, "SELECT COUNT(*) FROM slot"); n != 0 {
		t.Errorf("%d slots without a fate", n)
	}
}

// TestStop_cutsOffWhatDoesNotEnd: a run that outlasts the stop timeout is
// broken off, and its slot is in the ledger as aborted.
func TestStop_cutsOffWhatDoesNotEnd(t *testing.T) {
	s := newStage(t)
	d := prepare(t)
	writeFile(t, d.dir, "gengfu.yaml", d.instance+"stop: 300ms\n")
	d.scenario("home", strings.Replace(playedScenario("home"), "1s", "1h", 1))
	d.start(playedName)
	<-s.idle(t, d)
	d.end()
	store := dbOf(t, d.dir)
	if n := store.count(t, "SELECT COUNT(*) FROM slot"); n != 0 {
		t.Errorf("%d slots without a fate", n)
	}
	if !strings.Contains(d.daemon.log(), "fate=aborted") {
		t.Errorf("no word of the run that was broken off:\n%s", d.daemon.log())
	}
}

// TestStop_sendsTheLastMessages: what the last run has to tell leaves before
// the daemon ends.
func TestStop_sendsTheLastMessages(t *testing.T) {
	s := newStage(t)
	d := prepare(t)
	d.scenario("home", playedScenario("home"))
	s.set("home", true)
	release := s.hold("home")
	d.start(playedName)
	<-s.begun
	d.daemon.terminate()
	for { // the pages are gone once the daemon is stopping
		c, err := net.Dial("tcp", strings.TrimPrefix(d.pages, "http://"))
		if err != nil {
			break
		}
		_ = c.Close()
	}
	release()
	d.end()
	if w, m, sl := d.got.Webhooks(), d.got.Mails(), d.got.SlackMessages(); len(w) != 1 || len(m) != 1 || len(sl) != 1 {
		t.Errorf("%d webhooks, %d mails, %d Slack messages before the end\n%s", len(w), len(m), len(sl), d.daemon.log())
	}
}

// TestStop_doesNotWaitForDeadEndpoints: a receiver that does not answer costs
// seconds, no more, and its message is kept.
func TestStop_doesNotWaitForDeadEndpoints(t *testing.T) {
	d, s := newPlay(t, "home")
	d.got.ScriptWebhook(sinks.Reply{Hang: true}, sinks.Reply{Hang: true})
	s.set("home", true)
	err := d.got.Wait(d.within(20*time.Second), func(got sinks.Received) bool { return len(got.Webhooks) > 0 && len(got.Slack) > 0 })
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	d.end()
	if took := time.Since(began); took > farewell+8*time.Second {
		t.Errorf("stopped after %s", took)
	}
	if n := dbOf(t, d.dir).count(t, "SELECT COUNT(*) FROM outbox WHERE state = 1 AND endpoint = 'hook'"); n != 1 {
		t.Errorf("%d messages are kept", n)
	}
}

// TestStop_lingeringVisitor: a request that does not come to its end is no
// failure of the daemon.
func TestStop_lingeringVisitor(t *testing.T) {
	d, _ := newPlay(t, "home")
	address := strings.TrimPrefix(d.pages, "http://")
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST /api/v1/scenarios/home/run HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{", address)
	d.read("/healthz")
	d.end()
}

// TestStop_secondSignalEndsAtOnce: whoever asks twice does not wait.
func TestStop_secondSignalEndsAtOnce(t *testing.T) {
	s := newStage(t)
	d := prepare(t)
	writeFile(t, d.dir, "gengfu.yaml", d.instance+"stop: 1h\n")
	d.scenario("home", playedScenario("home"))
	release := s.hold("home")
	defer release()
	d.start(playedName)
	<-s.begun
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for {
		_ = d.daemon.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-d.daemon.done:
			if err == nil || !strings.Contains(err.Error(), "terminated") {
				t.Errorf("ended with %v", err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("ended after %s", took)
			}
			return
		case <-tick.C:
		}
	}
}

// TestStop_rightAtTheStart: a stop that comes while the parts are being made
// is a plain end.
func TestStop_rightAtTheStart(t *testing.T) {
	newStage(t)
	d := prepare(t)
	d.scenario("home", playedScenario("home"))
	for i := range 6 {
		c := start(t, d.dir, "gengfu", "serve")
		timer := time.NewTimer(time.Duration(i*30) * time.Millisecond)
		<-timer.C
		err := c.stop(t)
		if err != nil && !strings.Contains(err.Error(), "terminated") { // before main had its say
			t.Errorf("%v\n%s", err, c.log())
		}
	}
	if left, _ := os.ReadDir(d.dir + "/data/profiles"); len(left) > 0 {
		t.Errorf("profiles left: %v", left)
	}
}

// idle starts a run of home by hand that is held, and returns once it goes on.
func (s *stage) idle(t *testing.T, d *drill) <-chan string {
	t.Helper()
	release := s.hold("home")
	t.Cleanup(release)
	if code, text := d.ask(http.MethodPost, "/api/v1/scenarios/home/run", "{}"); code != http.StatusAccepted && code != http.StatusConflict {
		t.Fatalf("run now: %d %s", code, text)
	}
	return s.begun
}
