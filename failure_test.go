package gengfu_test

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gengfu"
)

// TestFailure_causeInBothLanguages: what the engine says is in the reader's
// language, what the author and the page say stays as it is.
func TestFailure_causeInBothLanguages(t *testing.T) {
	for _, c := range []struct {
		f      gengfu.Failure
		zh, en string
	}{
		{
			gengfu.Failure{Reason: gengfu.ReasonCovered, Step: 3, Name: "click 登录", Verb: "click", Want: "button “登录”", Cover: "div.mask “button 维护”", Waited: 10 * time.Second},
			"第 3 步（点击 登录）：按钮 “登录” 被 div.mask “button 维护” 遮挡，无法点击（等待 10 s）",
			"step 3 (click 登录): button “登录” is covered by div.mask “button 维护” (waited 10 s)",
		},
		{
			gengfu.Failure{Reason: gengfu.ReasonExpect, Step: 1, Name: "打开主页", Verb: "goto", Want: "url path “/home”", Seen: "/login", Waited: 1500 * time.Millisecond},
			"第 1 步（打开主页）：期望 网址 路径 “/home”，实际 /login（等待 1.5 s）",
			"step 1 (打开主页): expected url path “/home”, saw /login (waited 1.5 s)",
		},
		{
			gengfu.Failure{Reason: gengfu.ReasonNotFound, Want: "heading “text button” in css “.visible”", Waited: 200 * time.Millisecond},
			"等待 200 ms 后仍未找到 标题 “text button” 位于 css “.visible”",
			"heading “text button” in css “.visible” was not found within 200 ms",
		},
	} {
		if got := c.f.Cause(gengfu.Chinese); got != c.zh {
			t.Errorf("zh %s\nwant %s", got, c.zh)
		}
		if got := c.f.Cause(gengfu.English); got != c.en {
			t.Errorf("en %s\nwant %s", got, c.en)
		}
	}
}

// TestFailure_everyReasonHasWords: no reason falls back to the bare detail.
func TestFailure_everyReasonHasWords(t *testing.T) {
	for _, r := range gengfu.Reasons() {
		f := gengfu.Failure{Reason: r, Want: "WANT", Seen: "SEEN", Cover: "COVER", Detail: "DETAIL", Waited: time.Second}
		for _, lang := range []gengfu.Lang{gengfu.Chinese, gengfu.English} {
			if s := f.Sentence(lang); s == "DETAIL" || strings.Contains(s, "%") {
				t.Errorf("%s in %s: %q", r, lang, s)
			}
		}
	}
}

func TestSpan_readsLikeAPerson(t *testing.T) {
	for d, want := range map[time.Duration]string{
		340 * time.Millisecond: "340 ms", 2400 * time.Millisecond: "2.4 s", 3 * time.Second: "3 s",
		200 * time.Second: "3 min 20 s", 5*time.Hour + 12*time.Minute: "5 h 12 min", 76 * time.Hour: "3 d 4 h", 0: "0 ms",
	} {
		if got := gengfu.Span(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

// TestRedactor_knowsTheFormsOfASecret: in URLs, JSON, HTML and base64.
func TestRedactor_knowsTheFormsOfASecret(t *testing.T) {
	r := gengfu.Redactor{}.With(`pä"ss&<word>`, "abc")
	text := `plain pä"ss&<word> query p%C3%A4%22ss%26%3Cword%3E json pä\"ss\u0026\u003cword\u003e html pä&#34;ss&amp;&lt;word&gt; base64 cMOkInNzJjx3b3JkPg== element pä"ss&amp;&lt;word&gt; attribute pä&quot;ss&amp;&lt;word&gt; short abc`
	got := r.Redact(text)
	if want := "plain *** query *** json *** html *** base64 *** element *** attribute *** short abc"; got != want {
		t.Errorf("%q", got)
	}
	if s := gengfu.Secret("canary-value"); strings.Contains(strings.Join([]string{s.String(), s.GoString(), s.LogValue().String()}, " "), "canary") {
		t.Error("a secret printed itself")
	}
}

// FuzzRedactor_leavesNoFormOfASecret, at whichever place of a text it stands.
func FuzzRedactor_leavesNoFormOfASecret(f *testing.F) {
	for _, s := range []string{"Correct-Horse-7", `pä"ss&<word>/+`, "口令口令", "1234", "a b%c\\d"} {
		f.Add(s, "user:", " tail")
	}
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		if len(secret) < 4 || !utf8.ValidString(secret) || !utf8.ValidString(before+after) || strings.ContainsAny(secret, "*") {
			return
		}
		r := gengfu.Redactor{}.With(gengfu.Secret(secret))
		whole := before + secret + after
		quoted, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			whole, string(quoted), url.QueryEscape(whole), url.PathEscape(whole), html.EscapeString(whole),
			base64.StdEncoding.EncodeToString([]byte(whole)), base64.URLEncoding.EncodeToString([]byte(whole)),
		} {
			if got := r.Redact(text); !strings.Contains(got, gengfu.Masked) {
				t.Errorf("%q stays %q", text, got)
			}
		}
	})
}
