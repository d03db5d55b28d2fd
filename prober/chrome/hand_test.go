package chrome

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"gengfu"
	"gengfu/scenarios"
)

// handRows are pages, and the steps on them that must pass; drags in the full
// browser too, which does them in another process.
var handRows = []struct{ name, body, steps string }{
	{"double click", `<p id=p ondblclick="document.title='two '+n" onclick="n++" style="user-select:none">行</p><script>n=0</script>`, `
  - dblclick: 行
    expect: [{title: two 2}]`},
	{"right click", `<p oncontextmenu="document.title='menu'; return false">夹</p>`, `
  - rightclick: 夹
    expect: [{title: menu}]`},
	{"a place on a canvas", `<div style="height:1500px"></div><canvas width=300 height=200 onclick="document.title=event.offsetX+','+event.offsetY"></canvas><div style="height:900px"></div>`, `
  - click: {css: canvas}
    at: [250, 20]
    expect: [{title: "250,20"}]`},
	{"a drawn slider", `<div id=h style="width:40px;height:40px;background:red;position:absolute;top:50px;left:0"></div><div id=end style="position:absolute;left:400px;top:50px;width:40px;height:40px;border:1px solid"></div>
<script>let on=0;h.onmousedown=()=>on=1;onmousemove=e=>{if(on)h.style.left=e.clientX-20+'px'};onmouseup=()=>{on=0;document.title=h.style.left}</script>`, `
  - drag: {from: {css: "#h"}, to: {css: "#end"}}
    expect: [{title: 401px}]`},
	{"the browser's own drag", `<ul><li id=a draggable=true ondragstart="event.dataTransfer.setData('text/plain','卡片')">卡片</li></ul><div style="height:30px"></div>
<div id=box style="height:80px;border:1px solid" ondragover="event.preventDefault()" ondrop="document.title=event.dataTransfer.getData('text/plain')">完成区</div>`, `
  - drag: {from: 卡片, to: 完成区}
    expect: [{title: 卡片}]`},
	{"scrolls", `<p id=y>0</p><div style="height:3000px"></div><p id=z>底部</p><script>onscroll=()=>document.title=Math.round(scrollY)</script><style>p{position:relative}</style>`, `
  - scroll: 600
    expect: [{title: "600"}]
  - scroll: -200
    expect: [{title: "400"}]
  - scroll: bottom
    expect: [{title: {not: {equals: "400"}}}]
  - scroll: top
    expect: [{title: "0"}]
  - scroll: {css: "#z"}
    expect: [{title: {not: {equals: "0"}}}]`},
	{"a list that loads as it is scrolled", `<div id=l style="height:200px;overflow:auto"></div><style>body{margin:0}</style><script>
const add=()=>{for(let i=0;i<20;i++)l.insertAdjacentHTML('beforeend','<p>项'+l.children.length+'</p>')};add();l.onscroll=()=>{if(l.scrollTop+l.clientHeight>l.scrollHeight-5&&l.children.length<60)add()}</script>`, `
  - scroll: bottom
    expect: [{visible: 项25}]`},
	{"keys that are watched", `<label>数字<input onkeydown="if(event.key.length===1&&/\D/.test(event.key))event.preventDefault();keys+=event.key" oninput="document.title=this.value+' '+keys"></label><script>keys=''</script>`, `
  - fill: {数字: 1a2B7}
    by_keys: true
    expect: [{title: 127 1a2B7}]`},
	{"keys into a text", `<label>备注<textarea>旧</textarea></label>`, `
  - fill: {备注: "Ab 你,好\n#7"}
    by_keys: true
    expect: [{value: {of: 备注, contains: "Ab 你,好"}}, {value: {of: 备注, contains: "#7"}}]`},
}

// TestHand: pointer and keys as a person uses them.
func TestHand(t *testing.T) {
	for _, row := range handRows {
		t.Run(row.name, func(t *testing.T) {
			srv := site(t, map[string]string{"/": row.body})
			s := parse(t, srv.URL, "\nsteps:\n  - goto: ${base}/"+row.steps+"\n")
			mustPass(t, run(t, s))
			if strings.Contains(row.steps, "drag:") {
				mustPass(t, fullChromium(t).Run(t.Context(), s, slot(), nil))
			}
		})
	}
}

// TestDrag_ofWhatIsCovered is not done by half: the page gets no press.
func TestDrag_ofWhatIsCovered(t *testing.T) {
	srv := site(t, map[string]string{"/": `<p id=a>卡片</p><p id=b>完成区</p><div class=mask style="position:fixed;inset:0" onmousedown="document.title='wrong'"></div>`})
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - drag: {from: {css: "#a"}, to: {css: "#b"}}
    timeout: 500ms
`))
	if r.Failure == nil || r.Failure.Reason != gengfu.ReasonCovered {
		t.Errorf("got %s", cause(r))
	}
}

// TestUpload_throughAChooser: a button that opens one, for an input that is not
// in the page, and one that opens none.
func TestUpload_throughAChooser(t *testing.T) {
	got := make(chan string, 4)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Method == http.MethodPost {
			body, _ := io.ReadAll(q.Body)
			got <- string(body)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><meta charset=utf-8><button onclick="const i=document.createElement('input');i.type='file';i.onchange=async()=>{await fetch('/',{method:'POST',body:i.files[0]});document.title='sent '+i.files[0].name};i.click()">选择文件</button><button>没有</button>`)
	}))
	t.Cleanup(srv.Close)
	upload := func(button string) *scenarios.Scenario {
		fsys := fstest.MapFS{"u.yaml": {Data: []byte("scenario: u\nsteps:\n  - goto: " + srv.URL + "/\n  - upload: {" + button + ": note.txt}\n    timeout: 2s\n    expect: [{title: sent note.txt}]\n")}, "note.txt": {Data: []byte("内容")}}
		set, problems := scenarios.LoadFS(fsys)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return &set.Scenarios[0]
	}
	for _, p := range []*Pool{pool, fullChromium(t)} {
		mustPass(t, p.Run(t.Context(), upload("选择文件"), slot(), nil))
		if body := <-got; body != "内容" {
			t.Errorf("the server got %q", body)
		}
	}
	r := run(t, upload("没有"))
	if r.Failure == nil || !strings.Contains(cause(r), "file-chooser") || r.Failure.Fault != gengfu.FaultAssertion {
		t.Errorf("got %s", cause(r))
	}
}

// TestFrames_thatAreTurned: points go through every transform of the page
// around a frame, in one process and, in the full browser, in two.
func TestFrames_thatAreTurned(t *testing.T) {
	const button = `<style>body{margin:0}</style><button style="position:absolute;left:150px;top:20px;width:30px;height:20px" onclick="parent.postMessage(1,'*')">k</button>`
	for name, style := range map[string]string{
		"rotated":           "transform:rotate(35deg)",
		"upside down":       "rotate:180deg;scale:.8",
		"in a skewed box":   "",
		"mirrored and wide": "transform:scaleX(-1.4) skewY(10deg);border:5px solid;padding:3px",
	} {
		t.Run(name, func(t *testing.T) {
			outer := ""
			if style == "" {
				outer = "transform:skewX(20deg) rotate(-15deg);zoom:1.2"
			}
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				body := button
				if q.URL.Path == "/" {
					foreign := strings.Replace("http://"+q.Host, "127.0.0.1", "localhost", 1)
					body = `<body style="padding:150px"><script>let n=0;onmessage=()=>document.title=++n</script><div style="` + outer + `">
<iframe id=same src=/b style="width:200px;height:80px;` + style + `"></iframe><div style="height:150px"></div><iframe id=foreign src=` + foreign + `/b style="width:200px;height:80px;` + style + `"></iframe></div>`
				}
				_, _ = io.WriteString(w, "<!doctype html><meta charset=utf-8>"+body)
			}))
			t.Cleanup(srv.Close)
			pools := []*Pool{fullChromium(t)}
			if outer != "" {
				pools = append(pools, pool)
			}
			for _, p := range pools {
				mustPass(t, p.Run(t.Context(), parse(t, srv.URL, `
steps:
  - goto: {url: "${base}/", until: load}
  - click: k
    frame: {css: "#same"}
    timeout: 3s
    expect: [{title: "1"}]
  - click: k
    frame: {css: "#foreign"}
    timeout: 3s
    expect: [{title: "2"}]
`), slot(), nil))
			}
		})
	}
}

// TestPDF is kept of a run that passes, and never with a secret in it.
func TestPDF_isKeptWithoutSecrets(t *testing.T) {
	srv := site(t, map[string]string{"/": `<h1>回执</h1><label>密码<input type=password></label><label>账号<input></label>`})
	for _, p := range []*Pool{pool, fullChromium(t)} {
		r := p.Run(t.Context(), parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - fill: {密码: "${secret.password}"}
  - pdf: receipt
`), slot(), nil)
		mustPass(t, r)
		if len(r.Evidence) != 1 || r.Evidence[0].Kind != gengfu.EvidencePDF || !strings.HasPrefix(string(r.Evidence[0].Data.Bytes()), "%PDF") {
			t.Errorf("%d pieces of evidence", len(r.Evidence))
		}
	}
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - fill: {账号: "${secret.password}"}
  - pdf: receipt
`))
	if r.Failure == nil || r.Failure.Fault != gengfu.FaultPolicy {
		t.Errorf("got %s", cause(r))
	}
}
