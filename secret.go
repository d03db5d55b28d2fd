package gengfu

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"log/slog"
	"net/url"
	"sort"
	"strings"
)

// Masked is what stands in the place of a secret, everywhere.
const Masked = "***"

// Secret is a value that must not be seen. Printing, logging and encoding it
// give [Masked]; only [Secret.Reveal] gives the text.
type Secret string

// Reveal returns the text, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String masks the secret in every fmt verb that asks for a string.
func (s Secret) String() string { return Masked }

// GoString masks the secret under %#v.
func (s Secret) GoString() string { return Masked }

// LogValue masks the secret in log/slog records.
func (s Secret) LogValue() slog.Value { return slog.StringValue(Masked) }

// MarshalText masks the secret in every text encoding.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Masked), nil }

// MarshalJSON masks the secret in JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + Masked + `"`), nil }

// minSecret is the length below which a value is too common to be cut out of
// every text: masking "1" would eat the page.
const minSecret = 4

// Redactor cuts secrets, and the forms they take in URLs, JSON, HTML and
// base64, out of text. The zero value redacts nothing; it is immutable, so
// [Redactor.With] returns a new one.
type Redactor struct {
	forms []string // longest first
}

// With returns a redactor that also knows secrets. Values under four
// characters are left out: they would match everywhere.
func (r Redactor) With(secrets ...Secret) Redactor {
	seen := map[string]bool{}
	for _, f := range r.forms {
		seen[f] = true
	}
	for _, s := range secrets {
		if len(s) < minSecret {
			continue
		}
		for _, f := range forms(string(s)) {
			if len(f) >= minSecret {
				seen[f] = true
			}
		}
	}
	all := make([]string, 0, len(seen))
	for f := range seen {
		all = append(all, f)
	}
	sort.Slice(all, func(i, j int) bool {
		if len(all[i]) != len(all[j]) {
			return len(all[i]) > len(all[j])
		}
		return all[i] < all[j]
	})
	return Redactor{forms: all}
}

// Redact returns text with every known secret replaced by [Masked].
func (r Redactor) Redact(text string) string {
	for _, f := range r.forms {
		if strings.Contains(text, f) {
			text = strings.ReplaceAll(text, f, Masked)
		}
	}
	return text
}

func forms(s string) []string {
	quoted, _ := json.Marshal(s)
	plain := strings.Trim(string(quoted), `"`)
	script := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)                    // JSON as browsers write it
	element := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s) // HTML as browsers write it
	component := strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(url.QueryEscape(s))
	return []string{
		s, url.QueryEscape(s), url.PathEscape(s), component, plain, script, html.EscapeString(s),
		element, strings.ReplaceAll(element, `"`, "&quot;"),
		base64.StdEncoding.EncodeToString([]byte(s)),
		base64.RawStdEncoding.EncodeToString([]byte(s)),
		base64.URLEncoding.EncodeToString([]byte(s)),
		base64.RawURLEncoding.EncodeToString([]byte(s)),
	}
}
