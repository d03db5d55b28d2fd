package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"gengfu"
)

// feishu posts cards to a custom bot of Feishu or Lark, after
// https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot.
type feishu struct {
	cfg Config
}

const feishuBody = 15_000 // bytes of a card's text, under the 20 KB of a body

// feishuCodes are those of custom bots, in the field code.
var feishuCodes = codes{
	slow:     map[int]time.Duration{11232: time.Minute, 9499011: time.Minute, 99991400: time.Minute},
	endpoint: []int{19001, 19002, 19021, 19022, 19024, 19036},
	message:  []int{9499, 11246, 19003},
}

func checkFeishu(c Config) []string {
	found := checkPace(c, 100)
	if wrong := checkAddress(c.URL); wrong != "" {
		found = append(found, wrong)
	}
	return found
}

func newFeishu(cfg Config) service { return &feishu{cfg} }

// limits stay below 5 in any second and 100 in any minute.
func (f *feishu) limits() Limits { return Limits{PerSecond: 1, Burst: 3} }

// feishuMessage is a message; time and signature are of the try.
type feishuMessage struct {
	Stamp   string         `json:"timestamp,omitempty"` // seconds
	Sign    string         `json:"sign,omitempty"`
	Type    string         `json:"msg_type"`
	Card    *feishuCard    `json:"card,omitempty"`
	Content *feishuContent `json:"content,omitempty"`
}

type feishuContent struct {
	Text string `json:"text"`
}

type feishuCard struct {
	Config   map[string]bool `json:"config"`
	Header   feishuHeader    `json:"header"`
	Elements []feishuElement `json:"elements"`
}

type feishuHeader struct {
	Title    feishuText `json:"title"`
	Template string     `json:"template"` // color
}

type feishuElement struct {
	Tag  string     `json:"tag"`
	Text feishuText `json:"text"`
}

type feishuText struct {
	Tag     string `json:"tag"`
	Content string `json:"content"`
}

func (f *feishu) write(m message, n gengfu.Notice) (parcel, error) {
	m.Lead = withKeyword(m.Lead, f.cfg.Keyword)
	card := &feishuCard{
		Config:   map[string]bool{"wide_screen_mode": true},
		Header:   feishuHeader{feishuText{"plain_text", disarm.Replace(m.Subject)}, feishuColor(n)},
		Elements: []feishuElement{{"div", feishuText{"lark_md", chatMarkdown("\n").lay(m, feishuBody)}}},
	}
	return pack(
		feishuMessage{Type: "interactive", Card: card},
		feishuMessage{Type: "text", Content: &feishuContent{disarm.Replace(plainMarkup().lay(m, feishuBody/2))}},
	)
}

// feishuColor is the nearest of the colors that headers come in.
func feishuColor(n gengfu.Notice) string {
	switch tone(n) {
	case toneGrey:
		return "grey"
	case toneGreen:
		return "green"
	case toneRed:
		return "red"
	case toneBlue:
		return "blue"
	}
	return "orange"
}

func (f *feishu) deliver(ctx context.Context, call carrier, content json.RawMessage, _ gengfu.Delivery) (string, error) {
	var body feishuMessage
	if err := json.Unmarshal(content, &body); err != nil {
		return "", &MessageError{Err: err}
	}
	if f.cfg.Secret != "" {
		body.Stamp = strconv.FormatInt(time.Now().Unix(), 10)
		body.Sign = signFeishu(body.Stamp, f.cfg.Secret.Reveal())
	}
	data, err := encode(body)
	if err != nil {
		return "", &MessageError{Err: err}
	}
	answer, err := call(ctx, http.MethodPost, f.cfg.URL.Reveal(), nil, data)
	if err != nil {
		return "", err
	}
	var said struct {
		Code    *int   `json:"code"`
		Message string `json:"msg"`
	}
	if json.Unmarshal([]byte(answer.body), &said) != nil || said.Code == nil {
		if err := statusError(answer); err != nil {
			return "", err
		}
		return "", unreadable(answer)
	}
	if *said.Code == 0 {
		return "", statusError(answer)
	}
	return "", feishuCodes.judge(*said.Code, said.Message)
}

// signFeishu signs a time in seconds: time and secret are the key, and nothing
// is the message.
func signFeishu(stamp, secret string) string {
	return base64.StdEncoding.EncodeToString(hmac.New(sha256.New, []byte(stamp+"\n"+secret)).Sum(nil))
}
