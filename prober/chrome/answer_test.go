package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"gengfu"
)

func hintsLike(r gengfu.Run, kind string) []string {
	var out []string
	for _, h := range hintsOf(r) {
		if text, ok := strings.CutPrefix(h, kind); ok {
			out = append(out, text)
		}
	}
	return out
}

// TestHints_whatTheInterfaceAnswered: trouble told in JSON under HTTP 200, of
// our own site alone, and without the secret in it.
func TestHints_whatTheInterfaceAnswered(t *testing.T) {
	third := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		fmt.Fprint(w, `{"code":500,"msg":"别人的事"}`)
	}))
	defer third.Close()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch q.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, `<button onclick="(async()=>{await fetch('/fine'); await fetch('%s/'); await fetch('/login',{method:'POST'}); document.title='done'})()">登录</button>`, strings.Replace(third.URL, "127.0.0.1", "localhost", 1))
		case "/fine":
			fmt.Fprint(w, `{"code":200,"msg":"操作成功"}`)
		case "/login":
			fmt.Fprintf(w, `{"code":40013,"msg":"口令 %s 不正确","data":null}`, password)
		}
	}))
	defer srv.Close()
	s := parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - click: 登录
    expect: [{title: done}]
  - expect: [{text: 欢迎}]
    timeout: 300ms
`)
	s.Secrets = []string{"password"}
	r := run(t, s)
	want := []string{"POST " + srv.URL + "/login → code 40013: 口令 *** 不正确"}
	if got := hintsLike(r, gengfu.HintAnswer); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestHints_whatTheFormRefuses: the browser's own validation shows in a bubble
// that is in no document and sends no request.
func TestHints_whatTheFormRefuses(t *testing.T) {
	srv := serve(t, `<form action=/simple2><label>手机号码<input name=m required></label><button>提交</button></form>`)
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/
  - click: 提交
    expect: [{url: {path: /simple2}}]
    timeout: 500ms
`))
	got := hintsLike(r, gengfu.HintInvalid)
	if len(got) != 1 || !strings.HasPrefix(got[0], "手机号码: ") || len(got[0]) < len("手机号码: x") {
		t.Errorf("hints %q", hintsOf(r))
	}
}

func TestRefusal_readsBusinessAnswers(t *testing.T) {
	for body, want := range map[string]string{
		`{"code":500,"msg":"系统异常"}`:                            "code 500: 系统异常",
		`{"code":"500","message":"x"}`:                         "code 500: x",
		`{"code":-1,"errmsg":"y"}`:                             "code -1: y",
		`{"success":false,"error":{"message":"z"}}`:            "success false: z",
		`{"status":"error","detail":"  a \n b "}`:              "status error: a b",
		`{"status":500,"error":"Internal Server Error"}`:       "status 500: Internal Server Error",
		`{"errors":[{"message":"no such field"}],"data":null}`: "errors: no such field",
		`{"ok":false}`:                          "ok false",
		`{"code":200,"msg":"操作成功"}`:             "",
		`{"code":0}`:                            "",
		`{"code":"00000"}`:                      "",
		`{"code":20000,"data":{}}`:              "",
		`{"success":true,"code":401}`:           "",
		`{"status":"active","message":"hello"}`: "",
		`{"code":"CN","name":"中国"}`:             "",
		`{"errors":[]}`:                         "",
		`[1,2]`:                                 "",
		`{"cod`:                                 "",
	} {
		if got, bad := refusal(body, 200); got != want || bad != (want != "") {
			t.Errorf("%s: %q, %t; want %q", body, got, bad, want)
		}
	}
	if got, bad := refusal(`{"message":"forbidden"}`, 403); !bad || got != "HTTP 403: forbidden" {
		t.Errorf("%q", got)
	}
}
