package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gengfu"
)

// behaviours are rows of docs/behaviour.md that no other test holds: a page, the
// steps on it, and the reason they fail for; empty when they pass.
var behaviours = []struct {
	name, body, steps string
	reason            gengfu.Reason
}{
	{"closed shadow root", `<div id=h></div><script>h.attachShadow({mode:'closed'}).innerHTML='<button>里面</button>'</script>`, `
  - click: 里面
    timeout: 500ms`, gengfu.ReasonNotFound},
	{"route without a load", `<button onclick="history.pushState(0,'','/apply?step=2');document.body.append('第二步')">下一步</button>`, `
  - click: 下一步
    expect: [{url: {contains: /apply}}, {text: 第二步}]`, ""},
	{"hash of the same page", `<a href="#b">到乙</a><p id=b>乙</p>`, `
  - click: 到乙
    expect: [{url: {contains: "#b"}}]
  - goto: ${base}/#c
    expect: [{url: {contains: "#c"}}]
  - goto: ${base}/#c`, ""},
	{"meta refresh", `<script>if(location.pathname==='/')document.write('<meta http-equiv=refresh content="0;url=/simple2">')</script>`, `
  - expect: [{visible: {role: heading, name: two}}]`, ""},
	{"redirect during the load", `<script>if(location.pathname==='/')location.replace('/simple2')</script><p>旧`, `
  - expect: [{visible: {role: heading, name: two}}, {url: /simple2}]`, ""},
	{"redirect during a wait", `<p>旧</p><script>setTimeout(()=>location.href='/simple2',400)</script>`, `
  - expect: [{visible: {role: heading, name: two}}]`, ""},
	{"body without an end", `<p>好</p><img src=/hang><link rel=icon href=/hang>`, `
  - expect: [{text: 好}]`, ""},
	{"page that polls", `<p>好</p><script>setInterval(()=>fetch('/simple2'),20)</script>`, `
  - expect: [{text: 好}]`, ""},
	{"window that closes at once", `<button onclick="const w=open('/simple2');w.close();document.title='后'">打印</button>`, `
  - click: 打印
    expect: [{title: 后}]`, ""},
	{"sixty thousand nodes", `<script>document.write('<div><i>行</i></div>'.repeat(30000)+'<button onclick="document.title=1">末</button>')</script>`, `
  - click: 末
    expect: [{title: "1"}]`, ""},
	{"in sight and in focus", `<script>setInterval(()=>document.title=document.visibilityState+document.hasFocus(),50)</script>`, `
  - expect: [{title: visibletrue}]`, ""},
	{"time zone of the scenario", `<script>document.title=new Date('2026-11-23T20:00:00Z').getDate()+Intl.DateTimeFormat().resolvedOptions().timeZone</script>`, `
  - expect: [{title: 24Asia/Shanghai}]`, ""},
	{"field that reformats before input", `<label>日期<input id=b></label><script>
b.addEventListener('beforeinput',e=>{if(!e.data)return;e.preventDefault();b.value=(b.value.slice(0,b.selectionStart)+e.data).replace(/\D/g,'').replace(/(\d{4})(\d\d)(\d\d)/,'$1/$2/$3');b.dispatchEvent(new Event('input',{bubbles:true}))});
b.oninput=()=>document.title=b.value</script>`, `
  - fill: {日期: "20261123"}
    expect: [{title: 2026/11/23}]`, ""},
	{"field that takes keys only", `<label>码<input id=b></label><script>b.addEventListener('beforeinput',e=>{if(e.data&&e.data.length>1)e.preventDefault()});b.oninput=()=>document.title=b.value</script>`, `
  - fill: {码: "1234"}
    expect: [{title: "1234"}]`, ""},
	{"masked by a library", `<label>电话<input id=b></label><script>module={};exports={}</script><script src=/npm/@maskito/core/index.cjs.js></script><script>
new exports.Maskito(b,{mask:[/\d/,/\d/,/\d/,' ',/\d/,/\d/,/\d/,/\d/]});b.addEventListener('input',()=>document.title=b.value)</script>`, `
  - fill: {电话: "1380013"}
    expect: [{title: 138 0013}]
  - fill: {电话: "1391234"}
    expect: [{title: 139 1234}]`, ""},
	{"fields of all kinds tell of their input", `<form>` + labelled("text") + labelled("email") + labelled("number") + labelled("tel") + labelled("url") + labelled("search") + labelled("password") + `</form>
<script>n={};for(const i of document.querySelectorAll('input')){n[i.type]='';for(const k of ['beforeinput','input','change'])i.addEventListener(k,e=>{n[i.type]+=k[0]+(e.isTrusted?1:0);document.title=Object.values(n).join()})}</script>`, `
  - fill: {text: 甲, email: a@b.example, number: "42", tel: "1", url: "http://a.example", search: 乙, password: 丙丁}
  - click: {label: text}
    expect: [{title: "b0i1c1,b0i1c1,b0i1c1,b0i1c1,b0i1c1,b0i1c1,b0i1c1"}, {value: {of: number, equals: "42"}}]`, ""},
}

func labelled(kind string) string {
	return "<label>" + kind + "<input type=" + kind + " value='" + map[bool]string{true: "7", false: "旧"}[kind == "number"] + "'></label>"
}

// TestBehaviour holds the rows of docs/behaviour.md that have no test elsewhere.
func TestBehaviour(t *testing.T) {
	for _, b := range behaviours {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			mux := http.NewServeMux()
			mux.Handle("/npm/", libraries())
			mux.HandleFunc("/simple2", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<h1>two</h1>") })
			mux.HandleFunc("/hang", func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() })
			mux.HandleFunc("/", func(w http.ResponseWriter, q *http.Request) {
				fmt.Fprint(w, "<!doctype html><meta charset=utf-8><body>", b.body)
				if strings.Contains(b.name, "without an end") {
					_ = http.NewResponseController(w).Flush()
					select {
					case <-q.Context().Done():
					case <-time.After(20 * time.Second):
					}
				}
			})
			srv := httptest.NewServer(mux)
			t.Cleanup(srv.Close)
			begin := "goto: ${base}/"
			if strings.Contains(b.name, "without an end") {
				begin = "goto: {url: \"${base}/\", until: commit}"
			}
			r := run(t, parse(t, srv.URL, "steps:\n  - "+begin+b.steps+"\n"))
			switch {
			case b.reason == "":
				mustPass(t, r)
			case r.Failure == nil || r.Failure.Reason != b.reason:
				t.Errorf("got %s, want %s", cause(r), b.reason)
			}
		})
	}
}

// TestBehaviour_pageNamesRealTests: every test that docs/behaviour.md names exists.
func TestBehaviour_pageNamesRealTests(t *testing.T) {
	page, err := os.ReadFile("../../docs/behaviour.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(text)
	}
	for _, name := range regexp.MustCompile(`\bTest[A-Z]\w+`).FindAllString(string(page), -1) {
		if !strings.Contains(source.String(), "func "+name+"(") {
			t.Errorf("there is no %s", name)
		}
	}
}
