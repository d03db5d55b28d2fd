package sinks

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// SlackMessage is one message in the fake workspace, as it reads after its
// latest edit.
type SlackMessage struct {
	At       time.Time       `json:"at"`
	Channel  string          `json:"channel"` // empty for incoming webhooks
	TS       string          `json:"ts"`      // its name in the channel, seconds with six decimals
	ThreadTS string          `json:"thread_ts,omitempty"`
	Text     string          `json:"text"`
	Blocks   json.RawMessage `json:"blocks,omitempty"`
	Edits    int             `json:"edits"`
	Webhook  string          `json:"webhook,omitempty"` // path of the incoming webhook
}

// maxText is where Slack cuts or refuses a message's text, in characters.
const maxText = 40000

// slackCall is the arguments of a call, whichever way they were sent.
type slackCall struct {
	Token    string          `json:"token"`
	Channel  string          `json:"channel"`
	Text     string          `json:"text"`
	TS       string          `json:"ts"`
	ThreadTS string          `json:"thread_ts"`
	Blocks   json.RawMessage `json:"blocks"`
}

// slackAPI answers the three methods of Slack's Web API that messages need.
// As there, every fault but the rate limit is HTTP 200 with ok=false.
func (s *Sinks) slackAPI(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		slackError(w, "request_too_large")
		return
	}
	s.mu.Lock()
	reply := s.next(forSlack)
	s.mu.Unlock()
	if reply.play(w, r) {
		return
	}
	call, fault := readSlackCall(r, body)
	if fault == "" {
		fault = s.authorize(call.Token)
	}
	if fault != "" {
		slackError(w, fault)
		return
	}
	switch r.PathValue("method") {
	case "auth.test":
		writeSlack(w, map[string]any{"ok": true, "url": "https://gengfu.slack.example/", "team": "gengfu", "user": "gengfu", "team_id": "T0GENGFU", "user_id": "U0GENGFU", "bot_id": "B0GENGFU"})
	case "chat.postMessage":
		s.post(w, call)
	case "chat.update":
		s.update(w, call)
	default:
		slackError(w, "unknown_method")
	}
}

// readSlackCall takes arguments from a form or from JSON; with JSON the token
// must be in the header.
func readSlackCall(r *http.Request, body []byte) (slackCall, string) {
	var call slackCall
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.Header.Get("Content-Type") != "" {
		return call, "invalid_post_type"
	}
	switch kind {
	case "application/json":
		if json.Unmarshal(body, &call) != nil {
			return call, "invalid_json"
		}
		call.Token = ""
	case "application/x-www-form-urlencoded", "":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return call, "invalid_form_data"
		}
		call = slackCall{
			Token: form.Get("token"), Channel: form.Get("channel"), Text: form.Get("text"),
			TS: form.Get("ts"), ThreadTS: form.Get("thread_ts"), Blocks: json.RawMessage(form.Get("blocks")),
		}
	default:
		return call, "invalid_post_type"
	}
	call.Blocks = given(call.Blocks)
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		call.Token = bearer
	}
	return call, ""
}

// given takes an empty list of blocks, which a call may carry, for none.
func given(blocks json.RawMessage) json.RawMessage {
	if none := strings.TrimSpace(string(blocks)); none == "[]" || none == "null" {
		return nil
	}
	return blocks
}

func (s *Sinks) authorize(token string) string {
	switch {
	case token == "":
		return "not_authed"
	case s.cfg.SlackToken != "" && token != s.cfg.SlackToken:
		return "invalid_auth"
	}
	return ""
}

// content checks what a message says; the channel comes first, as there.
func (s *Sinks) content(call slackCall) string {
	switch {
	case call.Channel == "" || len(s.cfg.SlackChannels) > 0 && !slices.Contains(s.cfg.SlackChannels, call.Channel):
		return "channel_not_found"
	case strings.TrimSpace(call.Text) == "" && len(call.Blocks) == 0:
		return "no_text"
	case utf8.RuneCountInString(call.Text) > maxText:
		return "msg_too_long"
	}
	return blockFault(call.Blocks)
}

func (s *Sinks) post(w http.ResponseWriter, call slackCall) {
	if fault := s.content(call); fault != "" {
		slackError(w, fault)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if call.ThreadTS != "" && s.find(call.Channel, call.ThreadTS) < 0 {
		slackError(w, "thread_not_found")
		return
	}
	msg := SlackMessage{At: s.cfg.Now(), Channel: call.Channel, TS: s.stamp(), ThreadTS: call.ThreadTS, Text: call.Text, Blocks: call.Blocks}
	s.slack = kept(s.slack, msg, s.cfg.Keep)
	s.arrived()
	writeSlack(w, map[string]any{"ok": true, "channel": msg.Channel, "ts": msg.TS, "message": echo(msg)})
}

func (s *Sinks) update(w http.ResponseWriter, call slackCall) {
	if fault := s.content(call); fault != "" {
		slackError(w, fault)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(call.Channel, call.TS)
	if i < 0 {
		slackError(w, "message_not_found")
		return
	}
	msg := &s.slack[i]
	// A text without blocks takes the old blocks away, as the method's page says.
	msg.Text, msg.Blocks = call.Text, call.Blocks
	msg.Edits++
	s.arrived()
	writeSlack(w, map[string]any{"ok": true, "channel": msg.Channel, "ts": msg.TS, "text": msg.Text, "message": echo(*msg)})
}

// find is the index of a kept message, -1 when there is none; callers hold the
// mutex.
func (s *Sinks) find(channel, ts string) int {
	return slices.IndexFunc(s.slack, func(m SlackMessage) bool { return m.Channel == channel && m.TS == ts && m.Webhook == "" })
}

// stamp names the next message: later than every other, however fast they
// come. Callers hold the mutex.
func (s *Sinks) stamp() string {
	s.lastTS = max(s.lastTS+1, s.cfg.Now().UnixMicro())
	return fmt.Sprintf("%d.%06d", s.lastTS/1e6, s.lastTS%1e6)
}

func echo(m SlackMessage) map[string]any {
	e := map[string]any{"type": "message", "ts": m.TS, "text": m.Text, "bot_id": "B0GENGFU"}
	if len(m.Blocks) > 0 {
		e["blocks"] = m.Blocks
	}
	if m.ThreadTS != "" {
		e["thread_ts"] = m.ThreadTS
	}
	return e
}

// slackIncoming answers an incoming webhook with plain words.
func (s *Sinks) slackIncoming(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	s.mu.Lock()
	reply := s.next(forIncoming)
	s.mu.Unlock()
	if err == nil && reply.play(w, r) {
		return
	}
	call, err := readIncoming(body, err)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.slack = kept(s.slack, SlackMessage{At: s.cfg.Now(), TS: s.stamp(), Text: call.Text, Blocks: call.Blocks, Webhook: r.URL.Path}, s.cfg.Keep)
	s.arrived()
	s.mu.Unlock()
	_, _ = io.WriteString(w, "ok") // the caller may have left
}

func readIncoming(body []byte, readErr error) (slackCall, error) {
	var call slackCall
	if readErr != nil || json.Unmarshal(body, &call) != nil {
		return call, errors.New("invalid_payload")
	}
	call.Blocks = given(call.Blocks)
	if strings.TrimSpace(call.Text) == "" && len(call.Blocks) == 0 {
		return call, errors.New("no_text")
	}
	if fault := blockFault(call.Blocks); fault != "" {
		return call, errors.New(fault)
	}
	return call, nil
}

func slackError(w http.ResponseWriter, fault string) {
	writeSlack(w, map[string]any{"ok": false, "error": fault})
}

func writeSlack(w http.ResponseWriter, body map[string]any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(body) // the caller may have left
}
