package gengfu_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"gengfu"
)

func TestRedactor_evidence(t *testing.T) {
	const secret = `n"Kana/7351`
	r := gengfu.Redactor{}.With(secret)
	for name, c := range map[string]struct {
		kind          gengfu.EvidenceKind
		content, want string
	}{
		"text":                     {gengfu.EvidenceDOM, "<p>" + secret + "</p>", "<p>***</p>"},
		"hexadecimal":              {gengfu.EvidenceOutline, "x" + hex.EncodeToString([]byte(secret)) + strings.ToUpper(hex.EncodeToString([]byte(secret))), "x******"},
		"archive":                  {gengfu.EvidenceHAR, `{"a":"n\"Kana/7351"}`, `{"a":"***"}`},
		"archive that would break": {gengfu.EvidenceHAR, `{"a":"\n\"Kana/7351"}`, ""},
		"picture":                  {gengfu.EvidenceScreenshot, "\xff\xd8\xff", "\xff\xd8\xff"},
		"picture with a secret":    {gengfu.EvidenceFilm, "\xff\xd8" + secret, ""},
		"paper with a secret":      {gengfu.EvidencePDF, "%PDF (" + secret + ")", ""},
	} {
		e := r.Evidence(c.kind, []byte(c.content))
		if got := string(e.Data.Bytes()); got != c.want || e.Size != len(c.want) || e.Kind != c.kind {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
