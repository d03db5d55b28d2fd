package chrome

import (
	"image/color"
	"slices"
	"testing"
	"time"

	"gengfu"
)

const moving = `<body style="margin:0;background:#fff"><h1 id=h>开始</h1><script>
let n=0; setInterval(()=>{ h.textContent='第 '+(++n)+' 次'; document.body.style.background=n%2?'#fff':'#eef' },40)</script>`

// TestFilm_ofAReRunOnly: the first failure has none, the confirming one has.
func TestFilm_ofAReRunOnly(t *testing.T) {
	srv := site(t, map[string]string{"/": moving + `<button onclick="window.open('/two')">新窗口</button>`, "/two": moving + "<p>two"})
	s := parse(t, srv.URL, "steps:\n  - goto: ${base}/\n  - click: 新窗口\n  - click: 没有\n    timeout: 900ms\n")
	for _, attempt := range []int{1, 2} {
		slot := slot()
		slot.Attempt = attempt
		r := pool.Run(t.Context(), s, slot, nil)
		data := piece(r, gengfu.EvidenceFilm)
		if r.Failure == nil || (len(data) > 0) != (attempt == 2) {
			t.Fatalf("attempt %d: %s, a film of %d bytes", attempt, cause(r), len(data))
		}
		if attempt == 1 {
			continue
		}
		size := picture(t, data).Bounds().Size()
		t.Logf("%d bytes, %v", len(data), size)
		if size.X < 2*filmWidth || size.Y < 300 || len(data) > maxFilm {
			t.Errorf("%d bytes, %v", len(data), size)
		}
	}
}

// TestFilm_secretsAreBlotted: in fields, in texts that a page adds, and in
// shadow trees; never in the page that the steps see.
func TestFilm_secretsAreBlotted(t *testing.T) {
	const green = `color:#00a000;background:#fff;font:bold 60px monospace;position:absolute;left:0;width:100%;`
	srv := site(t, map[string]string{"/": `<body style="margin:0"><label>密码<input id=i style="` + green + `top:40px"></label><div id=out></div><x-y></x-y>
		<script>customElements.define('x-y', class extends HTMLElement { connectedCallback() { this.attachShadow({mode:'open'}) } })
		i.oninput=()=>{ const p=document.createElement('p'); p.setAttribute('style','` + green + `top:200px'); p.textContent='said '+i.value; out.replaceChildren(p);
			const q=document.createElement('p'); q.setAttribute('style','` + green + `top:400px'); q.textContent=i.value; document.querySelector('x-y').shadowRoot.replaceChildren(q) }</script>`})
	s := parse(t, srv.URL, "steps:\n  - goto: ${base}/\n  - fill: {密码: \"${secret.password}\"}\n    expect: [{text: \"said ${secret.password}\"}]\n  - wait: 300ms\n  - click: 没有\n    timeout: 500ms\n")
	s.Secrets = []string{"password"}
	slot := slot()
	slot.Attempt = 2
	r := pool.Run(t.Context(), s, slot, nil)
	if r.Failure == nil || r.Failure.Step != 4 {
		t.Fatal(cause(r))
	}
	sheet := picture(t, piece(r, gengfu.EvidenceFilm))
	if seen := painted(sheet, color.RGBA{G: 0xa0}); !seen.Empty() {
		t.Errorf("letters of a secret at %v", seen)
	}
	if seen := painted(sheet, color.RGBA{R: 0x44, G: 0x44, B: 0x44}); seen.Empty() {
		t.Error("no blots either: the page did not show it")
	}
	s.Steps = s.Steps[:3]
	if again := pool.Run(t.Context(), s, slot, nil); again.Outcome != gengfu.Passed || len(again.Evidence) > 0 {
		t.Errorf("%s with %d pieces of evidence", cause(again), len(again.Evidence))
	}
}

// TestFilm_isThinned to a bounded number, evenly.
func TestFilm_isThinned(t *testing.T) {
	f := &film{gap: leastGap}
	for i := range 2000 {
		f.take(shot{at: time.Duration(i) * 50 * time.Millisecond, jpeg: make([]byte, 30<<10)})
	}
	gaps := map[time.Duration]bool{}
	for i := range f.shots[1:] {
		gaps[f.shots[i+1].at-f.shots[i].at] = true
	}
	if n := len(f.shots); n < maxShots/2 || n > maxShots || f.size > maxFilm || len(gaps) != 1 {
		t.Errorf("%d pictures, %d bytes, %v apart", n, f.size, gaps)
	}
	few := chosen(slices.Clone(f.shots))
	if len(few) != sheetShots || few[0].at != f.shots[0].at || few[sheetShots-1].at != f.shots[len(f.shots)-1].at {
		t.Errorf("%d chosen", len(few))
	}
}
