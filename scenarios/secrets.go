package scenarios

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"gengfu"
	"gengfu/scenarios/strict"
)

// SecretPrefix begins the environment variables that hold secrets: the secret
// admin_totp is in GENGFU_SECRET_ADMIN_TOTP.
const SecretPrefix = "GENGFU_SECRET_"

// Secrets knows the values behind ${secret.…}. Nothing changes after it was
// opened, so any goroutine may ask it; a changed file is opened anew.
type Secrets struct {
	values map[string]gengfu.Secret
}

// OpenSecrets reads a file of "name: value" lines (none when path is empty)
// and the environment, given as os.Environ does. The environment wins. A file
// that others can read is refused.
func OpenSecrets(path string, environ []string) (*Secrets, error) {
	s := &Secrets{values: map[string]gengfu.Secret{}}
	if path != "" {
		if err := s.read(path); err != nil {
			return nil, fmt.Errorf("open secrets: %w", err)
		}
	}
	for _, kv := range environ {
		name, value, ok := strings.Cut(kv, "=")
		if name, secret := strings.CutPrefix(name, SecretPrefix); ok && secret && name != "" {
			s.values[canonical(name)] = gengfu.Secret(value)
		}
	}
	return s, nil
}

// canonical makes the names of files and of the environment one.
func canonical(name string) string { return strings.ToLower(strings.ReplaceAll(name, "-", "_")) }

func (s *Secrets) read(path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return strict.Problems{{File: path, Finding: fmt.Sprintf("others may read it, its mode is %04o", mode), Remedy: "chmod 600 " + path}}
	}
	data, err := io.ReadAll(io.LimitReader(f, strict.MaxFile+1))
	if err != nil {
		return err
	}
	return s.parse(path, data)
}

// parse reads the file strictly. No finding of the readers used here repeats a
// value.
func (s *Secrets) parse(path string, data []byte) error {
	var rep strict.Report
	for _, doc := range strict.Parse(path, data, &rep) {
		m, ok := doc.Root.Map()
		if !ok {
			continue
		}
		for _, e := range m.Entries {
			value, ok := e.Value.String()
			switch {
			case !ok:
			case !validName(e.Key):
				e.At.Problem("this cannot be the name of a secret", "use letters, digits, _ and -")
			case value == "":
				e.Value.Problem("the secret is empty", "")
			default:
				s.values[canonical(e.Key)] = gengfu.Secret(value)
			}
		}
	}
	return rep.Problems().Err()
}

// Lookup returns a secret; it fits [Env.Secret]. The error names a similar
// secret if there is one.
func (s *Secrets) Lookup(name string) (gengfu.Secret, error) {
	if v, ok := s.values[canonical(name)]; ok {
		return v, nil
	}
	if near := strict.Nearest(canonical(name), s.Names()); near != "" {
		return "", fmt.Errorf("it is not known (did you mean %q?)", near)
	}
	return "", fmt.Errorf("it is not known (add it to the secrets file or set %s%s)", SecretPrefix, strings.ToUpper(canonical(name)))
}

// Names lists the names of all secrets.
func (s *Secrets) Names() []string { return slices.Sorted(maps.Keys(s.values)) }

// Values are all secrets, for the redactor.
func (s *Secrets) Values() []gengfu.Secret { return slices.Collect(maps.Values(s.values)) }

// String lists the names and no value, in every fmt verb.
func (s *Secrets) String() string { return "secrets: " + strings.Join(s.Names(), ", ") }

// GoString is String, so that %#v shows no value either.
func (s *Secrets) GoString() string { return s.String() }

// Missing reports, in the form of the checks, every secret that a scenario
// asks for in vain.
func (s *Secrets) Missing(sc Scenario) strict.Problems {
	var out strict.Problems
	for _, name := range sc.Secrets {
		if _, err := s.Lookup(name); err != nil {
			out = append(out, strict.Problem{
				File: sc.Pos.File, Line: sc.Pos.Line, Col: sc.Pos.Col,
				Finding: fmt.Sprintf("scenario %s needs the secret %s: %s", sc.ID, name, err),
			})
		}
	}
	return out
}
