package chrome

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gengfu"
	"gengfu/scenarios"
)

// drawnSelect is a list that is no select element: it opens on a click and its
// options come late.
const drawnSelect = `<label for=s>补贴类型</label><div><input id=s readonly placeholder=请选择 onclick="setTimeout(()=>{opts.hidden=false},150)">
<ul id=opts hidden><li onclick="pick(this)">高龄津贴</li><li onclick="pick(this)">护理补贴</li></ul></div>
<script>const pick=e=>{document.getElementById('s').value=e.textContent; opts.hidden=true}</script>`

// TestVerbs: each row is a page and the steps on it, which must pass.
func TestVerbs(t *testing.T) {
	rows := []struct{ name, body, steps string }{
		{"drawn list", drawnSelect, `
  - select: {补贴类型: 护理补贴}
    expect: [{value: {of: 补贴类型, equals: 护理补贴}}]`},
		{"native list", `<label>区域<select><option value=1>石岐<option value=2>东&nbsp;区</select></label>`, `
  - select: {区域: 东区}
    expect: [{value: {of: 区域, equals: "2"}}]
  - select: {区域: "1"}
    expect: [{value: {of: 区域, equals: "1"}}]`},
		{"tick and untick", `<label><input type=checkbox> 同意</label>`, `
  - tick: 同意
    expect: [{checked: 同意}]
  - tick: 同意
    expect: [{checked: 同意}]
  - untick: 同意
    expect: [{checked: {of: 同意, is: false}}]`},
		{"radio", `<label><input type=radio name=g>男</label><label><input type=radio name=g checked>女</label>`, `
  - tick: 男
    expect: [{checked: 男}, {checked: {of: 女, is: false}}]`},
		{"hidden box with a drawn label", `<style>input{position:absolute;opacity:0;width:0;height:0}</style><label><input type=checkbox><span>记住我</span></label>`, `
  - tick: 记住我
    expect: [{checked: 记住我}]`},
		{"switch around a hidden box", `<style>input{position:absolute;width:0;height:0;opacity:0;margin:0}b{display:inline-block;width:40px;height:20px;background:#ccc}</style>
<div class=switch onclick="this.firstChild.checked=!this.firstChild.checked"><input type=checkbox role=switch aria-label=短信通知><b></b></div>`, `
  - tick: 短信通知
    expect: [{checked: 短信通知}]
  - untick: 短信通知
    expect: [{checked: {of: 短信通知, is: false}}]`},
		{"aria switch", `<div role=switch aria-checked=false aria-label=夜间 style="width:40px;height:20px" onclick="this.setAttribute('aria-checked',this.getAttribute('aria-checked')!=='true')"></div>`, `
  - tick: 夜间
    expect: [{checked: 夜间}]
  - untick: 夜间
    expect: [{checked: {of: 夜间, is: false}}]`},
		{"enter sends", `<form onsubmit="document.title=this.q.value; return false"><input name=q placeholder=搜索></form>`, `
  - fill: {搜索: 津贴}
  - press: Enter
    expect: [{title: 津贴}]`},
		{"select all and delete", `<input placeholder=名称 value=旧>`, `
  - press: {key: Control+A, in: 名称}
  - press: Delete
    expect: [{value: {of: 名称, equals: ""}}]
  - press: {key: Shift+a, in: 名称}
  - press: b
  - press: Space
  - press: "7"
    expect: [{value: {of: 名称, equals: "Ab 7"}}]`},
		{"keys of a page", `<script>addEventListener('keydown',e=>{if(e.ctrlKey&&e.shiftKey&&e.code==='KeyK')document.title='found '+e.key})</script>`, `
  - press: Control+Shift+K
    expect: [{title: found}]`},
		{"hover", `<style>ul{display:none}div:hover ul{display:block}</style><div>个人中心<ul><li><button onclick="document.title='bye'">退出</button></ul></div>`, `
  - hover: 个人中心
  - click: 退出
    expect: [{title: bye}]`},
		{"close by button", `<div role=dialog><p>公告：停机维护</p><button onclick="this.parentElement.remove()">我知道了</button></div>`, `
  - close: 停机维护
    expect: [{hidden: 停机维护}]`},
		{"close by cross", `<div class=modal><a href=# aria-label=Close onclick="this.parentElement.style.display='none'">×</a><p>公告</p></div>`, `
  - close: {text: 公告}
    expect: [{hidden: {text: 公告}}]`},
		{"close by escape", `<dialog id=d>公告</dialog><script>d.showModal()</script>`, `
  - close: 公告
    expect: [{hidden: 公告}]`},
		{"message box", `<div class=el-overlay style="position:fixed;inset:0"><div class=el-message-box><button aria-label=关闭此对话框>x</button><div>登录已过期</div>
<button>取消</button><button onclick="document.querySelector('.el-overlay').remove()">确定</button></div></div>
<script>for(const b of document.querySelectorAll('.el-message-box button'))b.addEventListener('click',()=>setTimeout(()=>document.querySelector('.el-overlay')?.remove(),200))</script>`, `
  - close: 登录已过期
    expect: [{hidden: 登录已过期}]`},
		{"close that is not there", `<p>x`, `
  - close: 公告
    optional: true
    timeout: 300ms`},
		{"fill replaces", `<label>姓名<input value=旧名字></label><label>备注<textarea>旧</textarea></label><div contenteditable aria-label=正文>旧</div>`, `
  - fill: {姓名: 新, 备注: "一\n二", 正文: 三}
    expect: [{value: {of: 姓名, equals: 新}}, {value: {of: 备注, contains: 一}}, {text: {of: {css: "[contenteditable]"}, equals: 三}}]
  - fill: {姓名: ""}
    expect: [{value: {of: 姓名, equals: ""}}]`},
		{"fill numbers and dates", `<label>人数<input type=number value=3></label><label>日期<input type=date></label><label>程度<input type=range max=10></label>`, `
  - fill: {人数: "12", 日期: "2026-11-23", 程度: "7"}
    expect: [{value: {of: 人数, equals: "12"}}, {value: {of: 日期, equals: "2026-11-23"}}, {value: {of: 程度, equals: "7"}}]`},
		{"save and check", `<p class=queue>当前排队：1,234 人</p><a href=/x?id=7 title=t>详情</a><input placeholder=编号 value=N-8><title>首页</title>`, `
  - save:
      queue: {from: {css: .queue}, match: '排队：([\d,]+)', as: number}
      link: {from: 详情, attribute: href, match: 'id=(\d+)'}
      no: {from: 编号, source: value}
      at: {source: url}
      title: {source: title}
  - check: ${queue} == 1234
  - check: ${queue} >= 1234.0
  - check: ${link} != 8
  - check: ${no} contains N-
  - check: ${at} contains 127.0.0.1
  - check: ${title} == 首页
  - fill: {编号: "${no}-${link}"}
    expect: [{value: {of: 编号, equals: N-8-7}}]`},
		{"one-time password", `<input placeholder=动态口令 oninput="document.title=/^\d{6}$/.test(this.value)?'six':'no'">`, `
  - totp: {secret: "${secret.totp}", into: {placeholder: 动态口令}}
    expect: [{title: six}]`},
		{"pause and condition", `<script>setTimeout(()=>document.body.append('好了'),300)</script>`, `
  - wait: {text: 好了}
  - wait: 50ms`},
		{"when", `<p>普通</p>`, `
  - click: 无此按钮
    when: {visible: 验证码}
  - expect: [{visible: 普通}]
    when: [{text: 普通}, {url: /}]`},
		{"optional", `<p>x`, `
  - click: 无此按钮
    optional: true
    timeout: 300ms`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			srv := site(t, map[string]string{"/": row.body})
			mustPass(t, run(t, parse(t, srv.URL, "steps:\n  - goto: ${base}/"+row.steps+"\n")))
		})
	}
}

// TestUpload_intoAHiddenInput: the bytes arrive, and nothing stays on the disk.
func TestUpload_intoAHiddenInput(t *testing.T) {
	got := make(chan string, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if q.Method == http.MethodPost {
			if f, h, err := q.FormFile("photo"); err == nil {
				b, _ := io.ReadAll(f)
				got <- h.Filename + " " + string(b)
			}
			fmt.Fprint(w, "<h1>收到</h1>")
			return
		}
		fmt.Fprint(w, `<form method=post enctype=multipart/form-data><label class=b>身份证照片<input name=photo type=file style="display:none"></label><button>提交</button></form>`)
	}))
	defer srv.Close()
	set, problems := scenarios.LoadFS(fstest.MapFS{
		"样本.txt":  {Data: []byte("bytes")},
		"up.yaml": {Data: []byte("scenario: up\nsteps:\n  - goto: " + srv.URL + "\n  - upload: {身份证照片: 样本.txt}\n  - click: 提交\n    expect: [{text: 收到}]\n")},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, dir := ownPool(t)
	mustPass(t, p.Run(t.Context(), &set.Scenarios[0], slot(), nil))
	if f := <-got; f != "样本.txt bytes" {
		t.Errorf("arrived: %q", f)
	}
	p.tasks.Wait()
	if left, _ := filepath.Glob(dir + "/*/upload-*"); len(left) > 0 {
		t.Errorf("left on the disk: %v", left)
	}
}

// TestFill_neverTypesElsewhere: a page that keeps the focus in another field
// does not get a password there.
func TestFill_neverTypesElsewhere(t *testing.T) {
	srv := site(t, map[string]string{"/": `<input placeholder=账号 id=a><input placeholder=密码 id=b onfocus="a.focus()">`})
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - fill: {密码: "${secret.password}"}
    timeout: 500ms
always:
  - save: {typed: {from: 账号, source: value}}
  - check: ${typed} == x
`))
	if r.Failure == nil || !strings.Contains(r.Failure.Cover, "#a") {
		t.Errorf("got %s", cause(r))
	}
	if why := r.Steps[len(r.Steps)-1].Why; why != nil && strings.Contains(why.Sentence(gengfu.English), gengfu.Masked) {
		t.Errorf("the password was typed into another field: %s", why.Sentence(gengfu.English))
	}
}

// TestAlways_followsAFailure and never changes the verdict.
func TestAlways_followsAFailure(t *testing.T) {
	srv := site(t, map[string]string{"/": `<button onclick="fetch('/bye')">退出登录</button>`, "/bye": "bye"})
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - expect: [{text: 没有}]
    timeout: 300ms
  - click: 再来
always:
  - click: 退出登录
  - check: 1 > 2
  - click: 没有的按钮
    timeout: 300ms
`))
	var got []string
	for _, st := range r.Steps {
		got = append(got, string(st.Status))
	}
	if want := []string{"passed", "failed", "skipped", "passed", "failed", "skipped"}; !slices.Equal(got, want) {
		t.Errorf("steps %v, want %v", got, want)
	}
	if r.Failure == nil || r.Failure.Step != 2 || r.Outcome != gengfu.Failed {
		t.Errorf("got %s", cause(r))
	}
	if d := r.Duration.Seconds(); d > 3 {
		t.Errorf("closing steps count as the run's: %.1f s", d)
	}
}
