package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"gengfu"
)

// wecomApp writes to members by an application of WeCom or of a private
// installation of its family, after
// https://developer.work.weixin.qq.com/document/path/90236. Each member is an
// endpoint: the service counts by member and drops what is over in silence.
type wecomApp struct {
	cfg Config

	mu      sync.Mutex // guards the fields below
	token   string
	expires time.Time
}

// tokenMargin is how long before its end a token is renewed.
const tokenMargin = 5 * time.Minute

func checkWecomApp(c Config) []string {
	found := checkPace(c, 16) // 30 a minute, but 1000 an hour
	for _, f := range []struct{ field, value, want string }{
		{"corp_id", c.CorpID, "the id of the company"}, {"secret", c.Secret.Reveal(), "the secret of the application"},
	} {
		if f.value == "" {
			found = append(found, f.field+": is missing, want "+f.want)
		}
	}
	if c.AgentID <= 0 {
		found = append(found, "agent_id: is missing, want the number of the application")
	}
	if len(c.To) == 0 {
		found = append(found, "to: is missing, want the ids of members")
	}
	for _, to := range c.To {
		if to == "" || to == "@all" || strings.ContainsAny(to, "|/ \t\r\n") {
			found = append(found, fmt.Sprintf("to: %q is no member, want one id for each", to))
		}
	}
	return append(found, checkBase(c)...)
}

func newWecomApp(cfg Config) service { return &wecomApp{cfg: cfg} }

// limits stay below 30 in any minute and 1000 in any hour for a member.
func (w *wecomApp) limits() Limits { return Limits{PerSecond: 0.25, Burst: 5, Updates: true} }

func (w *wecomApp) write(m message, _ gengfu.Notice) (parcel, error) {
	return pack(
		wecomMessage{Type: "markdown", Markdown: &wecomContent{chatMarkdown("\n").lay(m, wecomText)}},
		wecomMessage{Type: "text", Text: &wecomContent{plainMarkup().lay(m, wecomText)}},
	)
}

// wecomAddressed is a message to one member. The service keeps repeats of the
// same bytes from being shown twice.
type wecomAddressed struct {
	To       string `json:"touser"`
	Agent    int    `json:"agentid"`
	Distinct int    `json:"enable_duplicate_check"`
	Within   int    `json:"duplicate_check_interval"` // seconds
	wecomMessage
}

func (w *wecomApp) deliver(ctx context.Context, call carrier, content json.RawMessage, d gengfu.Delivery) (string, error) {
	body := wecomAddressed{To: strings.TrimPrefix(d.Endpoint, w.cfg.Name+"/"), Agent: w.cfg.AgentID, Distinct: 1, Within: 1800}
	if err := json.Unmarshal(content, &body.wecomMessage); err != nil {
		return "", &MessageError{Err: fmt.Errorf("read stored message: %w", err)}
	}
	data, err := encode(body)
	if err != nil {
		return "", &MessageError{Err: err}
	}
	for fresh := false; ; fresh = true {
		token, err := w.access(ctx, call)
		if err != nil {
			return "", err
		}
		answer, err := call(ctx, http.MethodPost, baseOf(w.cfg, wecomBase)+"/cgi-bin/message/send?access_token="+url.QueryEscape(token), nil, data)
		if err != nil {
			return "", hide(err, token)
		}
		said, err := wecomAnswer(answer)
		switch {
		case err != nil:
			return "", hide(err, token)
		case !fresh && (*said.Code == 40014 || *said.Code == 42001):
			w.forget(token)
			continue
		case *said.Code == 0 && said.Unknown != "":
			return "", &EndpointError{Err: errors.New("the application does not reach this member")}
		}
		return said.ID, hide(wecomCodes.judge(*said.Code, said.Message), token)
	}
}

// access is the token, asked for when there is none and when it is about to
// end.
func (w *wecomApp) access(ctx context.Context, call carrier) (string, error) {
	now := time.Now()
	w.mu.Lock()
	token, expires := w.token, w.expires
	w.mu.Unlock()
	if token != "" && now.Before(expires) {
		return token, nil
	}
	address := baseOf(w.cfg, wecomBase) + "/cgi-bin/gettoken?corpid=" + url.QueryEscape(w.cfg.CorpID) + "&corpsecret=" + url.QueryEscape(w.cfg.Secret.Reveal())
	answer, err := call(ctx, http.MethodGet, address, nil, nil)
	if err != nil {
		return "", unsent(err)
	}
	said, err := wecomAnswer(answer)
	if err != nil {
		return "", unsent(err)
	}
	if err := wecomCodes.judge(*said.Code, said.Message); err != nil {
		return "", err
	}
	if said.Token == "" {
		return "", &RetryError{Err: errors.New("answered no token")}
	}
	life := time.Duration(said.Life) * time.Second
	w.mu.Lock()
	defer w.mu.Unlock()
	w.token, w.expires = said.Token, now.Add(max(life-tokenMargin, life/2))
	return w.token, nil
}

// forget drops a token that was refused, unless another took its place.
func (w *wecomApp) forget(token string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.token == token {
		w.token = ""
	}
}

// unsent takes the doubt out of an error that came before the message was
// sent.
func unsent(err error) error {
	var retry *RetryError
	if errors.As(err, &retry) {
		return &RetryError{After: retry.After, Err: retry.Err}
	}
	return err
}

// hide takes a token out of an error that the configuration knows nothing of.
func hide(err error, token string) error {
	if err == nil || !strings.Contains(err.Error(), token) {
		return err
	}
	return (&guarded{redact: gengfu.Redactor{}.With(gengfu.Secret(token))}).bare(err)
}
