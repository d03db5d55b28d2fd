package gengfu_test

import (
	"encoding/json"
	"go/ast"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gengfu/scenarios"
	"gengfu/scenarios/strict"
)

// translated are the documents that stand in both languages.
var translated = [][2]string{
	{"README.md", "README.zh-CN.md"},
	{"docs/guide.md", "docs/guide.zh-CN.md"},
	{"docs/instance.md", "docs/instance.zh-CN.md"},
	{"docs/reference.md", "docs/reference.zh-CN.md"},
}

var fence = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")

func document(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func documents(t *testing.T) []string {
	t.Helper()
	out, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, "README.md", "README.zh-CN.md", "CHANGELOG.md")
}

// TestDocs_yamlIsSound checks every snippet: whole scenarios and fragments as
// they are and without a warning; lists of steps and parts of scenarios inside
// a made-up one; those of other files, which say their name in a comment first,
// for what the strict reader finds.
func TestDocs_yamlIsSound(t *testing.T) {
	other := regexp.MustCompile(`^# \S+\.ya?ml\n`)
	whole := regexp.MustCompile(`(?m)^(scenario|fragment):`)
	for _, name := range documents(t) {
		for _, f := range fence.FindAllStringSubmatch(document(t, name), -1) {
			text := f[2]
			var problems strict.Problems
			switch {
			case f[1] != "yaml":
				continue
			case other.MatchString(text):
				var rep strict.Report
				strict.Parse(name, []byte(text), &rep)
				problems = append(rep.Problems(), rep.Warnings()...)
			case whole.MatchString(text):
				set, found := scenarios.Parse(name, []byte(text))
				problems = append(found, set.Warnings...)
			default:
				_, problems = scenarios.Parse(name, []byte(around(text)))
			}
			if len(problems) > 0 {
				t.Errorf("%s:\n%s%v", name, text, problems)
			}
		}
	}
}

// around makes a scenario of some steps, or of some of its other keys.
func around(text string) string {
	const head = "scenario: snippet\nvars: {base: \"https://platform.example\"}\n"
	if !strings.HasPrefix(text, "- ") {
		return head + text + "steps:\n  - goto: ${base}/\n"
	}
	return head + "steps:\n  " + strings.TrimSpace(strings.ReplaceAll(text, "\n", "\n  ")) + "\n"
}

// TestDocs_guideCoversTheLanguage: every key of the language, as the JSON
// Schema has it, is in the guide.
func TestDocs_guideCoversTheLanguage(t *testing.T) {
	var schema any
	if err := json.Unmarshal(scenarios.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	properties(schema, keys)
	covers(t, slices.Sorted(maps.Keys(keys)), "docs/guide.md", "docs/guide.zh-CN.md")
}

func properties(v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, sub := range v {
			if named, ok := sub.(map[string]any); ok && k == "properties" {
				for name := range named {
					into[name] = true
				}
			}
			properties(sub, into)
		}
	case []any:
		for _, sub := range v {
			properties(sub, into)
		}
	}
}

// covers fails for words that a document has neither in code font nor as the
// key of a snippet.
func covers(t *testing.T, words []string, names ...string) {
	t.Helper()
	if len(words) < 5 {
		t.Fatalf("found only %q to look for", words)
	}
	for _, name := range names {
		text := document(t, name)
		for _, w := range words {
			key := regexp.MustCompile("(?m)(^|[ {-])" + regexp.QuoteMeta(w) + ":")
			if !strings.Contains(text, "`"+w+"`") && !key.MatchString(text) {
				t.Errorf("%s does not mention %s", name, w)
			}
		}
	}
}

// TestDocs_coverTheCommand: every key that the instance file takes is in its
// reference, and every subcommand in the README.
func TestDocs_coverTheCommand(t *testing.T) {
	var keys, uses []string
	for _, s := range sources(t) {
		if s.dir != "cmd/gengfu" || s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit: // map[string]func(strict.Node): the table of a mapping's keys
				if m, ok := n.Type.(*ast.MapType); ok {
					if _, readers := m.Value.(*ast.FuncType); readers {
						keys = append(keys, literals(n)...)
					}
				}
			case *ast.KeyValueExpr:
				if id, ok := n.Key.(*ast.Ident); ok && id.Name == "Use" {
					verb, _, _ := strings.Cut(literal(n.Value), " ")
					uses = append(uses, verb)
				}
			}
			return true
		})
	}
	covers(t, keys, "docs/instance.md", "docs/instance.zh-CN.md")
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		text := document(t, name)
		for _, use := range uses {
			if !strings.Contains(text, "`gengfu "+use+"`") && !strings.Contains(text, " "+use+"`") && use != "gengfu" && use != "notify" {
				t.Errorf("%s does not mention gengfu %s", name, use)
			}
		}
	}
}

func literals(lit *ast.CompositeLit) (out []string) {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			out = append(out, literal(kv.Key))
		}
	}
	return out
}

func literal(e ast.Expr) string {
	b, ok := e.(*ast.BasicLit)
	if !ok {
		return ""
	}
	s, _ := strconv.Unquote(b.Value)
	return s
}

// TestDocs_metricsExist: every metric that a document names is served.
func TestDocs_metricsExist(t *testing.T) {
	served := strings.Fields(document(t, "web/testdata/metrics.golden"))
	for _, name := range documents(t) {
		for _, m := range regexp.MustCompile("`(gengfu_[a-z0-9_]+)`").FindAllStringSubmatch(document(t, name), -1) {
			if !slices.Contains(served, m[1]) {
				t.Errorf("%s names the metric %s, which is not served", name, m[1])
			}
		}
	}
}

// TestDocs_linksLead: relative links lead to files and headings. Pictures are
// left out; they are made by hand.
func TestDocs_linksLead(t *testing.T) {
	link := regexp.MustCompile(`(!?)\[[^\]]*\]\(([^)]+)\)`)
	for _, name := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(document(t, name), -1) {
			file, anchor, _ := strings.Cut(m[2], "#")
			if m[1] == "!" || strings.Contains(file, "://") {
				continue
			}
			to := path.Join(path.Dir(filepath.ToSlash(name)), file)
			if file == "" {
				to = name
			}
			if _, err := os.Stat(filepath.FromSlash(to)); err != nil {
				t.Errorf("%s links to %s, which does not exist", name, m[2])
			} else if anchor != "" && !slices.Contains(anchors(document(t, to)), anchor) {
				t.Errorf("%s links to %s, where no heading is called so", name, m[2])
			}
		}
	}
}

// anchors are the names that a forge gives to headings.
func anchors(text string) (out []string) {
	drop := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		out = append(out, strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(m[2]), ""), " ", "-"))
	}
	return out
}

var heading = regexp.MustCompile(`(?m)^(#+) (.+)$`)

// TestDocs_languagesMatch: a translation has the same headings, snippets and
// rows of tables as its original.
func TestDocs_languagesMatch(t *testing.T) {
	for _, pair := range translated {
		en, zh := shape(document(t, pair[0])), shape(document(t, pair[1]))
		for i := range min(len(en), len(zh)) {
			if en[i] != zh[i] {
				t.Errorf("%s and %s part at their part %d: %q, %q", pair[0], pair[1], i+1, en[i], zh[i])
				break
			}
		}
		if len(en) != len(zh) {
			t.Errorf("%s has %d headings, snippets and rows, %s has %d", pair[0], len(en), pair[1], len(zh))
		}
	}
}

// shape lists what a document is made of, whatever its language.
func shape(text string) (out []string) {
	mark := regexp.MustCompile("^(#+ |```[a-z]*$|\\|)")
	for line := range strings.Lines(text) {
		if m := mark.FindString(strings.TrimSpace(line)); m != "" {
			out = append(out, m)
		}
	}
	return out
}
