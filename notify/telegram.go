package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"gengfu"
)

// telegram writes to a chat by a bot, after
// https://core.telegram.org/bots/api#sendmessage. What follows the first
// message of an incident answers it.
type telegram struct {
	cfg Config

	mu   sync.Mutex // guards chat
	chat string     // changes when a group becomes a supergroup
}

const (
	telegramBase = "https://api.telegram.org"
	telegramText = 4000 // characters, under the 4096 of a message
)

func checkTelegram(c Config) []string {
	found := checkPace(c, 20)
	if c.Token == "" {
		found = append(found, "token: is missing, want the token of the bot")
	}
	if c.Channel == "" {
		found = append(found, "channel: is missing, want the id of a chat such as -1001234567890, or @name")
	}
	return append(found, checkBase(c)...)
}

func newTelegram(cfg Config) service { return &telegram{cfg: cfg, chat: cfg.Channel} }

// limits stay below one in a second and 20 in any minute of a group.
func (g *telegram) limits() Limits { return Limits{PerSecond: 0.3, Burst: 1, Updates: true} }

type telegramMessage struct {
	Chat    string          `json:"chat_id"`
	Text    string          `json:"text"`
	Mode    string          `json:"parse_mode,omitempty"`
	Preview map[string]bool `json:"link_preview_options"`
	Reply   *telegramReply  `json:"reply_parameters,omitempty"`
}

type telegramReply struct {
	Message int  `json:"message_id"`
	Anyway  bool `json:"allow_sending_without_reply"`
}

func (g *telegram) write(m message, _ gengfu.Notice) (parcel, error) {
	quiet := map[string]bool{"is_disabled": true}
	return pack(
		telegramMessage{Text: telegramHTML().lay(m, telegramText), Mode: "HTML", Preview: quiet},
		telegramMessage{Text: plainMarkup().lay(m, telegramText), Preview: quiet},
	)
}

func (g *telegram) deliver(ctx context.Context, call carrier, content json.RawMessage, d gengfu.Delivery) (string, error) {
	var body telegramMessage
	if err := json.Unmarshal(content, &body); err != nil {
		return "", &MessageError{Err: err}
	}
	if root, err := strconv.Atoi(d.Thread); err == nil {
		body.Reply = &telegramReply{root, true}
	}
	for moved := false; ; moved = true {
		g.mu.Lock()
		body.Chat = g.chat
		g.mu.Unlock()
		data, err := encode(body)
		if err != nil {
			return "", &MessageError{Err: err}
		}
		address := baseOf(g.cfg, telegramBase) + "/bot" + g.cfg.Token.Reveal() + "/sendMessage"
		answer, err := call(ctx, http.MethodPost, address, nil, data)
		if err != nil {
			return "", err
		}
		var said telegramAnswer
		if json.Unmarshal([]byte(answer.body), &said) != nil || !said.OK && said.Code == 0 {
			if err := statusError(answer); err != nil {
				return "", err
			}
			return "", unreadable(answer)
		}
		if to := said.Parameters.Moved; to != 0 && !moved {
			g.mu.Lock()
			g.chat = strconv.FormatInt(to, 10)
			g.mu.Unlock()
			continue
		}
		return strconv.Itoa(said.Result.Message), said.judge()
	}
}

type telegramAnswer struct {
	OK     bool `json:"ok"`
	Result struct {
		Message int `json:"message_id"`
	} `json:"result"`
	Code       int    `json:"error_code"`
	Words      string `json:"description"`
	Parameters struct {
		After int   `json:"retry_after"` // seconds
		Moved int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

func (a telegramAnswer) judge() error {
	if a.OK {
		return nil
	}
	err := fmt.Errorf("answered %d: %s", a.Code, clean(a.Words, maxReason/2))
	switch {
	case a.Code == http.StatusTooManyRequests:
		return &RetryError{After: min(time.Duration(a.Parameters.After)*time.Second, maxAfter), Err: err}
	case a.Code == http.StatusUnauthorized, a.Code == http.StatusForbidden, a.Code == http.StatusNotFound, strings.Contains(strings.ToLower(a.Words), "chat not found"):
		return &EndpointError{Err: err}
	case a.Code/100 == 4:
		return &MessageError{Err: err}
	}
	return &RetryError{Err: err}
}
