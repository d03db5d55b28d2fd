package web_test

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"gengfu"
	"gengfu/storage"
	"gengfu/web"
)

// site is a server over the made-up world with every act recorded.
type site struct {
	*web.Server
	store *storage.Store
	acts  []string
}

func newSite(t testing.TB) *site {
	t.Helper()
	return siteOver(t, sample(t))
}

func siteOver(t testing.TB, store *storage.Store) *site {
	t.Helper()
	return siteWith(t, store, func(*web.Config) {})
}

// newSiteWith is a site of which a test changes something.
func newSiteWith(t testing.TB, change func(*web.Config)) *site {
	t.Helper()
	return siteWith(t, sample(t), change)
}

func siteWith(t testing.TB, store *storage.Store, change func(*web.Config)) *site {
	t.Helper()
	s := &site{store: store}
	set := metrics.NewSet()
	set.NewCounter(`gengfu_http_requests_total{path="/"}`).Add(3)
	set.NewPrometheusHistogram(`gengfu_claim_seconds`).Update(0.2)
	set.NewHistogram(`gengfu_odd_seconds`).Update(0.2)
	set.NewGauge(`gengfu_queue_depth`, func() float64 { return 9 })
	l := ledger{s.store}
	cfg := web.Config{
		Scenarios: l, Runs: l, History: l, Incidents: l, Deliveries: l, Hosts: l, Evidence: l,
		Act:      s.act,
		RunNow:   s.runNow,
		Replay:   s.store.Replay,
		Drop:     s.store.Drop,
		Links:    links,
		Silences: hushes{s.store}, Heightening: &vigil{},
		Health:  s.health,
		Changes: s.store.Subscribe,
		Metrics: set, Zone: time.FixedZone("Asia/Shanghai", 8*3600), Version: "1.0.0", Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	change(&cfg)
	srv, err := web.New(cfg)
	must(t, err)
	s.Server = srv
	return s
}

func (s *site) act(_ context.Context, number string, kind gengfu.EventKind, actor, text string) error {
	if number == "INC-2026-0040" {
		return fmt.Errorf("incident %s is closed: %w", number, gengfu.ErrConflict)
	}
	s.acts = append(s.acts, strings.Join([]string{number, string(kind), actor, text}, "|"))
	return nil
}

func (s *site) runNow(ctx context.Context, scenario string) (string, error) {
	if _, err := s.store.Scenario(ctx, scenario); err != nil {
		return "", err
	}
	return gengfu.Slot{Scenario: scenario, Due: now, Location: "local", Attempt: 1}.ID(), nil
}

func (s *site) health(ctx context.Context) web.Health {
	h := web.Health{Started: now.Add(-53 * time.Hour), Browser: "HeadlessChrome/142.0.7444.59", BrowserLaunches: 4, BrowserLost: 1, Queue: 1, QueueOldest: now.Add(-3 * time.Second), Workers: 2, Busy: 2, DiskFree: 61 << 30, DiskTotal: 80 << 30, Database: 48 << 20, WAL: 3 << 20, Reloaded: now.Add(-2 * time.Hour), Audit: web.Audit{At: now, Findings: map[string]int{web.AuditWaiting: 2}}, Self: gengfu.SelfCheck{At: now, Findings: []gengfu.SelfFinding{{Kind: gengfu.SelfDisk, Seen: "90 MiB", Limit: "128 MiB"}, {Kind: gengfu.SelfLoad, Seen: "5.2", Limit: "4"}}}}
	backlog, err := s.store.Backlog(ctx)
	if err != nil {
		h.ReloadError = err.Error()
	}
	h.Outbox = backlog
	took := gengfu.Histogram{}
	took.Add(300 * time.Millisecond)
	h.Endpoints = []web.Endpoint{
		{Name: "hook", Sent: 7, LastSuccess: now.Add(-time.Hour), Latency: took},
		{Name: "slack", Sent: 1, Failed: 3, Refused: 1, Broken: true, LastError: "invalid_auth <b>"},
	}
	return h
}

func (s *site) do(method, target string, body io.Reader, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:8080"+target, body)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func (s *site) get(target string, header ...string) *httptest.ResponseRecorder {
	return s.do(http.MethodGet, target, nil, header...)
}

func failedRun() string {
	return gengfu.Slot{Scenario: "admin-login", Due: now.Add(-5 * time.Minute), Location: "local", Attempt: 1}.ID()
}

func pages() []string {
	run := func(scenario string, back time.Duration) string {
		return "/runs/" + url.PathEscape(gengfu.Slot{Scenario: scenario, Due: now.Add(-back), Location: "local", Attempt: 1}.ID())
	}
	return []string{
		"/", "/scenarios/home", "/scenarios/admin-login?window=7d", "/scenarios/home?window=30d", "/scenarios/hostile", "/scenarios/new",
		"/runs/" + url.PathEscape(failedRun()), run("home", 5*time.Minute), run("home", 25*time.Minute), run("hostile", 24*time.Hour), run("hostile", 48*time.Hour), run("admin-login", time.Minute),
		"/incidents", "/incidents/INC-2026-0042", "/incidents/INC-2026-0041", "/incidents/INC-2026-0040",
		"/deliveries", "/deliveries?state=dead", "/deliveries?state=pending", "/hosts", "/silences", "/incidents/new", "/silences?matchers=target%3D%22%E5%85%BB%E8%80%81%E6%9C%8D%E5%8A%A1%E5%B9%B3%E5%8F%B0%22&reason=x",
	}
}

func TestPages_renderInBothLanguages(t *testing.T) {
	s := newSite(t)
	for _, page := range pages() {
		for _, lang := range []string{"zh-CN", "en"} {
			w := s.get(page, "Accept-Language", lang)
			body := w.Body.String()
			if w.Code != http.StatusOK {
				t.Errorf("%s %s: status %d", lang, page, w.Code)
				continue
			}
			if got := w.Header().Get("Content-Language"); got != lang {
				t.Errorf("%s: language %q, want %q", page, got, lang)
			}
			checkMarkup(t, lang+" "+page, body)
		}
	}
}

// checkMarkup finds unbalanced elements, repeated ids, words that are missing,
// what the policy would block, and text that got through unescaped.
func checkMarkup(t *testing.T, where, body string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(body))
	d.Strict, d.AutoClose, d.Entity = false, append([]string{"wbr"}, xml.HTMLAutoClose...), xml.HTMLEntity
	ids, depth := map[string]bool{}, 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("%s: %v", where, err)
			return
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			depth++
			for _, a := range tok.Attr {
				name := strings.ToLower(a.Name.Local)
				if name == "style" || strings.HasPrefix(name, "on") {
					t.Errorf("%s: <%s> has the attribute %s", where, tok.Name.Local, name)
				}
				if name == "id" && ids[a.Value] {
					t.Errorf("%s: id %q occurs twice", where, a.Value)
				}
				if name == "id" {
					ids[a.Value] = true
				}
			}
		case xml.EndElement:
			depth--
		}
	}
	if depth != 0 {
		t.Errorf("%s: %d elements are open at the end", where, depth)
	}
	for _, bad := range []string{"<script>", "<b>", "javascript:", "ZgotmplZ\"><script", "%!", "<no value>", "[error.", "[col."} {
		if strings.Contains(body, bad) {
			t.Errorf("%s: holds %q", where, bad)
		}
	}
}

func TestPages_emptyLedger(t *testing.T) {
	store, err := storage.Open(t.Context(), storage.Config{Path: t.TempDir() + "/ledger.db"})
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	s := siteOver(t, store)
	for _, page := range []string{"/", "/incidents", "/deliveries", "/hosts", "/metrics", "/api/v1/overview", "/api/v1/scenarios"} {
		if w := s.get(page); w.Code != http.StatusOK {
			t.Errorf("%s: status %d", page, w.Code)
		}
	}
}

func TestPages_sayTheCauseInOneSentence(t *testing.T) {
	s := newSite(t)
	target := "/runs/" + url.PathEscape(failedRun())
	for lang, want := range map[string]string{"zh-CN": "<h1>第 3 步（点击 登录）：等待 10 s 后仍未找到 按钮“登录”</h1>", "en": "<h1>step 3 (点击 登录): 按钮“登录” was not found within 10 s</h1>"} {
		if body := s.get(target + "?lang=" + lang).Body.String(); !strings.Contains(body, want) {
			t.Errorf("%s page does not hold %s", lang, want)
		}
	}
}

func TestLanguage_addressThenCookieThenBrowser(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct{ target, cookie, accept, want string }{
		{"/", "", "", "zh-CN"},
		{"/", "", "fr,en-GB;q=0.8", "en"},
		{"/", "zh-CN", "en", "zh-CN"},
		{"/?lang=en", "zh-CN", "zh-CN", "en"},
		{"/?lang=xx", "en", "zh-TW", "en"},
	} {
		w := s.get(c.target, "Cookie", "gengfu_lang="+c.cookie, "Accept-Language", c.accept)
		if got := w.Header().Get("Content-Language"); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
	if w := s.get("/?theme=dark"); !strings.Contains(w.Body.String(), `data-theme="dark"`) || !strings.Contains(w.Header().Get("Set-Cookie"), "gengfu_theme=dark") {
		t.Error("the theme asked for is not shown or not remembered")
	}
}

func TestActs_formsRedirectAndRememberTheName(t *testing.T) {
	s := newSite(t)
	form := url.Values{"actor": {"王工"}, "text": {" 李工 "}}.Encode()
	w := s.do(http.MethodPost, "/incidents/INC-2026-0042/assign", strings.NewReader(form), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/incidents/INC-2026-0042" {
		t.Fatalf("status %d to %q: %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	if len(s.acts) != 1 || s.acts[0] != "INC-2026-0042|assigned|王工|李工" {
		t.Errorf("acts = %q", s.acts)
	}
	page := s.get("/incidents/INC-2026-0042", "Cookie", strings.SplitN(w.Header().Get("Set-Cookie"), ";", 2)[0]).Body.String()
	if !strings.Contains(page, `value="王工"`) {
		t.Error("the name is not filled in")
	}
	for target, want := range map[string]int{
		"/incidents/INC-2026-0040/note": http.StatusConflict, "/incidents/INC-2026-0042/erase": http.StatusNotFound,
	} {
		if w := s.do(http.MethodPost, target, strings.NewReader(form), "Content-Type", "application/x-www-form-urlencoded"); w.Code != want {
			t.Errorf("%s: status %d, want %d", target, w.Code, want)
		}
	}
	for _, bad := range []url.Values{{"text": {"x"}}, {"actor": {"a"}}, {"actor": {"gengfu"}, "text": {"x"}}, {"actor": {strings.Repeat("长", 100)}, "text": {"x"}}} {
		if w := s.do(http.MethodPost, "/incidents/INC-2026-0042/note", strings.NewReader(bad.Encode()), "Content-Type", "application/x-www-form-urlencoded"); w.Code != http.StatusBadRequest {
			t.Errorf("%v: status %d", bad, w.Code)
		}
	}
}

func TestRunNow_leadsToThePageThatWaits(t *testing.T) {
	s := newSite(t)
	w := s.do(http.MethodPost, "/scenarios/home/run", nil)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("status %d", w.Code)
	}
	waiting := s.get(w.Header().Get("Location"))
	if waiting.Code != http.StatusOK || !strings.Contains(waiting.Body.String(), `http-equiv="refresh"`) {
		t.Errorf("status %d, does not wait", waiting.Code)
	}
	if w := s.get("/runs/home@local-20200101T000000.000Z"); w.Code != http.StatusNotFound {
		t.Errorf("an old run without a result: status %d", w.Code)
	}
	if w := s.do(http.MethodPost, "/scenarios/none/run", nil); w.Code != http.StatusNotFound {
		t.Errorf("unknown scenario: status %d", w.Code)
	}
}

func TestReplay_onlyDeadDeliveries(t *testing.T) {
	s := newSite(t)
	dead, err := s.store.Deliveries(t.Context(), storage.DeliveryFilter{State: gengfu.DeliveryDead})
	must(t, err)
	target := fmt.Sprintf("/deliveries/%d/replay", dead[0].ID)
	if w := s.do(http.MethodPost, target, nil); w.Code != http.StatusSeeOther {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	target = "/api/v1" + target
	if w := s.do(http.MethodPost, target, nil); w.Code != http.StatusConflict {
		t.Errorf("replayed twice: status %d: %s", w.Code, w.Body)
	}
	if w := newSite(t).do(http.MethodPost, target, nil); w.Code != http.StatusAccepted {
		t.Errorf("by the API: status %d: %s", w.Code, w.Body)
	}
	if w := s.do(http.MethodPost, "/deliveries/x/replay", nil); w.Code != http.StatusNotFound {
		t.Errorf("no number: status %d", w.Code)
	}
}
