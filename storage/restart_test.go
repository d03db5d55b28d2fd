package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gengfu"
	"gengfu/storage"
)

var start = time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)

func planned(scenario string, due time.Time) gengfu.Run {
	return gengfu.Run{
		Slot:     gengfu.Slot{Scenario: scenario, Due: due, Location: "local", Attempt: 1, Kind: gengfu.SlotScheduled},
		Revision: "0123", Title: "login", Started: due, Duration: 2 * time.Second, Outcome: gengfu.Passed,
		Steps: []gengfu.StepResult{
			{Index: 1, Name: "open home", Verb: "open", Status: gengfu.StepPassed, Duration: time.Second},
			{Index: 2, Name: "click login", Verb: "click", Status: gengfu.StepPassed, Start: time.Second, Duration: time.Second},
		},
	}
}

func nothing(gengfu.Snapshot) (gengfu.Change, error) { return gengfu.Change{}, nil }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestStore_knowsEverythingAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder with 50% of #s?", "ledger.db")
	first := openAt(t, path)
	open := gengfu.Slot{Scenario: "b", Due: start, Location: "local", Attempt: 1, Kind: gengfu.SlotScheduled}
	must(t, first.SaveScenarios(t.Context(), []gengfu.ScenarioCard{{ID: "a", Revision: "0123", Steps: []string{"open home", "click login"}}}))
	must(t, first.Record(t.Context(), planned("a", start), nil, opening("scenario:a", 0)))
	if _, err := first.Issue(t.Context(), open); err != nil {
		t.Fatal(err)
	}
	must(t, first.Close())

	second := openAt(t, path)
	must(t, second.Record(t.Context(), planned("a", start.Add(time.Minute)), nil, nothing))
	if err := second.Record(t.Context(), planned("a", start), nil, nothing); !errors.Is(err, gengfu.ErrDuplicate) {
		t.Errorf("the same result after a restart: %v", err)
	}
	if slots, err := second.OpenSlots(t.Context()); err != nil || len(slots) != 1 || slots[0] != open {
		t.Errorf("open slots %v, %v", slots, err)
	}
	if a, err := second.Availability(t.Context(), "a", start); err != nil || a.N != 2 {
		t.Errorf("availability %+v, %v: the hour must go on where it was", a, err)
	}
	if list, err := second.Claim(t.Context(), "test", time.Minute, start.Add(time.Hour), 5); err != nil || len(list) != 1 {
		t.Errorf("claimed %v, %v", list, err)
	}
	if r, err := second.Run(t.Context(), planned("a", start).Slot.ID()); err != nil || len(r.Steps) != 2 || r.Steps[1].Name != "click login" {
		t.Errorf("run %+v, %v", r, err)
	}
	must(t, second.Close())
	must(t, second.Close())
}

func TestOpen_refusesWhatItCannotUse(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, data, 0o600))
		return path
	}
	for _, row := range []struct{ path, want string }{
		{"", "no path"},
		{file("text.db", []byte(strings.Repeat("not a database\n", 100))), "this is not a ledger"},
		{damaged(t, filepath.Join(dir, "damaged.db")), "restore the latest backup"},
		{newer(t, filepath.Join(dir, "newer.db")), "newer than this version's"},
		{filepath.Join(file("plain", nil), "ledger.db"), "make the folder"},
		{dir, "check that"},
	} {
		s, err := storage.Open(t.Context(), storage.Config{Path: row.path})
		if err == nil {
			t.Errorf("%s was opened", row.path)
			must(t, s.Close())
			continue
		}
		if !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %q does not say %q", row.path, err, row.want)
		}
	}
}

// damaged is a ledger whose schema was overwritten.
func damaged(t *testing.T, path string) string {
	t.Helper()
	s := openAt(t, path)
	must(t, s.Close())
	data, err := os.ReadFile(path)
	must(t, err)
	for i := 100; i < 4096; i++ {
		data[i] = 0xAA
	}
	must(t, os.WriteFile(path, data, 0o600))
	return path
}

// newer is a ledger that a later version has migrated.
func newer(t *testing.T, path string) string {
	t.Helper()
	s := openAt(t, path)
	must(t, s.Close())
	db, err := sql.Open("sqlite", path)
	must(t, err)
	_, err = db.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, 1)")
	must(t, errors.Join(err, db.Close()))
	return path
}

func TestStore_lockFileWithoutAProcessIsTakenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	must(t, os.WriteFile(path+".lock", []byte("123456789\n"), 0o600))
	openAt(t, path)
	if pid, err := os.ReadFile(path + ".lock"); err != nil || strings.TrimSpace(string(pid)) != strconv.Itoa(os.Getpid()) {
		t.Errorf("lock file holds %q, %v", pid, err)
	}
}

func TestStore_backupIsAWholeLedger(t *testing.T) {
	s := open(t)
	must(t, s.Record(t.Context(), planned("a", start), nil, opening("scenario:a", 0)))
	path := filepath.Join(t.TempDir(), "copy.db")
	must(t, s.Backup(t.Context(), path))
	if err := s.Backup(t.Context(), path); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("a backup over a backup: %v", err)
	}
	copied := openAt(t, path)
	must(t, copied.Verify(t.Context()))
	if list, err := copied.Incidents(t.Context(), storage.IncidentFilter{}); err != nil || len(list) != 1 {
		t.Errorf("incidents of the copy: %v, %v", list, err)
	}
}

func TestStore_givesSpaceBack(t *testing.T) {
	s := open(t)
	for i := range 300 {
		r := planned("a", start.Add(time.Duration(i)*time.Minute))
		r.Steps[0].URL = strings.Repeat(strconv.Itoa(i*7919), 400)
		must(t, s.Record(t.Context(), r, nil, nothing))
	}
	if size, err := s.WALSize(); err != nil || size == 0 {
		t.Errorf("log of %d bytes, %v", size, err)
	}
	if whole, err := s.Checkpoint(t.Context()); err != nil || !whole {
		t.Errorf("checkpoint %v, %v", whole, err)
	}
	if size, err := s.WALSize(); err != nil || size != 0 {
		t.Errorf("log of %d bytes after the checkpoint, %v", size, err)
	}
	before, err := s.Size()
	must(t, err)
	_, err = s.Prune(t.Context(), start.AddDate(0, 0, 40), storage.Policy{})
	must(t, err)
	if _, err := s.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after, err := s.Size(); err != nil || after >= before {
		t.Errorf("%d bytes before pruning, %d after, %v", before, after, err)
	}
}

func TestStore_waitingForTheTurnEndsWithItsContext(t *testing.T) {
	s := open(t)
	err := s.Amend(t.Context(), "", "", nil, func(gengfu.Snapshot) (gengfu.Change, error) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errStop)
		return gengfu.Change{}, s.SetSetting(ctx, "a", "b")
	})
	if !errors.Is(err, errStop) {
		t.Errorf("error %v, want the cause of the context", err)
	}
	must(t, s.SetSetting(t.Context(), "a", "b"))
}

var errStop = errors.New("stop")

func TestStore_worksInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := storage.Open(t.Context(), storage.Config{Path: filepath.Join(t.TempDir(), "ledger.db")})
		must(t, err)
		must(t, s.Record(t.Context(), planned("a", time.Now()), nil, nothing))
		if a, err := s.Availability(t.Context(), "a", time.Now()); err != nil || a.N != 1 {
			t.Errorf("availability %+v, %v", a, err)
		}
		must(t, s.Close())
	})
}
