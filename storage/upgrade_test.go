package storage_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"gengfu"
)

// TestSQLite_upgradesALedgerOfBefore: a populated ledger without the latest
// columns is brought up to date, and its runs are still there.
func TestSQLite_upgradesALedgerOfBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := openAt(t, path)
	old := planned("a", start)
	must(t, s.Record(t.Context(), old, nil, opening("scenario:a", 0)))
	must(t, s.Close())
	db, err := sql.Open("sqlite", path)
	must(t, err)
	for _, back := range []string{
		"ALTER TABLE run DROP COLUMN taint", "ALTER TABLE check_state DROP COLUMN flipped",
		"ALTER TABLE check_state DROP COLUMN stale_since", "DROP INDEX incident_target", "DROP TABLE timer",
		"DROP TABLE silence", "DROP INDEX outbox_bundle", "ALTER TABLE outbox DROP COLUMN bundle", "ALTER TABLE run_evidence DROP COLUMN step", "DELETE FROM goose_db_version WHERE version_id > 1",
	} {
		_, err = db.ExecContext(t.Context(), back)
		must(t, err)
	}
	must(t, errors.Join(db.Close()))

	s = openAt(t, path)
	late := planned("a", start.Add(time.Minute))
	late.Tainted = gengfu.TaintLate
	must(t, s.Record(t.Context(), late, nil, opening("scenario:a", 0)))
	runs, err := s.Runs(t.Context(), "a", time.Time{}, 10)
	must(t, err)
	if len(runs) != 2 || runs[0].Tainted != gengfu.TaintLate || runs[1].Tainted != "" || runs[1].Slot.ID() != old.Slot.ID() {
		t.Errorf("after the upgrade: %+v", runs)
	}
}
