package main

import (
	"encoding/json"
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

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

var plainYAML = regexp.MustCompile(`^[\p{L}][\p{L}\p{N}_.-]*(?: [\p{L}\p{N}_.-]+)*$`)

// yamlText is a text as YAML, in quotes where it needs some, its references
// disarmed.
func yamlText(s string) string {
	if plainYAML.MatchString(s) {
		return s
	}
	out, _ := json.Marshal(strings.ReplaceAll(s, "${", "$${")) // a JSON string is a YAML one
	return string(out)
}
