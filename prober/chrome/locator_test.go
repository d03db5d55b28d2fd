package chrome

import (
	"context"
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// onPage does the steps on a fresh page and keeps it for questions to the script.
func onPage(t *testing.T, steps ...scenarios.Step) *runner {
	t.Helper()
	l, err := pool.acquire(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.release(l) })
	s := scenario(steps...)
	r := newRunner(s, &gengfu.Run{Slot: slot(), Started: time.Now()}, testSecret, nil)
	if r.page, err = l.open(t.Context(), deviceOf(s.Browser, l.proc.userAgent), r.rec); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.dispose(r.page.set) })
	r.do(t.Context())
	return r
}

// ask calls a function of the script in the page.
func (r *runner) ask(t *testing.T, into any, fn string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	s, world, err := r.page.world(ctx, r.page.main)
	if err != nil {
		t.Fatal(err)
	}
	if err := evaluate(ctx, s, world, fn, 0, args, into); err != nil {
		t.Fatal(err)
	}
}

// TestLocators_meanWhatAPersonMeans: each row is a page, a locator as an author
// writes it, and the ids of the elements it means. use is the kind of verb that
// the locator stands behind.
func TestLocators_meanWhatAPersonMeans(t *testing.T) {
	const shadow = `<div id=host></div><script>1</script>`
	rows := []struct{ name, body, use, locator, want string }{
		{"blanks between characters", `<button id=a>登 录</button><button id=b>手机登录</button>`, useControl, `登录`, "a"},
		{"no-break space", `<button id=a>登&nbsp;录</button>`, useControl, `登录`, "a"},
		{"full width", `<button id=a>ＯＫ（１）</button>`, useControl, `OK(1)`, "a"},
		{"half width", `<button id=a>OK(1)</button>`, useControl, `ＯＫ（１）`, "a"},
		{"zero width and line break", "<button id=a>登\u200b\n录</button>", useControl, `登录`, "a"},
		{"icon font glyph", "<button id=a><i>\ue6a0</i> 搜索</button>", useControl, `搜索`, "a"},
		{"hidden icon name", `<button id=a><i aria-hidden=true>search</i>搜索</button>`, useControl, `搜索`, "a"},
		{"case", `<button id=a style="text-transform:uppercase">Log in</button>`, useControl, `LOG IN`, "a"},
		{"aria-label", `<button id=a aria-label=关闭>×</button>`, useControl, `关闭`, "a"},
		{"aria-labelledby", `<span id=n>提交 申请</span><button id=a aria-labelledby=n>x</button>`, useControl, `提交申请`, "a"},
		{"image in a link", `<a id=a href=#><img alt=首页></a>`, useControl, `首页`, "a"},
		{"submit value", `<input id=a type=submit value=登录>`, useControl, `登录`, "a"},
		{"innermost control", `<a href=# id=a><button id=b>下一步</button></a>`, useControl, `下一步`, "b"},
		{"control before text", `<p id=p>登录</p><button id=a>登录</button>`, useControl, `登录`, "a"},
		{"text when there is no control", `<div><span id=a>展开</span></div>`, useControl, `展开`, "a"},
		{"hidden double", `<button id=a style="display:none">登录</button><button id=b>登录</button>`, useControl, `登录`, "b"},
		{"two visible", `<button id=a>登录</button><button id=b>登录</button>`, useControl, `登录`, "a b"},
		{"only a part", `<button id=a>手机登录</button>`, useControl, `登录`, ""},
		{"menu item", `<ul role=menu><li id=a role=menuitem>审批管理</li></ul>`, useControl, `审批管理`, "a"},
		{"role", `<h1 id=a>我的申请</h1><p>我的申请`, useControl, `{role: heading, name: 我的申请}`, "a"},
		{"role without name", `<button id=a>x</button><a href=# id=b>y</a>`, useControl, `{role: link}`, "b"},
		{"role with part of a name", `<button id=a>新建申请</button>`, useControl, `{role: button, name: 申请, exact: false}`, "a"},
		{"role hidden from people", `<button id=a aria-hidden=true>x</button><button id=b>x</button>`, useControl, `{role: button, name: x}`, "b"},
		{"fieldset", `<fieldset id=a><legend>申请人</legend><input></fieldset>`, useControl, `{role: group, name: 申请人}`, "a"},
		{"table caption", `<table id=a><caption>补贴记录</caption><tr><td>1</table>`, useControl, `{role: table, name: 补贴记录}`, "a"},
		{"column header", `<table><tr><th id=a>姓名<th>年龄</table>`, useControl, `{role: columnheader, name: 姓名}`, "a"},
		{"explicit role", `<div id=a role="tab">详情</div>`, useControl, `{role: tab, name: 详情}`, "a"},
		{"label for", `<label for=a>密码：</label><input id=a>`, useField, `密码`, "a"},
		{"label around", `<label>姓名 <input id=a></label>`, useField, `姓名`, "a"},
		{"label with a star", `<label for=a><i>*</i> 姓名:</label><input id=a>`, useField, `姓名`, "a"},
		{"label beside", `<div class=item><label>区域</label><div><input id=a></div></div>`, useField, `区域`, "a"},
		{"label before placeholder", `<label for=a>账号</label><input id=a><input id=b placeholder=账号>`, useField, `账号`, "a"},
		{"placeholder", `<input id=a placeholder=请输入密码>`, useField, `请输入密码`, "a"},
		{"part of a placeholder", `<input id=a placeholder=请输入密码>`, useField, `密码`, "a"},
		{"title of a field", `<input id=a title=验证码>`, useField, `验证码`, "a"},
		{"label kind", `<label>姓名<input id=a></label>`, useControl, `{label: 姓名}`, "a"},
		{"label kind exact", `<label>姓名拼音<input id=a></label>`, useControl, `{label: 姓名, exact: true}`, ""},
		{"placeholder kind", `<textarea id=a placeholder="备 注"></textarea>`, useControl, `{placeholder: 备注}`, "a"},
		{"text kind, smallest", `<div><p id=a>共 12 条</p></div>`, useControl, `{text: 12 条}`, "a"},
		{"text kind, whole first", `<p id=a>登录</p><p id=b>登录失败</p>`, useControl, `{text: 登录}`, "a"},
		{"text kind, part", `<p id=a>登录失败</p>`, useControl, `{text: 登录}`, "a"},
		{"text kind, exact", `<p id=a>登录失败</p>`, useControl, `{text: 登录, exact: true}`, ""},
		{"text over elements", `<p id=a>共<b>12</b>条</p>`, useControl, `{text: 共12条}`, "a"},
		{"testid", `<i id=a data-testid='x"y'></i>`, useControl, `{testid: 'x"y'}`, "a"},
		{"title", `<i id=a title=刷新></i><i id=b title=刷新全部></i>`, useControl, `{title: 刷新}`, "a"},
		{"alt", `<img id=a alt=校徽>`, useControl, `{alt: 校徽}`, "a"},
		{"css", `<p class=x id=a>`, useControl, `{css: p.x}`, "a"},
		{"xpath", `<ul><li>1<li id=a>2</ul>`, useControl, `{xpath: "//li[2]"}`, "a"},
		{"first", `<p id=a>1<p id=b>2`, useControl, `{css: p, nth: 1}`, "a"},
		{"last", `<p id=a>1<p id=b>2`, useControl, `{css: p, nth: -1}`, "b"},
		{"beyond", `<p id=a>1<p id=b>2`, useControl, `{css: p, nth: 3}`, ""},
		{"within", `<form class=f><button id=a>好</button></form><button id=b>好</button>`, useControl, `{role: button, name: 好, within: {css: .f}}`, "a"},
		{
			"within a row", `<table><tr><td>张三<td><button id=a>审批</button><tr><td>李四<td><button id=b>审批</button></table>`, useControl,
			`{role: button, name: 审批, within: {role: row, name: 李四 审批}}`, "b",
		},
		{"has", `<tr></tr><div class=r id=a><b>张三</b></div><div class=r id=b><b>李四</b></div>`, useControl, `{css: .r, has: {text: 李四}}`, "b"},
		{"tick by label", `<label><input type=checkbox id=a> 我已阅读并同意</label>`, useTick, `我已阅读并同意`, "a"},
		{"tick by text of a label", `<label><input type=checkbox id=a><span>同意</span><a href=#>协议</a></label>`, useTick, `同意`, "a"},
		{"tick switch", `<span role=switch id=a aria-label=通知></span>`, useTick, `通知`, "a"},
		{"option", `<ul><li id=a>高龄津贴</li><li style="display:none">护理补贴</li></ul>`, useOption, `高龄津贴`, "a"},
		{"hidden file input", `<label>身份证照片<input type=file id=a style="display:none"></label><input type=file id=b>`, useFile, `身份证照片`, "a"},
		{"file beside its text", `<div><span>点击上传</span><input type=file id=a hidden></div>`, useFile, `点击上传`, "a"},
		{"open shadow root", shadow, useControl, `里面`, "s"},
		{"css in a shadow root", shadow, useControl, `{css: "button#s"}`, "s"},
		{"within across a shadow root", shadow, useControl, `{css: button, within: {css: "#host"}}`, "s"},
	}
	r := onPage(t)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := parse(t, "", "steps:\n  - click: "+row.locator+"\n")
			q, err := r.compile(*s.Steps[0].Target, row.use)
			if err != nil {
				t.Fatal(err)
			}
			r.ask(t, nil, `h=>{document.body.innerHTML=h; const x=document.getElementById('host'); if(x)x.attachShadow({mode:'open'}).innerHTML='<button id=s>里面</button>'}`, row.body)
			var ids []string
			r.ask(t, &ids, `q=>__gengfu.find(q).map(e=>e.id)`, q)
			if got := strings.Join(ids, " "); got != row.want {
				t.Errorf("%s means %q, want %q", row.locator, got, row.want)
			}
		})
	}
}

// TestBlockPatterns: which addresses an author's glob refuses, by the browser's
// own reading of URL patterns.
func TestBlockPatterns(t *testing.T) {
	r := onPage(t)
	for _, row := range []struct {
		glob, url string
		want      bool
	}{
		{"*.mp4", "https://a.example/v/x.mp4", true},
		{"*.mp4", "http://a.example:8080/x.mp4?t=1", true},
		{"*.mp4", "https://a.example/x.mp4.html", false},
		{"*://stat.*/*", "https://stat.example/hit?x=1", true},
		{"*://stat.*/*", "http://stat.example.com:8080/", true},
		{"*://stat.*/*", "https://www.example/stat.js", false},
		{"https://x.example/*", "https://x.example/a/b?c", true},
		{"https://x.example/*", "https://x.example:8443/a", true},
		{"https://x.example/*", "http://x.example/a", false},
		{"https://x.example:8443/*", "https://x.example/a", false},
		{"https://x.example", "https://x.example/a", true},
		{"stat.example/*", "https://stat.example/hit", true},
		{"ads/*", "https://www.example/v1/ads/1.js", true},
		{"*/ads/*", "https://www.example/v1/ads/1.js", true},
		{"*/ads/*", "https://www.example/ads/1.js", true},
		{"*/a(b)+:c.js", "https://www.example/a(b)+:c.js", true},
		{"*/t.gif?*", "https://www.example/t.gif?u=1", true},
		{"*/t.gif?u=*", "https://www.example/t.gif?v=1", false},
	} {
		got := false
		for _, p := range blockPatterns([]string{row.glob}) {
			var yes bool
			r.ask(t, &yes, `(p,u)=>new URLPattern(p).test(u)`, p.URLPattern, row.url)
			got = got || yes
		}
		if got != row.want {
			t.Errorf("%s refuses %s: %t", row.glob, row.url, got)
		}
	}
}
