package chrome

import (
	"bytes"
	"fmt"
	"image/color"
	"strings"
	"testing"

	"gengfu"
)

// covers is a page whose fields hold the number and lie under overlays: an
// opaque one, a translucent one, one in the top layer. The styles of the page
// fight for what they show.
const covers = `<style>body{margin:0;font:20px monospace} .f{position:absolute;left:20px;width:300px;height:40px} .o{position:absolute;left:200px;width:60px;height:40px}
.hard{background:#fff!important;color:#000!important;filter:none!important;transition:all 9s} .named::before{content:"前 %[1]s "} .slow{transition:all 9s;animation:a 9s infinite} @keyframes a{to{filter:none;opacity:.5}}
dialog{left:20px;top:420px;margin:0;width:150px;padding:4px;border:0;background:#0a0;color:#fff}</style>
<label>密码<input class=f style="top:0" value="%[1]s"></label><div class=o style="top:0;background:#0a0">密码错误</div>
<input class="f hard" style="top:60px" aria-label=卡号 value="%[1]s"><input class="f slow" style="top:120px" aria-label=慢 value="%[1]s">
<textarea class=f style="top:180px" aria-label=备注>%[1]s</textarea><div class=o style="top:180px;background:#00f6"></div>
<div class="f card named" style="top:240px">%[1]s<canvas id=c width=99 height=20></canvas><i style="position:absolute;top:36px;left:20px">%[1]s</i></div><div class=o style="top:240px;background:#0a0">提示</div>
<p style="position:absolute;top:300px;width:220px;margin:0">字 <span class=card>%[1]s 与很长的一段会换行的字 %[1]s</span></p>
<div class=card style="display:contents"><b style="position:absolute;top:380px">%[1]s</b></div>
<svg style="position:absolute;left:400px;top:0" width=300 height=40><text class=card y=20>%[1]s</text></svg>
<table style="position:absolute;left:400px;top:60px"><tr class=card><td>%[1]s<td>乙</table>
<button style="position:absolute;left:400px;top:120px" onclick="document.querySelector('dialog').showModal()">打开</button><dialog>系统忙</dialog>
<input class=f style="top:430px" aria-label=下 value="%[1]s">
<script>c.getContext('2d').fillText('%[1]s',0,15)</script>`

// TestMask_leavesOverlaysReadable, and what is masked leaves no trace: the
// pictures of two pages that differ in it alone are the same, byte for byte.
func TestMask_leavesOverlaysReadable(t *testing.T) {
	var pictures [][]byte
	for _, number := range []string{"1111111111", "8888888888"} {
		srv := serve(t, fmt.Sprintf(covers, number))
		r := run(t, parse(t, srv.URL, `
mask: [{css: input}, {css: textarea}, {css: .card}]
steps:
  - goto: ${base}/
  - click: 打开
  - expect: [{title: 别的}]
    timeout: 300ms
`))
		shot := piece(r, gengfu.EvidenceScreenshot)
		if len(shot) == 0 || strings.Contains(everything(r), number) {
			t.Fatalf("%s; %d bytes", cause(r), len(shot))
		}
		pictures = append(pictures, shot)
	}
	if !bytes.Equal(pictures[0], pictures[1]) {
		t.Error("the pictures of two numbers differ")
	}
	img := picture(t, pictures[0])
	green, dark := color.RGBA{G: 160}, color.RGBA{R: 0x40, G: 0x40, B: 0x40}
	for what, p := range map[string]struct {
		x, y int
		want color.RGBA
	}{
		"message over the field": {255, 36, green}, "field beside it": {100, 20, dark}, "hint over the card": {255, 276, green},
		"dialog over the field": {160, 440, green}, "field below the dialog": {300, 450, dark}, "card": {100, 260, dark},
	} {
		r, g, b, _ := img.At(p.x, p.y).RGBA()
		for i, got := range []uint32{r, g, b} {
			if want := []uint8{p.want.R, p.want.G, p.want.B}[i]; max(int(got>>8), int(want))-min(int(got>>8), int(want)) > 20 {
				t.Errorf("%s is %v, want about %v", what, img.At(p.x, p.y), p.want)
				break
			}
		}
	}
}
