package web_test

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/web"
)

func TestGuard_headersOnEveryAnswer(t *testing.T) {
	s := newSite(t)
	css := regexp.MustCompile(`/static/style\.css[^"]*`).FindString(s.get("/").Body.String())
	for _, target := range append(pages(), css, "/static/none", "/nothing", "/healthz", "/readyz", "/metrics", "/api/v1", "/api/v1/none", "/evidence/dom/x") {
		h := s.get(target).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q", target, name, got)
			}
		}
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy %q lacks %s", target, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: the policy %q is too wide", target, csp)
		}
	}
}

func TestGuard_refusesOtherSites(t *testing.T) {
	s := newSite(t)
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "http://evil.example"}, {"Origin", "http://127.0.0.1:9999"}, {"Origin", "null"},
	} {
		for _, target := range []string{"/scenarios/home/run", "/incidents/INC-2026-0042/ack", "/ack/INC-2026-0042,1", "/deliveries/1/replay", "/api/v1/scenarios/home/run", "/api/v1/deliveries/1/replay", "/api/v1/incidents/INC-2026-0042/close"} {
			if w := s.do(http.MethodPost, target, strings.NewReader("actor=x"), append(header, "Content-Type", "application/x-www-form-urlencoded")...); w.Code != http.StatusForbidden {
				t.Errorf("%v to %s: status %d", header, target, w.Code)
			}
		}
	}
	if len(s.acts) > 0 {
		t.Errorf("acts = %q", s.acts)
	}
}

func TestGuard_changesNothingOnGET(t *testing.T) {
	s := newSite(t)
	for _, target := range []string{"/scenarios/home/run", "/incidents/INC-2026-0042/ack", "/deliveries/1/replay", "/api/v1/scenarios/home/run", "/api/v1/incidents/INC-2026-0042/ack"} {
		if w := s.get(target); w.Code < 400 {
			t.Errorf("%s: status %d", target, w.Code)
		}
	}
	if len(s.acts) > 0 {
		t.Errorf("acts = %q", s.acts)
	}
}

func TestGuard_hostNames(t *testing.T) {
	s := newSite(t)
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "localhost": 200, "LOCALHOST:1": 200, "[::1]:8080": 200, "127.9.9.9": 200,
		"evil.example": 403, "evil.example:8080": 403, "192.168.1.4:8080": 403, "127.0.0.1.evil.example": 403, "": 403, "0.0.0.0": 403,
	} {
		r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("host %q: status %d, want %d", host, w.Code, want)
		}
	}
}

func TestEvidence_cannotRun(t *testing.T) {
	s := newSite(t)
	run, err := s.store.Run(t.Context(), failedRun())
	must(t, err)
	for _, ev := range run.Evidence {
		w := s.get("/evidence/" + string(ev.Kind) + "/" + ev.SHA256)
		h := w.Header()
		if w.Code != http.StatusOK || w.Body.Len() != ev.Size || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: status %d, %d bytes, policy %q", ev.Kind, w.Code, w.Body.Len(), h.Get("Content-Security-Policy"))
		}
		want, disposition := "text/plain; charset=utf-8", "attachment"
		if ev.Kind.Picture() {
			want, disposition = "image/jpeg", "inline"
		}
		if ev.Kind == gengfu.EvidenceHAR {
			want, disposition = "application/json; charset=utf-8", `attachment; filename="gengfu-`+ev.SHA256[:12]+`.har"`
		}
		if h.Get("Content-Type") != want || !strings.HasPrefix(h.Get("Content-Disposition"), disposition) {
			t.Errorf("%s: %q, %q", ev.Kind, h.Get("Content-Type"), h.Get("Content-Disposition"))
		}
	}
	for target, want := range map[string]int{
		"/evidence/screenshot/" + strings.Repeat("0", 64): 404, "/evidence/screenshot/..%2f..%2fledger.db": 400, "/evidence/html/" + run.Evidence[0].SHA256: 404,
	} {
		if w := s.get(target); w.Code != want {
			t.Errorf("%s: status %d, want %d", target, w.Code, want)
		}
	}
}

func TestListenLoopback(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "localhost:0"} {
		ln, err := web.ListenLoopback(t.Context(), addr)
		if err != nil {
			t.Errorf("%s: %v", addr, err)
			continue
		}
		must(t, ln.Close())
	}
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[2001:db8::1]:0", "8080"} {
		ln, err := web.ListenLoopback(t.Context(), addr)
		if !errors.Is(err, gengfu.ErrInvalid) {
			t.Errorf("%s: %v, %v", addr, ln, err)
		}
	}
}

// follow opens a stream on a real server and sends its lines until it ends.
func follow(t *testing.T, s *site, query string) (lines <-chan string, leave context.CancelFunc) {
	t.Helper()
	srv := httptest.NewServer(s.Handler())
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(func() { cancel(); s.Close(); srv.Close() })
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/events?topics="+query, nil)
	must(t, err)
	answer, err := srv.Client().Do(r)
	must(t, err)
	if got := answer.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/event-stream") {
		t.Fatalf("content type %q", got)
	}
	out := make(chan string, 16)
	go func() {
		defer close(out)
		defer answer.Body.Close()
		for sc := bufio.NewScanner(answer.Body); sc.Scan(); {
			out <- sc.Text()
		}
	}()
	if first := wait(t, out); first != "retry: 3000" {
		t.Fatalf("begins with %q", first)
	}
	return out, cancel
}

func wait(t *testing.T, lines <-chan string) string {
	t.Helper()
	for {
		select {
		case line, open := <-lines:
			if line != "" || !open {
				return line
			}
		case <-time.After(10 * time.Second):
			t.Fatal("nothing came for ten seconds")
		}
	}
}

func TestEvents_tellOfAChange(t *testing.T) {
	s := newSite(t)
	lines, _ := follow(t, s, "incident,host:db")
	must(t, s.store.SaveHostSample(t.Context(), reading("db-02", 3)))
	if line := wait(t, lines); line != "event: changed" {
		t.Errorf("got %q", line)
	}
	s.Close()
	if line := wait(t, lines); line != "data: 1" {
		t.Errorf("got %q", line)
	}
	if line := wait(t, lines); line != "" {
		t.Errorf("after the site closed: %q", line)
	}
}

func TestEvents_endWithTheRequest(t *testing.T) {
	s := newSite(t)
	ended := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(ended)
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/events?topics="+url.QueryEscape("run:"), nil)
		s.Handler().ServeHTTP(httptest.NewRecorder(), r)
	}()
	cancel()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the stream outlives its request")
	}
}

func TestEvents_boundedNumber(t *testing.T) {
	s := newSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	codes := make(chan int, 513)
	for range 513 {
		go func() {
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/events", nil))
			codes <- w.Code
		}()
	}
	if code := <-codes; code != http.StatusServiceUnavailable {
		t.Errorf("the one too many got %d", code)
	}
	cancel()
	for range 512 {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("a stream ended with %d", code)
		}
	}
}

// TestAssets_weight keeps what a page loads small.
func TestAssets_weight(t *testing.T) {
	limits := map[string]int64{"style.css": 17 << 10, "dark.css": 1 << 10, "live.js": 4 << 10, "icon.svg": 1 << 10}
	files, err := os.ReadDir("static")
	must(t, err)
	for _, f := range files {
		info, err := f.Info()
		must(t, err)
		if info.Size() > limits[f.Name()] {
			t.Errorf("%s has %d bytes, at most %d", f.Name(), info.Size(), limits[f.Name()])
		}
	}
}

// TestRun_drawsTheNetwork of its archive, with what foreign pages put into it
// as text.
func TestRun_drawsTheNetwork(t *testing.T) {
	s := newSite(t)
	body := s.get("/runs/" + failedRun()).Body.String()
	for _, part := range []string{`id="net-h"`, "net::ERR_NAME_NOT_RESOLVED", "POST /api/login"} {
		if !strings.Contains(body, part) {
			t.Errorf("the page of the run does not show %s", part)
		}
	}
	if strings.Contains(body, "login?<script>") {
		t.Error("an address became markup")
	}
}
