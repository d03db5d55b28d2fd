package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gengfu/demo"
	"gengfu/demo/sinks"
)

const attendScenario = `scenario: admin-scan
title: 管理员扫码登录
target: platform
vars: {base: "BASE"}
session:
  name: admin
  keep: 12h
  login:
    - goto: ${base}/admin/qr
    - attend: {show: {css: .qrcode}, ask: default, wait: 1m, text: 请用手机扫码, until: {url: /admin}}
steps:
  - goto: ${base}/admin
    expect: [{visible: {role: link, name: 审批管理}}]
schedule: {every: 1s}
confirm: {retries: 0}
`

// attendEvent is what a webhook carries of an ask.
type attendEvent struct {
	Type string `json:"type"`
	Data struct {
		Picture []byte `json:"picture"`
		Title   string `json:"title"`
		Text    string `json:"text"`
		URL     string `json:"url"`
	} `json:"data"`
}

// TestAttend_throughTheDaemon: the picture reaches people by webhook, by mail
// and on its page; the phone reads it; the log-in serves the next runs.
func TestAttend_throughTheDaemon(t *testing.T) {
	t.Parallel()
	d := prepare(t)
	site := httptest.NewServer(d.platform.Handler())
	t.Cleanup(site.Close)
	d.scenario("scan", strings.ReplaceAll(attendScenario, "BASE", site.URL))
	d.start("gengfu")
	t.Cleanup(d.end)

	if err := d.got.Wait(d.within(60*time.Second), func(got sinks.Received) bool {
		return len(got.Mails) > 0 && len(got.Webhooks) > 0 && len(got.Slack) > 0
	}); err != nil {
		t.Fatalf("nobody was asked: %v\n%s", err, d.daemon.log())
	}
	var asked attendEvent
	if err := json.Unmarshal([]byte(d.got.Webhooks()[0].Body), &asked); err != nil {
		t.Fatal(err)
	}
	ticket := readTicket(t, asked.Data.Picture)
	if asked.Type != "incident.attend" || asked.Data.Title != "管理员扫码登录" || !strings.Contains(asked.Data.Text, "请用手机扫码") {
		t.Errorf("webhook %+v", asked)
	}
	mail := d.got.Mails()[0]
	if len(mail.Files) != 1 || mail.Files[0].ContentID != "picture" || len(mail.Problems) > 0 || !strings.Contains(mail.HTML, "cid:picture") {
		t.Fatalf("mail: files %d, problems %v\n%s", len(mail.Files), mail.Problems, mail.HTML)
	}
	if other := readTicket(t, mail.Files[0].Data); other != ticket {
		t.Errorf("the mail shows %s, the webhook %s", other, ticket)
	}
	page := d.pages + strings.TrimPrefix(asked.Data.URL, "http://gengfu.example")
	if other := readTicket(t, fetch(t, page+"/picture", http.StatusOK)); other != ticket {
		t.Errorf("the page shows %s, the webhook %s", other, ticket)
	}
	if text := fetch(t, page, http.StatusOK); !bytes.Contains(text, []byte("请用手机扫码")) {
		t.Errorf("page without the words:\n%s", text)
	}

	fetch(t, site.URL+"/phone/"+ticket, http.StatusOK)
	for range 4 { // the one that asked, and three that need not
		d.logged("outcome=passed")
		d.daemon.forget()
	}
	if n := len(d.got.Webhooks()); n != 1 {
		t.Errorf("asked %d times, or an incident was opened", n)
	}
	fetch(t, page, http.StatusNotFound)
}

// readTicket reads a picture of the code as a phone does.
func readTicket(t *testing.T, data []byte) string {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("picture of %d bytes: %v", len(data), err)
	}
	if b := img.Bounds(); b.Dx() != 232 || b.Dy() != 232 {
		t.Errorf("picture of %v, want 232×232", b)
	}
	ticket, ok := demo.ReadCode(img)
	if !ok {
		t.Fatal("no code in the picture")
	}
	return ticket
}

// fetch asks for an address and returns its body.
func fetch(t *testing.T, address string, status int) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		t.Fatalf("%s: status %d, want %d: %v\n%s", address, answer.StatusCode, status, err, body)
	}
	return body
}
