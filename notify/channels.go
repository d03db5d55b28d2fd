package notify

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"gengfu"
	"gengfu/egress"
)

// Config is one channel as the operator wrote it. Which fields count depends on
// the type; [Config.Validate] says what is missing.
type Config struct {
	Name    string // of the channel; routes refer to it
	Type    string // one of [Types]
	Lang    gengfu.Lang
	Timeout time.Duration // of one try; 0 for the type's own
	CAFile  string        // PEM file of certificates trusted besides the machine's
	Proxy   string        // for HTTP; empty for none, whatever the environment says

	URL      gengfu.Secret // webhook, Slack incoming webhook; with Token the base of Slack's API
	Secret   gengfu.Secret // webhook: signing secret, whsec_…
	Previous gengfu.Secret // webhook: the secret before, while receivers change over

	Token   gengfu.Secret // Slack: bot token
	Channel string        // Slack: channel id, with Token

	Host         string // mail, like all that follows
	Port         int    // 0 for the usual port of TLS
	TLS          string // starttls (the default, and then required), implicit or none
	Username     string
	Password     gengfu.Secret
	From         string // address, with or without a name
	To           []string
	SubjectState bool // puts the state into the subject, at the price of threads in some programs

	PerMinute   int                      // messages to an endpoint; 0 for what the service takes, which it may not exceed
	Format      string                   // webhook: cloudevents; wecom_robot: text
	Keyword     string                   // dingtalk, feishu: a word that the robot asks for in every message
	CorpID      string                   // wecom_app
	AgentID     int                      // wecom_app
	Method      string                   // http: POST unless given
	ContentType string                   // http: decides how texts are escaped; application/json unless given
	Header      map[string]gengfu.Secret // http
	Body        string                   // http: template of the body, of the query with GET
	MaxBytes    int                      // http: what .Short is cut to; 0 for 210, three SMS of Chinese
	Success     map[string]string        // http: fields of the JSON answer, by dotted path, and what they are when it was taken
	Command     []string                 // exec: absolute path of a program, and its arguments
}

// Deps are what channels need besides their configuration; the zero value
// works.
type Deps struct {
	Zone      *time.Location          // of the times in messages; nil for the machine's
	Instance  string                  // names this prober in List-Id; empty for the sender's domain
	UserAgent string                  // of HTTP calls; empty for Gengfu
	RunURL    func(run string) string // address of a run's page; nil for none
	Egress    egress.Policy           // where HTTP calls may go
	Transport http.RoundTripper       // takes the place of the network, for tests; nil for the network
}

// channelType is what there is to know of a type before one is made.
type channelType struct {
	check func(Config) []string // mistakes: the field, what was found, what is wanted
	open  func(Config, Deps, style, layouts) (Channel, error)
}

// types is the table that a new channel adds its line to.
var types = map[string]channelType{
	"webhook": {checkWebhook, openWebhook},
	"mail":    {checkMail, openMail},
	"slack":   {checkSlack, openSlack},

	"wecom_robot":  {checkWecomRobot, openCaller(newWecomRobot)},
	"wecom_app":    {checkWecomApp, openCaller(newWecomApp)},
	"dingtalk":     {checkDingtalk, openCaller(newDingtalk)},
	"feishu":       {checkFeishu, openCaller(newFeishu)},
	"teams":        {checkTeams, openCaller(newTeams)},
	"telegram":     {checkTelegram, openCaller(newTelegram)},
	"pagerduty":    {checkPagerduty, openCaller(newPagerduty)},
	"alertmanager": {checkAlertmanager, openCaller(newAlertmanager)},
	"http":         {checkGateway, openCaller(newGateway)},
	"exec":         {checkProgram, openProgram},
}

// Types are the channel types there are, in order.
func Types() []string { return slices.Sorted(maps.Keys(types)) }

// Validate reports everything that keeps the channel from being made. Each
// mistake names the channel, the field and the remedy, never a secret.
func (c Config) Validate() error {
	var found []string
	if c.Name == "" || strings.ContainsAny(c.Name, "/ \t\r\n") {
		found = append(found, fmt.Sprintf("name: %q is no name, want one word without a slash", c.Name))
	}
	if !slices.Contains([]gengfu.Lang{"", gengfu.Chinese, gengfu.English}, c.Lang) {
		found = append(found, fmt.Sprintf("lang: unknown language %q, want zh-CN or en", c.Lang))
	}
	if c.Timeout < 0 || c.Timeout > maxTry {
		found = append(found, fmt.Sprintf("timeout: %s is out of range, want at most %s", c.Timeout, maxTry))
	}
	if t, ok := types[c.Type]; ok {
		found = append(found, t.check(c)...)
	} else {
		found = append(found, fmt.Sprintf("type: unknown type %q, want one of %s", c.Type, strings.Join(Types(), ", ")))
	}
	var errs []error
	for _, f := range found {
		errs = append(errs, fmt.Errorf("channel %q: %s: %w", c.Name, f, gengfu.ErrInvalid))
	}
	return errors.Join(errs...)
}

// New makes the channel that cfg describes. Nothing is connected to before the
// first message.
func New(cfg Config, deps Deps) (Channel, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Lang == "" {
		cfg.Lang = gengfu.Chinese
	}
	if deps.Zone == nil {
		deps.Zone = time.Local
	}
	if deps.UserAgent == "" {
		deps.UserAgent = "Gengfu"
	}
	look, err := parseLayouts()
	if err != nil {
		return nil, err
	}
	ch, err := types[cfg.Type].open(cfg, deps, style{lang: cfg.Lang, zone: deps.Zone, run: deps.RunURL}, look)
	if err != nil {
		return nil, fmt.Errorf("open channel %q: %w", cfg.Name, err)
	}
	return &guarded{Channel: ch, redact: redactor(cfg)}, nil
}

// Channels are the channels of a configuration; they do not change.
type Channels struct {
	byName     map[string]Channel
	byEndpoint map[string]Channel
	endpoints  []string
	anybody    []string // names of channels that reach whoever is named
}

// Open makes every channel of a configuration, or reports all that is wrong
// with it.
func Open(cfgs []Config, deps Deps) (Channels, error) {
	named := map[string]Channel{}
	var names []string
	var errs []error
	for _, cfg := range cfgs {
		if _, twice := named[cfg.Name]; twice {
			errs = append(errs, fmt.Errorf("channel %q: name: is used twice, want names that differ: %w", cfg.Name, gengfu.ErrInvalid))
			continue
		}
		ch, err := New(cfg, deps)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		named[cfg.Name] = ch
		names = append(names, cfg.Name)
	}
	if err := errors.Join(errs...); err != nil {
		return Channels{}, err
	}
	return collect(names, named).open(cfgs), nil
}

func collect(names []string, named map[string]Channel) Channels {
	cs := Channels{byName: named, byEndpoint: map[string]Channel{}}
	for _, name := range names {
		for _, ep := range named[name].Endpoints() {
			cs.byEndpoint[ep] = named[name]
			cs.endpoints = append(cs.endpoints, ep)
		}
	}
	return cs
}

// For returns the channel that reaches an endpoint.
func (cs Channels) For(endpoint string) (Channel, bool) {
	ch, ok := cs.byEndpoint[endpoint]
	if !ok {
		return cs.guest(endpoint)
	}
	return ch, ok
}

// Endpoints are all endpoints, in the order of the configuration.
func (cs Channels) Endpoints() []string { return slices.Clone(cs.endpoints) }

// NameOf is the name of the channel that an endpoint belongs to.
func (cs Channels) NameOf(endpoint string) string {
	if _, ok := cs.byName[endpoint]; ok {
		return endpoint
	}
	name, _, _ := strings.Cut(endpoint, "/")
	return name
}

// expand turns the name of a channel or of one endpoint into endpoints; false
// when there is neither.
func (cs Channels) expand(name string) ([]string, bool) {
	if ch, ok := cs.byName[name]; ok {
		return ch.Endpoints(), true
	}
	_, ok := cs.byEndpoint[name]
	return []string{name}, ok
}

// render makes the body and the summary of a notice; when that fails, those of
// what is left of it without its details.
func render(ch Channel, n gengfu.Notice) (body []byte, summary string, err error) {
	body, summary, err = ch.Render(n)
	if err == nil {
		return body, summary, nil
	}
	body, summary, again := ch.Render(bare(n))
	if again != nil {
		return nil, "", err
	}
	return body, summary, nil
}

// redactor knows everything in a configuration that must not be seen, and the
// forms it takes on the wire.
func redactor(cfg Config) gengfu.Redactor {
	secrets := slices.AppendSeq([]gengfu.Secret{cfg.URL, cfg.Secret, cfg.Previous, cfg.Token, cfg.Password}, maps.Values(cfg.Header))
	for _, s := range []gengfu.Secret{cfg.Secret, cfg.Previous} {
		secrets = append(secrets, gengfu.Secret(strings.TrimPrefix(strings.TrimPrefix(s.Reveal(), secretPrefix), privatePrefix)))
	}
	secrets = append(secrets, addressSecrets(cfg.URL.Reveal())...)
	secrets = append(secrets, addressSecrets(cfg.Proxy)...)
	if cfg.Password != "" {
		secrets = append(secrets, gengfu.Secret("\x00"+cfg.Username+"\x00"+cfg.Password.Reveal()))
	}
	return gengfu.Redactor{}.With(secrets...)
}
