package notify

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"gengfu"
)

// webhook posts JSON signed after Standard Webhooks 1.0.
type webhook struct {
	cfg    Config
	style  style
	agent  string
	client *http.Client
	keys   [][]byte // that sign, the present one first
	pairs  []ed25519.PrivateKey
	from   string // instance, of CloudEvents
}

const (
	secretPrefix   = "whsec_"
	webhookTimeout = 20 * time.Second
	maxWebhook     = 20_000    // bytes of a body, after the standard's advice
	maxPicture     = 256 << 10 // bytes of a picture that goes with a message
	minSecretBytes = 24        // of the signing key, after the standard
)

func checkWebhook(c Config) []string {
	var found []string
	if wrong := checkAddress(c.URL); wrong != "" {
		found = append(found, wrong)
	}
	for _, s := range []struct {
		field string
		value gengfu.Secret
	}{{"secret", c.Secret}, {"previous", c.Previous}} {
		if err := checkSecret(s.value); s.value != "" && err != nil {
			found = append(found, s.field+": "+err.Error())
		}
	}
	if c.Secret == "" && c.Previous != "" {
		found = append(found, "secret: is missing, want the present secret beside the previous one")
	}
	if c.Format != "" && c.Format != "cloudevents" {
		found = append(found, "format: is unknown, want cloudevents, or none for Standard Webhooks alone")
	}
	return found
}

// signingKey decodes a secret; its errors do not repeat it.
func signingKey(secret gengfu.Secret) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret.Reveal(), secretPrefix))
	if err != nil || len(key) < minSecretBytes {
		return nil, fmt.Errorf("is not a signing secret, want %s and at least %d bytes in base64", secretPrefix, minSecretBytes)
	}
	return key, nil
}

func openWebhook(cfg Config, deps Deps, look style, _ layouts) (Channel, error) {
	client, err := httpClient(cfg, deps)
	if err != nil {
		return nil, err
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = webhookTimeout
	}
	w := &webhook{cfg: cfg, style: look, agent: deps.UserAgent, client: client, from: deps.Instance}
	for _, secret := range []gengfu.Secret{cfg.Secret, cfg.Previous} {
		if secret == "" {
			continue
		}
		if strings.HasPrefix(secret.Reveal(), privatePrefix) {
			pair, err := privateKey(secret)
			if err != nil {
				return nil, err
			}
			w.pairs = append(w.pairs, pair)
			continue
		}
		key, err := signingKey(secret)
		if err != nil {
			return nil, err
		}
		w.keys = append(w.keys, key)
	}
	return w, nil
}

// Endpoints is the channel itself.
func (w *webhook) Endpoints() []string { return []string{w.cfg.Name} }

// Limits leave room for a storm; machines read fast.
func (w *webhook) Limits() Limits { return Limits{PerSecond: 10, Burst: 10, Updates: true, Each: true} }

// Send posts the stored body under the delivery's key, signed at this moment.
func (w *webhook) Send(ctx context.Context, d gengfu.Delivery) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	header := http.Header{
		"Content-Type":      {"application/json; charset=utf-8"},
		"User-Agent":        {w.agent},
		"Webhook-Id":        {d.Key},
		"Webhook-Timestamp": {stamp},
	}
	if len(w.keys)+len(w.pairs) > 0 {
		header.Set("Webhook-Signature", strings.TrimSpace(sign(w.keys, d.Key, stamp, d.Body)+" "+signPrivately(w.pairs, d.Key, stamp, d.Body)))
	}
	if w.cfg.Format == "cloudevents" {
		asCloudEvent(header, w.from, d)
	}
	answer, err := post(ctx, w.client, w.cfg.URL.Reveal(), header, d.Body)
	if err != nil {
		return "", err
	}
	return "", statusError(answer)
}

// sign lists one v1 signature for each key, so that receivers may change their
// secret at their leisure.
func sign(keys [][]byte, id, stamp string, body []byte) string {
	var all []string
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		_, _ = fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body) // a hash takes everything
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, " ")
}

// webhookBody is what receivers get. Fields are only ever added.
type webhookBody struct {
	Type      string      `json:"type"`      // incident. and the kind of event
	Timestamp string      `json:"timestamp"` // of the event
	Data      webhookData `json:"data"`
}

type webhookData struct {
	Incident    string            `json:"incident"`
	Seq         int               `json:"seq"`
	State       string            `json:"state"`
	Grade       string            `json:"grade"`
	Scope       string            `json:"scope"` // key of the incident
	Target      string            `json:"target"`
	Title       string            `json:"title"`
	Class       string            `json:"class"`  // fault, empty when there is none
	Reason      string            `json:"reason"` // machine name of what went wrong
	Step        int               `json:"step"`   // 0 when before the first
	Cause       map[string]string `json:"cause"`  // by language
	Hints       []string          `json:"hints"`
	ImpactStart *string           `json:"impact_start"` // times are RFC 3339, null until known
	DetectedAt  *string           `json:"detected_at"`
	AckedAt     *string           `json:"acked_at"`
	ResolvedAt  *string           `json:"resolved_at"`
	ClosedAt    *string           `json:"closed_at"`
	Relapses    int               `json:"relapses"`
	Members     []string          `json:"members"`
	MemberCount int               `json:"member_count"` // more than are listed, when very many
	Tags        []string          `json:"tags"`
	Owner       string            `json:"owner"`
	Assignee    string            `json:"assignee"`
	Actor       string            `json:"actor"`
	Text        string            `json:"text"`
	Run         string            `json:"run"`
	URL         string            `json:"url"`
	Runbook     string            `json:"runbook"`
	Picture     []byte            `json:"picture,omitempty"` // PNG in base64, of attend messages
}

// Render makes the JSON body, in both languages where there are sentences.
func (w *webhook) Render(n gengfu.Notice) ([]byte, string, error) {
	data := describe(n, w.style.lang)
	limit := maxWebhook
	if len(n.Picture) > 0 && len(n.Picture) <= maxPicture {
		data.Picture, limit = n.Picture, maxWebhook+2*maxPicture
	}
	for _, keep := range []int{100, 20, 0} {
		data.Members = names(n.Incident.Members, keep)
		data.Tags = names(n.Incident.Tags, keep)
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(webhookBody{Type: "incident." + string(n.Event.Kind), Timestamp: *moment(n.Event.At), Data: data}); err != nil {
			return nil, "", fmt.Errorf("encode webhook: %w", err)
		}
		if body := bytes.TrimSpace(b.Bytes()); len(body) < limit {
			return body, w.style.lead(n), nil
		}
	}
	return nil, "", fmt.Errorf("encode webhook: over %d bytes", maxWebhook)
}

func describe(n gengfu.Notice, lang gengfu.Lang) webhookData {
	inc, ev := n.Incident, n.Event
	d := webhookData{
		Incident: clean(inc.Number, maxName), Seq: ev.Seq, State: string(inc.State), Grade: string(inc.Grade), Scope: clean(inc.Key, maxTitle),
		Target: clean(inc.Target, maxName), Title: clean(inc.Title, maxTitle), Cause: map[string]string{}, Hints: []string{},
		ImpactStart: known(inc.ImpactStart), DetectedAt: known(inc.Opened), AckedAt: known(inc.Acked), ResolvedAt: known(inc.Resolved), ClosedAt: known(inc.Closed),
		Relapses: inc.Reopened, MemberCount: len(inc.Members), Owner: clean(inc.Owner, maxName), Assignee: clean(inc.Assignee, maxName),
		Actor: clean(ev.Actor, maxName), Text: clean(gengfu.Say(ev.Text, lang), maxCause), Run: clean(runOf(n), maxTitle), URL: cut(n.URL, maxAddress), Runbook: clean(inc.Runbook, maxAddress),
	}
	f := failureOf(n)
	if f == nil {
		return d
	}
	d.Class, d.Reason, d.Step = string(f.Fault), string(f.Reason), f.Step
	for _, lang := range []gengfu.Lang{gengfu.Chinese, gengfu.English} {
		d.Cause[string(lang)] = clean(f.Cause(lang), maxCause)
	}
	for _, h := range f.Hints[:min(len(f.Hints), maxHints)] {
		d.Hints = append(d.Hints, clean(h, maxHint))
	}
	return d
}

func names(all []string, limit int) []string {
	list := []string{}
	for _, name := range all[:min(len(all), limit)] {
		list = append(list, clean(name, maxName))
	}
	return list
}

// known is a moment, or nil when there is none.
func known(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return moment(t)
}

func moment(t time.Time) *string {
	text := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &text
}
