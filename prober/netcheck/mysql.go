package netcheck

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"gengfu"
	"gengfu/scenarios"
)

const mysqlPort = "3306"

// mysqlConfig reads mysql://user:password@host:port/name, or the driver's own
// user:password@tcp(host:port)/name. Connections are encrypted where the server
// can, as those to PostgreSQL are, unless tls says otherwise.
func mysqlConfig(dsn string) (*mysql.Config, error) {
	scheme, _, isURL := strings.Cut(dsn, "://")
	cfg := mysql.NewConfig()
	cfg.TLSConfig = "preferred"
	switch {
	case !isURL:
		if !strings.Contains(dsn, "tls=") {
			dsn += map[bool]string{true: "&", false: "?"}[strings.Contains(dsn, "?")] + "tls=preferred"
		}
		var err error
		if cfg, err = mysql.ParseDSN(dsn); err != nil {
			return nil, err
		}
	case scheme != "mysql" && scheme != "mariadb":
		return nil, errors.New("another scheme")
	default:
		u, err := url.Parse(dsn)
		if err != nil {
			return nil, err
		}
		cfg.Net, cfg.Addr, cfg.DBName, cfg.User = "tcp", u.Host, strings.TrimPrefix(u.Path, "/"), u.User.Username()
		cfg.Passwd, _ = u.User.Password()
		if u.Port() == "" {
			cfg.Addr = net.JoinHostPort(u.Hostname(), mysqlPort)
		}
		if want := u.Query().Get("tls"); want != "" {
			cfg.TLSConfig = want
		}
	}
	cfg.Logger, cfg.AllowAllFiles, cfg.MultiStatements, cfg.ParseTime = &mysql.NopLogger{}, false, false, true
	cfg.AllowCleartextPasswords, cfg.AllowOldPasswords = false, false
	return cfg, nil
}

func (e *errand) mysql(ctx context.Context, dsn, query string) error {
	cfg, err := mysqlConfig(dsn)
	if err != nil {
		return wrong("the connection string cannot be read")
	}
	host, _, _ := net.SplitHostPort(cfg.Addr)
	parts := []string{cfg.Passwd, cfg.User, host, cfg.DBName}
	e.on.Hide(cfg.Passwd)
	d := e.dialer(e.st.DSN, false)
	m := &meter{}
	defer m.finish(&e.check)
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if network != "tcp" {
			return nil, wrong("a database is reached over TCP")
		}
		conn, path, err := d.Reach(ctx, address, e.cfg.Upstream)
		m.connected(path)
		return conn, err
	}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return wrong("the connection string cannot be read")
	}
	pool := sql.OpenDB(connector)
	defer func() { _ = pool.Close() }()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return refusedBy(err, parts)
	}
	defer func() { _ = conn.Close() }()
	began := time.Now()
	err = e.rows(ctx, conn, query)
	e.check.Latency = time.Since(e.began)
	m.note(func() { m.phases.Wait = time.Since(began) })
	return refusedBy(err, parts)
}

// rows reads a result as a list of JSON objects; the body of the answer is the
// first value of the first row.
func (e *errand) rows(ctx context.Context, conn *sql.Conn, text string) error {
	// A read-only transaction alone would be committed by a CREATE, which then
	// writes; the session's is in force for every statement.
	if _, err := conn.ExecContext(ctx, "SET SESSION TRANSACTION READ ONLY"); err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	kinds, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	e.answer = &scenarios.Answer{}
	list := []any{}
	for rows.Next() {
		if len(list) >= maxRows || e.check.Bytes > maxAnswer {
			return tooMany()
		}
		values, into := make([]any, len(kinds)), make([]any, len(kinds))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		row := map[string]any{}
		for i, v := range values {
			v = cell(v, kinds[i].DatabaseTypeName())
			text := fmt.Sprint(v)
			e.check.Bytes += int64(len(text))
			if i == 0 && len(list) == 0 && v != nil {
				e.answer.Body = []byte(text)
			}
			row[kinds[i].Name()] = v
		}
		list = append(list, row)
	}
	e.check.Rows = len(list)
	if err := rows.Err(); err != nil {
		return err
	}
	return e.table(list)
}

// cell is a value as JSON has it: decimals are numbers, texts are texts.
func cell(v any, kind string) any {
	raw, ok := v.([]byte)
	switch {
	case !ok:
		return v
	case kind == "DECIMAL":
		return json.Number(raw)
	}
	return string(raw)
}

// Numbers of the server's errors, from the reference of MySQL and of MariaDB.
const (
	mysqlTooMany      = 1040
	mysqlNoDatabase   = 1044
	mysqlDenied       = 1045
	mysqlShutdown     = 1053
	mysqlSyntax       = 1064
	mysqlPlugin       = 1698
	mariadbTimeout    = 1969
	mysqlQueryTimeout = 3024
)

// refusedBy says whose fault an error of the database is.
func refusedBy(err error, parts []string) error {
	var told *mysql.MySQLError
	if !errors.As(err, &told) {
		return err
	}
	text := fmt.Sprintf("%s (%d)", veil(told.Message, parts, "'"), told.Number)
	f := gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonQuery, Detail: text}
	switch told.Number {
	case mysqlDenied, mysqlNoDatabase, mysqlPlugin:
		f = gengfu.Failure{Fault: gengfu.FaultCredential, Reason: gengfu.ReasonCredential, Seen: text}
	case mysqlSyntax:
		f.Fault, f.Reason = gengfu.FaultScenario, gengfu.ReasonScenario
	case mysqlQueryTimeout, mariadbTimeout:
		f.Fault = gengfu.FaultTimeout
	case mysqlTooMany, mysqlShutdown:
		f.Fault = gengfu.FaultConnect
	}
	return &stopError{f}
}
