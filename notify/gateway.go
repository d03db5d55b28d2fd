package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"gengfu"
)

// gateway is any service that takes HTTP calls: the gateways for SMS, local
// messengers. What it is sent is a template of the operator's.
type gateway struct {
	cfg  Config
	form form
}

const (
	gatewayShort = 210    // bytes of .Short: 70 characters of Chinese, one SMS
	gatewayText  = 4000   // bytes of .Text
	gatewayBody  = 20_000 // bytes of a body
	typeJSON     = "application/json"
	typeForm     = "application/x-www-form-urlencoded"
	typeText     = "text/plain"
)

func checkGateway(c Config) []string {
	found := checkPace(c, 6000)
	if wrong := checkAddress(c.URL); wrong != "" {
		found = append(found, wrong)
	}
	if !slices.Contains([]string{"", http.MethodGet, http.MethodPost, http.MethodPut}, c.Method) {
		found = append(found, fmt.Sprintf("method: unknown method %q, want GET, POST or PUT", c.Method))
	}
	if !slices.Contains([]string{"", typeJSON, typeForm, typeText}, c.ContentType) {
		found = append(found, fmt.Sprintf("content_type: unknown type %q, want %s, %s or %s", c.ContentType, typeJSON, typeForm, typeText))
	}
	if c.MaxBytes < 0 || c.MaxBytes > gatewayText {
		found = append(found, fmt.Sprintf("max_bytes: %d is out of range, want at most %d", c.MaxBytes, gatewayText))
	}
	if c.Body == "" {
		found = append(found, "body: is missing, want a template such as {\"mobile\":\"{{.To}}\",\"text\":\"{{.Short}}\"}")
	} else if f, err := parseForm(c); err != nil {
		found = append(found, "body: "+err.Error())
	} else if text, err := f.fill(gatewayFacts{}); err != nil {
		found = append(found, "body: "+err.Error())
	} else if f.kind == typeJSON && !json.Valid([]byte(text)) {
		found = append(found, "body: is no JSON when it is filled in, want quotes around each {{…}}")
	}
	for _, to := range c.To {
		if to == "" || strings.ContainsAny(to, " \t\r\n") {
			found = append(found, fmt.Sprintf("to: %q is no recipient, want one word for each", to))
		}
	}
	return found
}

func newGateway(cfg Config) service {
	cfg.Method = cmp.Or(cfg.Method, http.MethodPost)
	f, _ := parseForm(cfg) // was parsed by the check
	return &gateway{cfg, f}
}

// limits are the operator's, else one in six seconds.
func (g *gateway) limits() Limits {
	if g.cfg.PerMinute > 0 {
		return Limits{PerSecond: float64(g.cfg.PerMinute) / 60, Burst: 5}
	}
	return Limits{PerSecond: 1.0 / 6, Burst: 3}
}

// gatewayFacts are what templates may use; every text is clean and in the
// channel's language.
type gatewayFacts struct {
	To       string // recipient
	Short    string // first line, cut to max_bytes
	Lead     string // first line
	Text     string // the whole message
	Incident string // number
	Event    string // kind of event
	State    string
	Grade    string
	Title    string
	Target   string
	URL      string // page of the incident
}

func (g *gateway) write(m message, n gengfu.Notice) (parcel, error) {
	data := describe(n, g.cfg.Lang)
	facts := gatewayFacts{
		Short: cut(m.Lead, cmp.Or(g.cfg.MaxBytes, gatewayShort)), Lead: cut(m.Lead, gatewayText), Text: plainMarkup().lay(m, gatewayText),
		Incident: data.Incident, Event: string(n.Event.Kind), State: data.State, Grade: data.Grade, Title: data.Title, Target: data.Target,
	}
	if webAddress(n.URL) {
		facts.URL = n.URL
	}
	whole := map[string]string{}
	for _, to := range g.recipients() {
		facts.To = to
		text, err := g.form.fill(facts)
		if err != nil {
			return parcel{}, err
		}
		whole[to] = text
	}
	return pack(whole, nil)
}

// recipients are those of the configuration, or one without a name.
func (g *gateway) recipients() []string {
	if len(g.cfg.To) == 0 {
		return []string{""}
	}
	return g.cfg.To
}

func (g *gateway) deliver(ctx context.Context, call carrier, content json.RawMessage, d gengfu.Delivery) (string, error) {
	var whole map[string]string
	if err := json.Unmarshal(content, &whole); err != nil {
		return "", &MessageError{Err: err}
	}
	_, to, _ := strings.Cut(d.Endpoint, "/")
	text, ok := whole[to]
	if !ok {
		return "", &MessageError{Err: errors.New("the stored message is not for this recipient")}
	}
	// Not called Idempotency-Key: by that name net/http would repeat calls of its own.
	header := http.Header{"X-Gengfu-Key": {d.Key}}
	for name, value := range g.cfg.Header {
		header.Set(name, value.Reveal())
	}
	address, body := g.cfg.URL.Reveal(), []byte(text)
	if g.cfg.Method == http.MethodGet {
		joint := "?"
		if strings.Contains(address, "?") {
			joint = "&"
		}
		address, body = address+joint+text, nil
		header.Set("Connection", "close") // and so it does with GET on a connection that it uses again
	} else {
		header.Set("Content-Type", g.form.kind+"; charset=utf-8")
	}
	answer, err := call(ctx, g.cfg.Method, address, header, body)
	if err != nil {
		return "", err
	}
	if err := statusError(answer); err != nil {
		return "", err
	}
	return "", g.succeeded(answer)
}

// succeeded looks for the words that the gateway says when it took a message.
func (g *gateway) succeeded(answer reply) error {
	if len(g.cfg.Success) == 0 {
		return nil
	}
	var said any
	dec := json.NewDecoder(strings.NewReader(answer.body))
	dec.UseNumber()
	if dec.Decode(&said) != nil {
		return unreadable(answer)
	}
	for _, path := range slices.Sorted(maps.Keys(g.cfg.Success)) {
		if got := field(said, path); got != g.cfg.Success[path] {
			return &RetryError{Err: fmt.Errorf("answered %s = %q, want %q: %s", path, clean(got, maxName), g.cfg.Success[path], clean(answer.body, maxReason/2))}
		}
	}
	return nil
}

// field is a value of a JSON document as text, "" when it is not there.
func field(doc any, path string) string {
	for name := range strings.SplitSeq(path, ".") {
		m, ok := doc.(map[string]any)
		if !ok || m[name] == nil {
			return ""
		}
		doc = m[name]
	}
	return fmt.Sprint(doc)
}
