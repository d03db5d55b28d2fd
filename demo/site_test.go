package demo_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"gengfu/demo"
)

// clock is a hand-moved clock.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// visitor is a browser without scripts at the platform.
type visitor struct {
	t      *testing.T
	url    string
	client *http.Client
}

func start(t *testing.T) (*demo.Platform, *clock, *visitor) {
	t.Helper()
	c := &clock{at: time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)}
	p := demo.New(demo.Config{Now: c.now})
	srv := httptest.NewServer(p.Handler())
	t.Cleanup(srv.Close)
	return p, c, visit(t, srv.URL)
}

func visit(t *testing.T, url string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, url, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (v *visitor) do(method, path, kind string, body io.Reader, token string) answer {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if token != "" {
		req.Header.Set("X-CSRF-Token", token)
	}
	resp, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

func (v *visitor) get(path string) answer { v.t.Helper(); return v.do("GET", path, "", nil, "") }

func (v *visitor) post(path string, fields url.Values) answer {
	v.t.Helper()
	return v.do("POST", path, "application/x-www-form-urlencoded", strings.NewReader(fields.Encode()), "")
}

// token is the one that the page at path carries.
func (v *visitor) token(path string) string {
	v.t.Helper()
	m := regexp.MustCompile(`<meta name="csrf" content="(\w+)">`).FindStringSubmatch(v.get(path).body)
	if m == nil {
		v.t.Fatalf("no token at %s", path)
	}
	return m[1]
}

func (v *visitor) login(user, password string) answer {
	v.t.Helper()
	return v.post("/login", url.Values{"_csrf": {v.token("/login")}, "username": {user}, "password": {password}})
}

func (v *visitor) enter() {
	v.t.Helper()
	acc := demo.Accounts()
	if got := v.login(acc.ApplicantUser, acc.ApplicantPassword); got.status != 302 || got.header.Get("Location") != "/home" {
		v.t.Fatalf("log-in: %d to %q", got.status, got.header.Get("Location"))
	}
}

func (v *visitor) adminPassword(password string) answer {
	v.t.Helper()
	return v.post("/admin/login", url.Values{"_csrf": {v.token("/admin/login")}, "username": {demo.Accounts().AdminUser}, "password": {password}})
}

func (v *visitor) adminCode(code string) answer {
	v.t.Helper()
	return v.post("/admin/otp", url.Values{"_csrf": {v.token("/admin/otp")}, "code": {code}})
}

func (v *visitor) enterAdmin(now time.Time) {
	v.t.Helper()
	if got := v.adminPassword(demo.Accounts().AdminPassword); got.header.Get("Location") != "/admin/otp" {
		v.t.Fatalf("administrator's password: %d to %q", got.status, got.header.Get("Location"))
	}
	if got := v.adminCode(code(v.t, now)); got.header.Get("Location") != "/admin" {
		v.t.Fatalf("administrator's code: %d to %q", got.status, got.header.Get("Location"))
	}
}

func code(t *testing.T, now time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(demo.Accounts().AdminTOTP, now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// listing is what the table answers say.
type listing struct {
	Code    int
	Message string
	Data    struct {
		Total, Page, Pages int
		No                 string
		Rows               []demo.Application
	}
}

func (a answer) listing(t *testing.T) listing {
	t.Helper()
	var l listing
	if err := json.Unmarshal([]byte(a.body), &l); err != nil {
		t.Fatalf("%v in %q", err, a.body)
	}
	return l
}

// submit sends the wizard's form with changes.
func (v *visitor) submit(token string, changes map[string]string) answer {
	v.t.Helper()
	fields := map[string]string{
		"type": "高龄津贴", "region": "云岭区", "name": "测试老人", "identity": "11010519491231002X",
		"phone": "13800138000", "birth": "1949-12-31", "agree": "yes", "photo": "PNG",
	}
	maps.Copy(fields, changes)
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for k, val := range fields {
		if k == "photo" && val != "" {
			w, err := form.CreateFormFile(k, "photo.png")
			if err != nil {
				v.t.Fatal(err)
			}
			_, _ = io.WriteString(w, val)
			continue
		}
		_ = form.WriteField(k, val)
	}
	_ = form.Close()
	return v.do("POST", "/api/applications", form.FormDataContentType(), &b, token)
}
