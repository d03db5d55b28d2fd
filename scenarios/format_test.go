package scenarios

import (
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func goodFiles(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"*.yaml", "testdata/good/*.yaml", "testdata/warnings.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		out = append(out, files...)
	}
	return out
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// meaning is everything a file says, places and source left out.
func meaning(file string, data []byte) []string {
	set, problems := Parse(file, data)
	out := []string{}
	for _, s := range set.Scenarios {
		out = append(out, s.ID, s.Title, outline(s), s.Schedule.String(), s.Timeout.String(), strings.Join(s.Secrets, ","))
	}
	return append(out, strconv.Itoa(len(problems))+" problems")
}

// TestFormat_keepsMeaningAndSettles: what a good file says stays, and a second
// time changes nothing.
func TestFormat_keepsMeaningAndSettles(t *testing.T) {
	for _, file := range goodFiles(t) {
		data := read(t, file)
		once, err := Format(file, data)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if before, after := meaning(file, data), meaning(file, once); !reflect.DeepEqual(before, after) {
			t.Errorf("%s: %s", file, cmp.Diff(before, after))
		}
		if twice, err := Format(file, once); err != nil || string(twice) != string(once) {
			t.Errorf("%s: %v %s", file, err, cmp.Diff(string(once), string(twice)))
		}
	}
}

// TestFormat_shippedAreFormatted holds the files that authors learn from.
func TestFormat_shippedAreFormatted(t *testing.T) {
	files, err := filepath.Glob("*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data := read(t, file)
		if got, err := Format(file, data); err != nil || string(got) != string(data) {
			t.Errorf("%v\n%s", err, cmp.Diff(string(data), string(got)))
		}
	}
}

func TestFormat_givesOneForm(t *testing.T) {
	const in = "\ufeff# who looks after it: the platform team\r\n\r\n\r\nsteps:\r\n- {goto:   'https://a.example/'}   # the entry\r\n" + `
# two steps
-   timeout:   5s
    click: 'say "hi"'
    # what must be seen
    expect:
    -   {title:   A}
    -   text: 'plain'


- fill:
      b: '1'     # typed first
      a: "2"

- check: >
    1 == 1
scenario:    x   
# the end
`
	const want = `# who looks after it: the platform team

scenario: x
steps:
  - {goto: "https://a.example/"} # the entry

  # two steps
  - click: 'say "hi"'
    # what must be seen
    expect:
      - {title: A}
      - text: "plain"
    timeout: 5s

  - fill:
      b: "1" # typed first
      a: "2"

  - check: >
      1 == 1

# the end
`
	got, err := Format("x.yaml", []byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

// TestFormat_refuses what it would change.
func TestFormat_refuses(t *testing.T) {
	for in, want := range map[string]string{
		"a: [b, # why\n  {c: {}}, # what\n  *a]\n": "anchor",
		"? [a, b]\n: c\n":                          "plain word",
		"a: [\n":                                   "not closed",
	} {
		if got, err := Format("x.yaml", []byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v %q", in, err, got)
		}
	}
}

func FuzzFormat(f *testing.F) {
	for _, file := range goodFiles(f) {
		f.Add(read(f, file))
	}
	bad, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range bad {
		f.Add(read(f, file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		once, err := Format("f.yaml", data)
		if err != nil {
			return
		}
		if before, after := meaning("f.yaml", data), meaning("f.yaml", once); !reflect.DeepEqual(before, after) {
			t.Errorf("%s\n%s", cmp.Diff(before, after), once)
		}
		if twice, err := Format("f.yaml", once); err != nil || string(twice) != string(once) {
			t.Errorf("%v\n%q\n%q", err, once, twice)
		}
	})
}
