package demo

import (
	"net/http"
	"strconv"
	"strings"
)

const siteName = "智慧健康养老服务平台"

// Headings that are expected, and what they are while [WrongText] is on: the
// platform after a release that should have stayed on the test machine.
const (
	homeHeading    = "青岚市" + siteName
	centreHeading  = "我的申请"
	strangeHeading = "测试环境（请勿使用）"
)

func (p *Platform) heading(r *http.Request, right string) string {
	if p.faults.on(WrongText, r.URL.Path) {
		return strangeHeading
	}
	return right
}

func (p *Platform) home(w http.ResponseWriter, r *http.Request, ses session) {
	p.show(w, r, "home", page{
		Title: "首页", Heading: p.heading(r, homeHeading), Active: "home", Scripts: []string{"home.js"}, Body: p.content,
	}, ses)
}

type searchPage struct {
	Query string
	Found []news
}

func (p *Platform) search(w http.ResponseWriter, r *http.Request, ses session) {
	body := searchPage{Query: strings.TrimSpace(r.FormValue("q"))}
	for _, n := range p.content.News {
		if body.Query != "" && n.mentions(body.Query) {
			body.Found = append(body.Found, n)
		}
	}
	p.show(w, r, "search", page{Title: "搜索结果", Heading: "搜索结果", Active: "home", Body: body}, ses)
}

func (p *Platform) article(w http.ResponseWriter, r *http.Request, ses session) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil || id < 1 || id > len(p.content.News) {
		p.missing(w, r)
		return
	}
	n := p.content.News[id-1]
	p.show(w, r, "article", page{Title: n.Title, Heading: n.Title, Active: "home", Body: n}, ses)
}
