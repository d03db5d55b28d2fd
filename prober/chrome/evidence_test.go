package chrome

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"

	"gengfu"
)

// piece is a run's evidence of a kind, empty when there is none.
func piece(r gengfu.Run, kind gengfu.EvidenceKind) []byte {
	for _, e := range r.Evidence {
		if e.Kind == kind {
			return e.Data.Bytes()
		}
	}
	return nil
}

func picture(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// painted is the box around all points of about the colour.
func painted(img image.Image, c color.RGBA) image.Rectangle {
	var box image.Rectangle
	near := func(a uint32, b uint8) bool { d := int(a>>8) - int(b); return d < 28 && d > -28 }
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, g, b, _ := img.At(x, y).RGBA(); near(r, c.R) && near(g, c.G) && near(b, c.B) {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

func about(got, want image.Rectangle) bool {
	near := func(a, b int) bool { return a-b < 9 && b-a < 9 }
	return near(got.Min.X, want.Min.X) && near(got.Min.Y, want.Min.Y) && near(got.Max.X, want.Max.X) && near(got.Max.Y, want.Max.Y)
}

// TestScreenshot_pointsOutTheElement: where it is, where it was seen last, and
// what stands over it, in frames and beyond the fold as well.
func TestScreenshot_pointsOutTheElement(t *testing.T) {
	red, amber := color.RGBA{R: 0xd0, B: 0x20}, color.RGBA{R: 0xe0, G: 0x8a}
	at := func(x, y int) image.Rectangle { return image.Rect(x-4, y-4, x+124, y+54) }
	const button = `<body style="margin:0;height:3000px"><button style="position:absolute;left:200px;top:TOPpx;width:120px;height:50px" `
	place := func(top string) string { return strings.Replace(button, "TOP", top, 1) }
	for name, c := range map[string]struct {
		page, step string
		red, amber image.Rectangle
	}{
		"disabled":    {place("100") + `disabled>登录</button>`, `click: 登录`, at(200, 100), image.Rectangle{}},
		"beyond":      {place("2000") + `disabled>登录</button>`, `click: 登录`, at(200, 375), image.Rectangle{}},
		"covered":     {`<style>body{height:auto!important}</style>` + place("100") + `>登录</button><div style="position:fixed;left:180px;top:60px;width:200px;height:200px;background:#cfc">公告</div>`, `click: 登录`, at(200, 100), image.Rect(176, 56, 384, 264)},
		"gone":        {place("100") + ` id=b disabled>登录</button><script>setTimeout(()=>b.remove(),250)</script>`, `click: 登录`, at(200, 100), image.Rectangle{}},
		"expectation": {place("100") + `>登录</button>`, `expect: [{hidden: {role: button}}]`, at(200, 100), image.Rectangle{}},
		"in a frame":  {`<iframe src=/inner style="position:absolute;left:50px;top:30px;width:600px;height:400px;border:0">`, `click: {role: button, frame: {css: iframe}}`, at(250, 130), image.Rectangle{}},
		"never there": {place("100") + `>登录</button>`, `click: 退出`, image.Rectangle{}, image.Rectangle{}},
		"of the page": {place("100") + `>登录</button>`, `expect: [{visible: 登录}, {title: 首页}]`, image.Rectangle{}, image.Rectangle{}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := site(t, map[string]string{"/": c.page, "/inner": place("100") + `disabled>登录</button>`})
			r := run(t, parse(t, srv.URL, "steps:\n  - goto: ${base}/\n  - "+c.step+"\n    timeout: 500ms\n"))
			if r.Failure == nil {
				t.Fatal("passed")
			}
			img := picture(t, piece(r, gengfu.EvidenceScreenshot))
			if got := painted(img, red); !about(got, c.red) {
				t.Errorf("red around %v, want %v (%s)", got, c.red, cause(r))
			}
			if got := painted(img, amber); !about(got, c.amber) {
				t.Errorf("amber around %v, want %v", got, c.amber)
			}
		})
	}
}

// TestMask_hidesPersonalData in the picture and in every text, in frames too.
func TestMask_hidesPersonalData(t *testing.T) {
	const number, name = "440102195001011234", "欧阳测试"
	srv := site(t, map[string]string{
		"/": `<title>` + name + `</title><p style="position:absolute;left:100px;top:100px;width:300px;height:40px;margin:0" class=card data-id=` + number + `>` + number + `<img alt="` + name + `"></p>
			<button title="办理 ` + name + `">办理` + name + `的申请</button><label>联系电话<input value=13800138000></label><iframe src=/inner></iframe>
			<script>console.error("` + name + ` missing"); fetch("/api?n=` + number + `")</script>`,
		"/inner": `<table><tr><td class=card>` + name + `<td>已通过</table>`,
		"/api":   `{"name":"` + name + `"}`,
	})
	r := run(t, parse(t, srv.URL, `
mask: [{css: .card}, 联系电话]
steps:
  - goto: ${base}/
  - fill: {联系电话: "13911112222"}
  - expect: [{title: "不是这个"}, {text: 没有}]
    timeout: 500ms
`))
	if r.Failure == nil || len(r.Evidence) != 4 {
		t.Fatalf("%s, %d pieces of evidence", cause(r), len(r.Evidence))
	}
	all := everything(r)
	for _, secret := range []string{number, name, "13911112222", "13800138000"} {
		if strings.Contains(all, secret) {
			t.Errorf("%s is in …%s…", secret, around(all, secret))
		}
	}
	if !strings.Contains(string(piece(r, gengfu.EvidenceDOM)), `<p style="***" class="card"`) || !strings.Contains(string(piece(r, gengfu.EvidenceOutline)), "***") {
		t.Errorf("%s\n%s", piece(r, gengfu.EvidenceDOM), piece(r, gengfu.EvidenceOutline))
	}
	if r, g, b, _ := picture(t, piece(r, gengfu.EvidenceScreenshot)).At(150, 110).RGBA(); r>>8 > 0x60 || g>>8 > 0x60 || b>>8 > 0x60 {
		t.Errorf("the card shows through: %x %x %x", r>>8, g>>8, b>>8)
	}
}

// TestMask_closesWhenItCannotLook: a mask that cannot be applied leaves nothing
// of the page to see.
func TestMask_closesWhenItCannotLook(t *testing.T) {
	srv := serve(t, `<p>440102195001011234`)
	r := run(t, parse(t, srv.URL, `
mask: {css: "p["}
steps:
  - goto: ${base}/
  - click: 没有
    timeout: 300ms
`))
	if r.Failure == nil || len(r.Evidence) != 0 {
		t.Fatalf("%s, %d pieces of evidence", cause(r), len(r.Evidence))
	}
}

// TestHungPages_haveEvidence: whether the script began with the document or a
// press, in the page or in a frame of it.
func TestHungPages_haveEvidence(t *testing.T) {
	for name, c := range map[string][2]string{
		"at load":    {`<h1>before the loop</h1><script>for(;;){}</script>`, ""},
		"in a frame": {`<h1>before the loop</h1><iframe src=/inner></iframe>`, "\n  - click: {role: button, frame: {css: iframe}}\n    timeout: 1s\n  - expect: [{text: 没有}]\n    timeout: 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := site(t, map[string]string{"/": c[0], "/inner": `<button onclick="for(;;){}">登录</button>`})
			s := parse(t, srv.URL, "timeout: 15s\nsteps:\n  - goto: ${base}/\n    timeout: 1500ms\n  - expect: [{text: 没有}]\n    timeout: 1s"+c[1]+"\n")
			if c[1] != "" {
				s.Steps = append(s.Steps[:1:1], s.Steps[2:]...)
			}
			s.Secrets = []string{"password"}
			r := run(t, s)
			if r.Failure == nil || r.Failure.Fault.Outcome() != gengfu.Failed {
				t.Fatalf("got %s", cause(r))
			}
			if len(piece(r, gengfu.EvidenceScreenshot)) == 0 || !strings.Contains(string(piece(r, gengfu.EvidenceDOM)), "before the loop") {
				t.Errorf("%s: %d pieces of evidence", cause(r), len(r.Evidence))
			}
		})
	}
}

// TestArchive_bodiesAreFirstPartyAndCapped: other sites' answers are not kept.
func TestArchive_bodiesAreFirstPartyAndCapped(t *testing.T) {
	third := site(t, map[string]string{"/": "third-party text"})
	third.Config.Handler = cors(third.Config.Handler)
	srv := site(t, map[string]string{"/": `<script>
		Promise.all([fetch("` + strings.Replace(third.URL, "127.0.0.1", "localhost", 1) + `/").then(r=>r.text()),fetch("/big").then(r=>r.text())]).then(()=>document.title='done',e=>document.title=e)</script>`, "/big": strings.Repeat("lengthy ", 20<<10)})
	r := run(t, parse(t, srv.URL, "steps:\n  - goto: ${base}/\n    expect: [{title: done}]\n  - click: 没有\n    timeout: 300ms\n"))
	log := string(piece(r, gengfu.EvidenceHAR))
	if !strings.Contains(log, "lengthy ") || strings.Contains(log, "third-party text") || len(log) > 2*maxBody || !strings.Contains(log, "localhost") {
		t.Errorf("%s: %d bytes: %.300s", cause(r), len(log), log)
	}
}

func cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		next.ServeHTTP(w, q)
	})
}
