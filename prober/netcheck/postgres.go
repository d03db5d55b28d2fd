package netcheck

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"gengfu"
	"gengfu/scenarios"
)

func (e *errand) postgres(ctx context.Context, dsn, query string) error {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return wrong("the connection string cannot be read")
	}
	parts := []string{cfg.Password, cfg.User, cfg.Host, cfg.Database}
	e.on.Hide(cfg.Password)
	d := e.dialer(e.st.DSN, false)
	m := &meter{} // the library connects again, later, to cancel a query
	defer m.finish(&e.check)
	cfg.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if network != "tcp" {
			return nil, wrong("a database is reached over TCP")
		}
		conn, path, err := d.Reach(ctx, address, e.cfg.Upstream)
		m.connected(path)
		return conn, err
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return database(err, parts)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx) // ends the transaction, too
	}()
	began := time.Now()
	err = e.query(ctx, conn, query)
	e.check.Latency = time.Since(e.began)
	m.note(func() { m.phases.Wait = time.Since(began) })
	if err != nil {
		return database(err, parts)
	}
	return nil
}

// query reads the rows as a list of JSON objects; the body of the answer is the
// first value of the first row.
func (e *errand) query(ctx context.Context, conn *pgx.Conn, text string) error {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	e.answer = &scenarios.Answer{}
	list := []any{}
	for rows.Next() {
		if len(list) >= maxRows || e.check.Bytes > maxAnswer {
			return tooMany()
		}
		values, err := rows.Values()
		if err != nil {
			return err
		}
		row := map[string]any{}
		for i, f := range rows.FieldDescriptions() {
			row[f.Name] = values[i]
		}
		for i, raw := range rows.RawValues() {
			e.check.Bytes += int64(len(raw))
			if i == 0 && len(list) == 0 {
				e.answer.Body = append([]byte(nil), raw...)
			}
		}
		list = append(list, row)
	}
	e.check.Rows = len(list)
	if err := rows.Err(); err != nil {
		return err
	}
	return e.table(list)
}

// database says whose fault an error of the database is, without the words of
// the connection string.
func database(err error, parts []string) error {
	var told *pgconn.PgError
	if !errors.As(err, &told) {
		return err
	}
	text := veil(told.Message, parts, `"`) + " (SQLSTATE " + told.Code + ")"
	f := gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonQuery, Detail: text}
	switch {
	case strings.HasPrefix(told.Code, "28"): // invalid authorization
		f = gengfu.Failure{Fault: gengfu.FaultCredential, Reason: gengfu.ReasonCredential, Seen: text}
	case told.Code == "42601": // syntax error
		f.Fault, f.Reason = gengfu.FaultScenario, gengfu.ReasonScenario
	case told.Code == "57014": // canceled by a timeout of the server
		f.Fault = gengfu.FaultTimeout
	case strings.HasPrefix(told.Code, "57"), strings.HasPrefix(told.Code, "53"): // shutting down, out of resources
		f.Fault = gengfu.FaultConnect
	}
	return &stopError{f}
}
