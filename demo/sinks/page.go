package sinks

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed templates/page.html
var templates embed.FS

// arrival is one row of the page.
type arrival struct {
	At     time.Time
	Kind   string // mail, webhook, slack
	Title  string
	Facts  []fact
	Text   string
	HTML   string // of a mail, shown in a frame without rights
	Notes  []string
	Alarm  bool // refused, unverified, or against a rule
	Number int
}

type fact struct {
	Name, Value string
}

type sinkPage struct {
	Lang, Other string
	Counts      [3]int
	Rows        []arrival
}

// words are the page's texts: Chinese, English.
func words() map[string][2]string {
	return map[string][2]string{
		"title":     {"通知接收端", "Notifications received"},
		"lead":      {"演示环境的邮箱、Webhook 与 Slack，内容只在内存中。", "The demo's mailbox, webhook and Slack; kept in memory only."},
		"mail":      {"邮件", "Mail"},
		"webhook":   {"Webhook", "Webhook"},
		"slack":     {"Slack", "Slack"},
		"none":      {"还没有收到任何通知。", "Nothing has arrived yet."},
		"to":        {"收件人", "To"},
		"from":      {"发件人", "From"},
		"channel":   {"频道", "Channel"},
		"thread":    {"回复", "Reply to"},
		"edits":     {"修改次数", "Edits"},
		"status":    {"应答", "Answered"},
		"id":        {"标识", "ID"},
		"repeat":    {"第几次", "Arrival"},
		"encrypted": {"加密传输", "Encrypted"},
		"verified":  {"签名已验证", "Signature verified"},
		"switch":    {"English", "中文"},
		"frame":     {"邮件内容", "Mail content"},
	}
}

func word(lang, key string) string {
	if lang == "en" {
		return words()[key][1]
	}
	return words()[key][0]
}

func (s *Sinks) page(w http.ResponseWriter, r *http.Request) {
	got := s.Received()
	pg := sinkPage{Lang: "zh-CN", Other: "en", Counts: [3]int{len(got.Mails), len(got.Webhooks), len(got.Slack)}}
	if wantsEnglish(r) {
		pg.Lang, pg.Other = pg.Other, pg.Lang
	}
	pg.Rows = arrivals(got, pg.Lang)
	t, err := template.New("page.html").Funcs(template.FuncMap{
		"word":  func(key string) string { return word(pg.Lang, key) },
		"clock": func(t time.Time) string { return t.In(s.cfg.Zone).Format("01-02 15:04:05") },
	}).ParseFS(templates, "templates/page.html")
	var b bytes.Buffer
	if err == nil {
		err = t.Execute(&b, pg)
	}
	if err != nil {
		s.cfg.Logger.Error("page not rendered", "err", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	// What arrived is not to be trusted: no scripts, nothing from elsewhere.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'")
	_, _ = w.Write(b.Bytes()) // the reader may have left
}

func wantsEnglish(r *http.Request) bool {
	if lang := r.FormValue("lang"); lang != "" {
		return lang == "en"
	}
	return strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "en")
}

// arrivals mixes the three kinds, newest first.
func arrivals(got Received, lang string) []arrival {
	var rows []arrival
	for i, m := range got.Mails {
		rows = append(rows, mailRow(m, lang, i))
	}
	for i, call := range got.Webhooks {
		rows = append(rows, webhookRow(call, lang, i))
	}
	for i, m := range got.Slack {
		rows = append(rows, slackRow(m, lang, i))
	}
	slices.SortStableFunc(rows, func(a, b arrival) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(b.Number, a.Number))
	})
	return rows
}

func mailRow(m Mail, lang string, number int) arrival {
	row := arrival{
		At: m.At, Kind: "mail", Title: m.Subject, Number: number, Text: m.Text, HTML: m.Shown(),
		Facts: []fact{{word(lang, "to"), strings.Join(m.To, ", ")}, {word(lang, "from"), m.From}},
		Notes: m.Problems, Alarm: len(m.Problems) > 0,
	}
	if m.Encrypted {
		row.Facts = append(row.Facts, fact{word(lang, "encrypted"), "✓"})
	}
	return row
}

func webhookRow(call Webhook, lang string, number int) arrival {
	row := arrival{
		At: call.At, Kind: "webhook", Number: number, Title: eventType(call.Body), Text: indented(call.Body),
		Facts: []fact{{word(lang, "id"), call.ID}, {word(lang, "status"), statusText(call.Status)}},
		Alarm: call.Status == 0 || call.Status >= 300,
	}
	if call.Verified {
		row.Facts = append(row.Facts, fact{word(lang, "verified"), "✓"})
	}
	if call.Duplicate() {
		row.Facts = append(row.Facts, fact{word(lang, "repeat"), strconv.Itoa(call.Times)})
	}
	if call.Problem != "" {
		row.Notes = []string{call.Problem}
	}
	return row
}

func slackRow(m SlackMessage, lang string, number int) arrival {
	row := arrival{At: m.At, Kind: "slack", Title: firstLine(m.Text), Text: m.BlockText(), Number: number}
	if row.Text == "" {
		row.Text = m.Text
	}
	where := m.Channel
	if m.Webhook != "" {
		where = m.Webhook
	}
	row.Facts = []fact{{word(lang, "channel"), where}, {"ts", m.TS}}
	if m.ThreadTS != "" {
		row.Facts = append(row.Facts, fact{word(lang, "thread"), m.ThreadTS})
	}
	if m.Edits > 0 {
		row.Facts = append(row.Facts, fact{word(lang, "edits"), strconv.Itoa(m.Edits)})
	}
	return row
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// eventType is the event's name in a webhook's body, or the body's beginning.
func eventType(body string) string {
	var event struct {
		Type string `json:"type"`
	}
	if json.Unmarshal([]byte(body), &event) == nil && event.Type != "" {
		return event.Type
	}
	return firstLine(body)
}

func indented(body string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(body), "", "  ") != nil {
		return body
	}
	return b.String()
}

func statusText(status int) string {
	if status == 0 {
		return "—"
	}
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

func (s *Sinks) list(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(s.Received()) // the reader may have left
}
