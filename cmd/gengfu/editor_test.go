package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gengfu/scenarios"
)

// nodeTool runs a script of testdata/npm, whose packages deploy/prepare.sh
// installs.
func nodeTool(t *testing.T, stdin io.Reader, script string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{filepath.Join("testdata/npm", script)}, args...)...)
	cmd.Stdin, cmd.Stderr = stdin, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v; deploy/prepare.sh installs what it needs\n%s", script, err, out)
	}
	return string(out)
}

func schemaFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "scenario.schema.json")
	if err := os.WriteFile(file, scenarios.Schema(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestSchema_anotherValidatorAgrees: Ajv accepts every good file, each of its
// documents, and refuses what a schema can refuse.
func TestSchema_anotherValidatorAgrees(t *testing.T) {
	var good, bad []string
	for _, pattern := range []string{"../../scenarios/*.yaml", "../../scenarios/testdata/good/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		good = append(good, files...)
	}
	for _, name := range []string{
		"unknown_verb", "unknown_top_key", "unknown_modifier", "missing_id", "missing_steps", "no_unit", "bad_duration", "budget_text",
		"unknown_severity", "locator_unknown_role", "locator_list", "expect_unknown", "expect_value_no_of", "outcome_unknown", "schedule_text",
		"device", "dialog_word", "at_one_number", "drag_no_to", "network_step", "session_no_login", "session_verb",
	} {
		bad = append(bad, "../../scenarios/testdata/bad/"+name+".yaml")
	}
	out := nodeTool(t, nil, "schema.mjs", append(append([]string{schemaFile(t)}, good...), bad...)...)
	sound := map[string]bool{}
	for line := range strings.Lines(out) {
		file, words, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if _, seen := sound[file]; !seen {
			sound[file] = true
		}
		sound[file] = sound[file] && words == "ok"
		if slices.Contains(good, file) && words != "ok" {
			t.Errorf("%s: %s", file, words)
		}
	}
	for _, file := range bad {
		if accepted, seen := sound[file]; accepted || !seen {
			t.Errorf("%s is accepted (%v)", file, seen)
		}
	}
}

// TestSchema_editorsComplete asks a language server what it offers inside a
// step, a locator, an expectation and a document.
func TestSchema_editorsComplete(t *testing.T) {
	schema := schemaFile(t)
	head := "# yaml-language-server: $schema=file://" + schema + "\n"
	type request struct {
		URI       string `json:"uri"`
		Text      string `json:"text"`
		Line      int    `json:"line"`
		Character int    `json:"character"`
	}
	cases := []struct {
		name, text string
		want, not  []string
	}{
		{"document", "scenario: a\n|", []string{"steps", "session", "schedule", "budget"}, []string{"click"}},
		{"step", "scenario: a\nsteps:\n  - |", []string{"goto", "click", "fill", "expect", "use", "name"}, []string{"schedule", "role"}},
		{"locator", "scenario: a\nsteps:\n  - click:\n      |", []string{"role", "label", "text", "within", "nth"}, []string{"click", "schedule"}},
		{"role", "scenario: a\nsteps:\n  - click:\n      role: |", []string{"button", "heading"}, nil},
		{"expectation", "scenario: a\nsteps:\n  - goto: https://a.example/\n    expect:\n      - |", []string{"url", "visible", "count", "level"}, []string{"goto"}},
		{"severity", "scenario: a\nseverity: |", []string{"notice", "major"}, nil},
	}
	var in strings.Builder
	for i, c := range cases {
		before, after, _ := strings.Cut(c.text, "|")
		lines := strings.Split(head+before, "\n")
		r := request{"file:///" + c.name + ".yaml", head + before + after, len(lines) - 1, len(lines[len(lines)-1])}
		line, err := json.Marshal(r)
		if err != nil {
			t.Fatal(i, err)
		}
		in.Write(append(line, '\n'))
	}
	scan := bufio.NewScanner(strings.NewReader(nodeTool(t, strings.NewReader(in.String()), "complete.mjs", filepath.Dir(schema))))
	scan.Buffer(nil, 4<<20)
	for _, c := range cases {
		var items []struct{ Label, Doc string }
		if !scan.Scan() {
			t.Fatalf("no answer for %s", c.name)
		}
		if err := json.Unmarshal(scan.Bytes(), &items); err != nil {
			t.Fatal(err)
		}
		var labels []string
		for _, it := range items {
			labels = append(labels, it.Label)
			if it.Label == "click" && (!strings.Contains(it.Doc, "点击元素") || !strings.Contains(it.Doc, "click an element")) {
				t.Errorf("click is described as %q", it.Doc)
			}
		}
		for _, w := range c.want {
			if !slices.Contains(labels, w) {
				t.Errorf("%s: %s is not offered; %d others are: %q", c.name, w, len(labels), labels)
			}
			if n := len(slices.DeleteFunc(slices.Clone(labels), func(l string) bool { return l != w })); n > 1 {
				t.Errorf("%s: %s is offered %d times", c.name, w, n)
			}
		}
		for _, w := range c.not {
			if slices.Contains(labels, w) {
				t.Errorf("%s: %s is offered", c.name, w)
			}
		}
	}
}
