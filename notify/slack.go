package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"gengfu"
)

// slackRoom is one Slack channel. With a bot token the first message of an
// incident is kept up to date in place and the rest go into its thread; with
// an incoming webhook, which can do neither, every event is a message.
type slackRoom struct {
	cfg    Config
	style  style
	client *http.Client
}

const (
	slackAPI     = "https://slack.com/api/"
	slackTimeout = 10 * time.Second
)

func checkSlack(c Config) []string {
	switch {
	case c.Token == "" && c.URL == "":
		return []string{"token: is missing, want a bot token and a channel, or the url of an incoming webhook"}
	case c.Token == "" && c.Channel != "":
		return []string{"channel: goes with a token, want it removed: an incoming webhook has its own channel"}
	case c.Token != "" && c.Channel == "":
		return []string{"channel: is missing, want the id of a channel such as C0123456789"}
	case c.URL != "":
		if wrong := checkAddress(c.URL); wrong != "" {
			return []string{wrong}
		}
	}
	return nil
}

func openSlack(cfg Config, deps Deps, look style, _ layouts) (Channel, error) {
	client, err := httpClient(cfg, deps)
	if err != nil {
		return nil, err
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = slackTimeout
	}
	if cfg.Token != "" {
		base := cfg.URL.Reveal()
		if base == "" {
			base = slackAPI
		}
		cfg.URL = gengfu.Secret(strings.TrimSuffix(base, "/") + "/")
	}
	return &slackRoom{cfg: cfg, style: look, client: client}, nil
}

// Endpoints is the channel itself.
func (s *slackRoom) Endpoints() []string { return []string{s.cfg.Name} }

// Limits keep under one message a second.
func (s *slackRoom) Limits() Limits {
	return Limits{PerSecond: 0.9, Burst: 1, Updates: true, Edits: s.cfg.Token != ""}
}

// slackBody is what is stored: how the incident's first message is to read
// after the event, and the line about the event itself.
type slackBody struct {
	Text   string       `json:"text"` // for notifications and old programs
	Blocks slack.Blocks `json:"blocks"`
	News   slackPart    `json:"news"`
	Loud   bool         `json:"loud"` // the news are shown in the channel too
	Update bool         `json:"update"`
}

type slackPart struct {
	Text   string       `json:"text"`
	Blocks slack.Blocks `json:"blocks"`
}

// Render makes both messages.
func (s *slackRoom) Render(n gengfu.Notice) ([]byte, string, error) {
	news := s.style.compose(n)
	root := n
	root.Event.Kind = standing(n)
	whole := s.style.compose(root)
	body := slackBody{
		Text: mrkdwn(whole.Lead, maxSlackText), Blocks: slack.Blocks{BlockSet: wholeBlocks(whole)},
		News:   slackPart{Text: mrkdwn(news.Lead, maxSlackText), Blocks: slack.Blocks{BlockSet: newsBlocks(news, n.Event.Kind)}},
		Loud:   n.Event.Kind == gengfu.EventResolved || n.Event.Kind == gengfu.EventReopened || n.Event.Kind == gengfu.EventUnmuted,
		Update: !opens(n.Event.Kind) && n.Event.Kind != gengfu.EventResolved && !loose(n.Event.Kind),
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, "", fmt.Errorf("encode Slack message: %w", err)
	}
	return data, news.Lead, nil
}

// standing is the event that the incident's state stands for.
func standing(n gengfu.Notice) gengfu.EventKind {
	switch inc := n.Incident; {
	case loose(n.Event.Kind):
		return n.Event.Kind
	case inc.State == gengfu.IncidentResolved:
		return gengfu.EventResolved
	case inc.State == gengfu.IncidentClosed, inc.State == gengfu.IncidentDeclined, inc.State == gengfu.IncidentMerged:
		return gengfu.EventClosed
	case inc.State == gengfu.IncidentAcked, inc.State == gengfu.IncidentWorking:
		if inc.AckedBy == "" && inc.Assignee != "" {
			return gengfu.EventAssigned
		}
		return gengfu.EventAcked
	case inc.Reopened > 0:
		return gengfu.EventReopened
	}
	return gengfu.EventOpened
}

// Send posts the message, or edits the first and answers below it. The edit
// comes first: made twice it does no harm, while an answer made twice is read
// twice.
func (s *slackRoom) Send(ctx context.Context, d gengfu.Delivery) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	var body slackBody
	if err := json.Unmarshal(d.Body, &body); err != nil {
		return "", &MessageError{Err: fmt.Errorf("read stored message: %w", err)}
	}
	if s.cfg.Token == "" {
		return "", s.hook(ctx, body)
	}
	channel, root, threaded := strings.Cut(d.Thread, ":")
	if !threaded {
		return s.post(ctx, s.cfg.Channel, slackPart{body.Text, body.Blocks})
	}
	err := s.edit(ctx, channel, root, body)
	switch {
	case said(err, "message_not_found", "thread_not_found", "channel_not_found"):
		return s.post(ctx, s.cfg.Channel, slackPart{body.Text, body.Blocks}) // somebody deleted it
	case err != nil && !said(err, "cant_update_message", "edit_window_closed"):
		return "", err
	}
	options := []slack.MsgOption{slack.MsgOptionTS(root)}
	if body.Loud {
		options = append(options, slack.MsgOptionBroadcast())
	}
	return s.post(ctx, channel, body.News, options...)
}

func (s *slackRoom) edit(ctx context.Context, channel, root string, body slackBody) error {
	return s.plainly(slackPart{body.Text, body.Blocks}, func(content ...slack.MsgOption) error {
		return s.call(ctx, func(ctx context.Context, api *slack.Client) error {
			_, _, _, err := api.UpdateMessageContext(ctx, channel, root, content...)
			return err
		})
	})
}

func (s *slackRoom) post(ctx context.Context, channel string, part slackPart, options ...slack.MsgOption) (string, error) {
	options = append(options, slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	var ref string
	err := s.plainly(part, func(content ...slack.MsgOption) error {
		return s.call(ctx, func(ctx context.Context, api *slack.Client) error {
			in, ts, err := api.PostMessageContext(ctx, channel, append(content, options...)...)
			ref = in + ":" + ts
			return err
		})
	})
	if err != nil {
		return "", err
	}
	return ref, nil
}

// plainly sends text and blocks, and the text alone when Slack does not take
// the blocks: a plain message is better than none.
func (s *slackRoom) plainly(part slackPart, send func(content ...slack.MsgOption) error) error {
	text := slack.MsgOptionText(part.Text, false)
	err := send(text, slack.MsgOptionBlocks(part.Blocks.BlockSet...))
	if said(err, blockFaults...) {
		return send(text)
	}
	return err
}

var blockFaults = []string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}

// call makes one call of the Web API and classifies its error. The library's
// own retries stay off: they would sleep while the outbox believes that the
// message is on its way.
func (s *slackRoom) call(ctx context.Context, do func(context.Context, *slack.Client) error) error {
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	listen := &listener{next: s.client}
	api := slack.New(s.cfg.Token.Reveal(), slack.OptionAPIURL(s.cfg.URL.Reveal()), slack.OptionHTTPClient(listen))
	err := do(ctx, api)
	if err == nil {
		return nil
	}
	var refused slack.SlackErrorResponse
	switch {
	case errors.As(err, &refused):
		return wordError(refused.Err, listen.heard.after)
	case listen.heard.status == 0:
		return transportError(err, wrote.Load())
	case listen.heard.status == http.StatusOK:
		return &RetryError{Ambiguous: true, Err: fmt.Errorf("answered what is not Slack's JSON: %w", err)}
	}
	return statusError(listen.heard)
}

// hook posts to an incoming webhook, which says ok in its body and nowhere
// else: some refusals come with HTTP 200.
func (s *slackRoom) hook(ctx context.Context, body slackBody) error {
	part := slackPart{body.Text, body.Blocks}
	if body.Update {
		part = body.News
	}
	err := s.knock(ctx, part.Text, &part.Blocks)
	if said(err, append([]string{"invalid_payload"}, blockFaults...)...) {
		return s.knock(ctx, part.Text, nil)
	}
	return err
}

func (s *slackRoom) knock(ctx context.Context, text string, blocks *slack.Blocks) error {
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	listen := &listener{next: s.client}
	quiet := false
	err := slack.PostWebhookCustomHTTPContext(ctx, s.cfg.URL.Reveal(), &http.Client{
		Transport: listen, CheckRedirect: s.client.CheckRedirect,
	}, &slack.WebhookMessage{Text: text, Blocks: blocks, UnfurlLinks: &quiet, UnfurlMedia: &quiet})
	word := strings.TrimSpace(listen.heard.body)
	switch {
	case listen.heard.status == 0 && err != nil:
		return transportError(err, wrote.Load())
	case listen.heard.status == http.StatusOK && word == "ok":
		return nil
	case slices.Contains(slackWords, word):
		return wordError(word, listen.heard.after)
	case listen.heard.status == http.StatusOK:
		return &RetryError{Ambiguous: true, Err: fmt.Errorf("answered %q and not ok", clean(word, maxReason/2))}
	}
	return statusError(listen.heard)
}

// listener keeps what the library reads of an answer and throws away. One is
// used by one goroutine.
type listener struct {
	next  *http.Client
	heard reply
}

// Do makes the call for the client of the Web API.
func (l *listener) Do(req *http.Request) (*http.Response, error) {
	resp, err := l.next.Do(req)
	return l.keep(resp, err)
}

// RoundTrip makes the call for the client of incoming webhooks.
func (l *listener) RoundTrip(req *http.Request) (*http.Response, error) {
	next := l.next.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(req)
	return l.keep(resp, err)
}

func (l *listener) keep(resp *http.Response, err error) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	body, readErr := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	_ = resp.Body.Close()
	l.heard = reply{status: resp.StatusCode, after: retryAfter(resp.Header.Get("Retry-After"), time.Now()), body: string(body)}
	if readErr != nil {
		l.heard.status = 0
		return nil, fmt.Errorf("read answer: %w", readErr)
	}
	resp.Body = io.NopCloser(strings.NewReader(string(body)))
	return resp, nil
}
