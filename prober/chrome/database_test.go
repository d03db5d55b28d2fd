package chrome

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gengfu"
)

// databasePage keeps its log-in in IndexedDB, as libraries for single sign-on do,
// beside a database that JSON cannot say. It asks for its record at once, with a
// handler that makes the database anew when it is not there.
const databasePage = `<!doctype html><meta charset=utf-8><body><button disabled>登录</button><h1></h1><script>
const show = text => document.querySelector('h1').textContent = text
const opening = indexedDB.open('accounts', 3)
opening.onupgradeneeded = e => {
  const db = opening.result
  db.createObjectStore('users', {keyPath: 'id'}).createIndex('byRole', 'role')
  db.createObjectStore('misc', {autoIncrement: true})
  show('新建')
}
opening.onsuccess = () => {
  document.querySelector('button').disabled = false
  const t = opening.result.transaction(['users', 'misc'])
  const user = t.objectStore('users').index('byRole').get('applicant'), misc = t.objectStore('misc').get(1)
  t.oncomplete = () => show(user.result ? '我的申请 ' + user.result.tokens.length + ' ' + misc.result : '请登录')
}
document.querySelector('button').onclick = () => {
  const other = indexedDB.open('keys', 1)
  other.onupgradeneeded = () => other.result.createObjectStore('k')
  other.onsuccess = () => other.result.transaction('k', 'readwrite').objectStore('k').put(new Date, 1)
  const t = opening.result.transaction(['users', 'misc'], 'readwrite')
  t.objectStore('users').put({id: 7, role: 'applicant', tokens: [{access: 'canary-9d2f41c8'}], until: null})
  t.objectStore('misc').put('甲')
  t.oncomplete = () => show('我的申请')
}
</script>`

// TestKept_databases: what a page has in IndexedDB is there again before the page
// asks for it, and is seen nowhere.
func TestKept_databases(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, databasePage)
	}))
	defer site.Close()
	p := sessionPool(t)
	s := parse(t, site.URL, `
session:
  name: applicant
  keep: 30m
  at: ${base}/home
  valid: [{text: 我的申请}]
  login:
    - goto: ${base}/login
    - click: 登录
      expect: [{text: 我的申请}]
steps:
  - goto: ${base}/work
    expect: [{text: 我的申请 1 甲}]
`)
	visit(t, p, s, gengfu.SessionRenewed, gengfu.SessionMissing)
	for range 2 { // what was restored is kept up, too
		p.tasks.Wait()
		r := visit(t, p, s, gengfu.SessionRestored, "")
		told, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		unseen(t, "the run", told)
	}
	st, _ := p.cfg.Vault.List()
	if len(st) != 1 || st[0].Origins != 1 {
		t.Errorf("kept %+v", st)
	}
	var k kept
	k.Storages = []keptStorage{{Origin: "a", Databases: []string{`{"name":"a-name-that-is-long-enough","stores":[{"name":"s","values":[{"t":"canary-9d2f41c8"}]}]}`}}}
	if got := k.values(); len(got) != 1 || !strings.HasPrefix(got[0].Reveal(), "canary") {
		t.Errorf("%d values are hidden", len(got))
	}
	var later kept
	later.add(keptStorage{Origin: "a", Local: [][2]string{{"x", "y"}}})
	later.unread(k.Storages[0])
	if len(later.Storages[0].Databases) != 1 {
		t.Error("a database that could not be read in time is gone")
	}
}
