package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gengfu"
)

func secretsFile(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secrets.yaml")
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSecrets_lookUpInFileAndEnvironment(t *testing.T) {
	path := secretsFile(t, "applicant_password: 'p@ss: 1'\nadmin-totp: 01234567\n", 0o600)
	s, err := OpenSecrets(path, []string{"GENGFU_SECRET_ADMIN_PASSWORD=env", "GENGFU_SECRET_APPLICANT_PASSWORD=wins", "PATH=/bin", "GENGFU_SECRET_=x"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]gengfu.Secret{"applicant_password": "wins", "admin_totp": "01234567", "admin-totp": "01234567", "admin_password": "env"} {
		got, err := s.Lookup(name)
		if err != nil || got.Reveal() != want.Reveal() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(s.Values()) != 3 || strings.Join(s.Names(), " ") != "admin_password admin_totp applicant_password" {
		t.Error(s.Names())
	}
	if got := fmt.Sprintf("%v %+v %#v %s", s.Values(), s, s, s.values); strings.Contains(got, "wins") {
		t.Errorf("a secret was printed: %s", got)
	}
}

func TestSecrets_unknownNameIsToldWithARemedy(t *testing.T) {
	s, err := OpenSecrets("", []string{"GENGFU_SECRET_ADMIN_TOTP=x"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"admin_topt": `it is not known (did you mean "admin_totp"?)`,
		"other":      "it is not known (add it to the secrets file or set GENGFU_SECRET_OTHER)",
	} {
		if _, err := s.Lookup(name); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	missing := s.Missing(Scenario{ID: "a", Pos: Pos{"a.yaml", 1, 1}, Secrets: []string{"admin_totp", "other"}})
	if len(missing) != 1 || !strings.HasPrefix(missing.Error(), "a.yaml:1:1: scenario a needs the secret other: ") {
		t.Error(missing)
	}
}

func TestOpenSecrets_refusesWithoutRepeatingValues(t *testing.T) {
	for _, row := range []struct {
		text string
		mode os.FileMode
		want string
	}{
		{"a: hunter2\n", 0o644, "others may read it, its mode is 0644 (chmod 600 "},
		{"a: hunter2\n", 0o640, "its mode is 0640"},
		{"a:hunter2\n", 0o600, "want a mapping, not a text"},
		{"a: hunter2: x\n", 0o600, "holds a colon and a blank"},
		{"a: \"hunter2\n", 0o600, "a quote is not closed"},
		{"a: \"hunter2\\d\"\n", 0o600, `unknown escape \d`},
		{"a: *hunter2\n", 0o600, "a text cannot start with *"},
		{"a: [hunter2]\n", 0o600, "want a text, not a list"},
		{"a: ''\n", 0o600, "the secret is empty"},
		{"a b: hunter2\n", 0o600, "cannot be the name of a secret"},
		{"a: hunter2\na: hunter2\n", 0o600, `"a" is set twice`},
	} {
		_, err := OpenSecrets(secretsFile(t, row.text, row.mode), nil)
		if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: got %v, want %s", row.text, err, row.want)
		}
	}
	if _, err := OpenSecrets(filepath.Join(t.TempDir(), "nosuch"), nil); err == nil {
		t.Error("a missing file was accepted")
	}
}
