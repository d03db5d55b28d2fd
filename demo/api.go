package demo

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const pageRows = 20

// listing is one page of a table.
type listing struct {
	Total int           `json:"total"`
	Page  int           `json:"page"`
	Pages int           `json:"pages"`
	Rows  []Application `json:"rows"`
}

func (p *Platform) listApplications(w http.ResponseWriter, r *http.Request, ses session) {
	answer(w, reply{Message: "success", Data: pageOf(keep(p.ledger.owned(ses.user), r.FormValue("status"), ""), r)})
}

func (p *Platform) listReview(w http.ResponseWriter, r *http.Request, _ session) {
	rows := keep(p.ledger.all(), r.FormValue("status"), strings.TrimSpace(r.FormValue("keyword")))
	answer(w, reply{Message: "success", Data: pageOf(rows, r)})
}

func pageOf(rows []Application, r *http.Request) listing {
	pages := max(1, (len(rows)+pageRows-1)/pageRows)
	n, err := strconv.Atoi(r.FormValue("page"))
	if err != nil {
		n = 1
	}
	n = min(max(n, 1), pages)
	from := (n - 1) * pageRows
	return listing{Total: len(rows), Page: n, Pages: pages, Rows: rows[from:min(from+pageRows, len(rows))]}
}

// submit takes the wizard's form, photo included, and keeps all but the photo.
func (p *Platform) submit(w http.ResponseWriter, r *http.Request, ses session) {
	if says := refuse(r); says != "" {
		answer(w, reply{Code: 422, Message: says})
		return
	}
	app := p.ledger.add(Application{
		Type: r.PostFormValue("type"), Name: strings.TrimSpace(r.PostFormValue("name")),
		Region: r.PostFormValue("region"), owner: ses.user,
	}, p.now())
	answer(w, reply{Message: "提交成功", Data: app})
}

// refuse says what is wrong with an application, "" when nothing is.
func refuse(r *http.Request) string {
	name := strings.TrimSpace(r.PostFormValue("name"))
	_, birthErr := time.Parse(time.DateOnly, r.PostFormValue("birth"))
	switch {
	case !slices.Contains(subsidyTypes(), r.PostFormValue("type")):
		return "请选择补贴类型"
	case !slices.Contains(regions(), r.PostFormValue("region")):
		return "请选择所属区域"
	case name == "" || utf8.RuneCountInString(name) > 20:
		return "请输入姓名"
	case !identity(r.PostFormValue("identity")):
		return "身份证号格式不正确"
	case !mobile(r.PostFormValue("phone")):
		return "联系电话格式不正确"
	case birthErr != nil:
		return "请选择出生日期"
	case r.PostFormValue("agree") == "":
		return "请阅读并同意承诺书"
	}
	return refusePhoto(r)
}

func refusePhoto(r *http.Request) string {
	if r.MultipartForm == nil || len(r.MultipartForm.File["photo"]) != 1 {
		return "请上传身份证照片"
	}
	if r.MultipartForm.File["photo"][0].Size > 5<<20 {
		return "身份证照片不能超过 5MB"
	}
	return ""
}

var (
	identityForm = regexp.MustCompile(`^\d{17}[\dX]$`)
	mobileForm   = regexp.MustCompile(`^1[3-9]\d{9}$`)
)

func mobile(s string) bool { return mobileForm.MatchString(s) }

// identity checks a resident identity number by the rule of GB 11643: the last
// character is the weighted sum of the others, modulo 11.
func identity(s string) bool {
	if !identityForm.MatchString(s) {
		return false
	}
	sum, weight := 0, 1
	for i := 16; i >= 0; i-- {
		weight = weight * 2 % 11
		sum += int(s[i]-'0') * weight
	}
	return s[17] == "10X98765432"[sum%11]
}
