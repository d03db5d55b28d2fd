package web_test

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
)

var update = flag.Bool("update", false, "write the golden files")

// promtool runs the checker of Prometheus and returns what it found.
func promtool(t *testing.T, input string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "promtool", args...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out) + err.Error()
	}
	return ""
}

func TestMetrics_passTheChecker(t *testing.T) {
	s := newSite(t)
	text := s.get("/metrics").Body.String()
	if found := promtool(t, text, "check", "metrics"); found != "" {
		t.Error(found)
	}
	for _, want := range []string{
		`gengfu_scenario_up{scenario="admin-login",location="local"} 0`,
		`gengfu_scenario_up{scenario="home",location="local"} 1`,
		`gengfu_runs_total{scenario="admin-login",location="local",outcome="failed"} 4`,
		`gengfu_runs_total{scenario="home",location="local",outcome="passed"} 59`,
		`gengfu_run_duration_seconds_bucket{scenario="home",location="local",le="+Inf"} 59`,
		`gengfu_scenario_interval_seconds{scenario="home"} 300`,
		`gengfu_incidents_open{grade="major"} 1`,
		`gengfu_outbox_dead{endpoint="`,
		`gengfu_endpoint_broken{endpoint="hook"} 0`,
		`gengfu_endpoint_broken{endpoint="slack"} 1`,
		`gengfu_delivery_tries_total{endpoint="slack",result="failed"} 2`,
		`gengfu_delivery_tries_total{endpoint="slack",result="refused"} 1`,
		`gengfu_delivery_duration_seconds_count{endpoint="hook"} 1`,
		`gengfu_host_disk_free_bytes{host="local",mount="/var/lib/<data>"}`,
		`title="<script>alert(\"x\")</script> \"quoted\" 'and' & more"`,
		"gengfu_queue_depth 1\n",
		"gengfu_audit_ok 0\n",
		`gengfu_audit_findings{kind="message"} 2`,
		`gengfu_audit_findings{kind="incident"} 0`,
		"gengfu_self_check_ok 0\n",
		`gengfu_self_check_findings{kind="disk"} 1`,
		`gengfu_self_check_findings{kind="memory"} 0`,
		"# TYPE gengfu_claim_seconds histogram\n",
		"go_goroutines ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(text, "gengfu_queue_depth 9") {
		t.Error("a name of the set repeats one of ours")
	}
}

func TestMetrics_hostileNames(t *testing.T) {
	s := newSite(t)
	cards := cards()
	cards[0].Title, cards[0].Owner = "中文\t\"引号\"\\ 与\n换行 \x00\a😀", "\xff\xfe bad"
	cards[0].Steps = []string{"a\tb\"c\\d\ne"}
	must(t, s.store.SaveScenarios(t.Context(), cards))
	text := s.get("/metrics").Body.String()
	if found := promtool(t, text, "check", "metrics"); found != "" {
		t.Error(found)
	}
	if want := "title=\"中文\t\\\"引号\\\"\\\\ 与\\n换行 \x00\a😀\""; !strings.Contains(text, want) {
		t.Errorf("the metrics lack %q", want)
	}
}

// TestMetrics_names keeps the names and types that dashboards rely on.
func TestMetrics_names(t *testing.T) {
	text := newSite(t).get("/metrics").Body.String()
	var lines []string
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (gengfu_\S+ \S+)$`).FindAllStringSubmatch(text, -1) {
		lines = append(lines, m[1])
	}
	slices.Sort(lines)
	golden(t, "testdata/metrics.golden", strings.Join(lines, "\n")+"\n")
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// TestMetrics_neverFall: counters and buckets go on over days, late results
// and more runs.
func TestMetrics_neverFall(t *testing.T) {
	s := newSite(t)
	samples := regexp.MustCompile(`(?m)^(gengfu_(?:runs_total|run_duration_seconds\S*?)\{scenario="home"\S*\}) (\S+)$`)
	read := func() map[string]string {
		m := map[string]string{}
		for _, f := range samples.FindAllStringSubmatch(s.get("/metrics").Body.String(), -1) {
			m[f[1]] = f[2]
		}
		return m
	}
	before := read()
	r := madeUp(cards()[0], now.Add(-26*time.Hour).Truncate(time.Minute), 0, 3, 60)
	must(t, s.store.Record(t.Context(), r, nil, func(gengfu.Snapshot) (gengfu.Change, error) { return gengfu.Change{}, nil }))
	after := read()
	if len(before) < 15 || len(before) != len(after) {
		t.Fatalf("%d samples, then %d", len(before), len(after))
	}
	key := `gengfu_runs_total{scenario="home",location="local",outcome="passed"}`
	if before[key] != "59" || after[key] != "60" {
		t.Errorf("a late run: %s, then %s", before[key], after[key])
	}
}

func TestRules_passTheirTests(t *testing.T) {
	if found := promtool(t, "", "check", "rules", "../deploy/rules/gengfu.yaml"); found != "" {
		t.Error(found)
	}
	if found := promtool(t, "", "test", "rules", "../deploy/rules/gengfu_test.yaml"); found != "" {
		t.Error(found)
	}
}

// TestDeploy_namesExist: dashboards and rules ask only for metrics that are
// exported, or recorded by the rules.
func TestDeploy_namesExist(t *testing.T) {
	exported, err := os.ReadFile("testdata/metrics.golden")
	must(t, err)
	for _, path := range []string{"../deploy/grafana/gengfu.json", "../deploy/rules/gengfu.yaml"} {
		text, err := os.ReadFile(path)
		must(t, err)
		for _, name := range regexp.MustCompile(`\bgengfu_[a-z0-9_]+`).FindAllString(string(text), -1) {
			base := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
			if !strings.Contains(string(exported), name+" ") && !strings.Contains(string(exported), base+" histogram") {
				t.Errorf("%s asks for %s, which is not exported", path, name)
			}
		}
	}
}

// TestDashboard_shape: what Grafana needs to import the file anywhere.
func TestDashboard_shape(t *testing.T) {
	text, err := os.ReadFile("../deploy/grafana/gengfu.json")
	must(t, err)
	type source struct{ UID string }
	var d struct {
		UID        string
		Title      string
		Templating struct{ List []struct{ Name, Type string } }
		Panels     []struct {
			ID          int
			Title, Type string
			Datasource  *source
			GridPos     struct{ H, W, X, Y int }
			Targets     []struct {
				Expr       string
				Datasource *source
			}
		}
	}
	must(t, json.Unmarshal(text, &d))
	if d.UID == "" || d.Title == "" || len(d.Templating.List) == 0 || d.Templating.List[0].Type != "datasource" {
		t.Errorf("uid %q, title %q, variables %v", d.UID, d.Title, d.Templating.List)
	}
	seen := map[int]bool{}
	for _, p := range d.Panels {
		if seen[p.ID] || p.Title == "" || p.GridPos.W == 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d %q: id, title or place is wrong", p.ID, p.Title)
		}
		seen[p.ID] = true
		if p.Type == "row" {
			continue
		}
		if p.Datasource == nil || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
			t.Errorf("panel %q does not ask ${datasource}", p.Title)
		}
		for _, target := range p.Targets {
			if target.Expr == "" {
				t.Errorf("panel %q asks nothing", p.Title)
			}
		}
	}
}

// TestPages_showBrokenEndpoints: the first page says that somebody is not
// reached, the page of deliveries why, and the API which.
func TestPages_showBrokenEndpoints(t *testing.T) {
	s := newSite(t)
	for target, want := range map[string]string{
		"/": "to be repaired: slack", "/deliveries": "invalid_auth &lt;b&gt;", "/api/v1/overview": `"broken_endpoints":["slack"]`,
	} {
		if body := s.get(target, "Accept-Language", "en").Body.String(); !strings.Contains(body, want) {
			t.Errorf("%s lacks %s", target, want)
		}
	}
	if body := s.get("/deliveries", "Accept-Language", "en").Body.String(); !strings.Contains(body, "last accepted") {
		t.Error("an endpoint that works does not say since when")
	}
}
