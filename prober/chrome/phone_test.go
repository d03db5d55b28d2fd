package chrome

import (
	"fmt"
	"testing"
)

// widePage has buttons all over a page that is wider and longer than a phone.
// Each notes that it was pressed; nothing else is to be.
func widePage(meta string, factor float64, more string) string {
	width := int(390 * factor)
	return fmt.Sprintf(`%s<style>body{margin:0;width:%dpx;height:3000px;position:relative}button{position:absolute;width:90px;height:40px}</style>%s
<script>window.got=[];addEventListener('click',e=>got.push(e.target.id||e.target.nodeName),true);
const put=(id,x,y,s)=>{const b=document.createElement('button');b.id=id;b.textContent=id;b.style.cssText='left:'+x+'px;top:'+y+'px;'+(s||'');document.body.append(b)};
put('first',10,10);put('right',%d,30);put('deep',%d,2000);put('corner',%d,2800);put('fixed',0,0,'position:fixed;left:auto;top:auto;right:10px;bottom:10px')</script>`,
		meta, width, more, width-100, width/2, width-95)
}

// TestPhone_pressesOnPagesWiderThanItsScreen land where they are meant, however
// the page is scaled and scrolled.
func TestPhone_pressesOnPagesWiderThanItsScreen(t *testing.T) {
	const steps = `
timeout: 20s
browser: {device: phone}
steps:
  - goto: ${base}/
  - click: {css: "#right"}
  - click: {css: "#deep"}
  - click: {css: "#corner"}
  - click: {css: "#fixed"}
  - click: {css: "#first"}
  - rightclick: {css: "#deep"}
  - scroll: bottom
  - click: {css: button}
    frame: {css: iframe}
  - click: {css: "#right"}
`
	for _, meta := range []string{"", "<meta name=viewport content='width=device-width'>", "<meta name=viewport content='width=device-width,initial-scale=1'>", "<meta name=viewport content='width=600,initial-scale=2'>"} {
		for _, factor := range []float64{1.2, 3} {
			srv := site(t, map[string]string{"/": widePage(meta, factor, `<iframe srcdoc="<button onclick=parent.got.push('inner')>inside</button>" style="position:absolute;right:0;top:1200px;width:200px;height:90px"></iframe>`)})
			for _, p := range []*Pool{pool} {
				r, ok := inspect(t, p, parse(t, srv.URL, steps), `got.join()==='right,deep,corner,fixed,first,inner,right'`, 0)
				if r.Failure != nil || !ok {
					t.Errorf("%s wide %.1f with %q: %s", p.Stats().Browser, factor, meta, cause(r))
				}
			}
		}
	}
}
