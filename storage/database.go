package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// database is a pool of connections with its prepared statements. Statements
// are constants of this package, so there is a bounded number of them.
type database struct {
	pool *sql.DB

	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

// Close closes the pool and its statements; a nil database and one that is
// closed are left as they are.
func (d *database) Close() error {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for _, stmt := range d.stmts {
		errs = append(errs, stmt.Close())
	}
	d.stmts = nil
	return errors.Join(append(errs, d.pool.Close())...)
}

// prepare returns the prepared form of query, making it on first use. It
// needs a free connection: inside a write transaction use [tx] instead.
func (d *database) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := d.prepared(query); stmt != nil {
		return stmt, nil
	}
	stmt, err := d.pool.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return d.keep(query, stmt)
}

// keep makes stmt the prepared form of query, unless another goroutine was
// faster or the database has been closed.
func (d *database) keep(query string, stmt *sql.Stmt) (*sql.Stmt, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	first, taken := d.stmts[query]
	switch {
	case d.stmts == nil:
		return nil, errors.Join(sql.ErrConnDone, stmt.Close())
	case taken:
		return first, stmt.Close()
	}
	d.stmts[query] = stmt
	return stmt, nil
}

func (d *database) prepared(query string) *sql.Stmt {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stmts[query]
}

func (d *database) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := d.prepare(ctx, query) //nolint:sqlclosecheck // it is kept until Close
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// querier is what reads may be sent to: the read pool, or the transaction
// that must see its own writes.
type querier interface {
	query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// row is what a scan function reads a record from.
type row interface {
	Scan(dest ...any) error
}

// all reads every record that query gives.
func all[T any](ctx context.Context, q querier, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// one reads the first record that query gives; it reports false when there is
// none.
func one[T any](ctx context.Context, q querier, scan func(row) (T, error), query string, args ...any) (v T, ok bool, err error) {
	rows, err := q.query(ctx, query, args...)
	if err != nil {
		return v, false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return v, false, rows.Err()
	}
	v, err = scan(rows)
	return v, err == nil, err
}

// scalar scans a record of a single column.
func scalar[T any](r row) (v T, err error) {
	err = r.Scan(&v)
	return v, err
}

// tx is a write transaction, with what is to be done once it has committed.
type tx struct {
	tx     *sql.Tx
	db     *database
	fresh  []string // statements to prepare for the next time
	topics []string
	wake   bool
	after  []func()
}

// write runs fn in the one write transaction and commits unless fn fails.
func (s *Store) write(ctx context.Context, fn func(*tx) error) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-s.turn }()
	sqlTx, err := s.writer.pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", explain(err))
	}
	t := &tx{tx: sqlTx, db: s.writer}
	if err := fn(t); err != nil {
		return errors.Join(explain(err), rollback(sqlTx))
	}
	if err := sqlTx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", explain(err))
	}
	s.settle(ctx, t)
	return nil
}

func rollback(t *sql.Tx) error {
	if err := t.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

// settle does what follows a commit: memory is brought up to date before
// anybody is told.
func (s *Store) settle(ctx context.Context, t *tx) {
	for _, f := range t.after {
		f()
	}
	for _, query := range t.fresh {
		if _, err := s.writer.prepare(ctx, query); err != nil { //nolint:sqlclosecheck // it is kept until Close
			break // it is prepared again, or reported, by the next use
		}
	}
	s.hub.publish(t.topics)
	if t.wake {
		s.hub.rouse()
	}
}

func (t *tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	var result sql.Result
	var err error
	if stmt := t.stmt(query); stmt != nil {
		result, err = t.tx.StmtContext(ctx, stmt).ExecContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	} else {
		result, err = t.tx.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *tx) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := t.stmt(query); stmt != nil {
		return t.tx.StmtContext(ctx, stmt).QueryContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	}
	return t.tx.QueryContext(ctx, query, args...)
}

func (t *tx) stmt(query string) *sql.Stmt {
	stmt := t.db.prepared(query)
	if stmt == nil {
		t.fresh = append(t.fresh, query)
	}
	return stmt
}
