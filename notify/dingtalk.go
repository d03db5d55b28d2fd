package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gengfu"
)

// dingtalk posts to a custom robot of DingTalk, after
// https://open.dingtalk.com/document/robots/custom-robot-access.
type dingtalk struct {
	cfg Config
}

const (
	dingtalkBase = "https://oapi.dingtalk.com"
	dingtalkBody = 15_000 // bytes of a message's text, under the 20,000 of a body
)

// dingtalkCodes are those of robots. Over its rate a robot is shut out for ten
// minutes.
var dingtalkCodes = codes{
	slow:     map[int]time.Duration{130101: 10 * time.Minute, 130103: 10 * time.Minute, 410100: 10 * time.Minute},
	endpoint: []int{300001, 300005, 310000, 400101, 400102, 400105, 400106},
	message:  []int{40035, 43004, 400013, 460101},
}

func checkDingtalk(c Config) []string {
	found := checkPace(c, 20)
	if c.Token == "" {
		found = append(found, "token: is missing, want the access_token of the robot's address")
	}
	return append(found, checkBase(c)...)
}

func newDingtalk(cfg Config) service { return &dingtalk{cfg} }

// limits stay below 20 in any minute, for the price of more is ten minutes.
func (g *dingtalk) limits() Limits { return Limits{PerSecond: 0.25, Burst: 3} }

type dingtalkMessage struct {
	Type     string            `json:"msgtype"`
	Markdown *dingtalkMarkdown `json:"markdown,omitempty"`
	Text     *wecomContent     `json:"text,omitempty"`
}

type dingtalkMarkdown struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

func (g *dingtalk) write(m message, _ gengfu.Notice) (parcel, error) {
	m.Lead = withKeyword(m.Lead, g.cfg.Keyword)
	return pack(
		dingtalkMessage{Type: "markdown", Markdown: &dingtalkMarkdown{Title: plainMarkup().escape(m.Subject), Text: chatMarkdown("\n\n").lay(m, dingtalkBody)}},
		dingtalkMessage{Type: "text", Text: &wecomContent{plainMarkup().lay(m, dingtalkBody)}},
	)
}

// withKeyword puts in front of a line the word that a robot asks for.
func withKeyword(text, keyword string) string {
	if keyword == "" || strings.Contains(text, keyword) {
		return text
	}
	return keyword + " " + text
}

func (g *dingtalk) deliver(ctx context.Context, call carrier, content json.RawMessage, _ gengfu.Delivery) (string, error) {
	address := baseOf(g.cfg, dingtalkBase) + "/robot/send?access_token=" + url.QueryEscape(g.cfg.Token.Reveal())
	if g.cfg.Secret != "" {
		stamp := strconv.FormatInt(time.Now().UnixMilli(), 10)
		address += "&timestamp=" + stamp + "&sign=" + url.QueryEscape(signDingtalk(stamp, g.cfg.Secret.Reveal()))
	}
	answer, err := call(ctx, http.MethodPost, address, nil, content)
	if err != nil {
		return "", err
	}
	said, err := wecomAnswer(answer) // the same two fields
	if err != nil {
		return "", err
	}
	return "", dingtalkCodes.judge(*said.Code, said.Message)
}

// signDingtalk signs a time in milliseconds with the robot's secret.
func signDingtalk(stamp, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = fmt.Fprintf(mac, "%s\n%s", stamp, secret) // a hash takes everything
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
