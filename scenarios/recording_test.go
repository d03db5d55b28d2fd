package scenarios

import (
	"os"
	"strings"
	"testing"
)

// TestImport_makesATidyScenario of a recording with everything a person does:
// the result is held in golden files, is sound, and keeps no password.
func TestImport_makesATidyScenario(t *testing.T) {
	text, remarks, err := Import(read(t, "testdata/recording.json"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/recording.golden", string(text)+"# remarks:\n# "+strings.Join(remarks, "\n# ")+"\n")
	set, problems := Parse("recording.yaml", text)
	if len(problems) > 0 || len(set.Scenarios) != 1 {
		t.Fatal(problems)
	}
	if strings.Contains(string(text)+strings.Join(remarks, ""), "hunter2") {
		t.Error("the password is in the scenario")
	}
	if s := set.Scenarios[0]; len(s.Secrets) != 1 || s.Secrets[0] != "password" {
		t.Errorf("secrets %q", s.Secrets)
	}
}

func TestImport_refusesWhatIsNoRecording(t *testing.T) {
	for _, text := range []string{"", "[]", "{}", `{"steps": []}`, `{"steps": 1}`} {
		if _, _, err := Import([]byte(text)); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func FuzzImport(f *testing.F) {
	data, err := os.ReadFile("testdata/recording.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		text, _, err := Import(data)
		if err != nil {
			return
		}
		if _, problems := Parse("recording.yaml", text); len(problems) > 0 && strings.Contains(problems.Error(), "not valid YAML") {
			t.Errorf("%v\n%s", problems, text)
		}
	})
}
