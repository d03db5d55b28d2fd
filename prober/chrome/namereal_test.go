package chrome

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gengfu/scenarios"
)

// How many of the real pages the names are compared on; 0 for all.
var realPages = flag.Int("names.real", 20, "real pages to compare roles and names on, 0 for all")

const (
	adminPages = "testdata/npm/node_modules/gentelella/dist"                      // an administrator's template: lists, forms, wizards, charts, calendars
	govPages   = "testdata/npm/node_modules/govuk-frontend/dist/govuk/components" // the forms of a government, each in all its states
)

// abroad are the links of a page to other hosts: tests have no network.
var abroad = regexp.MustCompile(`<link[^>]*href="https://[^>]*>`)

// realSite serves pages that others built, and lists their addresses.
func realSite(t *testing.T) (*httptest.Server, []string) {
	t.Helper()
	var pages []string
	for _, pattern := range []string{adminPages + "/production/*.html", govPages + "/*/template-*.html"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v; deploy/prepare.sh installs them", pattern, err)
		}
		for _, f := range found {
			if rel, ok := strings.CutPrefix(f, adminPages); ok {
				pages = append(pages, rel)
			} else {
				pages = append(pages, "/gov"+strings.TrimPrefix(f, govPages))
			}
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/npm/", libraries())
	mux.HandleFunc("/gov/{component}/{state}", func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, `<!doctype html><html lang=en><meta charset=utf-8><link rel=stylesheet href=/npm/govuk-frontend/dist/govuk/govuk-frontend.min.css><body class="govuk-template__body js-enabled govuk-frontend-supported">`)
		b, _ := os.ReadFile(filepath.Join(govPages, q.PathValue("component"), q.PathValue("state")))
		_, _ = w.Write(b)
		_, _ = fmt.Fprint(w, `<script type=module>import {initAll} from '/npm/govuk-frontend/dist/govuk/govuk-frontend.min.js'; initAll()</script>`)
	})
	files := http.FileServer(http.Dir(adminPages))
	mux.HandleFunc("/", func(w http.ResponseWriter, q *http.Request) {
		if path.Ext(q.URL.Path) != ".html" {
			files.ServeHTTP(w, q)
			return
		}
		b, err := os.ReadFile(filepath.Join(adminPages, path.Clean("/"+q.URL.Path)))
		if err != nil {
			http.NotFound(w, q)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(abroad.ReplaceAll(b, nil))
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv, pages
}

// evenly picks n of the list, at even distances.
func evenly(list []string, n int) []string {
	if n <= 0 || n >= len(list) {
		return list
	}
	out := make([]string, 0, n)
	for i := range n {
		out = append(out, list[i*len(list)/n])
	}
	return slices.Compact(out)
}

// loaded opens a page and waits for its load event.
func loaded(url string) scenarios.Step {
	step := open(url)
	step.Until = "load"
	return step
}

// TestNames_agreeOnRealPages compares roles and names on pages that others
// built for people; go test -run RealPages -names.real 0 takes them all.
func TestNames_agreeOnRealPages(t *testing.T) {
	a := agreement{meant: map[string]int{}}
	srv, pages := realSite(t)
	chosen := evenly(pages, *realPages)
	for _, page := range chosen {
		t.Run(page, func(t *testing.T) { a.compare(t, onPage(t, loaded(srv.URL+page)), page) })
	}
	t.Logf("%d of %d pages: %d agree, %d differ, meant: %v", len(chosen), len(pages), a.same, a.other, a.meant)
	if a.other > 0 {
		t.Error("roles or names differ that should not")
	}
}
