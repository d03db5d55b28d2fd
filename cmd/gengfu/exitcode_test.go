package main

import (
	"bytes"
	"errors"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// exitRows are what the commands end with: all is well, a wrong flag or
// argument, a wrong file, a failed run, our own trouble. Commands that ask the
// running prober find none here.
var exitRows = map[string]int{
	"":                                      0,
	"frobnicate":                            exitUsage,
	"help run":                              0,
	"version":                               0,
	"version --json":                        0,
	"schema":                                0,
	"schema --reference":                    0,
	"check":                                 0,
	"check up.yaml":                         0,
	"check nowhere.yaml":                    exitInvalid,
	"check wrong.yaml":                      exitInvalid,
	"check -c broken.yaml":                  exitInvalid,
	"check --format githb":                  exitUsage,
	"fmt up.yaml":                           0,
	"fmt --check up.yaml":                   0,
	"fmt garbage.yaml":                      exitInvalid,
	"run":                                   exitUsage,
	"run up.yaml":                           0,
	"run up":                                0,
	"run nobody":                            exitUsage,
	"run up.yaml --var x":                   exitUsage,
	"run wrong.yaml":                        exitInvalid,
	"run -c broken.yaml up.yaml":            exitInvalid,
	"run down.yaml":                         exitFailed,
	"run --browser /nowhere/chrome page":    exitErrored,
	"run up.yaml down.yaml":                 exitFailed,
	"plan":                                  0,
	"plan wrong.yaml":                       exitInvalid,
	"plan -c broken.yaml":                   exitInvalid,
	"serve -c nowhere.yaml":                 exitInvalid,
	"serve -c broken.yaml":                  exitInvalid,
	"serve -c nowrite.yaml":                 exitErrored,
	"init":                                  exitUsage,
	"init x://":                             exitUsage,
	"record import":                         exitUsage,
	"record import nowhere.json":            exitInvalid,
	"record export nowhere.yaml":            exitUsage,
	"routes test":                           exitInvalid,
	"record export up.yaml":                 0,
	"routes test -c broken.yaml":            exitInvalid,
	"notify test default -c broken.yaml":    exitInvalid,
	"incident list":                         exitErrored,
	"incident show":                         exitUsage,
	"incident list -c broken.yaml":          exitInvalid,
	"silence list":                          exitErrored,
	"heightened status":                     exitErrored,
	"outbox list -c broken.yaml":            exitInvalid,
	"session list":                          0,
	"session forget":                        exitUsage,
	"session list -c nowhere.yaml":          exitInvalid,
	"resume":                                0,
	"resume nobody":                         exitErrored,
	"calendar show":                         exitUsage,
	"calendar show workdays -c broken.yaml": exitInvalid,
	"duty -c broken.yaml":                   exitInvalid,
	"doctor --nonsense":                     exitUsage,
	"demo --nonsense":                       exitUsage,
}

// codeOf runs the command in a folder and returns its exit code.
func codeOf(t *testing.T, dir string, args ...string) (int, string) {
	t.Helper()
	self, err := exec.LookPath("gengfu")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// TestExitCodes_areAsTheTableSays: and every command refuses a flag that it does
// not know in the same way.
func TestExitCodes_areAsTheTableSays(t *testing.T) {
	dir := t.TempDir()
	open, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	writeFile(t, dir, "gengfu.yaml", "scenarios: [up.yaml, page.yaml]\nlisten: 127.0.0.1:2\n")
	writeFile(t, dir, "broken.yaml", "chanels: {}\n")
	writeFile(t, dir, "nowrite.yaml", "scenarios: [up.yaml]\nlisten: 127.0.0.1:0\ndata: /proc/nowhere\n")
	writeFile(t, dir, "up.yaml", "scenario: up\ntitle: Up\nsteps:\n  - tcp: "+open.Addr().String()+"\n")
	writeFile(t, dir, "garbage.yaml", "a: [b\n")
	writeFile(t, dir, "down.yaml", "scenario: down\ntitle: Down\nsteps:\n  - tcp: 127.0.0.1:1\n")
	writeFile(t, dir, "page.yaml", "scenario: page\ntitle: Page\nsteps:\n  - goto: http://127.0.0.1:1/\n    expect: [{title: a}]\n")
	writeFile(t, dir, "wrong.yaml", "scenario: wrong\nsteps:\n  - clik: a\n")
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, line := range slices.Sorted(maps.Keys(exitRows)) {
		if got, out := codeOf(t, dir, strings.Fields(line)...); got != exitRows[line] {
			t.Errorf("gengfu %s: %d, want %d: %s", line, got, exitRows[line], out)
		}
	}
}

func TestExitCodes_everyCommandRefusesAnUnknownFlag(t *testing.T) {
	var all func(c *cobra.Command, path []string)
	all = func(c *cobra.Command, path []string) {
		for _, sub := range c.Commands() {
			at := append(slices.Clone(path), sub.Name())
			if code := execute(t.Context(), func() {}, append(slices.Clone(at), "--nonsense")); code != exitUsage {
				t.Errorf("%v --nonsense: %d", at, code)
			}
			all(sub, at)
		}
	}
	all(root(), nil)
}

var codeRow = regexp.MustCompile(`(?m)^\| (\d+) \| `)

// TestExitCodes_areDocumented: the table of both READMEs has the codes there are.
func TestExitCodes_areDocumented(t *testing.T) {
	var want []int
	for _, row := range exitRows {
		want = append(want, row)
	}
	want = append(want, exitInterrupted)
	slices.Sort(want)
	want = slices.Compact(want)
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		doc, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		_, table, _ := bytes.Cut(doc, []byte("\n| 0 | "))
		table, _, _ = bytes.Cut(append([]byte("| 0 | "), table...), []byte("\n\n"))
		var got []int
		for _, m := range codeRow.FindAllSubmatch(table, -1) {
			code, _ := strconv.Atoi(string(m[1]))
			got = append(got, code)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s lists the codes %v, there are %v", name, got, want)
		}
	}
}
