package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var rewrite = flag.Bool("rewrite", false, "write what was told into the timelines; read every line of the difference")

// TestTimelines plays what happens to a platform, and what people do, on a
// virtual clock, and compares all that is told with what should be: to the
// second, in order, and nothing else. The daemon is the real one, with its
// ledger, its schedules, its incidents and its outbox; only how runs end comes
// from the timeline, and the network to the receivers ends in the test.
//
// A timeline is a file of testdata/timeline with the sections play and told;
// gengfu.yaml and scenarios.yaml, without which those of usual.txtar are taken;
// and other versions of them for reloads, which usual.txtar has some of. See [conductor.do] for the lines of
// play.
func TestTimelines(t *testing.T) {
	files, err := filepath.Glob("testdata/timeline/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d timelines, error %v", len(files), err)
	}
	usual, err := txtar.ParseFile("testdata/timeline/usual.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			files := sections(usual)
			maps.Copy(files, sections(a))
			told := w.play(t, files)
			if *rewrite {
				keep(t, file, a, told)
			}
			if diff := cmp.Diff(files["told"], told); diff != "" {
				t.Errorf("told, - wanted + got:\n%s", diff)
			}
		})
	}
}

func sections(a *txtar.Archive) map[string]string {
	m := map[string]string{}
	for _, f := range a.Files {
		m[f.Name] = string(f.Data)
	}
	return m
}

func keep(t *testing.T, file string, a *txtar.Archive, told string) {
	for i, f := range a.Files {
		if f.Name == "told" {
			a.Files[i].Data = []byte(told)
		}
	}
	if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
		t.Fatal(err)
	}
}

// world is what is outside the virtual clock: the platform, which can be off,
// and the control targets.
type world struct {
	t        *testing.T
	site     *httptest.Server
	off      atomic.Bool
	controls [2]net.Listener
	places   [2]string // of the control targets
}

func newWorld(t *testing.T) *world {
	w := &world{t: t}
	w.site = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		if w.off.Load() {
			rw.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(w.site.Close)
	w.network(true)
	t.Cleanup(func() { w.network(false) })
	return w
}

// network makes the control targets answer, or takes them away.
func (w *world) network(on bool) {
	for i, l := range w.controls {
		switch {
		case l != nil && !on:
			_ = l.Close()
			w.controls[i] = nil
		case l == nil && on:
			place := w.places[i]
			if place == "" {
				place = "127.0.0.1:0"
			}
			l, err := net.Listen("tcp", place)
			if err != nil {
				w.t.Fatal(err)
			}
			w.controls[i], w.places[i] = l, l.Addr().String()
		}
	}
}

// fill puts the addresses of the world into a file of a timeline.
func (w *world) fill(text string) string {
	return strings.NewReplacer("{{SITE}}", w.site.URL, "{{CONTROL1}}", w.places[0], "{{CONTROL2}}", w.places[1]).Replace(text)
}

// play returns all that is told, a line each.
func (w *world) play(t *testing.T, files map[string]string) string {
	dir := memory(t)
	for name, text := range files {
		if strings.HasSuffix(name, ".yaml") {
			writeFile(t, dir, name, w.fill(text))
		}
	}
	var told string
	synctest.Test(t, func(t *testing.T) {
		p := &conductor{t: t, world: w, dir: dir, files: files, ends: map[string]string{}}
		p.mail = newReceivers(p)
		for line := range strings.Lines(files["play"]) {
			if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			if err := p.line(line); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		p.stop()
		told = p.mail.lines()
	})
	return told
}

// memory is a folder that no disk is waited for in, where there is one: the
// ledger commits thousands of times.
func memory(t *testing.T) string {
	slow := t.TempDir()
	dir := filepath.Join("/dev/shm", strings.ReplaceAll(slow, "/", "_"))
	if os.Mkdir(dir, 0o700) != nil {
		return slow
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// conductor is the one at the controls, inside the bubble.
type conductor struct {
	t     *testing.T
	world *world
	dir   string
	files map[string]string
	zone  *time.Location
	mail  *receivers

	machine ownMachine
	untimed bool
	ends    map[string]string // by scenario, how its runs end; empty for passed

	daemon *daemon
	cancel context.CancelFunc
	ended  chan error
}

// line does one line of a play when its time has come.
func (p *conductor) line(line string) error {
	words := strings.Fields(line)
	if words[0] == "untimed" {
		p.untimed = true
		return nil
	}
	if words[0] == "uses" {
		file, section, _ := strings.Cut(words[1], "=")
		p.put(file, section)
		return nil
	}
	if words[0] == "begin" {
		return p.begin(strings.Join(words[1:], " "))
	}
	at, rest, err := p.moment(words)
	if err != nil {
		return err
	}
	if at.Before(time.Now()) {
		return fmt.Errorf("%s is over", at.Format(time.DateTime))
	}
	time.Sleep(time.Until(at))
	synctest.Wait()
	if err := p.do(rest[0], rest[1:]); err != nil {
		return err
	}
	synctest.Wait()
	return nil
}

// put makes a file what a section says.
func (p *conductor) put(file, section string) {
	p.files[file] = p.files[section]
	writeFile(p.t, p.dir, file, p.world.fill(p.files[file]))
}

// begin waits for the time at which a play begins, and starts the daemon.
func (p *conductor) begin(at string) error {
	var err error
	if p.zone, err = time.LoadLocation("Asia/Shanghai"); err != nil {
		return err
	}
	began, err := time.ParseInLocation("2006-01-02 15:04", at, p.zone)
	if err != nil {
		return err
	}
	time.Sleep(time.Until(began))
	return p.start()
}

// moment reads a time such as "17:45", "17:45:30" or "02-14 09:00" off the
// front of a line: the next one that is so called.
func (p *conductor) moment(words []string) (time.Time, []string, error) {
	now := time.Now().In(p.zone)
	day, rest := now.Format(time.DateOnly), words
	if d, err := time.Parse("01-02", words[0]); err == nil {
		day, rest = fmt.Sprintf("%d-%s", now.Year(), d.Format("01-02")), words[1:]
	}
	clock := rest[0]
	if strings.Count(clock, ":") == 1 {
		clock += ":00"
	}
	at, err := time.ParseInLocation(time.DateTime, day+" "+clock, p.zone)
	return at, rest[1:], err
}

func (p *conductor) start() error {
	in, problems, err := loadInstance(filepath.Join(p.dir, "gengfu.yaml"))
	if err != nil || len(problems) > 0 {
		return fmt.Errorf("instance: %w", errors.Join(err, problems.Err()))
	}
	in.transport, in.listen = p.mail, "127.0.0.1:0"
	if p.daemon, err = newDaemon(p.t.Context(), in, slog.New(slog.DiscardHandler), p.execute); err != nil {
		return err
	}
	p.daemon.measure, p.daemon.sample = p.machine.measure, p.machine.sample
	_ = p.daemon.listen.Close() // the clock stands still while somebody listens
	p.daemon.listen = newDeaf()
	var ctx context.Context
	ctx, p.cancel = context.WithCancel(p.t.Context())
	p.ended = make(chan error, 1)
	go func() { p.ended <- p.daemon.run(ctx) }()
	return nil
}

// stop ends the daemon as a signal does.
func (p *conductor) stop() {
	if p.cancel == nil {
		return
	}
	p.cancel()
	if err := ended(context.Background(), <-p.ended); err != nil {
		p.t.Errorf("the daemon ended with %v", err)
	}
	p.cancel = nil
}

// restart leaves the daemon stopped for a while.
func (p *conductor) restart(away time.Duration) error {
	p.stop()
	time.Sleep(away)
	return p.start()
}

// deaf is a listener that nobody calls.
type deaf struct {
	done chan struct{}
	stop func()
}

func newDeaf() *deaf {
	done := make(chan struct{})
	return &deaf{done, func() { close(done) }}
}

func (d *deaf) Accept() (net.Conn, error) {
	<-d.done
	return nil, net.ErrClosed
}

func (d *deaf) Close() error {
	select {
	case <-d.done:
	default:
		d.stop()
	}
	return nil
}

func (d *deaf) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
