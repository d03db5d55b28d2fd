package demo

import (
	"slices"
	"strings"
	"time"
)

// specs is the table of faults: the switches, their page and what the handlers
// do all come from it. Faults of the network come first, as they act first.
func specs() []spec {
	return slices.Concat(answerFaults(), pageFaults(), accountFaults())
}

// answerFaults replace or delay the answer of every page.
func answerFaults() []spec {
	return []spec{
		{
			id: Reset, zh: "连接重置", en: "Connection reset",
			zhDoes: "所有页面：收到请求后立即以 RST 断开连接，不返回任何内容。",
			enDoes: "Every page: the connection is reset as soon as the request arrives.",
			covers: documents, wrap: resets,
		},
		{
			id: SlowFirstByte, zh: "首字节很慢", en: "Very slow first byte",
			zhDoes: "所有页面：等待设定的时长后才开始返回。",
			enDoes: "Every page: nothing is sent until the delay has passed.",
			covers: documents, delay: 6 * time.Second, wrap: waits,
		},
		{
			id: Slow, zh: "轻微变慢", en: "Mildly slow",
			zhDoes: "所有页面：首字节推迟设定的时长，功能正常，用于演示“性能下降”。",
			enDoes: "Every page: the first byte comes later by the delay; everything works. For showing a degraded run.",
			covers: documents, delay: 1500 * time.Millisecond, wrap: waits,
		},
		{
			id: SlowBody, zh: "内容滴漏", en: "Dripping body",
			zhDoes: "所有页面：响应头立即返回，正文分小块在设定的时长内缓慢送完。",
			enDoes: "Every page: the header comes at once, the body in small pieces over the delay.",
			covers: documents, delay: 20 * time.Second, wrap: drips,
		},
		{
			id: HTTP500, zh: "HTTP 500", en: "HTTP 500",
			zhDoes: "所有页面：返回 500 内部错误页。", enDoes: "Every page answers 500 with an error page.",
			covers: documents, wrap: fails500,
		},
		{
			id: HTTP503, zh: "HTTP 503", en: "HTTP 503",
			zhDoes: "所有页面：返回 503 系统维护页。", enDoes: "Every page answers 503 with a maintenance page.",
			covers: documents, wrap: fails503,
		},
		{
			id: RedirectLoop, zh: "重定向死循环", en: "Redirect loop",
			zhDoes: "所有页面：不断重定向到自身。", enDoes: "Every page redirects to itself, for ever.",
			covers: documents, wrap: loops,
		},
		{
			id: BlankPage, zh: "白屏", en: "Blank page",
			zhDoes: "所有页面：返回 200，但页面没有任何内容。", enDoes: "Every page answers 200 with nothing on it.",
			covers: documents, wrap: blanks,
		},
	}
}

// pageFaults change what a page shows or how it behaves in the browser.
func pageFaults() []spec {
	return []spec{
		{
			id: WrongText, zh: "标题错误", en: "Wrong text",
			zhDoes: "首页、个人中心、我的申请：主标题变为“" + strangeHeading + "”。",
			enDoes: "Home page, personal centre and my applications: the main heading is another one.",
			covers: only("/", "/home", "/applications"),
		},
		{
			id: MissingResource, zh: "脚本缺失", en: "Script missing",
			zhDoes: "公共脚本 app.js 返回 404：登录按钮、申请向导和表格全部失灵。",
			enDoes: "The shared script app.js answers 404: log-in button, wizard and tables stop working.",
			covers: only(scriptPath), wrap: misses,
		},
		{
			id: JSException, zh: "脚本异常", en: "Script exception",
			zhDoes: "公共脚本 app.js 加载时抛出未捕获的异常：登录按钮、申请向导和表格全部失灵。",
			enDoes: "The shared script app.js throws while loading: log-in button, wizard and tables stop working.",
			covers: only(scriptPath), wrap: throws,
		},
		{
			id: Overlay, zh: "遮罩层", en: "Overlay",
			zhDoes: "两个登录页：系统维护遮罩盖住整个页面，登录按钮无法点击。",
			enDoes: "Both log-in pages: a maintenance mask covers the page and its button.",
			covers: only("/login", "/admin/login"), markup: maskMarkup,
		},
		{
			id: AlertOnLoad, zh: "弹窗", en: "Alert on load",
			zhDoes: "所有页面：打开时弹出 alert 对话框。", enDoes: "Every page opens an alert dialog while loading.",
			covers: documents, markup: alertMarkup,
		},
		{
			id: MainThreadLoop, zh: "页面卡死", en: "Hung page",
			zhDoes: "申请人登录页：打开后不久主线程进入死循环。",
			enDoes: "The applicant's log-in page: its main thread loops for ever shortly after loading.",
			covers: only("/login"), markup: loopMarkup,
		},
	}
}

// accountFaults are trouble with the visitor's account or session.
func accountFaults() []spec {
	return []spec{
		{
			id: LoginRejected, zh: "登录被拒", en: "Log-in rejected",
			zhDoes: "两个登录页：总是回答“密码错误”。", enDoes: "Both log-ins always say that the password is wrong.",
			covers: only("/login", "/admin/login"),
		},
		{
			id: AccountLocked, zh: "账号锁定", en: "Account locked",
			zhDoes: "两个登录页：总是回答“用户暂时锁定”。", enDoes: "Both log-ins always say that the account is locked.",
			covers: only("/login", "/admin/login"),
		},
		{
			id: SessionExpired, zh: "会话失效", en: "Session expired",
			zhDoes: "所有登录后的页面和接口：一律退回登录页并提示“登录已过期”。",
			enDoes: "Everything behind a log-in sends back to it and says that the session has expired.",
			covers: pages,
		},
	}
}

// documents covers what a browser opens as a page, the form posts included.
func documents(path string) bool {
	return !strings.HasPrefix(path, "/static/") && !strings.HasPrefix(path, "/api/")
}

// pages covers documents and the answers that their scripts ask for.
func pages(path string) bool { return !strings.HasPrefix(path, "/static/") }

func only(paths ...string) func(string) bool {
	return func(path string) bool { return slices.Contains(paths, path) }
}
