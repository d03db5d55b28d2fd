package main

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"gengfu/prober/chrome"
)

// What links and buttons say, in the languages of the pages that we meet.
var (
	entering = regexp.MustCompile(`(?i)登\s*录|登\s*入|log\s?in|sign\s?in`)
	leaving  = regexp.MustCompile(`(?i)退出|注销|登出|log\s?out|sign\s?out`)
	homely   = regexp.MustCompile(`(?i)^(首页|home|返回.*)$`)
)

// sightOf finds the parts of a log-in on a page.
type sightOf struct{ chrome.Sight }

// complete reports whether there are an account, a password and a button.
func (s sightOf) complete() bool {
	account, password, button := s.login()
	return account != "" && password != "" && button != ""
}

// login names the parts: the field before the password, the password, and the
// button that says so, sends the form, or is the first.
func (s sightOf) login() (account, password, button string) {
	i := slices.IndexFunc(s.Fields, func(f chrome.Field) bool { return f.Password })
	if i < 1 {
		return "", "", ""
	}
	button = firstOf(s.Buttons, entering.MatchString)
	if button == "" {
		button = s.Submit
	}
	if button == "" && len(s.Buttons) > 0 {
		button = s.Buttons[0]
	}
	return s.Fields[i-1].Name, s.Fields[i].Name, button
}

func firstOf(list []string, fits func(string) bool) string {
	if i := slices.IndexFunc(list, fits); i >= 0 {
		return list[i]
	}
	return ""
}

var (
	figures    = regexp.MustCompile(`\p{Nd}`)
	titleParts = regexp.MustCompile(`\s+[-–—|·:]\s+`)
)

// lasting is what of a title is still the same tomorrow, as far as its look
// tells: a part without figures, such as the name behind counts or rates.
func lasting(title string) string {
	parts := titleParts.Split(title, -1)
	slices.Reverse(parts) // the name of the site stands last
	if !figures.MatchString(title) {
		return title
	}
	return cmp.Or(firstOf(parts, func(s string) bool { return !figures.MatchString(s) }), title)
}

// browserKey is the key browser of a scenario whose page says that it is not in
// the language that pages are asked in unless given.
func browserKey(lang string) string {
	lang = strings.TrimSpace(lang)
	if lang == "" || strings.HasPrefix(strings.ToLower(lang), "zh") || !languageTag.MatchString(lang) {
		return ""
	}
	return "browser: {locale: " + lang + "}\n"
}

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
