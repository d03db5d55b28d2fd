package chrome

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/chromedp/cdproto/network"

	"gengfu"
)

const stars = gengfu.Masked

// private matches the names of fields, parameters and headers whose values are
// nobody's business, whatever they are.
var private = regexp.MustCompile(`(?i)pass(word|wd|phrase)|pwd|token|secret|session|credential|api[-_]?key|id_?card|phone|mobile|jwt|saml|ticket|captcha|signature|access[-_]?key|身份证|手机号|^(x-auth|auth|code|state|sid|otp|sign)$`)

// telling are the headers that carry an identity.
var telling = []string{"authorization", "proxy-authorization", "cookie", "set-cookie"}

// addressed are the headers that hold addresses.
var addressed = []string{"location", "referer", "content-location", ":path", "origin", "refresh", "sourcemap"}

// headers lists headers by name, with what must not be seen stars. Several
// lines of the same name come joined by line feeds.
func (b *archivist) headers(h network.Headers) []harPair {
	out := []harPair{}
	for name, value := range h {
		for line := range strings.SplitSeq(fmt.Sprint(value), "\n") {
			out = append(out, harPair{b.clean(name), b.header(name, line)})
		}
	}
	slices.SortStableFunc(out, func(x, y harPair) int { return cmp.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)) })
	return out
}

func (b *archivist) header(name, value string) string {
	switch low := strings.ToLower(name); {
	case low == "set-cookie":
		return b.setCookie(value)
	case low == "cookie":
		return b.cookies(value)
	case slices.Contains(telling, low), private.MatchString(name):
		return stars
	case slices.Contains(addressed, low):
		return b.address(value)
	}
	return b.clean(shortened(value, maxHeader))
}

const maxHeader = 4 << 10

// shortened cuts a text at a rune.
func shortened(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	s = s[:limit]
	for !utf8.ValidString(s) && len(s) > limit-utf8.UTFMax {
		s = s[:len(s)-1]
	}
	return s + cutMark
}

// cookies masks the values of a Cookie header.
func (b *archivist) cookies(value string) string {
	var out []string
	for pair := range strings.SplitSeq(value, ";") {
		name, _, _ := strings.Cut(strings.TrimSpace(pair), "=")
		out = append(out, b.clean(name)+"="+stars)
	}
	return strings.Join(out, "; ")
}

// setCookie masks the value of a Set-Cookie header and keeps its attributes.
func (b *archivist) setCookie(value string) string {
	first, rest, more := strings.Cut(value, ";")
	name, _, _ := strings.Cut(first, "=")
	out := b.clean(name) + "=" + stars
	if more {
		out += ";" + b.clean(rest)
	}
	return out
}

// address is an address without fragment and without the values of private
// parameters, in the characters that RFC 3986 allows.
func (b *archivist) address(raw string) string {
	raw, _, _ = strings.Cut(raw, "#")
	path, query, asks := strings.Cut(raw, "?")
	if scheme, rest, ok := strings.Cut(path, "://"); ok {
		host, tail, slash := strings.Cut(rest, "/")
		if i := strings.LastIndexByte(host, '@'); i >= 0 {
			host = stars + host[i:]
		}
		if path = scheme + "://" + host; slash {
			path += "/" + tail
		}
	}
	path = b.clean(shortened(pathSession.ReplaceAllString(path, ""), maxHeader))
	if !asks {
		return uri(path)
	}
	var parts []string
	for part := range strings.SplitSeq(query, "&") {
		name, value, has := strings.Cut(part, "=")
		if has && private.MatchString(unescaped(name)) {
			value = stars
		}
		if part = name; has {
			part += "=" + value
		}
		parts = append(parts, part)
	}
	return uri(path + "?" + b.clean(shortened(strings.Join(parts, "&"), maxHeader)))
}

// uri escapes what browsers let stand in addresses though RFC 3986 does not.
func uri(s string) string {
	var out strings.Builder
	query, host := false, strings.Contains(s, "://[")
	for i := range len(s) {
		c := s[i]
		query = query || c == '?'
		bracket := (c == '[' || c == ']') && (!host || query)
		if c <= ' ' || c >= 0x7f || bracket || strings.IndexByte("\"<>\\^`{|}", c) >= 0 || c == '%' && !escaped(s[i:]) {
			fmt.Fprintf(&out, "%%%02X", c)
			continue
		}
		out.WriteByte(c)
	}
	return out.String()
}

func escaped(s string) bool {
	hex := func(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }
	return len(s) > 2 && hex(s[1]) && hex(s[2])
}

func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// query lists the parameters of an address.
func (b *archivist) query(raw string) []harPair {
	raw, _, _ = strings.Cut(raw, "#")
	_, query, _ := strings.Cut(raw, "?")
	return b.pairs(query)
}

func (b *archivist) pairs(encoded string) []harPair {
	out := []harPair{}
	if encoded == "" {
		return out
	}
	for part := range strings.SplitSeq(encoded, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, value = unescaped(name), unescaped(value)
		if private.MatchString(name) {
			value = stars
		}
		out = append(out, harPair{b.clean(shortened(name, maxHeader)), b.clean(shortened(value, maxHeader))})
	}
	return out
}

// posted is what a request sends, nil when nothing. Files and what is in no
// form that can be looked into is left out.
func (b *archivist) posted(q *network.Request) *harPosted {
	if !q.HasPostData {
		return nil
	}
	var data []byte
	for _, p := range q.PostDataEntries {
		data = append(data, p.Bytes...)
	}
	out := &harPosted{}
	for name, value := range q.Headers {
		if strings.EqualFold(name, "content-type") {
			out.MimeType = b.clean(fmt.Sprint(value))
		}
	}
	kind := strings.ToLower(out.MimeType)
	switch {
	case len(data) == 0:
		out.Comment = "not known"
	case strings.HasPrefix(kind, "application/x-www-form-urlencoded"):
		out.Params = b.pairs(string(data))
	case strings.HasPrefix(kind, "multipart/"), !utf8.Valid(data):
		out.Comment = fmt.Sprintf("%d bytes", len(data))
	default:
		out.Text = b.text(string(data), kind)
	}
	return out
}

// body is the text of an answer, cut to what an archive can bear.
func (b *archivist) body(t fetched, mime string) (text, comment string) {
	text = b.text(t.text, mime)
	if len(text) <= maxBody {
		return text, ""
	}
	return shortened(text, maxBody), fmt.Sprintf("the first part of %d bytes", t.size)
}

// text is content without secrets and private values.
func (b *archivist) text(s, mime string) string {
	if jsonType(mime) || strings.HasPrefix(strings.TrimSpace(s), "{") {
		if plain, ok := maskJSON(s); ok {
			s = plain
		}
	}
	return b.clean(s)
}

func jsonType(mime string) bool {
	mime, _, _ = strings.Cut(strings.ToLower(mime), ";")
	return strings.HasSuffix(strings.TrimSpace(mime), "json")
}

// maskJSON replaces the values of private keys; false when it is no JSON.
func maskJSON(s string) (string, bool) {
	in := json.NewDecoder(strings.NewReader(s))
	in.UseNumber()
	var v any
	if in.Decode(&v) != nil || in.More() {
		return "", false
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(maskValues(v)) != nil {
		return "", false
	}
	return strings.TrimSuffix(out.String(), "\n"), true
}

func maskValues(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			if private.MatchString(k) {
				v[k] = stars
			} else {
				v[k] = maskValues(inner)
			}
		}
	case []any:
		for i := range v {
			v[i] = maskValues(v[i])
		}
	case string:
		if inner, ok := maskJSON(v); ok && strings.HasPrefix(v, "{") { // JSON in JSON
			return inner
		}
	}
	return v
}
