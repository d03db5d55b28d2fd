package vault

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTurn_isOneAmongProcesses: two vaults of one folder are to each other as two
// processes are.
func TestTurn_isOneAmongProcesses(t *testing.T) {
	dir := t.TempDir()
	daemon, command := Open(dir, nil), Open(dir, nil)
	turn, err := daemon.Take(t.Context(), "applicant", "a")
	if err != nil {
		t.Fatal(err)
	}
	if !command.Busy("applicant") || command.Busy("admin") {
		t.Error("the turn of another process is not seen")
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := command.Take(short, "applicant", "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second turn: %v", err)
	}
	other, err := command.Take(t.Context(), "admin", "a")
	if err != nil {
		t.Fatal(err)
	}
	other.End(nil)
	got := make(chan error, 1)
	go func() {
		next, err := command.Take(t.Context(), "applicant", "a")
		if err == nil {
			next.End(nil)
		}
		got <- err
	}()
	turn.End(errors.New("for those of its own process"))
	if err := <-got; err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if daemon.Busy("applicant") || command.Busy("applicant") {
		t.Error("nobody has the turn")
	}
	if list, err := daemon.List(); err != nil || len(list) != 0 {
		t.Errorf("%v %v: a lock is no state", list, err)
	}
}

// TestTurn_withoutAFolderThatCanBeWritten: a run logs in all the same.
func TestTurn_withoutAFolderThatCanBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	v := Open(path, nil)
	turn, err := v.Take(t.Context(), "applicant", "a")
	if err != nil || !v.Busy("applicant") {
		t.Fatalf("%v", err)
	}
	turn.End(nil)
}

// TestOpenKey_elsewhere: the data folder alone opens nothing.
func TestOpenKey_elsewhere(t *testing.T) {
	dir, key := t.TempDir(), filepath.Join(t.TempDir(), "keys", "applicants.key")
	v := OpenKey(dir, key, nil)
	st := saved(t, v)
	if _, err := os.Stat(filepath.Join(dir, keyFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a key in the data folder: %v", err)
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if _, why := OpenKey(dir, key, nil).Load("applicant", st.Definition, time.Hour, time.Now()); why != Usable {
		t.Errorf("with the key: %s", why)
	}
	if _, why := Open(dir, nil).Load("applicant", st.Definition, time.Hour, time.Now()); why == Usable {
		t.Error("opened with another key")
	}
}
