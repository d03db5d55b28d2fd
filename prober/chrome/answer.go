package chrome

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/network"

	"gengfu"
	"gengfu/scenarios"
)

// maxAnswers bounds the answers that are looked into after a failing step.
const maxAnswers = 5

// answerHints are what first-party interfaces said during the failing step or
// the one before it: most report trouble in JSON, under a status of success.
// The answers are fetched now, so that a run that passes pays nothing.
func (r *runner) answerHints(st *scenarios.Step, fault gengfu.Fault) []string {
	switch {
	case st.Optional, fault.Outcome() == gengfu.Errored && !fault.Account():
		return nil
	case fault == gengfu.FaultBlockedPage, fault == gengfu.FaultRendererCrash: // would not give them
		return nil
	}
	list := r.rec.answers(func(w wanted) bool {
		return w.step >= r.index-1 && jsonType(w.mime) && (w.kind == network.ResourceTypeXHR || w.kind == network.ResourceTypeFetch)
	})
	list = list[:min(len(list), maxAnswers)]
	if len(list) == 0 {
		return nil
	}
	r.fetch(context.Background(), list)
	var out []string
	for _, w := range list {
		body, known := r.bodies[w.id]
		if !known {
			continue
		}
		if why, bad := refusal(body.text, w.status); bad && len(out) < maxHints {
			out = append(out, gengfu.HintAnswer+w.method+" "+bare(w.url)+" → "+r.rec.clean(why))
		}
	}
	return out
}

// The words of business answers: what holds the code, what the message, and the
// codes that mean success.
var (
	codeKeys    = []string{"code", "errcode", "errCode", "errorCode", "error_code", "retcode", "retCode", "resultCode", "ret", "status"}
	messageKeys = []string{"msg", "message", "errmsg", "errMsg", "errorMsg", "errorMessage", "error_description", "detail", "reason", "info", "error"}
	fineCodes   = map[string]bool{
		"": true, "0": true, "1": true, "00": true, "000": true, "0000": true, "00000": true, "000000": true, "20000": true,
		"ok": true, "success": true, "succeeded": true, "successful": true, "true": true, "pending": true, "done": true, "active": true,
	}
	badWords = map[string]bool{"error": true, "fail": true, "failed": true, "failure": true, "err": true, "false": true}
)

// refusal says what an answer refuses and why; false when it seems content.
func refusal(body string, status int) (string, bool) {
	var m map[string]any
	in := json.NewDecoder(strings.NewReader(body))
	in.UseNumber()
	if in.Decode(&m) != nil {
		return "", false
	}
	code, bad := verdictOf(m)
	if status >= 400 {
		code, bad = strings.TrimSpace(fmt.Sprintf("HTTP %d %s", status, code)), true
	}
	if !bad {
		return "", false
	}
	if text := messageOf(m); text != "" {
		code += ": " + text
	}
	return shortened(code, 2*maxTextLen), true
}

func verdictOf(m map[string]any) (string, bool) {
	for _, k := range []string{"success", "ok"} {
		if good, is := m[k].(bool); is {
			return k + " " + strconv.FormatBool(good), !good
		}
	}
	for _, k := range codeKeys {
		v, has := m[k]
		text := strings.ToLower(fmt.Sprint(v))
		switch v.(type) {
		case json.Number:
			if has && !fine(text) {
				return k + " " + text, true
			}
		case string:
			number := strings.Trim(text, "0123456789-") == ""
			if badWords[text] || number && !fine(text) {
				return k + " " + text, true
			}
		}
	}
	if list, is := m["errors"].([]any); is && len(list) > 0 { // GraphQL
		return "errors", true
	}
	return "", false
}

// fine reports whether a code means success.
func fine(code string) bool {
	return fineCodes[code] || len(code) == 3 && code[0] == '2'
}

// messageOf is the message of an answer, of its inner error object, or of the
// first of its errors.
func messageOf(m map[string]any) string {
	for _, k := range messageKeys {
		switch v := m[k].(type) {
		case string:
			if v = strings.Join(strings.Fields(v), " "); v != "" {
				return v
			}
		case map[string]any:
			if text := messageOf(v); text != "" {
				return text
			}
		}
	}
	if list, is := m["errors"].([]any); is && len(list) > 0 {
		if first, is := list[0].(map[string]any); is {
			return messageOf(first)
		}
	}
	return ""
}
