package demo

import (
	"encoding/json"
	"net/http"
	"strings"
)

func (p *Platform) adminLoginPage(w http.ResponseWriter, r *http.Request, ses session) {
	p.showLogin(w, r, "admin_login", expiredNote(r), p.withForm(w, ses))
}

func (p *Platform) adminLogin(w http.ResponseWriter, r *http.Request, ses session) {
	user, says := p.tryPassword(r, administrator)
	if says != "" {
		p.showLogin(w, r, "admin_login", loginForm{User: user, Error: says}, ses)
		return
	}
	p.become(w, ses, session{pending: user})
	http.Redirect(w, r, "/admin/otp", http.StatusFound)
}

func (p *Platform) codePage(w http.ResponseWriter, r *http.Request, ses session) {
	if ses.pending == "" {
		http.Redirect(w, r, "/admin/login", http.StatusFound)
		return
	}
	p.showLogin(w, r, "admin_otp", loginForm{User: ses.pending}, ses)
}

func (p *Platform) adminCode(w http.ResponseWriter, r *http.Request, ses session) {
	if ses.pending == "" {
		http.Redirect(w, r, "/admin/login?expired=1", http.StatusFound)
		return
	}
	says := p.accounts.code(ses.pending, strings.TrimSpace(r.PostFormValue("code")), p.now())
	if says != "" {
		p.showLogin(w, r, "admin_otp", loginForm{User: ses.pending, Error: says}, ses)
		return
	}
	p.become(w, ses, session{user: ses.pending, role: administrator})
	http.Redirect(w, r, "/admin", http.StatusFound)
}

func (p *Platform) adminHome(w http.ResponseWriter, r *http.Request, ses session) {
	body := centrePage{Greeting: greeting(p.now().In(zone()).Hour()), Counts: countStatuses(p.ledger.all())}
	p.show(w, r, "admin", page{Title: "管理后台", Heading: "工作台", Active: "admin", Body: body}, ses)
}

func (p *Platform) review(w http.ResponseWriter, r *http.Request, ses session) {
	p.show(w, r, "review", page{
		Title: "审批管理", Heading: "审批管理", Active: "review", Scripts: []string{"table.js", "review.js"}, Body: statuses(),
	}, ses)
}

// decision is what the approval dialog sends.
type decision struct {
	Decision string `json:"decision"` // approve or reject
	Comment  string `json:"comment"`
}

func (p *Platform) decide(w http.ResponseWriter, r *http.Request, _ session) {
	var d decision
	if err := json.NewDecoder(r.Body).Decode(&d); err != nil {
		answer(w, reply{Code: 400, Message: "请求格式不正确"})
		return
	}
	status, says := statusApproved, "审批成功"
	switch {
	case d.Decision == "reject" && strings.TrimSpace(d.Comment) == "":
		answer(w, reply{Code: 422, Message: "驳回时请填写审批意见"})
		return
	case d.Decision == "reject":
		status = statusRejected
	case d.Decision != "approve":
		answer(w, reply{Code: 422, Message: "请选择审批结果"})
		return
	}
	if !p.ledger.decide(r.PathValue("no"), status) {
		answer(w, reply{Code: 404, Message: "申请不存在"})
		return
	}
	answer(w, reply{Message: says})
}

func (p *Platform) stats(w http.ResponseWriter, r *http.Request, ses session) {
	p.show(w, r, "stats", page{
		Title: "统计分析", Heading: "统计分析", Active: "stats", Body: countStatuses(p.ledger.all()),
	}, ses)
}
