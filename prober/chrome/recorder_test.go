package chrome

import (
	"strconv"
	"strings"
	"testing"

	"gengfu"
)

// TestRecorder_isBounded: a page that floods fills neither memory nor store, and
// what is left out is still counted.
func TestRecorder_isBounded(t *testing.T) {
	srv := site(t, map[string]string{"/": `<div role=alert></div><h1 hidden>ok</h1><script>
for(let i=0;i<5000;i++) console.error('x'.repeat(2000)+i);
let n=0; const more=()=>{ document.querySelector('div').textContent='message '+n; if(n++<60) setTimeout(more,2); else Promise.all(Array.from({length:150},(_,i)=>fetch('/missing?'+i))).then(()=>{document.title='done'}) }; more()
</script>`})
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
    expect: [{title: done}]
  - expect: [{console: {errors: 4999}}]
`))
	if r.Failure == nil || !strings.Contains(cause(r), "saw 5000") {
		t.Errorf("got %s", cause(r))
	}
	if len(r.Console) != maxConsole || len(r.Requests) != maxRequests || len(r.Messages) > maxMessages || len(r.Messages) == 0 {
		t.Errorf("%d lines, %d requests, %d messages", len(r.Console), len(r.Requests), len(r.Messages))
	}
	if r.Traffic.Failed != 150 {
		t.Errorf("%d failed requests are counted", r.Traffic.Failed)
	}
	for _, c := range r.Console {
		if len(c.Text) > maxTextLen+len(cutMark) {
			t.Fatalf("a line of %d bytes", len(c.Text))
		}
	}
}

// TestRecorder_keepsTheFirstAndTheLatestDocuments of a page that reloads again
// and again.
func TestRecorder_keepsTheFirstAndTheLatestDocuments(t *testing.T) {
	r := newRecorder(slot().Due)
	for i := range 3 * maxDocs {
		r.addDoc(&document{loader: strconv.Itoa(i)})
	}
	if n := len(r.docs); n != maxDocs || r.docs[0].loader != "0" || r.docs[n-1].loader != strconv.Itoa(3*maxDocs-1) {
		t.Errorf("%d documents, from %s to %s", n, r.docs[0].loader, r.docs[n-1].loader)
	}
}

// TestRedacted_alsoWhereTextWasCut: the beginning of a secret before a cut is
// one too.
func TestRedacted_alsoWhereTextWasCut(t *testing.T) {
	r := newRecorder(slot().Due)
	r.hide(password, "另一个口令")
	for in, want := range map[string]string{
		"x Correct-Hor…":           "x ***…",
		"“a Corr…” | “Correct-H…”": "“a ***…” | “***…”",
		"另一个…":                     "***…",
		"Co… and Correct":          "Co… and Correct",
		"……":                       "……",
		password + "…":             "***…",
	} {
		if got := r.clean(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// TestMessages_costNothingOnBigPages: 30,000 elements with text between them,
// and a message that comes late.
func TestMessages_costNothingOnBigPages(t *testing.T) {
	srv := serve(t, `<div>`+strings.Repeat("<p><i>a</i><b>b</b></p>\n", 10000)+`</div>
<script>setTimeout(()=>{document.body.insertAdjacentHTML("beforeend","<div role=alert>系统繁忙</div>")},200)</script>`)
	s := parse(t, srv.URL, "steps:\n  - {goto: \"${base}\", timeout: 8s}\n  - wait: {text: 系统繁忙}\n    timeout: 8s\n  - wait: 300ms\n")
	r := run(t, s)
	if r.Outcome != gengfu.Passed || len(r.Messages) != 1 || r.Messages[0].Text != "系统繁忙" {
		t.Errorf("%s, messages %v", cause(r), r.Messages)
	}
}
