package chrome

import (
	"strings"
	"testing"
	"time"

	"gengfu"
)

// TestRemember_onceInAWhile: a run that passes leaves a small picture and an
// outline, the next one does not, and a secret is in neither.
func TestRemember_onceInAWhile(t *testing.T) {
	srv := serve(t, `<h1>我的申请</h1><input value="`+password+`"><p>`+password)
	s := parse(t, srv.URL, "steps:\n  - goto: ${base}/\n    expect: [{visible: {role: heading}}]\n")
	s.Secrets = []string{"password"}
	memory := &memory{}
	var took time.Duration
	for i, want := range []int{4, 0} {
		l, err := pool.acquire(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		result := gengfu.Run{Slot: slot(), Started: time.Now()}
		r := newRunner(s, &result, testSecret, nil)
		r.memory, r.every = memory, time.Hour
		if r.page, err = l.open(t.Context(), deviceOf(s.Browser, l.proc.userAgent), r.rec); err != nil {
			t.Fatal(err)
		}
		r.do(t.Context())
		took = time.Since(result.Started) - result.Duration
		l.dispose(r.page.set)
		pool.release(l)
		mustPass(t, result)
		if len(result.Evidence) != want {
			t.Fatalf("run %d: %d pieces of evidence", i, len(result.Evidence))
		}
		if want > 0 {
			t.Logf("remembered after the run in %s, %d bytes", took, len(piece(result, gengfu.EvidenceScreenshot)))
			if text := everything(result); strings.Contains(text, password) || !strings.Contains(text, "我的申请") || len(piece(result, gengfu.EvidenceScreenshot)) > maxMemory {
				t.Error(text)
			}
		}
	}
	if !memory.due(slot(), time.Hour, time.Now().Add(2*time.Hour)) || memory.due(slot(), 0, time.Now()) {
		t.Error("not due after two hours, or due though nothing is to be remembered")
	}
}
