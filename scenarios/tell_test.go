package scenarios

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gengfu"
)

// TestTeller_saysEverythingInChinese holds the Chinese words of every mistake
// of the fixtures, and of the warnings; a finding without words of its own
// fails.
func TestTeller_saysEverythingInChinese(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	teller := NewTeller(gengfu.Chinese)
	var b strings.Builder
	for _, file := range append(files, "testdata/warnings.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		set, problems := Parse(filepath.Base(file), data)
		for _, p := range append(problems, set.Warnings...) {
			for _, s := range []string{p.Finding, p.Remedy} {
				if _, known := teller.sentence(s); !known {
					t.Errorf("no Chinese words for %q: add them to spoken", s)
				}
			}
			b.WriteString(teller.Line(p) + "\n")
		}
	}
	golden(t, "testdata/chinese.golden", b.String())
}

func TestTeller_englishChangesNothing(t *testing.T) {
	_, problems := Parse("x.yaml", []byte("scenario: x\nsteps:\n  - clik: a\n"))
	if got := NewTeller(gengfu.English).Line(problems[0]); got != problems[0].String() {
		t.Error(got)
	}
}

func BenchmarkLoad_thousandFiles(b *testing.B) {
	wizard, err := os.ReadFile("applicant-wizard.yaml")
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	for i := range 1000 {
		text := strings.Replace(string(wizard), "scenario: applicant-wizard", "scenario: s"+strconv.Itoa(i), 1)
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)+".yaml"), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for _, name := range []string{"fragments.yaml", "sample-id.png"} {
		data, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if set, problems := Load(dir); len(problems) > 0 || len(set.Scenarios) != 1000 {
			b.Fatal(len(set.Scenarios), problems)
		}
	}
}
