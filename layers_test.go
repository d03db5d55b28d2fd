package gengfu_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport lists, for each package, the packages of this module that it may
// import. Packages meet in the root package; only the command sees everything.
var mayImport = map[string][]string{
	".":                   {},
	"scenarios/strict":    {},
	"scenarios":           {".", "scenarios/strict"},
	"prober":              {".", "scenarios"},
	"egress":              {},
	"prober/vault":        {"."},
	"prober/chrome":       {".", "scenarios", "egress", "prober/vault"},
	"prober/netcheck":     {".", "scenarios", "egress", "prober/vault"},
	"storage":             {"."},
	"storage/storagetest": {".", "storage"},
	"storage/migrations":  {},
	"notify":              {".", "egress"},
	"ops/incidents":       {"."},
	"ops/hosts":           {"."},
	"ops/duty":            {"."},
	"ops/clocks":          {"."},
	"ops/escalation":      {"."},
	"ops/triage":          {".", "egress"},
	"ops/selfcheck":       {"."},
	"web":                 {"."},
	"demo":                {},
	"demo/sinks":          {},
	"deploy":              {},
	"cmd/gengfu":          nil, // everything
}

// home says which packages may import a library: each has one.
var home = map[string][]string{
	"github.com/chromedp/":               {"prober/chrome"},
	"github.com/go-co-op/gocron":         {"prober"},
	"github.com/VictoriaMetrics/metrics": {"web", "cmd/gengfu"},
	"gopkg.in/yaml.v3":                   {"scenarios/strict"},
	"github.com/slack-go/slack":          {"notify"},
	"github.com/wneessen/go-mail":        {"notify"},
	"modernc.org/sqlite":                 {"storage"},
	"github.com/pressly/goose":           {"storage"},
	"github.com/klauspost/compress":      {"storage"},
	"github.com/tdewolff/minify/v2":      {"prober/chrome"},
	"github.com/shirou/gopsutil":         {"ops/hosts"},
	"github.com/spf13/cobra":             {"cmd/gengfu"},
	"golang.org/x/term":                  {"cmd/gengfu"},
	"github.com/pquerna/otp":             {"prober/chrome", "demo"},
	"github.com/miekg/dns":               {"prober/netcheck"},                  // every record type, any server
	"github.com/coder/websocket":         {"prober/netcheck", "prober/chrome"}, // RFC 6455; there in tests
	"github.com/jackc/pgx":               {"prober/netcheck"},                  // PostgreSQL's protocol
	"github.com/go-sql-driver/mysql":     {"prober/netcheck"},
	"golang.org/x/net":                   {"prober/netcheck"}, // unprivileged pings
	"golang.org/x/time":                  {"notify"},
	"golang.org/x/sync":                  {"cmd/gengfu", "notify", "prober"},
	"golang.org/x/sys":                   {"storage"},
	"github.com/emersion/go-smtp":        {"demo/sinks"},
	"github.com/emersion/go-sasl":        {"demo/sinks"},
	"github.com/emersion/go-message":     {"demo/sinks"},
	"github.com/standard-webhooks/":      {"demo/sinks"},
	"github.com/google/go-cmp":           {"storage/storagetest"},
	"github.com/rogpeppe/go-internal":    {},
}

type source struct {
	dir  string // package folder, slash-separated
	name string
	test bool
	file *ast.File
}

// sources parses every Go file of the module in this process, so that the test
// cache sees what was read.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules" || p == "bench") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, text, parser.ParseComments)
		if err != nil {
			return err
		}
		slash := filepath.ToSlash(p)
		out = append(out, source{dir: path.Dir(slash), name: slash, test: strings.HasSuffix(p, "_test.go"), file: f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (s source) imports() []string {
	var out []string
	for _, i := range s.file.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err == nil {
			out = append(out, p)
		}
	}
	return out
}

// own returns the module-relative folder of an import of this module.
func own(p string) (string, bool) {
	if p == "gengfu" {
		return ".", true
	}
	return strings.CutPrefix(p, "gengfu/")
}

func TestLayers_packagesMeetInTheRoot(t *testing.T) {
	for _, s := range sources(t) {
		allowed, known := mayImport[s.dir]
		if !known {
			t.Errorf("%s: package %s has no place in the layers", s.name, s.dir)
			continue
		}
		if s.test || s.dir == "cmd/gengfu" {
			continue
		}
		for _, p := range s.imports() {
			if dir, ok := own(p); ok && !slices.Contains(allowed, dir) {
				t.Errorf("%s imports %s; it may import %v", s.name, p, allowed)
			}
		}
	}
}

func TestLayers_librariesHaveOneHome(t *testing.T) {
	for _, s := range sources(t) {
		for _, p := range s.imports() {
			first, _, _ := strings.Cut(p, "/")
			if !strings.Contains(first, ".") {
				continue // the standard library, or our own
			}
			lib := ""
			for prefix := range home {
				if strings.HasPrefix(p, prefix) {
					lib = prefix
				}
			}
			switch {
			case lib == "":
				t.Errorf("%s imports %s, which has no home", s.name, p)
			case !s.test && !slices.Contains(home[lib], s.dir):
				t.Errorf("%s imports %s, whose home is %v", s.name, p, home[lib])
			}
		}
	}
}

func TestLayers_importDepth(t *testing.T) {
	graph := map[string]map[string]bool{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		if graph[s.dir] == nil {
			graph[s.dir] = map[string]bool{}
		}
		for _, p := range s.imports() {
			if dir, ok := own(p); ok {
				graph[s.dir][dir] = true
			}
		}
	}
	var depth func(string) int
	depth = func(dir string) int {
		deepest := 0
		for next := range graph[dir] {
			deepest = max(deepest, depth(next))
		}
		return deepest + 1
	}
	for dir := range graph {
		if d := depth(dir); d > 4 {
			t.Errorf("%s is %d imports deep", dir, d)
		}
	}
}

// TestLayers_houseRules: no init, no sleeping, no skipped tests, files under
// the wall.
func TestLayers_houseRules(t *testing.T) {
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s has an init function", s.name)
				}
			case *ast.SelectorExpr:
				x, ok := n.X.(*ast.Ident)
				if !ok {
					return true
				}
				if x.Name == "time" && n.Sel.Name == "Sleep" && !bubbled(s) {
					t.Errorf("%s sleeps outside a synctest bubble", s.name)
				}
				if (x.Name == "t" || x.Name == "b") && strings.HasPrefix(n.Sel.Name, "Skip") {
					t.Errorf("%s skips a test", s.name)
				}
			}
			return true
		})
		if text, err := os.ReadFile(filepath.FromSlash(s.name)); err == nil {
			if n := strings.Count(string(text), "\n"); n > 500 {
				t.Errorf("%s has %d lines", s.name, n)
			}
		}
	}
}

func bubbled(s source) bool { return s.test && slices.Contains(s.imports(), "testing/synctest") }
