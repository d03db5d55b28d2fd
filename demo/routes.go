package demo

import (
	"embed"
	"encoding/json"
	"net/http"
	"strings"
)

//go:embed static
var static embed.FS

// route is one page or answer, with who may have it.
type route struct {
	pattern string
	allow   role
	serve   func(*Platform, http.ResponseWriter, *http.Request, session)
}

func routes() []route {
	return []route{
		{"GET /{$}", anyone, (*Platform).home},
		{"GET /search", anyone, (*Platform).search},
		{"GET /news/{id}", anyone, (*Platform).article},
		{"GET /login", anyone, (*Platform).loginPage},
		{"POST /login", anyone, (*Platform).login},
		{"POST /logout", anyone, (*Platform).logout},

		{"GET /home", applicant, (*Platform).centre},
		{"GET /apply", applicant, (*Platform).applyStart},
		{"GET /apply/{step}", applicant, (*Platform).apply},
		{"GET /applications", applicant, (*Platform).applications},
		{"GET /api/applications", applicant, (*Platform).listApplications},
		{"POST /api/applications", applicant, (*Platform).submit},

		{"GET /admin/login", anyone, (*Platform).adminLoginPage},
		{"POST /admin/login", anyone, (*Platform).adminLogin},
		{"GET /admin/otp", anyone, (*Platform).codePage},
		{"POST /admin/otp", anyone, (*Platform).adminCode},
		{"GET /admin/qr", anyone, (*Platform).scanPage},
		{"GET /admin/qr/{ticket}/code.png", anyone, (*Platform).scanPicture},
		{"GET /api/qr/{ticket}", anyone, (*Platform).scanState},
		{"GET /phone/{ticket}", anyone, (*Platform).scanned}, // stands for the administrator's phone
		{"GET /admin", administrator, (*Platform).adminHome},
		{"GET /admin/review", administrator, (*Platform).review},
		{"GET /api/review", administrator, (*Platform).listReview},
		{"POST /api/review/{no}", administrator, (*Platform).decide},
		{"GET /admin/stats", administrator, (*Platform).stats},
		{"GET /admin/stats/chart", administrator, (*Platform).chart},
	}
}

// maxBody bounds every request: an identity card photo of 5 MB and its form.
const maxBody = 6 << 20

// guard checks the token of changing requests and the visitor's role before
// the route's own work.
func (p *Platform) guard(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		w.Header().Set("Cache-Control", "no-store")
		ses := p.visitor(r)
		if rt.allow != anyone && (ses.role != rt.allow || p.faults.on(SessionExpired, r.URL.Path)) {
			p.bounce(w, r, rt.allow, ses)
			return
		}
		if r.Method == http.MethodPost && !tokenHolds(r, ses) {
			p.forged(w, r, ses)
			return
		}
		rt.serve(p, w, r, ses)
	})
}

// bounce sends a visitor without the right session to the log-in. Scripts get
// HTTP 200 with a code in the body, as on most sites of this kind.
func (p *Platform) bounce(w http.ResponseWriter, r *http.Request, want role, ses session) {
	to := "/login"
	if want == administrator {
		to = "/admin/login"
	}
	had := ses.role != anyone || p.faults.on(SessionExpired, r.URL.Path)
	if _, err := r.Cookie(sessionCookie); had || err == nil {
		to += "?expired=1"
	}
	if scripted(r) {
		answer(w, reply{Code: 401, Message: saysReturn, Data: map[string]string{"login": to}})
		return
	}
	http.Redirect(w, r, to, http.StatusFound)
}

func (p *Platform) forged(w http.ResponseWriter, r *http.Request, ses session) {
	const says = "页面已失效，请刷新后重试"
	if scripted(r) {
		answer(w, reply{Code: 403, Message: says})
		return
	}
	p.message(w, ses, http.StatusForbidden, "页面已失效", says)
}

func (p *Platform) missing(w http.ResponseWriter, r *http.Request) {
	p.message(w, p.visitor(r), http.StatusNotFound, "页面不存在", "您访问的页面不存在或已被移除，请检查网址是否正确。")
}

func scripted(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// reply is the envelope of every JSON answer: code 0 is success, whatever the
// HTTP status, which is always 200.
type reply struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

func answer(w http.ResponseWriter, body reply) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(body) // the visitor may have left
}

// staticFiles serves scripts and styles, checked again on every use so that a
// fault on one of them shows at once.
func staticFiles() http.Handler {
	files := http.FileServerFS(static)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
}
