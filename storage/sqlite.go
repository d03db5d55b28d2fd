package storage

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

//go:embed migrations/sqlite/*.sql
var migrations embed.FS

// readers is the size of the read pool.
const readers = 4

// openSQLite opens one connection that writes and a pool that reads, with the
// schema brought up to date.
func openSQLite(ctx context.Context, path string) (writer, reader *database, err error) {
	// Messages leave only after their row is in the file, and a row once
	// reported as written must survive a power cut: hence FULL.
	writer, err = openPool(path, 1, "immediate",
		"auto_vacuum(incremental)", "busy_timeout(5000)", "cache_size(-512)", "foreign_keys(1)",
		"journal_mode(wal)", "journal_size_limit(67108864)", "synchronous(full)")
	if err != nil {
		return nil, nil, err
	}
	if err := migrate(ctx, writer.pool); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, explain(err)), writer.Close())
	}
	reader, err = openPool(path, readers, "deferred", "busy_timeout(5000)", "cache_size(-512)", "query_only(1)")
	if err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	return writer, reader, nil
}

func openPool(path string, size int, lock string, pragmas ...string) (*database, error) {
	dsn := url.URL{
		Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(),
		RawQuery: url.Values{"_txlock": {lock}, "_pragma": pragmas}.Encode(),
	}
	pool, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	return &database{pool: pool, stmts: map[string]*sql.Stmt{}}, nil
}

func migrate(ctx context.Context, pool *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, pool, files, goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > want {
		return fmt.Errorf("its schema %d is newer than this version's %d: install the newer version again, or restore a backup", have, want)
	}
	_, err = p.Up(ctx)
	return err
}

// explain adds the remedy to the errors of the database that a person can do
// something about.
func explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	remedy := ""
	switch e.Code() & 0xff {
	case sqlitelib.SQLITE_NOTADB:
		remedy = "this is not a ledger: point to another file, or move it away"
	case sqlitelib.SQLITE_CORRUPT:
		remedy = "the file is damaged: stop, keep a copy, and restore the latest backup"
	case sqlitelib.SQLITE_CANTOPEN:
		remedy = "check that the folder exists and may be written"
	case sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_PERM:
		remedy = "give the account that runs this write permission on the file and its folder"
	case sqlitelib.SQLITE_FULL, sqlitelib.SQLITE_IOERR:
		remedy = "check free space and the health of the disk"
	case sqlitelib.SQLITE_BUSY:
		remedy = "another program holds the file"
	}
	if remedy == "" {
		return err
	}
	return fmt.Errorf("%w (%s)", err, remedy)
}

// WALSize is the size of the write-ahead log in bytes: a log that keeps
// growing means that a reader never finishes.
func (s *Store) WALSize() (int64, error) { return sizeOf(s.path + "-wal") }

// Size is the size of the database file in bytes, without its log.
func (s *Store) Size() (int64, error) { return sizeOf(s.path) }

func sizeOf(path string) (int64, error) {
	stat, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("size of ledger: %w", err)
	}
	return stat.Size(), nil
}

// Checkpoint moves the write-ahead log into the database file and empties it.
// It reports false when a reader was in the way; the next call may succeed.
func (s *Store) Checkpoint(ctx context.Context) (bool, error) {
	var busy, pages, moved int
	err := s.writer.pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	if err != nil {
		return false, fmt.Errorf("checkpoint: %w", explain(err))
	}
	return busy == 0, nil
}

// vacuum gives up to pages free pages back to the file system and reports
// whether free pages are left.
func (s *Store) vacuum(ctx context.Context, pages int) (more bool, err error) {
	// Each row of this pragma is one page: they must be stepped through.
	if _, err := all(ctx, s.writer, func(row) (struct{}, error) { return struct{}{}, nil }, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", pages)); err != nil {
		return false, explain(err)
	}
	var left int
	err = s.writer.pool.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&left)
	return left > 0, err
}

// Backup writes a complete, compacted copy of the ledger to path, which must
// not exist, while the ledger stays in use. Evidence files are not in it.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("back up ledger: %s exists already", path)
	}
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("back up ledger: %w", err)
	}
	source, err := openPool(s.path, 1, "deferred", "busy_timeout(5000)")
	if err != nil {
		return err
	}
	_, err = source.pool.ExecContext(ctx, "VACUUM INTO $1", part)
	if err := errors.Join(explain(err), source.Close()); err != nil {
		return fmt.Errorf("back up ledger to %s: %w", path, err)
	}
	if err := syncFile(part); err != nil {
		return fmt.Errorf("back up ledger: %w", err)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("back up ledger: %w", err)
	}
	return nil
}

// syncFile waits until a file that somebody else wrote is on the disk, which
// VACUUM INTO does not do.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Verify reads the whole database and reports the first damage it finds.
func (s *Store) Verify(ctx context.Context) error {
	var finding string
	if err := s.reader.pool.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&finding); err != nil {
		return fmt.Errorf("verify ledger: %w", explain(err))
	}
	if finding != "ok" {
		return fmt.Errorf("verify ledger: %s: stop, keep a copy, and restore the latest backup", finding)
	}
	return nil
}
