package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"gengfu"
)

// Frame is what every page has around its own content.
type Frame struct {
	Lang    gengfu.Lang
	Theme   string // auto, light or dark
	Title   string
	Here    string // the entry of the navigation that this page belongs to
	Topics  string // prefixes of the changes that concern the page, comma-separated
	Version string
	Zone    string
	Now     time.Time
	Langs   []choice
	Themes  []choice
	Assets  map[string]string // address by file name
	Refresh int               // seconds after which a browser without JavaScript loads again, 0 for never
	Actor   string            // the name last used in a form
}

// choice is one option of a switch in the header.
type choice struct {
	Value  string
	Label  string
	URL    string
	Chosen bool
}

// Tab is an entry of the navigation.
func (f Frame) Tab(name, url, label string) choice {
	return choice{Value: name, Label: label, URL: url, Chosen: f.Here == name}
}

const (
	langCookie  = "gengfu_lang"
	themeCookie = "gengfu_theme"
	actorCookie = "gengfu_actor"
	yearSeconds = 365 * 24 * 3600
)

// frame reads the language and theme the visitor wants and remembers what was
// asked for in the address.
func (s *Server) frame(w http.ResponseWriter, r *http.Request, here, title, topics string) Frame {
	lang, asked := s.language(r)
	if asked {
		remember(w, langCookie, string(lang))
	}
	theme, asked := themeOf(r)
	if asked {
		remember(w, themeCookie, theme)
	}
	f := Frame{
		Lang: lang, Theme: theme, Title: title, Here: here, Topics: topics, Version: s.cfg.Version,
		Zone: s.cfg.Zone.String(), Now: s.cfg.Now(), Assets: s.addresses(), Actor: actorOf(r),
	}
	for _, l := range []choice{{Value: string(gengfu.Chinese), Label: "中文"}, {Value: string(gengfu.English), Label: "English"}} {
		f.Langs = append(f.Langs, choice{Value: l.Value, Label: l.Label, URL: with(r.URL, "lang", l.Value), Chosen: string(lang) == l.Value})
	}
	for _, v := range themes() {
		f.Themes = append(f.Themes, choice{Value: v, Label: say(lang, "theme."+v), URL: with(r.URL, "theme", v), Chosen: theme == v})
	}
	return f
}

func themes() []string { return []string{"auto", "light", "dark"} }

// with is the address of the same page with one parameter changed.
func with(u *url.URL, key, value string) string {
	q := u.Query()
	q.Set(key, value)
	return "?" + q.Encode()
}

// language is the one asked for in the address, else the remembered one, else
// the browser's, else the configured one.
func (s *Server) language(r *http.Request) (lang gengfu.Lang, asked bool) {
	if l, ok := known(r.URL.Query().Get("lang")); ok {
		return l, true
	}
	if c, err := r.Cookie(langCookie); err == nil {
		if l, ok := known(c.Value); ok {
			return l, false
		}
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		if l, ok := known(tag); ok {
			return l, false
		}
	}
	return s.cfg.Lang, false
}

// tongueOf is the language of [Server.language] alone.
func (s *Server) tongueOf(r *http.Request) gengfu.Lang {
	lang, _ := s.language(r)
	return lang
}

// known matches a language tag by its primary part, so that zh-TW and en-GB
// find what comes closest.
func known(tag string) (gengfu.Lang, bool) {
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	switch primary {
	case "zh":
		return gengfu.Chinese, true
	case "en":
		return gengfu.English, true
	}
	return "", false
}

func themeOf(r *http.Request) (theme string, asked bool) {
	if t := r.URL.Query().Get("theme"); slices.Contains(themes(), t) {
		return t, true
	}
	if c, err := r.Cookie(themeCookie); err == nil && slices.Contains(themes(), c.Value) {
		return c.Value, false
	}
	return "auto", false
}

func remember(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: url.QueryEscape(value), Path: "/", MaxAge: yearSeconds, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func actorOf(r *http.Request) string {
	c, err := r.Cookie(actorCookie)
	if err != nil {
		return ""
	}
	name, err := url.QueryUnescape(c.Value)
	if err != nil {
		return ""
	}
	return name
}

// render executes a page into memory first, so that a broken page is an error
// and not half a page.
func (s *Server) render(w http.ResponseWriter, code int, lang gengfu.Lang, name string, page any) error {
	var buf bytes.Buffer
	if err := s.pages[lang].ExecuteTemplate(&buf, name, page); err != nil {
		return fmt.Errorf("render page %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(lang))
	h.Add("Vary", "Accept-Language, Cookie")
	w.WriteHeader(code)
	_, err := buf.WriteTo(w)
	return gone(err)
}

// gone drops the error of writing to a visitor who left: the response has
// begun, and there is nobody to tell.
func gone(error) error { return nil }

// errorView is the page shown in place of one that could not be made.
type errorView struct {
	Frame
	Code    int
	Message string
}

func (s *Server) errorPage(w http.ResponseWriter, r *http.Request, code int, message string) {
	lang, _ := s.language(r)
	key := "error.internal"
	switch code {
	case http.StatusNotFound:
		key = "error.missing"
	case http.StatusConflict:
		key = "error.conflict"
	case http.StatusBadRequest:
		key = "error.invalid"
	case http.StatusServiceUnavailable:
		key = "error.unavailable"
	}
	v := errorView{Frame: s.frame(w, r, "", say(lang, key), ""), Code: code, Message: message}
	if err := s.render(w, code, v.Lang, "error", v); err != nil {
		s.cfg.Log.Error("render error page", "err", err)
		http.Error(w, message, code)
	}
}

// missing answers every address that the plan does not have.
func (s *Server) missing(_ http.ResponseWriter, r *http.Request) error {
	return fmt.Errorf("page %s: %w", r.URL.Path, gengfu.ErrNotFound)
}

// parsePages reads the templates once for each language, whose functions speak
// that language.
func parsePages(cfg Config) (map[gengfu.Lang]*template.Template, error) {
	pages := map[gengfu.Lang]*template.Template{}
	for _, lang := range []gengfu.Lang{gengfu.Chinese, gengfu.English} {
		t, err := template.New("").Funcs(tongue{lang: lang, zone: cfg.Zone, now: cfg.Now}.funcs()).ParseFS(templateFiles, "templates/*.html")
		if err != nil {
			return nil, fmt.Errorf("parse templates: %w", err)
		}
		pages[lang] = t
	}
	return pages, nil
}
