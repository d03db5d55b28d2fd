package notify

import (
	"context"
	"crypto/md5" //nolint:gosec // the service asks for it
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gengfu"
)

// wecomRobot posts to a group robot of WeCom, after
// https://developer.work.weixin.qq.com/document/path/91770.
type wecomRobot struct {
	cfg Config
}

const (
	wecomBase     = "https://qyapi.weixin.qq.com"
	wecomText     = 2048 // bytes of a text
	wecomMarkdown = 4096 // bytes of a markdown message
)

// wecomCodes are the global error codes that robots and apps meet.
var wecomCodes = codes{
	slow:     map[int]time.Duration{45009: time.Minute, 45033: time.Minute},
	endpoint: []int{40001, 40013, 40014, 40056, 42001, 48002, 60011, 60020, 81013, 93000, 93008, 301002},
	message:  []int{40008, 40058, 44004, 45002, 45004, 45008, 47001},
}

func checkWecomRobot(c Config) []string {
	found := checkPace(c, 20)
	if c.Token == "" {
		found = append(found, "token: is missing, want the key of the robot's address")
	}
	if c.Format != "" && c.Format != "markdown" && c.Format != "text" {
		found = append(found, "format: is unknown, want markdown or text")
	}
	return append(found, checkBase(c)...)
}

func newWecomRobot(cfg Config) service { return &wecomRobot{cfg} }

// limits stay below 20 in any minute: three at once and fifteen more.
func (w *wecomRobot) limits() Limits { return Limits{PerSecond: 0.25, Burst: 3} }

type wecomContent struct {
	Content string `json:"content"`
}

// wecomImage is a picture of at most 2 MB, with the digest that the service
// checks it by.
type wecomImage struct {
	Base64 []byte `json:"base64"`
	MD5    string `json:"md5"`
}

type wecomMessage struct {
	Type     string        `json:"msgtype"`
	Text     *wecomContent `json:"text,omitempty"`
	Markdown *wecomContent `json:"markdown,omitempty"`
	Image    *wecomImage   `json:"image,omitempty"` // beside the others it is a message of its own
}

func (w *wecomRobot) write(m message, n gengfu.Notice) (parcel, error) {
	plain := wecomMessage{Type: "text", Text: &wecomContent{plainMarkup().lay(m, wecomText)}}
	if len(n.Picture) > 0 {
		sum := md5.Sum(n.Picture) //nolint:gosec // the service asks for it
		plain.Image = &wecomImage{n.Picture, hex.EncodeToString(sum[:])}
	}
	if w.cfg.Format == "text" {
		return pack(plain, nil)
	}
	return pack(wecomMessage{Type: "markdown", Markdown: &wecomContent{chatMarkdown("\n").lay(m, wecomMarkdown)}, Image: plain.Image}, plain)
}

// deliver posts a message, and its picture in a second one.
func (w *wecomRobot) deliver(ctx context.Context, call carrier, content json.RawMessage, _ gengfu.Delivery) (string, error) {
	var m wecomMessage
	if err := json.Unmarshal(content, &m); err != nil || m.Image == nil {
		return "", w.post(ctx, call, content)
	}
	picture, err := encode(wecomMessage{Type: "image", Image: m.Image})
	if err != nil {
		return "", err
	}
	m.Image = nil
	words, err := encode(m)
	if err != nil {
		return "", err
	}
	if err := w.post(ctx, call, words); err != nil {
		return "", err
	}
	return "", w.post(ctx, call, picture)
}

func (w *wecomRobot) post(ctx context.Context, call carrier, content []byte) error {
	address := baseOf(w.cfg, wecomBase) + "/cgi-bin/webhook/send?key=" + url.QueryEscape(w.cfg.Token.Reveal())
	answer, err := call(ctx, http.MethodPost, address, nil, content)
	if err != nil {
		return err
	}
	said, err := wecomAnswer(answer)
	if err != nil {
		return err
	}
	return wecomCodes.judge(*said.Code, said.Message)
}

// wecomReply is what WeCom answers, with HTTP 200 whatever happened.
type wecomReply struct {
	Code    *int   `json:"errcode"`
	Message string `json:"errmsg"`
	Token   string `json:"access_token"`
	Life    int    `json:"expires_in"` // seconds
	Unknown string `json:"invaliduser"`
	ID      string `json:"msgid"`
}

func wecomAnswer(r reply) (wecomReply, error) {
	var said wecomReply
	if err := statusError(r); err != nil {
		return said, err
	}
	if json.Unmarshal([]byte(r.body), &said) != nil || said.Code == nil {
		return said, unreadable(r)
	}
	return said, nil
}

// baseOf is the address of a service, which private installations move.
func baseOf(c Config, usual string) string {
	if c.URL == "" {
		return usual
	}
	return strings.TrimSuffix(c.URL.Reveal(), "/")
}

// checkBase is what is wrong with an address that may be left out.
func checkBase(c Config) []string {
	if c.URL == "" {
		return nil
	}
	if wrong := checkAddress(c.URL); wrong != "" {
		return []string{wrong}
	}
	return nil
}
