package chrome

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"gengfu"
	"gengfu/prober/vault"
	"gengfu/scenarios"
)

// office is a platform with a log-in: a cookie that scripts cannot see, and a
// token in the storage. It counts what it is asked for.
type office struct {
	*httptest.Server

	mu       sync.Mutex
	password string
	sessions map[string]bool
	logins   int // that were taken
	refused  int
	turns    int
	homeFail int // how /home answers, 0 for as it should
	atOnce   int // log-ins being answered now
	most     int
	hold     chan struct{} // nil, or what an answer to a log-in waits for
	begun    chan struct{} // gets a value with each log-in
	fails    int           // how /work answers, 0 for as it should
}

func newOffice(t *testing.T) *office {
	t.Helper()
	p := &office{password: "Correct-Horse-7", sessions: map[string]bool{}, begun: make(chan struct{}, 100)}
	mux := http.NewServeMux()
	page := func(path, body string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<!doctype html><meta charset=utf-8>", body)
		})
	}
	page("/login", `<form method=post><label>密码<input name=password type=password></label><button>登录</button></form><p>`+"\n")
	page("/rejected", `<p>密码错误</p>`)
	page("/welcome", `<script>localStorage.token = 'local-'+location.hash.slice(1); sessionStorage.tab = 'tab-'+location.hash.slice(1); location = '/home'</script>`)
	page("/out", `<script>localStorage.clear(); sessionStorage.clear(); document.write('清空')</script>`)
	page("/fill", `<script>localStorage.big = 'x'.repeat(1200000); document.write('满')</script>`)
	mux.HandleFunc("GET /turn", p.turn)
	mux.HandleFunc("GET /leak", p.leak)
	mux.HandleFunc("POST /login", p.login)
	mux.HandleFunc("GET /home", func(w http.ResponseWriter, q *http.Request) { p.home(w, q, "我的申请", p.failing(&p.homeFail)) })
	mux.HandleFunc("GET /work", func(w http.ResponseWriter, q *http.Request) { p.home(w, q, "补贴申请", p.failing(&p.fails)) })
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *office) failing(at *int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return *at
}

func (p *office) fail(at *int, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*at = status
}

func (p *office) login(w http.ResponseWriter, q *http.Request) {
	p.mu.Lock()
	p.atOnce++
	p.most = max(p.most, p.atOnce)
	hold := p.hold
	p.mu.Unlock()
	p.begun <- struct{}{}
	if hold != nil {
		<-hold
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.atOnce--
	if q.FormValue("password") != p.password {
		p.refused++
		http.Redirect(w, q, "/rejected", http.StatusSeeOther)
		return
	}
	p.logins++
	id := fmt.Sprintf("sid-canary-%d-5f3a91", p.logins)
	p.sessions[id] = true
	http.SetCookie(w, &http.Cookie{Name: "sid", Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.SetCookie(w, &http.Cookie{Name: "until", Value: "later", Path: "/", MaxAge: 3600})
	http.Redirect(w, q, "/welcome#"+id, http.StatusSeeOther)
}

// home shows itself to those with the cookie, and only when the page's script
// finds token and tab.
func (p *office) home(w http.ResponseWriter, q *http.Request, title string, status int) {
	c, err := q.Cookie("sid")
	p.mu.Lock()
	known := err == nil && p.sessions[c.Value]
	p.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	switch {
	case !known:
		http.Redirect(w, q, "/login", http.StatusSeeOther)
		return
	case status != 0:
		w.WriteHeader(status)
	}
	fmt.Fprintf(w, `<!doctype html><meta charset=utf-8><body><script>
const mark = '%s';
document.body.innerHTML = localStorage.token === 'local-'+mark && sessionStorage.tab === 'tab-'+mark ? '<h1>%s</h1>' : '<h1>没有令牌</h1>';
</script>`, c.Value, title)
}

// turn gives a new session for the old one, which ends.
func (p *office) turn(w http.ResponseWriter, q *http.Request) {
	c, err := q.Cookie("sid")
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil || !p.sessions[c.Value] {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	delete(p.sessions, c.Value)
	p.turns++
	id := fmt.Sprintf("sid-canary-turned-%d", p.turns)
	p.sessions[id] = true
	http.SetCookie(w, &http.Cookie{Name: "sid", Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><meta charset=utf-8><script>localStorage.token = 'local-%[1]s'; sessionStorage.tab = 'tab-%[1]s'; document.write('已更换')</script>`, id)
}

// end ends all sessions on the server.
func (p *office) end() {
	p.mu.Lock()
	p.sessions = map[string]bool{}
	p.mu.Unlock()
}

func (p *office) counts() (logins, refused, most int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.logins, p.refused, p.most
}

const officeSession = `
session:
  name: applicant
  keep: 30m
  at: ${base}/home
  valid: [{text: 我的申请}]
  login:
    - goto: ${base}/login
    - fill: {密码: "${secret.password}"}
    - click: 登录
      expect: [{text: 我的申请}]
      outcome: [{text: 密码错误, is: credential}]
steps:
  - goto: ${base}/work
    expect: [{text: 补贴申请}, {requests: {failed: 0}}]
`

// sessionPool has a vault of its own, in a folder.
func sessionPool(t *testing.T) *Pool {
	t.Helper()
	p, err := NewPool(Config{
		Profiles: t.TempDir(), Secret: testSecret, Overload: -1, Egress: openEgress, Parallel: 2, Vault: vault.Open(t.TempDir(), nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// visit runs the scenario and wants it to pass, with the log-in come by in a way.
func visit(t *testing.T, p *Pool, s *scenarios.Scenario, how gengfu.SessionHow, why gengfu.SessionWhy) gengfu.Run {
	t.Helper()
	r := p.Run(t.Context(), s, slot(), nil)
	mustPass(t, r)
	if r.Session == nil || r.Session.How != how || r.Session.Why != why || r.Session.Unkept != "" {
		t.Fatalf("%+v, want %s %s", r.Session, how, why)
	}
	return r
}

// TestLogin_onceForManyRuns, the page made ahead among them.
func TestLogin_onceForManyRuns(t *testing.T) {
	site, p := newOffice(t), sessionPool(t)
	s := parse(t, site.URL, officeSession)
	first := visit(t, p, s, gengfu.SessionRenewed, gengfu.SessionMissing)
	for range 4 {
		p.tasks.Wait() // a spare page is there
		again := visit(t, p, s, gengfu.SessionRestored, "")
		if len(again.Steps) != len(first.Steps) || again.Steps[0].Verb != "session" || again.Steps[0].Status != gengfu.StepPassed ||
			again.Steps[3].Status != gengfu.StepSkipped || again.Steps[3].Group != gengfu.GroupLogin || again.Steps[4].Group != "" {
			t.Errorf("steps %+v", again.Steps)
		}
	}
	if logins, refused, _ := site.counts(); logins != 1 || refused != 0 {
		t.Errorf("%d log-ins, %d refused, want 1", logins, refused)
	}
}

// TestLogin_anewWhenThePlatformEndedIt: exactly one new log-in, and the run says
// that the state ended early.
func TestLogin_anewWhenThePlatformEndedIt(t *testing.T) {
	site, p := newOffice(t), sessionPool(t)
	s := parse(t, site.URL, officeSession)
	visit(t, p, s, gengfu.SessionRenewed, gengfu.SessionMissing)
	site.end()
	r := visit(t, p, s, gengfu.SessionRenewed, gengfu.SessionRefused)
	if !r.Session.Ended || r.Session.Age <= 0 || r.Steps[0].Status != gengfu.StepSkipped || r.Steps[0].Why == nil {
		t.Errorf("%+v, first step %+v", r.Session, r.Steps[0])
	}
	visit(t, p, s, gengfu.SessionRestored, "")
	if logins, _, _ := site.counts(); logins != 2 {
		t.Errorf("%d log-ins, want 2", logins)
	}
}

// TestLogin_endedInTheMiddle: the failure stays, and the re-run logs in anew. A
// platform that only answers with an error keeps its state.
func TestLogin_endedInTheMiddle(t *testing.T) {
	site, p := newOffice(t), sessionPool(t)
	s := parse(t, site.URL, officeSession)
	visit(t, p, s, gengfu.SessionRenewed, gengfu.SessionMissing)
	site.fail(&site.fails, http.StatusServiceUnavailable)
	r := p.Run(t.Context(), s, slot(), nil)
	if r.Outcome != gengfu.Failed || r.Failure.Fault != gengfu.FaultHTTPStatus || r.Session.Ended {
		t.Errorf("%s: %s; %+v", r.Outcome, cause(r), r.Session)
	}
	site.fail(&site.fails, 0)
	visit(t, p, s, gengfu.SessionRestored, "")

	ending := parse(t, site.URL, officeSession+"    name: ask\n  - goto: ${base}/work\n    timeout: 1s\n    expect: [{text: 已受理}]\n")
	ended := p.Run(t.Context(), ending, slot(), func(st gengfu.StepResult) {
		if st.Name == "ask" && st.Status == gengfu.StepPassed {
			site.end()
		}
	})
	if ended.Outcome != gengfu.Failed || ended.Failure.Step != 6 || ended.Session.How != gengfu.SessionRestored || !ended.Session.Ended {
		t.Errorf("%s: %s; %+v", ended.Outcome, cause(ended), ended.Session)
	}
	visit(t, p, s, gengfu.SessionRenewed, gengfu.SessionMissing)
}

// TestLogin_oneAtATime: of two runs that need the same log-in, one logs in and
// the other takes what that led to.
func TestLogin_oneAtATime(t *testing.T) {
	site, p := newOffice(t), sessionPool(t)
	s := parse(t, site.URL, officeSession)
	site.hold = make(chan struct{})
	runs := make(chan gengfu.Run, 2)
	waits := make(chan struct{}, 2)
	for range 2 {
		go func() {
			runs <- p.Run(t.Context(), s, slot(), func(st gengfu.StepResult) {
				if st.Verb == "session" && st.Status == "" {
					waits <- struct{}{}
				}
			})
		}()
	}
	<-site.begun
	<-waits
	<-waits
	close(site.hold)
	hows := map[gengfu.SessionHow]int{}
	for range 2 {
		r := <-runs
		mustPass(t, r)
		hows[r.Session.How]++
	}
	if logins, _, most := site.counts(); logins != 1 || most != 1 || hows[gengfu.SessionRestored] != 1 || hows[gengfu.SessionRenewed] != 1 {
		t.Errorf("%d log-ins, %d at once, %v", logins, most, hows)
	}
}

// TestLogin_rejectedOnceForAllWhoWait: nobody repeats what was rejected while he
// waited, and his run says whose failure it was.
func TestLogin_rejectedOnceForAllWhoWait(t *testing.T) {
	site, p := newOffice(t), sessionPool(t)
	s := parse(t, site.URL, officeSession)
	site.password, site.hold = "another", make(chan struct{})
	runs := make(chan gengfu.Run, 2)
	go func() { runs <- p.Run(t.Context(), s, slot(), nil) }()
	<-site.begun // the turn is taken
	waits := make(chan struct{})
	go func() {
		runs <- p.Run(t.Context(), s, slot(), func(st gengfu.StepResult) {
			if st.Verb == "session" && st.Status == "" {
				close(waits)
			}
		})
	}()
	<-waits
	waitUntil(t, func() bool { return p.cfg.Vault.Waiting("applicant") == 1 })
	close(site.hold)
	told := 0
	for range 2 {
		r := <-runs
		if r.Outcome != gengfu.Errored || r.Failure.Fault != gengfu.FaultCredential {
			t.Errorf("%s: %s", r.Outcome, cause(r))
		}
		if r.Failure.Step == 1 && len(r.Failure.Hints) > 0 && r.Failure.Hints[0] == gengfu.HintLogin+"click 登录" {
			told++
		}
	}
	if _, refused, _ := site.counts(); refused != 1 || told != 1 {
		t.Errorf("%d rejected log-ins, %d runs were told", refused, told)
	}
}

func waitUntil(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("it never held")
		}
	}
}

// TestLogin_changedSecretRenews, and so does another log-in.
func TestLogin_changedSecretRenews(t *testing.T) {
	site, p := newOffice(t), sessionPool(t)
	s := parse(t, site.URL, officeSession)
	visit(t, p, s, gengfu.SessionRenewed, gengfu.SessionMissing)
	site.password = "Changed-Horse-8"
	p.SetSecrets(func(string) (gengfu.Secret, error) { return "Changed-Horse-8", nil })
	visit(t, p, s, gengfu.SessionRenewed, gengfu.SessionChanged)
	visit(t, p, s, gengfu.SessionRestored, "")
}

// TestLogin_keepZeroLogsInEachTime and keeps nothing.
func TestLogin_keepZeroLogsInEachTime(t *testing.T) {
	site, p := newOffice(t), sessionPool(t)
	s := parse(t, site.URL, officeSession)
	s.Session.Keep = 0
	for range 2 {
		visit(t, p, s, gengfu.SessionFresh, "")
	}
	if list, err := p.cfg.Vault.List(); err != nil || len(list) > 0 {
		t.Errorf("kept: %v %v", list, err)
	}
	if logins, _, _ := site.counts(); logins != 2 {
		t.Errorf("%d log-ins, want 2", logins)
	}
}

// TestLogin_followsNewTokens: a platform that gives new ones for old ones is
// logged in to once.
func TestLogin_followsNewTokens(t *testing.T) {
	site, p := newOffice(t), sessionPool(t)
	s := parse(t, site.URL, officeSession+"  - goto: ${base}/turn\n    expect: [{text: 已更换}]\n")
	visit(t, p, s, gengfu.SessionRenewed, gengfu.SessionMissing)
	for range 2 {
		visit(t, p, s, gengfu.SessionRestored, "")
	}
	if logins, _, _ := site.counts(); logins != 1 {
		t.Errorf("%d log-ins, want 1", logins)
	}
}

// TestLogin_platformDown: a platform that cannot be looked at has not ended
// anything, and its failure is told as that of the log-in's step.
func TestLogin_platformDown(t *testing.T) {
	site, p := newOffice(t), sessionPool(t)
	s := parse(t, site.URL, officeSession)
	visit(t, p, s, gengfu.SessionRenewed, gengfu.SessionMissing)
	site.fail(&site.homeFail, http.StatusBadGateway)
	r := p.Run(t.Context(), s, slot(), nil)
	if r.Outcome != gengfu.Failed || r.Failure.Fault != gengfu.FaultHTTPStatus || r.Failure.Step != 4 || r.Session.Why != gengfu.SessionUnreached || r.Session.Ended {
		t.Errorf("%s: %s; %+v", r.Outcome, cause(r), r.Session)
	}
	site.fail(&site.homeFail, 0)
	visit(t, p, s, gengfu.SessionRestored, "")
}
