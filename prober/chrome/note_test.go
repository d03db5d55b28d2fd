package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gengfu"
)

// TestNote_ofEachStep: a run that is to be remembered keeps what each step
// showed, without secrets and masked words, and its times are those of the
// steps alone.
func TestNote_ofEachStep(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><h1>第%s页</h1><p class=who>欧阳测试</p><p>你好 欧阳测试 %s</p><a href=/二>下一页</a>`, q.URL.Path[1:], password)
	}))
	defer srv.Close()
	s := parse(t, srv.URL, "mask: {css: .who}\nsteps:\n  - goto: ${base}/一\n  - expect: [{visible: 下一页}]\n  - click: 下一页\n    expect: [{visible: 第二页}]\n")
	s.Secrets = []string{"password"}
	l, err := pool.acquire(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.release(l)
	result := gengfu.Run{Slot: slot(), Started: time.Now()}
	r := newRunner(s, &result, testSecret, nil)
	r.memory, r.every = &memory{}, time.Hour
	if r.page, err = l.open(t.Context(), deviceOf(s.Browser, l.proc.userAgent), r.rec); err != nil {
		t.Fatal(err)
	}
	defer l.dispose(r.page.set)
	r.do(t.Context())
	mustPass(t, result)
	steps := piece(result, gengfu.EvidenceSteps)
	for step, want := range map[int]string{1: "第一页", 2: "第一页", 3: "第二页"} {
		if got, known := gengfu.StepOutline(steps, step); !known || !strings.Contains(string(got), want) {
			t.Errorf("step %d: %q", step, got)
		}
	}
	if all := string(steps); strings.Contains(all, password) || strings.Contains(all, "欧阳") || strings.Count(all, "第一页") != 1 {
		t.Errorf("%q", all)
	}
	var sum time.Duration
	for _, st := range result.Steps {
		sum += st.Duration
	}
	if r.notes.spent <= 0 || result.Duration < sum || result.Duration-sum > time.Since(result.Started)-sum-r.notes.spent {
		t.Errorf("steps %s, run %s, notes %s", sum, result.Duration, r.notes.spent)
	}
	t.Logf("three notes took %s, %d bytes", r.notes.spent, len(steps))
}
