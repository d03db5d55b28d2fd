package chrome

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gengfu"
)

// canaries are twelve secrets, one for each way in which one gets out.
var canaryWays = []string{
	"fill", "seed", "header", "cookie", "query", "fragment", "json", "form", "basic", "console", "exception", "attribute",
}

func canaryOf(way string) string {
	if way == "seed" {
		return "KRSXG5CTMVRXEZLU" // a seed is base32
	}
	return "Canary/" + way + `+"词&` + strings.Repeat(way[:1], 5)
}

// canaryForms are the texts in which a secret would be recognised, made without
// the redactor.
func canaryForms(s string) []string {
	out := []string{s, url.QueryEscape(s), strings.ReplaceAll(url.QueryEscape(s), "+", "%20"), strings.ToLower(url.QueryEscape(s))}
	quoted, _ := json.Marshal(s) //nolint:errchkjson // a text
	out = append(out, strings.Trim(string(quoted), `"`), strings.ReplaceAll(s, `"`, `\"`))
	var bytes []rune // as browsers read headers
	for i := range len(s) {
		bytes = append(bytes, rune(s[i]))
	}
	out = append(out, string(bytes), strings.ReplaceAll(string(bytes), `"`, `\"`))
	for shift := range 3 {
		all := base64.StdEncoding.EncodeToString([]byte("###"[:shift] + s))
		out = append(out, all[4:len(all)-4])
	}
	return out
}

// leakyPage sends and shows every secret in its own way. The page gets them as
// a log-in page would: from what was typed, from cookies and from its server.
const leakyPage = `<!doctype html><meta charset=utf-8><title>x</title>
<form method=post action=/posted><label>口令<input name=whatever type=text></label><label>验证码<input name=c></label>
<input type=hidden name=plain value="%[1]s"><button>提交</button></form><p id=a></p>
<script>
const s=%[2]s;
document.cookie='kept='+encodeURIComponent(s.cookie);
document.querySelector('#a').setAttribute('data-x',s.attribute);
console.error('said '+s.console); console.log(s.console);
(async()=>{
await fetch('/q?whatever='+encodeURIComponent(s.query)).then(r=>r.text());
await fetch('/j',{method:'POST',headers:{'content-type':'application/json'},body:JSON.stringify({whatever:s.json, wrapped:btoa(unescape(encodeURIComponent('x:'+s.json)))})});
await fetch('/b',{headers:{authorization:'Basic '+btoa(unescape(encodeURIComponent('user:'+s.basic))), 'x-other':btoa(unescape(encodeURIComponent('xy'+s.basic)))}});
location.hash='whatever='+encodeURIComponent(s.fragment);
setTimeout(()=>{throw new Error('broken by '+s.exception)},0);
document.title='ready';
})();
</script>`

// TestCanary_noSecretInAnythingOfARun: the run as JSON, and every piece of its
// evidence.
func TestCanary_noSecretInAnythingOfARun(t *testing.T) {
	known := map[string]string{}
	for _, way := range canaryWays {
		known[way] = canaryOf(way)
	}
	inPage, err := json.Marshal(known)
	if err != nil {
		t.Fatal(err)
	}
	attribute := strings.NewReplacer("&", "&amp;", `"`, "&quot;").Replace(known["form"])
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/":
			http.SetCookie(w, &http.Cookie{Name: "own", Value: url.QueryEscape(known["cookie"])})
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, leakyPage, attribute, inPage)
		case "/posted":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, "<!doctype html><title>posted</title><pre>%s %s</pre>", q.PostFormValue("whatever"), q.Header.Get("Cookie"))
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(inPage)
		}
	}))
	defer srv.Close()
	before := pool.secret()
	defer pool.SetSecrets(before)
	pool.SetSecrets(func(name string) (gengfu.Secret, error) {
		if v, ok := known[name]; ok {
			return gengfu.Secret(v), nil
		}
		return "", gengfu.ErrNotFound
	})
	s := parse(t, srv.URL, `
browser: {headers: {X-Whatever: "${secret.header}"}}
steps:
  - goto: ${base}/?whatever=${secret.query}
    expect: [{title: ready}]
  - fill: {口令: "${secret.fill}"}
  - totp: {secret: "${secret.seed}", into: {label: 验证码}}
  - click: 提交
    expect: [{title: posted}]
    timeout: 3s
  - expect: [{text: "不会有 ${secret.form}"}]
    timeout: 300ms
`)
	s.Secrets = canaryWays
	for _, attempt := range []int{1, 2} {
		slot := slot()
		slot.Attempt = attempt
		r := pool.Run(t.Context(), s, slot, nil)
		if r.Failure == nil || len(r.Evidence) != 3+attempt || len(r.Console) < 2 {
			t.Fatalf("%s; %d pieces of evidence, %d lines of console", cause(r), len(r.Evidence), len(r.Console))
		}
		log := archiveOf(t, r)
		for _, part := range []string{"/?", "/q", "/j", "/b", "/posted"} {
			log.entry(t, part)
		}
		whole, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{"run": string(whole), "run in words": everything(r)}
		for _, e := range r.Evidence {
			texts[string(e.Kind)] = string(e.Data.Bytes())
		}
		for name, text := range texts {
			for way, secret := range known {
				for _, form := range canaryForms(secret) {
					if strings.Contains(text, form) {
						t.Errorf("attempt %d: the secret of %s is in %s: …%s…", attempt, way, name, around(text, form))
					}
				}
			}
		}
	}
}
