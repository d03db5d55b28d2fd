package gengfu

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"sort"
	"strings"
	"unicode/utf16"
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

// forms are the ways in which a secret stands in texts.
func forms(s string) []string {
	quoted, _ := json.Marshal(s)
	plain := strings.TrimSuffix(strings.TrimPrefix(string(quoted), `"`), `"`)
	script := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)                    // JSON as browsers write it
	element := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s) // HTML as browsers write it
	component := strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(url.QueryEscape(s))
	list := []string{
		s, url.QueryEscape(s), url.PathEscape(s), component, plain, script, ascii(plain), strings.ReplaceAll(plain, "/", `\/`),
		latin1(s), html.EscapeString(s), element, strings.ReplaceAll(element, `"`, "&quot;"),
		lowerHex(url.QueryEscape(s)), lowerHex(component), url.QueryEscape(url.QueryEscape(s)), url.QueryEscape(component),
		base64.StdEncoding.EncodeToString([]byte(s)),
		base64.RawStdEncoding.EncodeToString([]byte(s)),
		base64.URLEncoding.EncodeToString([]byte(s)),
		base64.RawURLEncoding.EncodeToString([]byte(s)),
	}
	list = append(list, hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))))
	for before := range 3 {
		list = append(list, within(base64.RawStdEncoding, s, before), within(base64.RawURLEncoding, s, before))
	}
	return list
}

// within is what a secret makes of base64 when it stands inside a longer text,
// with before bytes, or before plus a multiple of three, in front of it: the
// characters that depend on nothing else.
func within(enc *base64.Encoding, s string, before int) string {
	all := enc.EncodeToString(append(make([]byte, before), s...))
	return all[(before*8+5)/6 : (before+len(s))*8/6]
}

// latin1 is text whose bytes were taken for characters, as browsers do with
// headers.
func latin1(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

// ascii is JSON without characters beyond ASCII.
func ascii(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case c < 0x80:
			b.WriteRune(c)
		case c < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		}
	}
	return b.String()
}

// lowerHex writes the escapes of an address in lower case.
func lowerHex(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], strings.ToLower(string(b[i+1:i+3])))
		}
	}
	return string(b)
}
