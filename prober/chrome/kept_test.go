package chrome

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gengfu"
	"gengfu/prober/vault"
)

// TestKept_valuesAreSeenNowhere: not in the evidence of runs whose pages show
// them, nor in what the runs tell, the log, or any file.
func TestKept_valuesAreSeenNowhere(t *testing.T) {
	site, dir := newOffice(t), t.TempDir()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p, err := NewPool(Config{
		Profiles: t.TempDir(), Secret: testSecret, Overload: -1, Egress: openEgress, Log: logger, Vault: vault.Open(dir, logger),
	})
	if err != nil {
		t.Fatal(err)
	}
	s := parse(t, site.URL, officeSession+`  - goto: ${base}/leak
  - click: 泄露
    expect: [{text: 已受理}]
    timeout: 500ms
`)
	for _, how := range []gengfu.SessionHow{gengfu.SessionRenewed, gengfu.SessionRestored} {
		r := p.Run(t.Context(), s, slot(), nil)
		if r.Outcome != gengfu.Failed || r.Session.How != how || len(r.Evidence) < 4 || len(r.Console) == 0 {
			t.Fatalf("%s: %s; %+v; %d artefacts, console %v", r.Outcome, cause(r), r.Session, len(r.Evidence), r.Console)
		}
		told, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		unseen(t, "the run", told)
		for _, e := range r.Evidence {
			unseen(t, string(e.Kind), e.Data.Bytes())
		}
	}
	p.Close()
	unseen(t, "the log", log.Bytes())
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		unseen(t, path, content)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func unseen(t *testing.T, where string, content []byte) {
	t.Helper()
	if i := bytes.Index(content, []byte("canary-")); i >= 0 {
		t.Errorf("%s: …%s…", where, content[max(0, i-60):min(len(content), i+40)])
	}
}

// leak is a page that says all it knows.
func (p *office) leak(w http.ResponseWriter, q *http.Request) {
	id := ""
	if c, err := q.Cookie("sid"); err == nil {
		id = c.Value
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><meta charset=utf-8><button onclick="leak()">泄露</button><p title="%[1]s">%[1]s<p id=out><script>
function leak() {
  const all = ['%[1]s', localStorage.token, sessionStorage.tab];
  out.textContent = all.join(' ');
  console.error(all.join(' '));
  for (const v of all) fetch('/missing?t='+v, {method: 'POST', body: JSON.stringify({v})});
  history.replaceState(null, '', '/leak/'+all[0]);
  throw new Error('bad '+all[1]);
}
</script>`, id)
}

// TestKept_storageComesBackOnce: a page that clears its storage after it was
// restored means it, and finds it empty when it loads again.
func TestKept_storageComesBackOnce(t *testing.T) {
	site, p := newOffice(t), sessionPool(t)
	s := parse(t, site.URL, officeSession)
	visit(t, p, s, gengfu.SessionRenewed, gengfu.SessionMissing)
	out := parse(t, site.URL, officeSession+`  - goto: ${base}/out
    expect: [{text: 清空}]
  - goto: ${base}/home
    expect: [{text: 没有令牌}]
`)
	visit(t, p, out, gengfu.SessionRestored, "")
}

// TestKept_notWhenItIsTooLarge: the run goes on, and says so.
func TestKept_notWhenItIsTooLarge(t *testing.T) {
	site, p := newOffice(t), sessionPool(t)
	s := parse(t, site.URL, strings.Replace(officeSession, "expect: [{text: 我的申请}]\n      outcome", "expect: [{text: 我的申请}]\n    - goto: ${base}/fill\n      expect: [{text: 满}]\n      outcome", 1))
	for range 2 {
		r := p.Run(t.Context(), s, slot(), nil)
		mustPass(t, r)
		if r.Session.How != gengfu.SessionRenewed || r.Session.Why != gengfu.SessionMissing || r.Session.Unkept != "too_large" {
			t.Errorf("%+v", r.Session)
		}
	}
}

// TestKept_secretiveTellsTokensFromWords, which must stay readable.
func TestKept_secretiveTellsTokensFromWords(t *testing.T) {
	for value, want := range map[string]int{
		"zh-CN": 0, "dark": 0, "applicant": 0, "2026-11-23": 0, "我的申请": 0, "/home/page-2": 0, "https://a.example/x1": 0, "a sentence with 1 number": 0,
		"eyJhbGciOi.J9x": 1, "5f3a91c2": 1, `{"token":"5f3a91c2ff","user":{"name":"probe","refresh":["abcdefghijklmnopqrstuvwx"]}}`: 2,
	} {
		if got := tokens(value); len(got) != want {
			t.Errorf("%s: %d tokens", value, len(got))
		}
	}
}

// TestDefinition_isWhatTheLoginDoes: where it stands and what it is called do not
// matter, what it does and with which secrets does.
func TestDefinition_isWhatTheLoginDoes(t *testing.T) {
	v := vault.Open("", nil)
	digest := func(base, text, password string) string {
		t.Helper()
		s := parse(t, base, text)
		r := newRunner(s, &gengfu.Run{}, func(string) (gengfu.Secret, error) { return gengfu.Secret(password), nil }, nil)
		r.vault = v
		d, err := r.definition(s.Session)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	base := digest("http://a.example", officeSession, "one")
	named := strings.Replace(officeSession, "- click: 登录", "- name: 提交\n      budget: {warn: 3s}\n      click: 登录", 1)
	moved := strings.Replace("tags: [x]\n"+named, "keep: 30m", "keep: 20m", 1)
	if got := digest("http://a.example", moved, "one"); got != base {
		t.Error("another name, place and keep make another log-in")
	}
	for what, got := range map[string]string{
		"address":  digest("http://b.example", officeSession, "one"),
		"password": digest("http://a.example", officeSession, "two"),
		"element":  digest("http://a.example", strings.Replace(officeSession, "click: 登录", "click: 提交", 1), "one"),
		"order":    digest("http://a.example", strings.Replace(officeSession, "{密码:", "{口令:", 1), "one"),
	} {
		if got == base {
			t.Errorf("another %s makes the same log-in", what)
		}
	}
	// What a request sends and keeps belongs to the log-in as what is typed does.
	request := func(step string) string {
		return strings.Replace(officeSession, "- click: 登录", "- http: "+step+"\n    - click: 登录", 1)
	}
	body := request(`{url: "${base}/api", json: {a: [1, "${secret.password}"], n: "${uuid}"}, save: {t: {json: data.token}}}`)
	base = digest("http://a.example", body, "one")
	if got := digest("http://a.example", body, "one"); got != base {
		t.Error("what is made anew in each run makes another log-in")
	}
	for what, got := range map[string]string{
		"secret in a body": digest("http://a.example", body, "two"),
		"number in a body": digest("http://a.example", strings.Replace(body, "[1,", "[2,", 1), "one"),
		"key in a body":    digest("http://a.example", strings.Replace(body, "{a:", "{b:", 1), "one"),
		"path":             digest("http://a.example", strings.Replace(body, "data.token", "data.key", 1), "one"),
	} {
		if got == base {
			t.Errorf("another %s makes the same log-in", what)
		}
	}
	if strings.Contains(base, "one") || len(base) != 64 {
		t.Errorf("digest %q", base)
	}
}
