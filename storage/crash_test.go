package storage_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/storage"
	"gengfu/storage/storagetest"
)

// The test binary starts itself again as a second process; what that process
// is to do is in this variable.
const (
	roleVariable = "GENGFU_TEST_ROLE"
	pathVariable = "GENGFU_TEST_LEDGER"
)

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "hold":
		os.Exit(hold())
	case "write":
		os.Exit(writeOn())
	}
	os.Exit(m.Run())
}

// hold keeps the ledger open until its standard input ends.
func hold() int {
	s, err := storage.Open(context.Background(), storage.Config{Path: os.Getenv(pathVariable)})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	if err := s.Close(); err != nil {
		return 1
	}
	return 0
}

// writeOn records runs that open incidents, until it is killed.
func writeOn() int {
	ctx := context.Background()
	s, err := storage.Open(ctx, storage.Config{Path: os.Getenv(pathVariable)})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	last, err := s.LastDue(ctx, "a", "local")
	for i := 1; err == nil; i++ {
		if last.IsZero() {
			last = start
		}
		last = last.Add(time.Second)
		if err = s.Record(ctx, planned("a", last), []string{"scenario:a"}, opening("scenario:a", 0)); err == nil {
			fmt.Println(planned("a", last).Slot.ID())
		}
		if i%7 == 0 && err == nil {
			err = sendOne(ctx, s, last)
		}
	}
	fmt.Println("error:", err)
	return 1
}

func sendOne(ctx context.Context, s *storage.Store, now time.Time) error {
	list, err := s.Claim(ctx, "child", time.Second, now, 1)
	for _, d := range list {
		err = errors.Join(err, s.Sent(ctx, d.ID, "ref", now))
	}
	return err
}

// opening opens an incident with two events and three messages; after that it
// adds an event and a message to it.
func opening(key string, _ int) gengfu.Decide {
	return func(snap gengfu.Snapshot) (gengfu.Change, error) {
		inc, ok := snap.Incidents[key]
		if !ok || inc.Seq > 20 {
			inc = gengfu.Incident{Number: snap.Next, Key: key, State: gengfu.IncidentOpen, Opened: start}
		}
		inc.Seq++
		c := gengfu.Change{Incidents: []gengfu.Incident{inc}}
		c.Events = []gengfu.Event{{Incident: inc.Number, Seq: inc.Seq, At: start, Actor: gengfu.Machine, Kind: gengfu.EventUpdated}}
		c.Deliveries = []gengfu.Delivery{{
			Key: fmt.Sprintf("%s/%d", inc.Number, inc.Seq), Endpoint: "mail", Stream: "mail|" + inc.Number, Incident: inc.Number, Seq: inc.Seq,
			Priority: gengfu.PriorityOpen, Body: []byte("{}"), Created: start,
		}}
		return c, nil
	}
}

// again starts the test binary in a role; its standard output is read line by
// line.
func again(t *testing.T, role, path string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, pathVariable+"="+path)
	out, err := cmd.StdoutPipe()
	must(t, err)
	in, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = in.Close() })
	return cmd, bufio.NewScanner(out)
}

func TestOpen_refusesASecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	holder, lines := again(t, "hold", path)
	if !lines.Scan() || lines.Text() != "ready" {
		t.Fatalf("the holder says %q", lines.Text())
	}
	_, err := storage.Open(t.Context(), storage.Config{Path: path})
	if !errors.Is(err, storage.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("(pid %d)", holder.Process.Pid)) {
		t.Errorf("error %v, want the pid %d", err, holder.Process.Pid)
	}
	must(t, holder.Process.Kill())
	_ = holder.Wait() // it was killed: its error says just that
	openAt(t, path)
}

func TestStore_survivesBeingKilled(t *testing.T) {
	kills, end := 30, time.Now().Add(45*time.Second)
	if testing.Short() {
		kills = 4
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	rnd := rand.New(rand.NewPCG(1, 2))
	done, confirmed := 0, 0
	for ; done < kills && time.Now().Before(end); done++ {
		confirmed += killAfter(t, path, 1+rnd.IntN(40))
		if done%10 == 9 || done == kills-1 {
			inspect(t, path, confirmed)
		}
	}
	t.Logf("%d kills, %d confirmed runs", done, confirmed)
}

// killAfter lets a child confirm some runs and kills it in the middle of the
// next; it returns how many were confirmed.
func killAfter(t *testing.T, path string, runs int) (confirmed int) {
	t.Helper()
	cmd, lines := again(t, "write", path)
	for confirmed < runs && lines.Scan() {
		if strings.HasPrefix(lines.Text(), "a@local-") {
			confirmed++
			continue
		}
		t.Fatalf("the child says %q", lines.Text())
	}
	must(t, cmd.Process.Kill())
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "a@local-") {
			confirmed++ // told between the last look and the kill
		}
	}
	_ = cmd.Wait() // it was killed: its error says just that
	return confirmed
}

// inspect opens the ledger and looks for what must never be.
func inspect(t *testing.T, path string, confirmed int) {
	t.Helper()
	ctx := t.Context()
	s, err := storage.Open(ctx, storage.Config{Path: path, Zone: storagetest.Zone()})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	must(t, s.Verify(ctx))
	list, err := s.Incidents(ctx, storage.IncidentFilter{})
	must(t, err)
	events, messages := 0, 0
	for _, inc := range list {
		log, err := s.Events(ctx, inc.Number)
		must(t, err)
		told, err := s.Deliveries(ctx, storage.DeliveryFilter{Incident: inc.Number})
		must(t, err)
		if len(log) != inc.Seq || len(told) != inc.Seq {
			t.Errorf("%s is at %d, with %d events and %d messages", inc.Number, inc.Seq, len(log), len(told))
		}
		events, messages = events+len(log), messages+len(told)
	}
	a, err := s.Availability(ctx, "a", start.AddDate(0, 0, -1))
	must(t, err)
	runs, err := s.Runs(ctx, "a", time.Time{}, 1<<20)
	must(t, err)
	if len(runs) != events || len(runs) != a.N || events != messages || len(runs) < confirmed {
		t.Errorf("%d runs, %d counted, %d events, %d messages; %d were confirmed", len(runs), a.N, events, messages, confirmed)
	}
}
