package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// The account that every contender logs in with: 9 and 15 characters, one of
// them outside ASCII.
const (
	user     = "probe.one"
	password = "gängfu-bench-15"
)

// site serves the four pages that are measured: portal is rendered by the
// server, spa by the client, big has 20,000 nodes, sub 30 subresources.
type site struct {
	refused atomic.Int64 // wrong passwords
	stamps  chan int64   // Unix µs at which the spa showed its fields
}

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /portal/{$}", page(`<h1>门户</h1><p><a href="/portal/login">登录</a></p>`))
	mux.HandleFunc("GET /portal/login", page(`<h1>登录</h1><form method="post" action="/portal/login">
<p><label>账号 <input name="user"></label></p><p><label>密码 <input name="password" type="password"></label></p>
<p><button>提交</button></p></form>`))
	mux.HandleFunc("POST /portal/login", func(w http.ResponseWriter, r *http.Request) {
		if !s.login(w, r) {
			return
		}
		http.Redirect(w, r, "/portal/dashboard", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /portal/dashboard", inside(page(`<h1>工作台</h1><p id="count">共 200 条</p><table>`+rows(200)+`</table>`)))
	mux.HandleFunc("GET /spa/", page(spa))
	mux.HandleFunc("POST /api/login", func(w http.ResponseWriter, r *http.Request) {
		if s.login(w, r) {
			_, _ = io.WriteString(w, `{"ok":true}`)
		}
	})
	mux.HandleFunc("POST /api/stamp", func(w http.ResponseWriter, r *http.Request) {
		var at int64
		if _, err := fmt.Fscan(r.Body, &at); err == nil && s.stamps != nil {
			select {
			case s.stamps <- at:
			default: // nobody measures
			}
		}
	})
	mux.HandleFunc("GET /api/items", inside(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(100 * time.Millisecond): // the page's own time, the same for all
		case <-r.Context().Done():
		}
		_, _ = io.WriteString(w, items)
	}))
	mux.HandleFunc("GET /big/", page(`<h1>大页</h1><div id="box"></div><p id="done"></p><div>`+strings.Repeat("<p><i>a</i><b>b</b></p>\n", 6666)+`</div>
<script>setTimeout(()=>{box.innerHTML='<button onclick="done.textContent=\'完成\'">继续</button>'},300)</script>`))
	mux.HandleFunc("GET /sub/", page(sub()))
	mux.HandleFunc("GET /asset/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if strings.HasSuffix(r.PathValue("name"), ".css") {
			w.Header().Set("Content-Type", "text/css")
			_, _ = io.WriteString(w, "p{margin:2px}")
			return
		}
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = io.WriteString(w, "window.loaded=(window.loaded||0)+1")
	})
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return mux
}

func (s *site) login(w http.ResponseWriter, r *http.Request) bool {
	if r.FormValue("user") != user || r.FormValue("password") != password {
		s.refused.Add(1)
		http.Error(w, "wrong password", http.StatusForbidden)
		return false
	}
	http.SetCookie(w, &http.Cookie{Name: "session", Value: "in", Path: "/", HttpOnly: true})
	return true
}

func inside(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("session"); err != nil || c.Value != "in" {
			http.Error(w, "log in first", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func page(body string) http.HandlerFunc {
	doc := `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>bench</title><body>` + body
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = io.WriteString(w, doc)
	}
}

func rows(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<tr><td>%d</td><td>申请 %d</td><td>待审核</td></tr>\n", i+1, i+1)
	}
	return b.String()
}

func sub() string {
	var b strings.Builder
	for i := range 15 {
		fmt.Fprintf(&b, `<link rel="stylesheet" href="/asset/%d.css"><script src="/asset/%d.js" defer></script>`, i, i)
	}
	b.WriteString(`<h1>资源</h1><p id="count"></p><script defer src="/asset/last.js"></script>` +
		`<script>addEventListener("load",()=>{count.textContent="共 "+(window.loaded-1)*2+" 条"})</script>`)
	return b.String()
}

// The fields come 150 ms after the route, the items 100 ms after the log-in.
const spa = `<div id="app"></div><script>
const show = h => { app.innerHTML = h };
const routes = {
  "/spa/": () => show('<h1>首页</h1><a href="/spa/login">登录</a>'),
  "/spa/login": () => { show('<h1>登录</h1>'); setTimeout(() => {
    show('<h1>登录</h1><form><label>账号 <input name="user"></label><label>密码 <input name="password" type="password"></label><button>提交</button></form>');
    fetch('/api/stamp', { method: 'POST', body: String(Math.round((performance.timeOrigin + performance.now()) * 1000)) });
  }, 150) },
  "/spa/dashboard": async () => { show('<h1>请稍候</h1>');
    const items = await (await fetch('/api/items')).json();
    show('<h1>工作台</h1><p id="count">共 ' + items.length + ' 条</p><ul>' + items.map(i => '<li>' + i + '</li>').join('') + '</ul>') },
};
const go = p => { history.pushState({}, '', p); routes[p]() };
addEventListener('click', e => { const a = e.target.closest('a'); if (a) { e.preventDefault(); go(a.pathname) } });
addEventListener('submit', async e => { e.preventDefault();
  const r = await fetch('/api/login', { method: 'POST', body: new URLSearchParams(new FormData(e.target)) });
  if (r.ok) go('/spa/dashboard') });
(routes[location.pathname] || routes['/spa/'])();
</script>`

var items = func() string {
	var b strings.Builder
	for i := range 1000 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"申请 %d"`, i)
	}
	return "[" + b.String() + "]"
}()
