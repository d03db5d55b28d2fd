package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"

	"gengfu"
)

// evidence serves stored content as the kind it was stored under. It comes
// from foreign pages: pictures are shown, everything else is text or an archive
// to be saved, and nothing of it may run.
func (s *Server) evidence(w http.ResponseWriter, r *http.Request) error {
	kind, hash := gengfu.EvidenceKind(r.PathValue("kind")), r.PathValue("hash")
	h := w.Header()
	switch kind {
	case gengfu.EvidenceScreenshot, gengfu.EvidenceFilm, gengfu.EvidenceChange, gengfu.EvidenceStill, gengfu.EvidenceGood:
		h.Set("Content-Type", "image/jpeg")
		h.Set("Content-Disposition", `inline; filename="`+short(hash)+`.jpg"`)
	case gengfu.EvidenceDOM, gengfu.EvidenceOutline, gengfu.EvidenceDiff, gengfu.EvidenceSteps:
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="`+string(kind)+"-"+short(hash)+`.txt"`)
	case gengfu.EvidencePDF:
		h.Set("Content-Type", "application/pdf")
		h.Set("Content-Disposition", `attachment; filename="`+short(hash)+`.pdf"`)
	case gengfu.EvidenceHAR:
		h.Set("Content-Type", "application/json; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="gengfu-`+short(hash)+`.har"`)
	default:
		return fmt.Errorf("evidence %q: %w", kind, gengfu.ErrNotFound)
	}
	content, err := s.cfg.Evidence.OpenEvidence(hash)
	if err != nil {
		h.Del("Content-Disposition")
		return err
	}
	h.Set("Content-Security-Policy", evidenceCSP)
	h.Set("Cache-Control", "private, max-age=86400, immutable")
	_, err = io.Copy(w, content)
	return gone(errors.Join(err, content.Close()))
}

// short is enough of a hash to tell files apart, and nothing that could end a
// header.
func short(hash string) string {
	if _, err := hex.DecodeString(hash); err != nil {
		return "evidence"
	}
	return hash[:min(12, len(hash))]
}

// asset is a file of ours, addressed by its content so that it can be cached
// for ever.
type asset struct {
	body    []byte
	mime    string
	address string
}

func loadAssets() (map[string]asset, error) {
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	files, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	assets := map[string]asset{}
	for _, f := range files {
		body, err := staticFiles.ReadFile("static/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("read static files: %w", err)
		}
		sum := sha256.Sum256(body)
		assets[f.Name()] = asset{body: body, mime: types[path.Ext(f.Name())], address: "/static/" + f.Name() + "?v=" + hex.EncodeToString(sum[:6])}
	}
	return assets, nil
}

func (s *Server) addresses() map[string]string {
	m := make(map[string]string, len(s.static))
	for name, a := range s.static {
		m[name] = a.address
	}
	return m
}

func (s *Server) asset(w http.ResponseWriter, r *http.Request) error {
	a, ok := s.static[r.PathValue("name")]
	if !ok {
		return fmt.Errorf("file %q: %w", r.PathValue("name"), gengfu.ErrNotFound)
	}
	w.Header().Set("Content-Type", a.mime)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err := w.Write(a.body)
	return gone(err)
}
