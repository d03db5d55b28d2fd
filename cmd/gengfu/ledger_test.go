package main

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// ledger is a second connection to a daemon's database.
type ledger struct{ db *sql.DB }

func dbOf(t *testing.T, dir string) ledger {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "data", "gengfu.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return ledger{db}
}

func (l ledger) count(t *testing.T, query string) int {
	t.Helper()
	var n int
	if err := l.db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (l ledger) exec(t *testing.T, statement string) {
	t.Helper()
	if _, err := l.db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func (l ledger) text(t *testing.T, query string) string {
	t.Helper()
	var s string
	if err := l.db.QueryRowContext(t.Context(), query).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}
