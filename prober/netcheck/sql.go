package netcheck

import (
	"context"
	"encoding/json"
	"strings"

	"gengfu"
	"gengfu/scenarios"
)

// maxRows bounds what is read of a result.
const maxRows = 1000

// sql asks a database in a read-only transaction. Nothing of where and as whom
// is told.
func (e *errand) sql(ctx context.Context) error {
	dsn, err := e.resolve(e.st.DSN)
	if err != nil {
		return err
	}
	query, err := e.resolve(e.st.Query)
	if err != nil {
		return err
	}
	if e.st.Protocol == scenarios.MySQL {
		return e.mysql(ctx, dsn.Text, query.Text)
	}
	return e.postgres(ctx, dsn.Text, query.Text)
}

// table makes the rows the document that json expectations look into.
func (e *errand) table(list []any) error {
	text, err := json.Marshal(list)
	if err != nil {
		return wrong("a value of the result cannot be shown: %v", err)
	}
	e.answer.JSON = text
	return nil
}

// tooMany says that the result is larger than what is read of one.
func tooMany() error {
	return &stopError{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonAnswerSize, Want: "1000 rows, 1 MiB"}}
}

// veil hides the parts of a connection string that a database quotes.
func veil(message string, parts []string, quote string) string {
	for _, p := range parts {
		if p != "" {
			message = strings.ReplaceAll(message, quote+p+quote, quote+gengfu.Masked+quote)
		}
	}
	return message
}
