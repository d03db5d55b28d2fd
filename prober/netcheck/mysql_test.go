package netcheck

import (
	"strings"
	"testing"

	"gengfu"
)

func TestSQL_mysql(t *testing.T) {
	const head = "  - sql: {driver: mysql, dsn: \"${secret.mysql}\"}\n"
	query := func(q string) string {
		return "  - sql:\n      driver: mysql\n      dsn: ${secret.mysql}\n      query: " + q + "\n"
	}
	try(t, checker(), []trial{
		{"default", head + "    expect: [{body: {equals: \"1\"}}, {rows: {is: 1}}, {latency: {fail: 20s}}]\n", "passed"},
		{"the driver's own way to write it", strings.Replace(head, "mysql}", "drivers}", 1), "passed"},
		{"value", query("SELECT 7 AS n, 'x' AS s, 1.50 AS d, NULL AS nothing") +
			"    expect: [{json: {path: \"[0].n\", min: 7, max: 7}}, {json: {path: \"[0].s\", equals: x}}, {json: {path: \"[0].d\", min: 1.5, max: 1.5}}]\n", "passed"},
		{"value that is not", query("SELECT 7 AS n") + "    expect: [{json: {path: \"[0].n\", min: 8}}]\n", "failed assertion/expectation"},
		{"Chinese", query("SELECT '养老' AS s") + "    expect: [{body: 养老}]\n", "passed"},
		{"rows", query("SELECT seq FROM seq_1_to_20") + "    expect: [{rows: {min: 20}}]\n", "passed"},
		{"too few rows", query("SELECT seq FROM seq_1_to_20") + "    expect: [{rows: {min: 21}}]\n", "failed assertion/expectation"},
		{"too many rows", query("SELECT seq FROM seq_1_to_2000"), "failed assertion/answer_too_large"},
		{"read-only", query("CREATE TABLE t (i int)"), "failed assertion/query"},
		{"nor a row", query("INSERT INTO mysql.func VALUES ('a', 1, 'b', 'function')"), "failed assertion/query"},
		{"nor by the way of a commit", query("COMMIT AND CHAIN"), "passed"},
		{"one statement", query("SELECT 1; SELECT 2"), "errored scenario/scenario"},
		{"no table", query("SELECT * FROM nowhere"), "failed assertion/query"},
		{"syntax", query("SELEC 1"), "errored scenario/scenario"},
		{"slow", query("SELECT SLEEP(20)") + "    timeout: 500ms\n", "failed timeout/no_answer"},
		{"wrong password", strings.Replace(head, "mysql}", "badmysql}", 1), "errored credential/credential"},
	})
	r := runOn(t, checker(), load(t, strings.Replace(head, "mysql}", "badmysql}", 1)))
	if strings.Contains(told(r), "'prober'") || !strings.Contains(r.Failure.Cause(gengfu.English), gengfu.Masked) {
		t.Error("the user is told:", told(r))
	}
}
