package storage_test

import (
	"path/filepath"
	"testing"

	"gengfu/storage"
	"gengfu/storage/storagetest"
)

func openAt(t *testing.T, path string) *storage.Store {
	t.Helper()
	s, err := storage.Open(t.Context(), storage.Config{Path: path, Zone: storagetest.Zone()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func open(t *testing.T) *storage.Store {
	return openAt(t, filepath.Join(t.TempDir(), "ledger.db"))
}

func TestSQLite(t *testing.T) { storagetest.Suite(t, open) }
