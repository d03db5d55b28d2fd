package demo

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed templates
var templates embed.FS

// page is what the frame around every page needs; Body is the page's own.
type page struct {
	Title   string
	Heading string
	Active  string // entry of the menu that is lit
	User    string // name of the person logged in
	Admin   bool
	CSRF    string
	Scripts []string // under /static/, after app.js
	Inject  template.HTML
	Body    any
}

// parsePages pairs every page with the frame. The files are part of the
// program, so a fault in them is one in the program and ends it at the start.
func parsePages() map[string]*template.Template {
	frame := template.Must(template.ParseFS(templates, "templates/frame.html"))
	names := template.Must(template.ParseFS(templates, "templates/*.html"))
	pages := map[string]*template.Template{}
	for _, t := range names.Templates() {
		file := path.Join("templates", t.Name())
		if _, err := fs.Stat(templates, file); err != nil || t.Name() == "frame.html" {
			continue
		}
		pages[strings.TrimSuffix(t.Name(), ".html")] = template.Must(template.Must(frame.Clone()).ParseFS(templates, file))
	}
	return pages
}

// render fills in what the visitor's session decides and writes the page.
func (p *Platform) render(w http.ResponseWriter, name string, status int, pg page, ses session) {
	pg.CSRF = ses.csrf
	pg.User = p.accounts.display(ses.user)
	pg.Admin = ses.role == administrator
	var b bytes.Buffer
	if err := p.pages[name].ExecuteTemplate(&b, "frame.html", pg); err != nil {
		p.log.Error("page not rendered", "page", name, "err", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the visitor may have left
}

// show renders a page that the faults of its path may alter.
func (p *Platform) show(w http.ResponseWriter, r *http.Request, name string, pg page, ses session) {
	pg.Inject = p.faults.markup(r.URL.Path)
	p.render(w, name, http.StatusOK, pg, ses)
}

// message is a page with nothing but a sentence.
func (p *Platform) message(w http.ResponseWriter, ses session, status int, title, text string) {
	p.render(w, "message", status, page{Title: title, Heading: title, Body: text}, ses)
}
