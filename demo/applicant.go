package demo

import (
	"net/http"
	"slices"
)

// loginForm is what a log-in page shows besides its fields.
type loginForm struct {
	User  string // kept after a rejection
	Error string
}

func (p *Platform) loginPage(w http.ResponseWriter, r *http.Request, ses session) {
	p.showLogin(w, r, "login", expiredNote(r), p.withForm(w, ses))
}

func (p *Platform) login(w http.ResponseWriter, r *http.Request, ses session) {
	user, says := p.tryPassword(r, applicant)
	if says != "" {
		// The answer to a wrong password is HTTP 200, here as everywhere.
		p.showLogin(w, r, "login", loginForm{User: user, Error: says}, ses)
		return
	}
	p.become(w, ses, session{user: user, role: applicant})
	http.Redirect(w, r, "/home", http.StatusFound)
}

// tryPassword takes the posted name and password to the accounts, unless a
// fault answers in their place.
func (p *Platform) tryPassword(r *http.Request, want role) (user, says string) {
	user = r.PostFormValue("username")
	switch {
	case p.faults.on(LoginRejected, r.URL.Path):
		return user, rejected(maxFailures - 1)
	case p.faults.on(AccountLocked, r.URL.Path):
		return user, saysLocked
	}
	return user, p.accounts.password(user, r.PostFormValue("password"), want, p.now())
}

func (p *Platform) showLogin(w http.ResponseWriter, r *http.Request, name string, form loginForm, ses session) {
	title := "申请人登录"
	if name != "login" {
		title = "管理员登录"
	}
	p.show(w, r, name, page{Title: title, Heading: title, Active: name, Scripts: []string{"login.js"}, Body: form}, ses)
}

func expiredNote(r *http.Request) loginForm {
	if r.FormValue("expired") == "" {
		return loginForm{}
	}
	return loginForm{Error: saysReturn}
}

func (p *Platform) logout(w http.ResponseWriter, r *http.Request, ses session) {
	p.sessions.drop(ses.id)
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/", http.StatusFound)
}

// centrePage is the personal centre.
type centrePage struct {
	Greeting string
	Counts   []count
	Recent   []Application
}

type count struct {
	Label string
	N     int
}

func (p *Platform) centre(w http.ResponseWriter, r *http.Request, ses session) {
	mine := p.ledger.owned(ses.user)
	body := centrePage{
		Greeting: greeting(p.now().In(zone()).Hour()),
		Counts:   countStatuses(mine),
		Recent:   mine[:min(5, len(mine))],
	}
	p.show(w, r, "centre", page{Title: "个人中心", Heading: p.heading(r, centreHeading), Active: "centre", Body: body}, ses)
}

func greeting(hour int) string {
	switch {
	case hour < 6:
		return "夜深了"
	case hour < 12:
		return "上午好"
	case hour < 18:
		return "下午好"
	}
	return "晚上好"
}

func (p *Platform) applyStart(w http.ResponseWriter, r *http.Request, _ session) {
	http.Redirect(w, r, "/apply/1", http.StatusFound)
}

// apply answers every step with the same shell: the script draws the step that
// the address names, so a reload shows the same one.
func (p *Platform) apply(w http.ResponseWriter, r *http.Request, ses session) {
	if !slices.Contains([]string{"1", "2", "3", "done"}, r.PathValue("step")) {
		p.missing(w, r)
		return
	}
	body := wizard{Types: subsidyTypes(), Regions: regions()}
	p.show(w, r, "apply", page{Title: "补贴申请", Heading: "补贴申请", Active: "apply", Scripts: []string{"fields.js", "apply.js"}, Body: body}, ses)
}

type wizard struct {
	Types, Regions []string
}

func (p *Platform) applications(w http.ResponseWriter, r *http.Request, ses session) {
	p.show(w, r, "applications", page{
		Title: "我的申请", Heading: p.heading(r, centreHeading), Active: "applications",
		Scripts: []string{"table.js", "applications.js"}, Body: statuses(),
	}, ses)
}
