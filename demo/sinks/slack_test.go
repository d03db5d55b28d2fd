package sinks_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"gengfu/demo/sinks"
)

func slackSink(t *testing.T) (*sinks.Sinks, *slack.Client, string) {
	t.Helper()
	s, url := open(t, sinks.Config{SlackToken: "xoxb-demo", SlackChannels: []string{"C0OPS"}})
	return s, slack.New("xoxb-demo", slack.OptionAPIURL(url+"/api/")), url
}

func section(text string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, text, false, false), nil, nil)
}

func TestSlack_postReplyUpdate(t *testing.T) {
	s, api, _ := slackSink(t)
	ctx := t.Context()
	if who, err := api.AuthTestContext(ctx); err != nil || who.Team != "gengfu" {
		t.Fatalf("auth.test: %v %v", who, err)
	}
	header := slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, "申请人登录不可用", false, false))
	buttons := slack.NewActionBlock("", slack.NewButtonBlockElement("ack", "1", slack.NewTextBlockObject(slack.PlainTextType, "确认", false, false)))
	channel, root, err := api.PostMessageContext(ctx, "C0OPS", slack.MsgOptionText("down", false), slack.MsgOptionBlocks(header, section("*INC-2026-0042*"), buttons))
	if err != nil || channel != "C0OPS" {
		t.Fatalf("post: %q %v", channel, err)
	}
	_, reply, err := api.PostMessageContext(ctx, channel, slack.MsgOptionText("acked", false), slack.MsgOptionTS(root))
	if err != nil || reply == root {
		t.Fatalf("reply: ts %q %v", reply, err)
	}
	if _, _, _, err := api.UpdateMessageContext(ctx, channel, root, slack.MsgOptionText("resolved", false), slack.MsgOptionBlocks(section("ok"))); err != nil {
		t.Fatalf("update: %v", err)
	}
	if !regexp.MustCompile(`^\d{10}\.\d{6}$`).MatchString(root) {
		t.Errorf("ts %q", root)
	}
	if _, _, _, err := api.UpdateMessageContext(ctx, channel, reply, slack.MsgOptionText("acked by Li", false), slack.MsgOptionBlocks([]slack.Block{}...)); err != nil {
		t.Fatalf("update with an empty list of blocks: %v", err)
	}
	type line struct {
		TS, Thread, Text, Blocks string
		Edits                    int
	}
	var got []line
	for _, m := range s.SlackMessages() {
		got = append(got, line{m.TS, m.ThreadTS, m.Text, m.BlockText(), m.Edits})
	}
	if diff := cmp.Diff([]line{{root, "", "resolved", "ok", 1}, {reply, root, "acked by Li", "", 1}}, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestSlack_refusesWhatSlackRefuses(t *testing.T) {
	s, api, _ := slackSink(t)
	many := func(n, size int) slack.MsgOption {
		blocks := make([]slack.Block, n)
		for i := range blocks {
			blocks[i] = section(strings.Repeat("夜", size))
		}
		return slack.MsgOptionBlocks(blocks...)
	}
	text := slack.MsgOptionText("x", false)
	tests := []struct {
		channel, want string
		options       []slack.MsgOption
	}{
		{"C0NONE", "channel_not_found", []slack.MsgOption{text}},
		{"C0OPS", "no_text", nil},
		{"C0OPS", "msg_too_long", []slack.MsgOption{slack.MsgOptionText(strings.Repeat("x", 40001), false)}},
		{"C0OPS", "", []slack.MsgOption{many(50, 1)}},
		{"C0OPS", "invalid_blocks", []slack.MsgOption{many(51, 1)}},
		{"C0OPS", "", []slack.MsgOption{many(1, 3000)}},
		{"C0OPS", "invalid_blocks", []slack.MsgOption{many(1, 3001)}},
		{"C0OPS", "invalid_blocks", []slack.MsgOption{many(1, 0)}},
		{"C0OPS", "msg_blocks_too_long", []slack.MsgOption{many(5, 3000)}},
		{"C0OPS", "thread_not_found", []slack.MsgOption{text, slack.MsgOptionTS("1.000001")}},
		{"C0OPS", "message_not_found", []slack.MsgOption{text, slack.MsgOptionUpdate("1.000001")}},
	}
	for i, tc := range tests {
		_, _, _, err := api.SendMessageContext(t.Context(), tc.channel, tc.options...)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tc.want {
			t.Errorf("case %d: got %q, want %q", i, got, tc.want)
		}
	}
	if n := len(s.SlackMessages()); n != 2 {
		t.Errorf("kept %d messages, want the 2 accepted ones", n)
	}
}

func TestSlack_tokens(t *testing.T) {
	_, _, url := slackSink(t)
	for token, want := range map[string]string{"": "not_authed", "xoxb-other": "invalid_auth"} {
		_, err := slack.New(token, slack.OptionAPIURL(url+"/api/")).AuthTestContext(t.Context())
		if err == nil || err.Error() != want {
			t.Errorf("token %q: %v, want %s", token, err, want)
		}
	}
	// JSON calls carry the token in the header.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/chat.postMessage", strings.NewReader(`{"channel":"C0OPS","text":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", "Bearer xoxb-demo")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var body struct{ OK bool }
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil || !body.OK {
		t.Errorf("JSON call: ok=%v %v", body.OK, err)
	}
}

func TestSlack_rateLimit(t *testing.T) {
	s, api, _ := slackSink(t)
	s.ScriptSlack(sinks.Reply{Status: 429, RetryAfter: "30"}, sinks.Reply{Status: 429})
	var limited *slack.RateLimitedError
	if _, err := api.AuthTestContext(t.Context()); !errors.As(err, &limited) || limited.RetryAfter != 30*time.Second {
		t.Errorf("with Retry-After: %v", err)
	}
	var status slack.StatusCodeError
	if _, err := api.AuthTestContext(t.Context()); !errors.As(err, &status) || status.Code != 429 {
		t.Errorf("without Retry-After: %v", err)
	}
	if _, err := api.AuthTestContext(t.Context()); err != nil {
		t.Errorf("after the script: %v", err)
	}
}

func TestSlack_incomingWebhook(t *testing.T) {
	s, _, url := slackSink(t)
	hook := url + "/services/T0/B0/X0"
	s.ScriptIncoming(sinks.Reply{Status: 404, Body: "no_service"}, sinks.Reply{Status: 200, Body: "invalid_payload"})
	var got []string
	for _, body := range []string{`{"text":"a"}`, `{"text":"b"}`, `{"text":"c"}`, `{}`, `{`, `{"blocks":[{"type":"alien"}]}`} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, hook, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text := make([]byte, 64)
		n, _ := resp.Body.Read(text)
		_ = resp.Body.Close()
		got = append(got, fmt.Sprint(resp.StatusCode, " ", strings.TrimSpace(string(text[:n]))))
	}
	want := []string{"404 no_service", "200 invalid_payload", "200 ok", "400 no_text", "400 invalid_payload", "400 invalid_blocks"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if kept := s.SlackMessages(); len(kept) != 1 || kept[0].Text != "c" || kept[0].Webhook != "/services/T0/B0/X0" {
		t.Errorf("kept %+v", kept)
	}
}
