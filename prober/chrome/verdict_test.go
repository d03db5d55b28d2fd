package chrome

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

func click(name string) scenarios.Step {
	return scenarios.Step{Verb: scenarios.Click, Target: new(bareLocator(name)), Timeout: 500 * time.Millisecond}
}

func expecting(e ...scenarios.Expect) scenarios.Step {
	return scenarios.Step{Verb: scenarios.Verify, Expect: e, Timeout: 500 * time.Millisecond}
}

// TestFailure_saysWhatStoodInTheWay: every failure names what was looked for,
// what was there, and the fault it is.
func TestFailure_saysWhatStoodInTheWay(t *testing.T) {
	contains := func(s string) *scenarios.Match { return &scenarios.Match{Contains: new(text(s))} }
	for _, c := range []struct {
		name, body string
		step       scenarios.Step
		fault      gengfu.Fault
		reason     gengfu.Reason
		want       string // in the English cause
		hint       string // in one of the hints
	}{
		{"absent", `<button>登录系统</button>`, click("登录"), gengfu.FaultAssertion, gengfu.ReasonNotFound, "“登录” was not found", "near:登录系统"},
		{"a part", `<a href=#a>编号 7 张三</a><a href=#b>编号 7 李四</a><a href=#c>号张</a>`, click("张三"), gengfu.FaultAssertion, gengfu.ReasonNotFound, "was not found", "near:编号 7 张三"},
		{
			"covered", `<button>登 录</button><div class="maintenance mask" style="position:fixed;inset:0">系统维护中</div>`, click("登录"),
			gengfu.FaultAssertion, gengfu.ReasonCovered, "is covered by div.maintenance.mask “系统维护中”", "",
		},
		{"disabled", `<button disabled>提交</button>`, click("提交"), gengfu.FaultAssertion, gengfu.ReasonDisabled, "stayed disabled", ""},
		{"two", `<button id=a>提交</button><button id=b>提交</button>`, click("提交"), gengfu.FaultScenario, gengfu.ReasonAmbiguous, "button#a “提交” | button#b", ""},
		{"hidden", `<button style="display:none">提交</button>`, click("提交"), gengfu.FaultAssertion, gengfu.ReasonNotVisible, "not visible", ""},
		{
			"moving", `<style>@keyframes m{from{left:0}to{left:90%}}button{position:absolute;animation:m 9s linear}</style><button>提交</button>`, click("提交"),
			gengfu.FaultAssertion, gengfu.ReasonMoving, "kept moving", "",
		},
		{
			"title", `<title>维护</title>`, expecting(scenarios.Expect{Kind: scenarios.ExpectTitle, Match: contains("养老")}),
			gengfu.FaultAssertion, gengfu.ReasonExpect, "expected title “养老”, saw “维护”", "",
		},
		{
			"page text", `<p>系统升级</p>`, expecting(scenarios.Expect{Kind: scenarios.ExpectText, Match: contains("我的申请")}),
			gengfu.FaultAssertion, gengfu.ReasonExpect, "expected text “我的申请”, saw “系统升级”", "",
		},
		{
			"count", `<li>a<li>b`, expecting(scenarios.Expect{Kind: scenarios.ExpectCount, Locator: new(css("li")), Min: new(3)}),
			gengfu.FaultAssertion, gengfu.ReasonExpect, "expected count css “li” ≥ 3, saw 2", "",
		},
		{
			"console", `<script>nope()</script>`, expecting(scenarios.Expect{Kind: scenarios.ExpectConsole}),
			gengfu.FaultJSError, gengfu.ReasonExpect, "console errors ≤ 0, saw 1", "console:ReferenceError: nope is not defined",
		},
		{
			"request", `<script src=/gone.js></script>`, expecting(scenarios.Expect{Kind: scenarios.ExpectRequests}),
			gengfu.FaultAssertion, gengfu.ReasonExpect, "failed requests ≤ 0, saw 1", "/gone.js → 404",
		},
		{"select", `<select aria-label=类型><option>高龄津贴</select>`, scenarios.Step{
			Verb: scenarios.Select, Timeout: 500 * time.Millisecond, Fields: []scenarios.Pair{{Field: bareLocator("类型"), Value: text("护理补贴")}},
		}, gengfu.FaultAssertion, gengfu.ReasonNoOption, "it offers 高龄津贴", ""},
		{
			"bad css", `<p>`,
			scenarios.Step{Verb: scenarios.Click, Target: new(css("div[")), Timeout: 500 * time.Millisecond},
			gengfu.FaultScenario, gengfu.ReasonScenario, "not a valid selector", "",
		},
		{
			"toast", `<button onclick="const d=document.createElement('div');d.className='el-message';d.textContent='余额不足';document.body.append(d);setTimeout(()=>d.remove(),400)">提交</button>`,
			scenarios.Step{
				Verb: scenarios.Click, Target: new(bareLocator("提交")), Timeout: 500 * time.Millisecond,
				Expect: []scenarios.Expect{{Kind: scenarios.ExpectText, Match: contains("成功")}},
			},
			gengfu.FaultAssertion, gengfu.ReasonExpect, "expected text “成功”", "message:余额不足",
		},
		{
			"invalid field", `<form><label>姓名<input required></label><button>提交</button></form>`,
			scenarios.Step{
				Verb: scenarios.Click, Target: new(bareLocator("提交")), Timeout: 500 * time.Millisecond,
				Expect: []scenarios.Expect{{Kind: scenarios.ExpectText, Match: contains("成功")}},
			},
			gengfu.FaultAssertion, gengfu.ReasonExpect, "expected text", "invalid:姓名: ",
		},
		{
			"rule", `<button onclick="document.body.append('密码错误，还可尝试 4 次')">登录</button>`,
			scenarios.Step{
				Verb: scenarios.Click, Target: new(bareLocator("登录")), Timeout: 5 * time.Second,
				Expect:  []scenarios.Expect{{Kind: scenarios.ExpectURL, Match: &scenarios.Match{Path: new(text("/home"))}}},
				Outcome: []scenarios.OutcomeRule{{Text: text("密码错误"), Is: gengfu.FaultCredential}},
			},
			gengfu.FaultCredential, gengfu.ReasonCredential, "our account", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				if q.URL.Path != "/" {
					http.NotFound(w, q)
					return
				}
				fmt.Fprint(w, "<!doctype html><meta charset=utf-8><body>", c.body)
			}))
			defer srv.Close()
			r := run(t, scenario(open(srv.URL+"/"), c.step))
			if r.Failure == nil {
				t.Fatalf("passed")
			}
			if r.Failure.Fault != c.fault || r.Failure.Reason != c.reason || !strings.Contains(cause(r), c.want) {
				t.Errorf("got %s\nwant %s/%s with %q", cause(r), c.fault, c.reason, c.want)
			}
			if c.hint != "" && !strings.Contains(strings.Join(r.Failure.Hints, "\n"), c.hint) {
				t.Errorf("hints %q do not tell %q", r.Failure.Hints, c.hint)
			}
			if r.Failure.Step != 2 {
				t.Errorf("step %d", r.Failure.Step)
			}
			if r.Duration > 4*time.Second {
				t.Errorf("took %s", r.Duration)
			}
			if len(r.Evidence) < 2 { // an empty page has no outline
				t.Errorf("%d pieces of evidence", len(r.Evidence))
			}
		})
	}
}

// TestGoto_namesThePhaseThatFailed: what the network says becomes the fault.
func TestGoto_namesThePhaseThatFailed(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/503", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, "<h1>all is well</h1>")
	})
	mux.HandleFunc("/empty", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	mux.HandleFunc("/nothing", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, "/loop", http.StatusFound) })
	mux.HandleFunc("/file", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", "attachment")
		w.Header().Set("Content-Type", "application/zip")
		fmt.Fprint(w, "PK")
	})
	mux.HandleFunc("/silent", func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() })
	mux.HandleFunc("/reset", func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	secure := httptest.NewTLSServer(mux)
	defer secure.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	_ = l.Close()
	for _, c := range []struct {
		name, url string
		fault     gengfu.Fault
		reason    gengfu.Reason
	}{
		{"status", srv.URL + "/503", gengfu.FaultHTTPStatus, gengfu.ReasonStatus},
		{"status without a body", srv.URL + "/empty", gengfu.FaultHTTPStatus, gengfu.ReasonStatus},
		{"no content", srv.URL + "/nothing", gengfu.FaultHTTPStatus, gengfu.ReasonStatus},
		{"redirect loop", srv.URL + "/loop", gengfu.FaultHTTPStatus, gengfu.ReasonRedirects},
		{"download", srv.URL + "/file", gengfu.FaultAssertion, gengfu.ReasonDownload},
		{"no first byte", srv.URL + "/silent", gengfu.FaultTimeout, gengfu.ReasonNoAnswer},
		{"reset", srv.URL + "/reset", gengfu.FaultConnect, gengfu.ReasonConnect},
		{"refused", closed, gengfu.FaultConnect, gengfu.ReasonConnect},
		{"self-signed", secure.URL + "/503", gengfu.FaultTLS, gengfu.ReasonTLS},
		{"no such name", "http://no-such-name.invalid/", gengfu.FaultDNS, gengfu.ReasonDNS},
		{"local file", "file:///etc/passwd", gengfu.FaultPolicy, gengfu.ReasonEgress},
	} {
		t.Run(c.name, func(t *testing.T) {
			step := open(c.url)
			step.Timeout = time.Second
			r := run(t, scenario(step))
			if r.Failure == nil || r.Failure.Fault != c.fault || r.Failure.Reason != c.reason {
				t.Errorf("got %s, want %s/%s", cause(r), c.fault, c.reason)
			}
		})
	}
}

// TestRun_recordsThePages: chains, statuses and times of main documents.
func TestRun_recordsThePages(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/old", func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, "/new?token=s3cr3t", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/new", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `<h1>new</h1><a href=/next>next</a>`) })
	mux.HandleFunc("/next", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `<h1>the end</h1>`) })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	to := click("next")
	to.Expect = []scenarios.Expect{{Kind: scenarios.ExpectVisible, Locator: &scenarios.Locator{Role: "heading", Name: text("the end")}}}
	r := run(t, scenario(open(srv.URL+"/old"), to))
	mustPass(t, r)
	if len(r.Pages) != 2 {
		t.Fatalf("pages %+v", r.Pages)
	}
	first := r.Pages[0]
	if first.URL != srv.URL+"/new" || len(first.Redirects) != 1 || first.Redirects[0] != srv.URL+"/old" || first.Status != 200 {
		t.Errorf("first page %+v", first)
	}
	if first.TTFB <= 0 || first.DOMReady < first.TTFB || first.RemoteIP != "127.0.0.1" {
		t.Errorf("first page %+v", first)
	}
	if r.Pages[1].Step != 2 || r.FinalURL != srv.URL+"/next" || r.Traffic.Requests < 2 {
		t.Errorf("second page %+v, final %s, traffic %+v", r.Pages[1], r.FinalURL, r.Traffic)
	}
}

// TestMainThreadLoop_isNamedAndShown: a hung page fails as such, in time, and
// still has evidence.
func TestMainThreadLoop_isNamedAndShown(t *testing.T) {
	srv := serve(t, `<h1>before the loop</h1><button onclick="for(;;){}">登录</button>`)
	next := expecting(scenarios.Expect{Kind: scenarios.ExpectText, Match: &scenarios.Match{Contains: new(text("欢迎"))}})
	began := time.Now()
	r := run(t, scenario(open(srv.URL), click("登录"), next))
	if r.Failure == nil || r.Failure.Fault != gengfu.FaultBlockedPage {
		t.Fatalf("got %s", cause(r))
	}
	if len(r.Evidence) != 4 || !strings.Contains(string(r.Evidence[1].Data.Bytes()), "before the loop") {
		t.Errorf("evidence %d", len(r.Evidence))
	}
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("took %s", took)
	}
}

// TestAlerts_areAnsweredAndCapped: one alert is noted, a storm of them ends the
// step.
func TestAlerts_areAnsweredAndCapped(t *testing.T) {
	srv := serve(t, `<script>alert("维护通知")</script><button onclick="for(;;)alert('again')">go</button><h1>ok</h1>`)
	r := run(t, scenario(open(srv.URL)))
	mustPass(t, r)
	if len(r.Dialogs) != 1 || !strings.Contains(r.Dialogs[0], "维护通知") {
		t.Errorf("dialogs %q", r.Dialogs)
	}
	r = run(t, scenario(open(srv.URL), click("go")))
	if r.Failure == nil || r.Failure.Fault != gengfu.FaultBlockedPage {
		t.Errorf("got %s", cause(r))
	}
	if len(r.Dialogs) > maxDialogs {
		t.Errorf("%d dialogs", len(r.Dialogs))
	}
}

// TestSecrets_areNowhere: a password typed, echoed, logged, sent and shown is in
// no part of the run.
func TestSecrets_areNowhere(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		fmt.Fprintf(w, `<!doctype html><title>%[1]s</title><form method=post><input placeholder=账号><input placeholder=密码 name=p value="%[1]s">
<button>登录</button></form><p id=echo>%[1]s</p><script>console.error("sent %[1]s"); fetch("/api?p=%[1]s"); throw new Error("x %[1]s")</script>`, strings.TrimPrefix(string(body), "p="))
	}))
	defer srv.Close()
	set, problems := scenarios.Parse("login.yaml", fmt.Appendf(nil, `
scenario: login
title: 登录
steps:
  - goto: %s
  - fill: {密码: "${secret.password}"}
  - click: 登录
    expect: [{title: 欢迎}]
    timeout: 1500ms
`, srv.URL))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r := run(t, &set.Scenarios[0])
	if r.Failure == nil {
		t.Fatal("passed")
	}
	var all strings.Builder
	fmt.Fprintf(&all, "%+v %+v %s", r, *r.Failure, cause(r))
	for _, e := range r.Evidence {
		all.WriteString(string(e.Data.Bytes()))
	}
	if !strings.Contains(all.String(), gengfu.Masked) {
		t.Error("nothing was masked, so nothing was tested")
	}
	if strings.Contains(all.String(), "Correct-Horse-7") {
		t.Errorf("the password is in the run: …%s…", around(all.String(), "Correct-Horse-7"))
	}
}

func around(s, part string) string {
	i := strings.Index(s, part)
	return s[max(0, i-80):min(len(s), i+80)]
}
