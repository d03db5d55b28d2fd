package chrome

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"gengfu"
	"gengfu/scenarios"
)

// libraries serves the component libraries that deploy/prepare.sh installs.
func libraries() http.Handler {
	return http.StripPrefix("/npm/", http.FileServer(http.Dir("testdata/npm/node_modules")))
}

// libraryPages serves the pages of testdata/libraries.
func libraryPages(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir("testdata/libraries")))
	mux.Handle("/npm/", libraries())
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv
}

// TestLibraries_asAnAuthorWrites plays each scenario of testdata/libraries on
// the page beside it, which is made of a component library: lists that are drawn,
// calendars, masks, messages, tables. Half of them go to the full browser.
func TestLibraries_asAnAuthorWrites(t *testing.T) {
	srv := libraryPages(t)
	files, err := filepath.Glob("testdata/libraries/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	n := 0
	for _, file := range files {
		for _, s := range authored(t, file, srv.URL) {
			n++
			p := pool
			if n%2 == 0 {
				p = fullChromium(t)
			}
			t.Run(s.ID, func(t *testing.T) {
				t.Parallel()
				r := p.Run(t.Context(), &s, slot(), nil)
				if r.Outcome != gengfu.Passed {
					t.Errorf("%s: step %s: %s; hints %v; messages %v", r.Outcome, failedStep(r), cause(r), hintsOf(r), r.Messages)
				}
			})
		}
	}
}

// authored are the scenarios of a file with the address that their base is.
func authored(t *testing.T, file, base string) []scenarios.Scenario {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	set, problems := scenarios.LoadFS(fstest.MapFS{
		filepath.Base(file): {Data: []byte(strings.ReplaceAll(string(source), "http://base.test", base))},
		"paper.txt":         {Data: []byte("证明")},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return set.Scenarios
}

func failedStep(r gengfu.Run) string {
	for _, st := range r.Steps {
		if st.Status != gengfu.StepPassed {
			return st.Name
		}
	}
	return ""
}
