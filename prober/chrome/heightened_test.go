package chrome

import (
	"strings"
	"testing"
	"time"

	"gengfu"
)

// TestHeightened_keepsEvidenceOfWhatPasses: while a heightened period holds, and
// only when the scenario asks for it.
func TestHeightened_keepsEvidenceOfWhatPasses(t *testing.T) {
	now := time.Now()
	site := serve(t, `<h1>我的申请</h1><p>受理编号 2026-118</p>`)
	for name, tc := range map[string]struct {
		heightened string
		window     gengfu.Window
		want       bool
	}{
		"asked for, in it":     {"{every: 1m, evidence: all}", gengfu.Window{From: now.Add(-time.Hour), To: now.Add(time.Hour)}, true},
		"asked for, out of it": {"{every: 1m, evidence: all}", gengfu.Window{From: now.Add(-2 * time.Hour), To: now.Add(-time.Hour)}, false},
		"not asked for":        {"{every: 1m}", gengfu.Window{From: now.Add(-time.Hour), To: now.Add(time.Hour)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := parse(t, site.URL, "steps:\n  - goto: ${base}/\n    expect: [{text: 受理编号}]\nschedule: {every: 5m, heightened: "+tc.heightened+"}\n")
			s.Schedule.Windows = []gengfu.Window{tc.window}
			r := run(t, s)
			mustPass(t, r)
			for _, kind := range []gengfu.EvidenceKind{gengfu.EvidenceScreenshot, gengfu.EvidenceOutline, gengfu.EvidenceDOM, gengfu.EvidenceHAR} {
				n := 0
				for _, e := range r.Evidence {
					if e.Kind == kind {
						n++
					}
				}
				if (n == 1) != tc.want || n > 1 {
					t.Errorf("%d pieces of %s, want some: %t", n, kind, tc.want)
				}
			}
			if shows := strings.Contains(string(piece(r, gengfu.EvidenceDOM)), "2026-118"); shows != tc.want {
				t.Errorf("the page is among the evidence: %t", shows)
			}
		})
	}
}
