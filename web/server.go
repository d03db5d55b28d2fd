package web

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"gengfu"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static/*
var staticFiles embed.FS

// Server serves the pages, the API and the metrics. It may be used from many
// goroutines.
type Server struct {
	cfg     Config
	pages   map[gengfu.Lang]*template.Template
	static  map[string]asset
	handler http.Handler
	export  *exporter
	closing chan struct{} // closed by Close
	close   sync.Once
	streams chan struct{} // a token for each open stream
}

// New checks the configuration and prepares every page.
func New(cfg Config) (*Server, error) {
	if cfg.Scenarios == nil || cfg.Runs == nil || cfg.History == nil || cfg.Incidents == nil ||
		cfg.Deliveries == nil || cfg.Hosts == nil || cfg.Evidence == nil || cfg.Health == nil {
		return nil, fmt.Errorf("web: a reader is missing: %w", gengfu.ErrInvalid)
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Lang == "" {
		cfg.Lang = gengfu.Chinese
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	s := &Server{cfg: cfg, closing: make(chan struct{}), streams: make(chan struct{}, maxStreams)}
	s.export = newExporter(cfg)
	var err error
	if s.pages, err = parsePages(cfg); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if s.static, err = loadAssets(); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	s.handler = s.routes()
	return s, nil
}

// Handler is the whole site.
func (s *Server) Handler() http.Handler { return s.handler }

// Close ends the streams of changes, which would otherwise keep
// [http.Server.Shutdown] waiting; hand it to [http.Server.RegisterOnShutdown].
// It may be called twice.
func (s *Server) Close() { s.close.Do(func() { close(s.closing) }) }

// status is the HTTP status and the API code of an error.
func status(err error) (int, string) {
	switch {
	case errors.Is(err, gengfu.ErrNotFound):
		return http.StatusNotFound, "not_found"
	case errors.Is(err, gengfu.ErrInvalid):
		return http.StatusBadRequest, "invalid"
	case errors.Is(err, gengfu.ErrConflict), errors.Is(err, gengfu.ErrDuplicate):
		return http.StatusConflict, "conflict"
	case errors.Is(err, errUnavailable):
		return http.StatusServiceUnavailable, "unavailable"
	}
	return http.StatusInternalServerError, "internal"
}

// errUnavailable: the product runs without the part that would do this.
var errUnavailable = errors.New("not available here")

// explain is what the caller may read of an error: our own trouble is logged,
// not told.
func (s *Server) explain(r *http.Request, err error) (code int, name, message string) {
	code, name = status(err)
	message = err.Error()
	if code == http.StatusInternalServerError {
		message = "internal error; see the log"
		if r.Context().Err() == nil {
			s.cfg.Log.Error("serve request", "route", r.Pattern, "err", err)
		}
	}
	return code, name, strings.ToValidUTF8(message, "\uFFFD")
}
