package web_test

import (
	"errors"
	"flag"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gengfu/web"
)

// To look at the pages with made-up data: go test ./web -run Storybook
// -storybook 127.0.0.1:8098 -timeout 0
var storybook = flag.String("storybook", "", "serve the made-up world on this loopback address until interrupted")

// TestStorybook writes every page to a file as a browser without a server
// could open it, and serves them when asked to.
func TestStorybook(t *testing.T) {
	s := newSite(t)
	dir := t.TempDir()
	for _, page := range pages() {
		name := strings.NewReplacer("/", "_", "?", "_").Replace(strings.TrimPrefix(page, "/")) + ".html"
		must(t, os.WriteFile(filepath.Join(dir, name), s.get(page).Body.Bytes(), 0o600))
	}
	if *storybook == "" {
		return
	}
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	defer stop()
	ln, err := web.ListenLoopback(ctx, *storybook)
	must(t, err)
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: time.Second}
	srv.RegisterOnShutdown(s.Close)
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	<-ctx.Done()
	must(t, srv.Close())
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}
