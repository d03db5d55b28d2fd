package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"gengfu"
)

// viewer shows an archive page by page in PerfCascade, a viewer that is not
// ours, opens the details of every row, and counts what it sees.
const viewer = `<!doctype html><meta charset=utf-8><link rel=stylesheet href=/npm/perf-cascade/dist/perf-cascade.css>
<script src=/npm/perf-cascade/dist/perf-cascade.min.js></script><select id=pages></select><main></main><script>
let wrong = []; onerror = m => { wrong.push(m) }
(async () => {
  const har = await (await fetch('/run.har')).json(), rows = [], details = []
  for (let i = 0; i < har.log.pages.length; i++) {
    const svg = perfCascade.fromHar(har, {selectedPage: i, rowHeight: 20})
    document.querySelector('main').replaceChildren(svg)
    const shown = [...svg.querySelectorAll('.row-item')]
    rows.push(shown.length)
    for (const r of shown) {
      r.querySelector('.row').dispatchEvent(new MouseEvent('click', {bubbles: true}))
      if (svg.querySelectorAll('.info-overlay-bg').length === 1) details.push(1)
      r.querySelector('.row').dispatchEvent(new MouseEvent('click', {bubbles: true}))
    }
  }
  document.title = rows.join('+') + ' rows, ' + details.length + ' opened, ' + wrong.length + ' errors ' + wrong
})().catch(e => { document.title = 'broken: ' + e })
</script>`

// TestArchive_opensInAViewer: of a run with redirects, frames, workers, a
// window, a socket and requests that never ended, every entry is a row, on the
// page that it belongs to.
func TestArchive_opensInAViewer(t *testing.T) {
	busy := run(t, parse(t, busySite(t).URL, busyRun))
	log := archiveOf(t, busy)
	var want strings.Builder
	for i, p := range log.Pages {
		n := 0
		for _, e := range log.Entries {
			if e.Page == p.ID {
				n++
			}
		}
		if i > 0 {
			want.WriteString("+")
		}
		fmt.Fprint(&want, n)
	}
	if stray := slices.IndexFunc(log.Entries, func(e *harEntry) bool { return e.Page == "" }); stray >= 0 {
		t.Errorf("%s belongs to no page", log.Entries[stray].Request.URL)
	}
	mux := http.NewServeMux()
	mux.Handle("/npm/", libraries())
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, viewer)
	})
	mux.HandleFunc("/run.har", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(piece(busy, gengfu.EvidenceHAR)) })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	fmt.Fprintf(&want, " rows, %d opened, 0 errors", len(log.Entries))
	r := run(t, parse(t, srv.URL, "steps:\n  - goto: ${base}/\n    expect: [{title: \""+want.String()+"\"}]\n    timeout: 8s\n"))
	if r.Outcome != gengfu.Passed {
		t.Errorf("%s; console %v", cause(r), r.Console)
	}
	t.Log(want.String())
}
