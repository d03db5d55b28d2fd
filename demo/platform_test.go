package demo_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"gengfu/demo"
)

func TestPages_sayWhatScenariosLookFor(t *testing.T) {
	_, c, v := start(t)
	admin := visit(t, v.url)
	v.enter()
	admin.enterAdmin(c.now())
	tests := []struct {
		who  *visitor
		path string
		want []string
	}{
		{visit(t, v.url), "/", []string{"智慧健康养老服务平台", "新闻动态", `id="notice" hidden`, "我知道了", "申请人登录", "管理员登录"}},
		{v, "/search?q=" + url.QueryEscape("补贴"), []string{"搜索结果", "相关的结果", "居家适老化改造补贴"}},
		{v, "/search?q=%3Cb%3E", []string{"共找到 0 条", "&lt;b&gt;"}},
		{v, "/news/1", []string{"冬季高龄独居老年人"}},
		{v, "/login", []string{`placeholder="账号"`, `placeholder="密码"`, "登&nbsp;录"}},
		{v, "/home", []string{"<h1>我的申请</h1>", ">补贴申请</a>", "退出登录", "王秀英"}},
		{v, "/apply/2", []string{`id="wizard"`, "高龄津贴", "fields.js"}},
		{v, "/applications", []string{"<h1>我的申请</h1>", "applications.js"}},
		{admin, "/admin", []string{"李建国，欢迎回来", "审批管理", "统计分析"}},
		{admin, "/admin/review", []string{`role="dialog"`, "意见", "驳回"}},
		{admin, "/admin/stats", []string{`src="/admin/stats/chart"`}},
		{admin, "/admin/stats/chart", []string{"月度办件量", "<svg", "<rect"}},
	}
	for _, tc := range tests {
		got := tc.who.get(tc.path)
		if got.status != 200 {
			t.Errorf("%s answered %d", tc.path, got.status)
		}
		for _, want := range tc.want {
			if !strings.Contains(strings.ReplaceAll(got.body, "\u00a0", "&nbsp;"), want) {
				t.Errorf("%s lacks %q", tc.path, want)
			}
		}
	}
	for _, path := range []string{"/nowhere", "/news/999", "/apply/9"} {
		if got := v.get(path); got.status != 404 || !strings.Contains(got.body, "页面不存在") {
			t.Errorf("%s answered %d", path, got.status)
		}
	}
}

func TestContent_comesFromTheSeed(t *testing.T) {
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	page := func(seed uint64) string {
		w := httptest.NewRecorder()
		demo.New(demo.Config{Seed: seed, Now: func() time.Time { return at }}).Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		return w.Body.String()
	}
	if first, second := page(7), page(7); first != second {
		t.Error("one seed gave two home pages")
	}
	if page(7) == page(8) {
		t.Error("two seeds gave one home page")
	}
}

func TestPages_askForTheRightRole(t *testing.T) {
	_, c, v := start(t)
	for path, to := range map[string]string{"/home": "/login", "/apply/1": "/login", "/applications": "/login", "/admin": "/admin/login", "/admin/stats/chart": "/admin/login", "/admin/otp": "/admin/login"} {
		if got := v.get(path); got.status != 302 || got.header.Get("Location") != to {
			t.Errorf("%s: %d to %q", path, got.status, got.header.Get("Location"))
		}
	}
	if l := v.get("/api/applications").listing(t); l.Code != 401 {
		t.Errorf("API without a session: code %d", l.Code)
	}
	v.enter()
	if got := v.get("/admin"); got.status != 302 {
		t.Errorf("an applicant got the administrator's page: %d", got.status)
	}
	c.add(29 * time.Minute)
	if got := v.get("/home"); got.status != 200 {
		t.Errorf("after 29 minutes: %d", got.status)
	}
	c.add(31 * time.Minute)
	got := v.get("/home")
	if to := got.header.Get("Location"); to != "/login?expired=1" {
		t.Errorf("after 31 idle minutes: %d to %q", got.status, to)
	}
	if got := v.get("/login?expired=1"); !strings.Contains(got.body, "登录已过期，请重新登录") {
		t.Error("the expired session is not named")
	}
}

func TestLogin_rejections(t *testing.T) {
	acc := demo.Accounts()
	tests := []struct{ name, user, password, want string }{
		{"wrong", acc.ApplicantUser, "nope", "密码错误，还可尝试 4 次"},
		{"unknown", "nobody", "nope", "账号或密码错误"},
		{"administrator on the applicant's page", acc.AdminUser, acc.AdminPassword, "账号或密码错误"},
		{"locked", acc.LockedUser, acc.LockedPassword, "用户暂时锁定，请 15 分钟后再试"},
		{"expired", acc.ExpiredUser, acc.ExpiredPassword, "密码过期"},
		{"blank", "", "", "请输入账号和密码"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			_, _, v := start(t)
			got := v.login(tc.user, tc.password)
			if got.status != 200 || !strings.Contains(got.body, tc.want) {
				t.Errorf("%d, lacks %q", got.status, tc.want)
			}
		})
	}
}

func TestLogin_fiveWrongPasswordsLock(t *testing.T) {
	acc := demo.Accounts()
	_, c, v := start(t)
	for left := 4; left >= 1; left-- {
		if got := v.login(acc.ApplicantUser, "nope"); !strings.Contains(got.body, fmt.Sprintf("密码错误，还可尝试 %d 次", left)) {
			t.Errorf("%d tries left are not named", left)
		}
	}
	const locked = "用户暂时锁定，请 15 分钟后再试"
	if got := v.login(acc.ApplicantUser, "nope"); !strings.Contains(got.body, locked) {
		t.Error("the fifth wrong password does not lock")
	}
	c.add(14 * time.Minute)
	if got := v.login(acc.ApplicantUser, acc.ApplicantPassword); !strings.Contains(got.body, locked) {
		t.Error("the right password opens a locked account")
	}
	c.add(2 * time.Minute)
	v.enter()
	if got := v.login(acc.ApplicantUser, "nope"); !strings.Contains(got.body, "还可尝试 4 次") {
		t.Error("a log-in does not reset the count")
	}
}

func TestLogin_needsItsToken(t *testing.T) {
	_, _, v := start(t)
	acc := demo.Accounts()
	form := url.Values{"username": {acc.ApplicantUser}, "password": {acc.ApplicantPassword}}
	if got := v.post("/login", form); got.status != 403 {
		t.Errorf("without a session: %d", got.status)
	}
	stale := v.token("/login")
	form.Set("_csrf", "x"+stale)
	if got := v.post("/login", form); got.status != 403 || !strings.Contains(got.body, "页面已失效") {
		t.Errorf("with a wrong token: %d", got.status)
	}
	before := v.client.Jar.Cookies(mustParse(t, v.url))[0]
	form.Set("_csrf", stale)
	got := v.post("/login", form)
	cookie := got.header.Get("Set-Cookie")
	if got.status != 302 || !strings.Contains(cookie, "HttpOnly") || strings.Contains(cookie, before.Value) {
		t.Errorf("%d, cookie %q: want a new HttpOnly one", got.status, cookie)
	}
	if l := v.submit(stale, nil).listing(t); l.Code != 403 {
		t.Errorf("the token from before the log-in still holds: code %d", l.Code)
	}
	if got := v.post("/logout", url.Values{"_csrf": {v.token("/home")}}); got.header.Get("Location") != "/" {
		t.Errorf("log-out: %d", got.status)
	}
	if got := v.get("/home"); got.status != 302 {
		t.Errorf("after the log-out: %d", got.status)
	}
}

func mustParse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestAdmin_secondStep(t *testing.T) {
	_, c, v := start(t)
	if got := v.adminPassword("nope"); !strings.Contains(got.body, "密码错误，还可尝试 4 次") {
		t.Error("a wrong password is not named")
	}
	v.adminPassword(demo.Accounts().AdminPassword)
	if got := v.get("/admin"); got.status != 302 {
		t.Errorf("the password alone opens the administrator's page: %d", got.status)
	}
	if got := v.adminCode(code(t, c.now().Add(-2*time.Minute))); !strings.Contains(got.body, "动态口令错误") {
		t.Error("an old code is not refused")
	}
	v.enterAdmin(c.now().Add(-30 * time.Second)) // one step late is accepted
	visit(t, v.url).enterAdmin(c.now())          // and so is the same account at the same time
	other := visit(t, v.url)
	other.adminPassword(demo.Accounts().AdminPassword)
	for range 4 {
		other.adminCode("000000")
	}
	if got := other.adminCode("000000"); !strings.Contains(got.body, "用户暂时锁定") {
		t.Error("five wrong codes do not lock")
	}
}
