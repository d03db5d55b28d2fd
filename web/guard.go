package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// pageCSP lets a page use its own style sheet, script and pictures, and
// nothing else; no page may frame it.
const pageCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// evidenceCSP takes every right from stored content: it came from a page that
// may be hostile.
const evidenceCSP = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// guard is what every request passes: only this machine's names, no request
// from another site's page that changes anything, and strict headers.
func (s *Server) guard(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		deny(w, r, "the request came from another site")
	}))
	safe := origin.Handler(limitBody(next))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pageCSP)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if !ourName(r.Host) {
			deny(w, r, "this address answers to localhost, 127.0.0.1 and [::1] only")
			return
		}
		safe.ServeHTTP(w, r)
	})
}

// maxBody is far more than any form or API request needs.
const maxBody = 64 << 10

func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

func deny(w http.ResponseWriter, r *http.Request, message string) {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		writeJSON(w, http.StatusForbidden, apiError{Error: apiFault{Code: "forbidden", Message: message}})
		return
	}
	http.Error(w, message, http.StatusForbidden)
}

// ourName reports whether a Host header names this machine. A page elsewhere
// whose name was rebound to 127.0.0.1 sends its own name and is refused.
func ourName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
