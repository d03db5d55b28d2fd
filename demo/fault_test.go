package demo_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu/demo"
)

var update = flag.Bool("update", false, "write golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestFaults_onPages has a row for every fault that is seen in one answer.
func TestFaults_onPages(t *testing.T) {
	acc := demo.Accounts()
	get := func(path string) func(*visitor) answer { return func(v *visitor) answer { return v.get(path) } }
	login := func(v *visitor) answer { return v.login(acc.ApplicantUser, acc.ApplicantPassword) }
	tests := []struct {
		fault  demo.Fault
		act    func(*visitor) answer
		status int
		want   string
	}{
		{demo.HTTP500, get("/"), 500, "服务器内部错误"},
		{demo.HTTP503, get("/login"), 503, "系统维护中"},
		{demo.BlankPage, get("/"), 200, "<body></body>"},
		{demo.WrongText, get("/"), 200, "<h1>测试环境"},
		{demo.WrongText, func(v *visitor) answer { v.enter(); return v.get("/home") }, 200, "<h1>测试环境"},
		{demo.MissingResource, get("/static/app.js"), 404, "not found"},
		{demo.JSException, get("/static/app.js"), 200, "portalConfig.baseUrl.trim()"},
		{demo.Overlay, get("/login"), 200, `class="maintenance-mask"`},
		{demo.Overlay, get("/admin/login"), 200, `class="maintenance-mask"`},
		{demo.AlertOnLoad, get("/"), 200, "<script>alert("},
		{demo.MainThreadLoop, get("/login"), 200, "for (;;)"},
		{demo.LoginRejected, login, 200, "密码错误，还可尝试 4 次"},
		{demo.AccountLocked, login, 200, "用户暂时锁定"},
		{demo.RedirectLoop, get("/search?q=a"), 302, `href="/search?q=a"`},
		{demo.SessionExpired, func(v *visitor) answer { v.enter(); return v.get("/home") }, 302, `href="/login?expired=1"`},
		{demo.SessionExpired, func(v *visitor) answer { v.enter(); return v.get("/api/applications") }, 200, `"code":401`},
	}
	for _, tc := range tests {
		t.Run(string(tc.fault), func(t *testing.T) {
			p, _, v := start(t)
			if before := tc.act(visit(t, v.url)); strings.Contains(before.body, tc.want) {
				t.Fatalf("%q is there without the fault", tc.want)
			}
			p.Set(tc.fault, true)
			got := tc.act(v)
			if got.status != tc.status || !strings.Contains(got.body, tc.want) {
				t.Errorf("%d %.300q, want %d with %q", got.status, got.body, tc.status, tc.want)
			}
			p.Set(tc.fault, false)
			if after := tc.act(visit(t, v.url)); strings.Contains(after.body, tc.want) {
				t.Error("the fault stays after it was switched off")
			}
		})
	}
}

func TestFaults_leaveOtherPagesAlone(t *testing.T) {
	p, _, v := start(t)
	p.Set(demo.MainThreadLoop, true)
	p.Set(demo.Overlay, true)
	if got := v.get("/"); strings.Contains(got.body, "maintenance") || strings.Contains(got.body, "for (;;)") {
		t.Error("the home page has the log-in's faults")
	}
	if err := p.Configure(demo.HTTP500, demo.Setting{On: true, Path: "/admin"}); err != nil {
		t.Fatal(err)
	}
	if home, admin := v.get("/").status, v.get("/admin/login").status; home != 200 || admin != 500 {
		t.Errorf("home %d, administrator %d", home, admin)
	}
	if got := v.get("/static/portal.css"); got.status != 200 {
		t.Errorf("style: %d", got.status)
	}
	p.Clear()
	if got := v.get("/admin/login"); got.status != 200 || strings.Contains(got.body, "maintenance") {
		t.Errorf("after Clear: %d", got.status)
	}
	if err := p.Configure("nothing", demo.Setting{On: true}); !errors.Is(err, demo.ErrUnknownFault) {
		t.Errorf("unknown fault: %v", err)
	}
}

func TestFault_reset(t *testing.T) {
	p, _, v := start(t)
	p.Set(demo.Reset, true)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.url+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := v.client.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset connection", err)
	}
}

func TestFaults_thatDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := demo.New(demo.Config{})
		took := func(ctx context.Context) (time.Duration, string) {
			w := httptest.NewRecorder()
			from := time.Now()
			p.Handler().ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/", nil))
			return time.Since(from), w.Body.String()
		}
		_, whole := took(t.Context())
		for fault, want := range map[demo.Fault]time.Duration{demo.SlowFirstByte: 6 * time.Second, demo.Slow: 1500 * time.Millisecond} {
			p.Set(fault, true)
			if d, body := took(t.Context()); d != want || body != whole {
				t.Errorf("%s took %v for %d bytes", fault, d, len(body))
			}
			if err := p.Configure(fault, demo.Setting{On: true, Delay: 2 * time.Second}); err != nil {
				t.Error(err)
			}
			if d, _ := took(t.Context()); d != 2*time.Second {
				t.Errorf("%s with a delay of its own took %v", fault, d)
			}
			p.Clear()
		}
		p.Set(demo.SlowBody, true)
		if d, body := took(t.Context()); d < 19*time.Second || d > 20*time.Second || body != whole {
			t.Errorf("dripping took %v for %d of %d bytes", d, len(body), len(whole))
		}
		p.Set(demo.SlowFirstByte, true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if d, body := took(ctx); d != time.Second || body != "" {
			t.Errorf("after the visitor left: %v, %d bytes", d, len(body))
		}
	})
}

func control(t *testing.T) (*demo.Platform, *visitor) {
	t.Helper()
	p := demo.New(demo.Config{})
	srv := httptest.NewServer(p.FaultHandler())
	t.Cleanup(srv.Close)
	return p, visit(t, srv.URL)
}

func (v *visitor) state(a answer) demo.FaultState {
	v.t.Helper()
	var st demo.FaultState
	if err := json.Unmarshal([]byte(a.body), &st); err != nil {
		v.t.Fatalf("%v in %q", err, a.body)
	}
	return st
}

func TestFaultAPI(t *testing.T) {
	_, v := control(t)
	put := func(path, body string) answer {
		return v.do("POST", path, "application/json", strings.NewReader(body), "")
	}
	if st := v.state(put("/api/faults/slow", `{"on":true,"delay":"2s","path":"/login"}`)); !st.On || st.Delay != "2s" || st.Path != "/login" {
		t.Errorf("slow: %+v", st)
	}
	if st := v.state(put("/api/faults/overlay", "")); !st.On {
		t.Errorf("an empty body does not switch on: %+v", st)
	}
	var all struct{ Faults []demo.FaultState }
	if err := json.Unmarshal([]byte(v.get("/api/faults").body), &all); err != nil {
		t.Fatal(err)
	}
	var on []demo.Fault
	for _, st := range all.Faults {
		if st.On {
			on = append(on, st.ID)
		}
		if st.Title["zh-CN"] == "" || st.Title["en"] == "" || st.Does["zh-CN"] == "" || st.Does["en"] == "" {
			t.Errorf("%s lacks words", st.ID)
		}
	}
	if diff := cmp.Diff([]demo.Fault{demo.Slow, demo.Overlay}, on); diff != "" || len(all.Faults) != 17 {
		t.Errorf("%d faults, on (-want +got):\n%s", len(all.Faults), diff)
	}
	for _, a := range []answer{put("/api/faults/slow/off", ""), v.do("DELETE", "/api/faults/overlay", "", nil, ""), put("/api/faults/http_500", `{"on":false}`)} {
		if v.state(a).On {
			t.Errorf("still on: %s", a.body)
		}
	}
	put("/api/faults/reset", "")
	if got := v.do("DELETE", "/api/faults", "", nil, ""); strings.Contains(got.body, `"on": true`) {
		t.Error("DELETE leaves a fault on")
	}
}

func TestFaultAPI_refuses(t *testing.T) {
	p, v := control(t)
	tests := []struct {
		path, body string
		status     int
		want       string
	}{
		{"/api/faults/slow_frist_byte", "", 404, `unknown fault \"slow_frist_byte\" (did you mean \"slow_first_byte\"?)`},
		{"/api/faults/zebra", "", 404, `"error": "unknown fault \"zebra\"",`},
		{"/api/faults/slow", `{"delay":"soon"}`, 400, `delay \"soon\"`},
		{"/api/faults/slow", `{"delay":"-1s"}`, 400, `delay \"-1s\"`},
		{"/api/faults/slow", `{"path":"login"}`, 400, `must begin with /`},
		{"/api/faults/slow", `{"onn":true}`, 400, `unknown field`},
	}
	for _, tc := range tests {
		got := v.do("POST", tc.path, "application/json", strings.NewReader(tc.body), "")
		if got.status != tc.status || !strings.Contains(got.body, tc.want) {
			t.Errorf("%s %s: %d %s, want %d with %s", tc.path, tc.body, got.status, got.body, tc.status, tc.want)
		}
	}
	for _, st := range p.Faults() {
		if st.On {
			t.Errorf("%s is on", st.ID)
		}
	}
}

func TestFaultPage(t *testing.T) {
	p, v := control(t)
	golden(t, "faults.zh-CN.html", v.get("/").body)
	got := v.post("/switch", url.Values{"id": {"slow"}, "on": {"true"}, "delay": {"3s"}, "lang": {"en"}})
	if got.status != 303 || got.header.Get("Location") != "/?lang=en" {
		t.Errorf("switch: %d to %q", got.status, got.header.Get("Location"))
	}
	golden(t, "faults.en.html", v.get("/?lang=en").body)
	if got := v.post("/switch", url.Values{"id": {"slow"}, "on": {"true"}, "delay": {"<x>"}}); !strings.Contains(got.body, `role="alert"`) || strings.Contains(got.body, "<x>") {
		t.Error("a wrong delay is not named, or not escaped")
	}
	v.post("/clear", nil)
	for _, st := range p.Faults() {
		if st.On {
			t.Errorf("%s is on after clearing", st.ID)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.url+"/api/faults/reset", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := v.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if _, _ = io.Copy(io.Discard, resp.Body); resp.StatusCode != http.StatusForbidden {
		t.Errorf("another site switched a fault: %d", resp.StatusCode)
	}
}
