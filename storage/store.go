// Package storage keeps the ledger: every slot and its fate, runs with their
// rollups, incidents with their events, and the outbox of messages, in one
// database whose transactions tie them together; and, beside it, evidence
// files named by their content.
//
// The statements are portable SQL; what differs between engines is in
// sqlite.go and in the folder of migrations. A [Store] may be used from many
// goroutines: writes take turns, reads run beside them.
package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Config says where the ledger is.
type Config struct {
	Path        string         // database file; its folder is made when missing
	Zone        *time.Location // of day rollups and incident numbers, UTC when nil
	EvidenceDir string         // folder of evidence files, "evidence" beside the database when empty
}

func (c Config) withDefaults() (Config, error) {
	if c.Path == "" {
		return c, errors.New("open ledger: no path given")
	}
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return c, fmt.Errorf("open ledger %s: %w", c.Path, err)
	}
	c.Path = path
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.EvidenceDir == "" {
		c.EvidenceDir = filepath.Join(filepath.Dir(path), "evidence")
	}
	return c, nil
}

// Store is an open ledger.
type Store struct {
	path   string
	zone   *time.Location
	lock   *lock
	writer *database
	reader *database
	turn   chan struct{} // held by the one write transaction

	names names
	rolls rollCache // owned by the holder of turn
	hub   hub
	files *files

	enc *zstd.Encoder
	dec *zstd.Decoder
}

// Open opens the ledger, making or migrating it as needed. It fails when
// another process has it open, naming that process, and when the file was
// written by a newer version.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Store{path: cfg.Path, zone: cfg.Zone, turn: make(chan struct{}, 1), rolls: rollCache{}}
	s.names.reset()
	s.hub.wake = make(chan struct{}, 1)
	if err := s.open(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, cfg Config) error {
	for _, dir := range []string{filepath.Dir(cfg.Path), cfg.EvidenceDir} {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return fmt.Errorf("open ledger: %w; make the folder or give write permission on it", err)
		}
	}
	var err error
	if s.lock, err = takeLock(cfg.Path + ".lock"); err != nil {
		return fmt.Errorf("open ledger %s: %w", cfg.Path, err)
	}
	if s.files, err = openFiles(cfg.EvidenceDir); err != nil {
		return err
	}
	if s.enc, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(64<<10)); err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	if s.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20)); err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	if s.writer, s.reader, err = openSQLite(ctx, cfg.Path); err != nil {
		return err
	}
	return s.names.load(ctx, s.reader)
}

// Close waits for the write in progress and closes the ledger. The store must
// not be used afterwards; closing twice is harmless.
func (s *Store) Close() error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.hub.close()
	var errs []error
	for _, c := range []io.Closer{s.reader, s.writer, s.files, s.lock} {
		errs = append(errs, c.Close())
	}
	if s.dec != nil {
		s.dec.Close()
	}
	return errors.Join(errs...)
}

// millis is the form of a time in the database, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment is the inverse of [millis], in UTC.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func spanOf(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }
