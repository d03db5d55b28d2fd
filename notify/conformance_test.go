package notify

import (
	"context"
	"errors"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gengfu"
	"gengfu/demo/sinks"
)

const canary = "CANARY7f3a9c"

// rig is a channel with the receiver at its other end.
type rig struct {
	cfg     Config
	sinks   *sinks.Sinks
	provoke map[string]func() // makes the next try fail in a certain way
	arrived func() []string   // what the receiver kept: all text of each message
	station *station          // of chat services
	absent  func(*Config)     // takes the receiver away, where it is no address
	held    chan struct{}     // gets a value when the receiver keeps a try hanging
}

// rigs are the channels under the suite; a new channel adds its own.
var rigs = map[string]func(*testing.T) rig{
	"webhook":  webhookRig,
	"mail":     mailRig,
	"slack":    slackRig,
	"incoming": incomingRig,

	"wecom_robot":  wecomRobotRig,
	"wecom_app":    wecomAppRig,
	"dingtalk":     dingtalkRig,
	"feishu":       feishuRig,
	"teams":        teamsRig,
	"telegram":     telegramRig,
	"pagerduty":    pagerdutyRig,
	"alertmanager": alertmanagerRig,
	"http":         gatewayRig,
	"exec":         execRig,
}

func httpSink(t *testing.T, cfg sinks.Config) (*sinks.Sinks, string) {
	t.Helper()
	s := sinks.New(cfg)
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(srv.Close)
	return s, srv.URL
}

// mailSink serves SMTP on a port of this machine until the test ends.
func mailSink(t *testing.T, cfg sinks.Config) (*sinks.Sinks, int) {
	t.Helper()
	s := sinks.New(cfg)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- s.ServeSMTP(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("serve mail: %v", err)
		}
	})
	return s, l.Addr().(*net.TCPAddr).Port
}

// holds tells a channel that a try hangs.
func holds(held chan struct{}) func() {
	return func() { held <- struct{}{} }
}

func webhookRig(t *testing.T) rig {
	held := make(chan struct{}, 9)
	s, url := httpSink(t, sinks.Config{WebhookSecret: testSecret})
	reply := func(r sinks.Reply) func() { return func() { s.ScriptWebhook(r) } }
	echo := "the key is " + canary + ", signed with " + testSecret
	return rig{
		cfg:   webhookConfig(url + "/webhook/" + canary + "?key=" + canary + "q"),
		sinks: s,
		held:  held,
		provoke: map[string]func(){
			"retry": reply(sinks.Reply{Status: 500, Body: echo}), "later": reply(sinks.Reply{Status: 429, RetryAfter: "7", Body: echo}),
			"endpoint": reply(sinks.Reply{Status: 410, Body: echo}), "message": reply(sinks.Reply{Status: 413, Body: echo}),
			"lost": reply(sinks.Reply{Drop: true}), "hang": reply(sinks.Reply{Hang: true, Held: holds(held)}),
		},
		arrived: func() (all []string) {
			for _, w := range s.Webhooks() {
				if w.Status == 200 {
					all = append(all, w.Body)
				}
			}
			return all
		},
	}
}

func mailRig(t *testing.T) rig {
	held := make(chan struct{}, 9)
	s, port := mailSink(t, sinks.Config{SMTPUser: "gengfu", SMTPPassword: canary})
	cfg := mailConfig(gengfu.Chinese)
	cfg.Host, cfg.Port, cfg.Username, cfg.Password, cfg.To = "127.0.0.1", port, "gengfu", canary, cfg.To[:1]
	rule := func(r sinks.MailRule) func() { r.Times = 1; return func() { s.ScriptMail(r) } }
	return rig{
		cfg:   cfg,
		sinks: s,
		held:  held,
		provoke: map[string]func(){
			"retry": rule(sinks.MailRule{Code: 450}), "message": rule(sinks.MailRule{Stage: sinks.AfterData, Code: 552}),
			"lost": rule(sinks.MailRule{Stage: sinks.DropAccept}), "hang": rule(sinks.MailRule{Stage: sinks.Stall, Held: holds(held)}),
		},
		arrived: func() (all []string) {
			for _, m := range s.Mails() {
				all = append(all, m.Subject+"\n"+m.Text+"\n"+m.HTML+strings.Join(m.Problems, "; "))
			}
			return all
		},
	}
}

func slackTexts(s *sinks.Sinks) func() []string {
	return func() (all []string) {
		for _, m := range s.SlackMessages() {
			all = append(all, m.Text+"\n"+m.BlockText())
		}
		return all
	}
}

func slackRig(t *testing.T) rig {
	held := make(chan struct{}, 9)
	s, url := httpSink(t, sinks.Config{SlackToken: "xoxb-" + canary, SlackChannels: []string{"C0OPS"}})
	reply := func(r sinks.Reply) func() { return func() { s.ScriptSlack(r) } }
	cfg := slackConfig(gengfu.Chinese, url+"/api")
	cfg.Token = "xoxb-" + canary
	return rig{
		cfg:   cfg,
		sinks: s,
		held:  held,
		provoke: map[string]func(){
			"retry": reply(sinks.Reply{Status: 200, Body: `{"ok":false,"error":"odd xoxb-` + canary + `"}`}), "later": reply(sinks.Reply{Status: 429, RetryAfter: "7"}),
			"endpoint": reply(sinks.Reply{Status: 200, Body: `{"ok":false,"error":"token_revoked"}`}),
			"message":  reply(sinks.Reply{Status: 200, Body: `{"ok":false,"error":"msg_too_long"}`}),
			"lost":     reply(sinks.Reply{Drop: true}), "hang": reply(sinks.Reply{Hang: true, Held: holds(held)}),
		},
		arrived: slackTexts(s),
	}
}

func incomingRig(t *testing.T) rig {
	held := make(chan struct{}, 9)
	s, url := httpSink(t, sinks.Config{})
	reply := func(r sinks.Reply) func() { return func() { s.ScriptIncoming(r) } }
	echo := "see " + url + "/services/T000/B000/" + canary
	return rig{
		cfg:   Config{Name: "room", Type: "slack", URL: gengfu.Secret(url + "/services/T000/B000/" + canary)},
		sinks: s,
		held:  held,
		provoke: map[string]func(){
			"retry": reply(sinks.Reply{Status: 200, Body: echo}), "later": reply(sinks.Reply{Status: 429, RetryAfter: "7", Body: echo}),
			"endpoint": reply(sinks.Reply{Status: 404, Body: "no_service"}), "message": reply(sinks.Reply{Status: 400, Body: "no_text"}),
			"lost": reply(sinks.Reply{Drop: true}), "hang": reply(sinks.Reply{Hang: true, Held: holds(held)}),
		},
		arrived: slackTexts(s),
	}
}

// queue renders a notice for the rig's only endpoint the way the ledger gets
// it.
func (r rig) queue(t *testing.T, n gengfu.Notice, told bool) (Channel, gengfu.Delivery) {
	t.Helper()
	channels, err := Open([]Config{r.cfg}, testDeps())
	if err != nil {
		t.Fatal(err)
	}
	router, err := NewRouter([]Route{{Name: DefaultRoute, Endpoints: []string{r.cfg.Name}}}, channels)
	if err != nil {
		t.Fatal(err)
	}
	var knows []string
	if told {
		knows = channels.Endpoints()
	}
	list, err := router.Deliveries(n, knows, n.Event.At)
	if err != nil || len(list) != 1 {
		t.Fatalf("deliveries: %d, %v", len(list), err)
	}
	ch, _ := channels.For(list[0].Endpoint)
	return ch, list[0]
}

// kind names the class of an error.
func kind(err error) string {
	var retry *RetryError
	var endpoint *EndpointError
	var message *MessageError
	switch {
	case err == nil:
		return "none"
	case errors.As(err, &endpoint):
		return "endpoint"
	case errors.As(err, &message):
		return "message"
	case errors.As(err, &retry) && retry.After > 0:
		return "later " + retry.After.String()
	case errors.As(err, &retry) && retry.Ambiguous:
		return "ambiguous"
	case errors.As(err, &retry):
		return "retry"
	}
	return "untyped"
}

// eachRig runs a test for every channel.
func eachRig(t *testing.T, test func(*testing.T, rig)) {
	for name, build := range rigs {
		t.Run(name, func(t *testing.T) { test(t, build(t)) })
	}
}

func TestChannels_deliverOnce(t *testing.T) {
	eachRig(t, func(t *testing.T, r rig) {
		ch, d := r.queue(t, opened(), false)
		if _, err := ch.Send(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		got := r.arrived()
		if len(got) != 1 || !strings.Contains(got[0], "申请人登录") || !strings.Contains(got[0], "INC-2026-0042") {
			t.Errorf("arrived: %q", got)
		}
	})
}

func TestChannels_classifyAndRedact(t *testing.T) {
	want := map[string]string{"retry": "retry", "later": "later 7s", "endpoint": "endpoint", "message": "message", "lost": "ambiguous"}
	eachRig(t, func(t *testing.T, r rig) {
		ch, d := r.queue(t, opened(), false)
		for class, kindWanted := range want {
			if r.provoke[class] == nil {
				continue
			}
			r.provoke[class]()
			_, err := ch.Send(t.Context(), d)
			if got := kind(err); got != kindWanted && (class != "retry" || got != "ambiguous") {
				t.Errorf("%s: got %s (%v)", class, got, err)
			}
			if err != nil {
				checkSecrets(t, r, err.Error())
			}
		}
		if _, err := ch.Send(t.Context(), d); err != nil {
			t.Errorf("after all that: %v", err)
		}
	})
}

func checkSecrets(t *testing.T, r rig, text string) {
	t.Helper()
	for _, s := range []string{canary, testSecret, r.cfg.Password.Reveal(), r.cfg.Token.Reveal(), "/services/", "?key="} {
		if s != "" && strings.Contains(text, s) {
			t.Errorf("error shows %q: %s", s, text)
		}
	}
}

func TestChannels_endWithTheirContext(t *testing.T) {
	eachRig(t, func(t *testing.T, r rig) {
		ch, d := r.queue(t, opened(), false)
		r.provoke["hang"]()
		ctx, cancel := context.WithCancel(t.Context())
		sent := make(chan error, 1)
		go func() {
			_, err := ch.Send(ctx, d)
			sent <- err
		}()
		select {
		case err := <-sent:
			t.Fatalf("did not hang: %v", err)
		case <-r.held:
		}
		cancel()
		if err := <-sent; kind(err) != "ambiguous" {
			t.Errorf("canceled: %s (%v)", kind(err), err)
		} else {
			checkSecrets(t, r, err.Error())
		}
	})
}

func TestChannels_giveUpInTime(t *testing.T) {
	eachRig(t, func(t *testing.T, r rig) {
		r.cfg.Timeout = 150 * time.Millisecond
		ch, d := r.queue(t, opened(), false)
		r.provoke["hang"]()
		if _, err := ch.Send(t.Context(), d); kind(err) != "ambiguous" {
			t.Errorf("timeout: %s (%v)", kind(err), err)
		} else {
			checkSecrets(t, r, err.Error())
		}
	})
}

func TestChannels_nobodyListens(t *testing.T) {
	eachRig(t, func(t *testing.T, r rig) {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		free := l.Addr().String()
		_ = l.Close()
		r.cfg.Port = l.Addr().(*net.TCPAddr).Port
		if r.cfg.URL != "" {
			r.cfg.URL = gengfu.Secret("http://" + free + "/services/" + canary + "?key=" + canary)
		}
		want := "retry"
		if r.absent != nil {
			r.absent(&r.cfg)
			want = "endpoint"
		}
		ch, d := r.queue(t, opened(), false)
		if _, err := ch.Send(t.Context(), d); kind(err) != want {
			t.Errorf("refused connection: %s (%v)", kind(err), err)
		} else {
			checkSecrets(t, r, err.Error())
		}
	})
}

// enormous is a notice in which everything is far too long.
func enormous() gengfu.Notice {
	n := opened()
	long := strings.Repeat("超长的页面文字&<>\"", 2000)
	n.Incident.Title, n.Incident.Owner, n.Incident.Target = "标题"+long, long, long
	n.Incident.Failure = &gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonExpect, Step: 2, Name: long, Want: long, Seen: long, Detail: long, Waited: time.Second}
	for range 500 {
		n.Incident.Members = append(n.Incident.Members, long)
		n.Incident.Failure.Hints = append(n.Incident.Failure.Hints, gengfu.HintMessage+long)
		n.Incident.Tags = append(n.Incident.Tags, long)
	}
	return n
}

func TestChannels_cutWhatIsTooLong(t *testing.T) {
	eachRig(t, func(t *testing.T, r rig) {
		ch, d := r.queue(t, enormous(), false)
		if _, err := ch.Send(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		got := r.arrived()
		if len(got) != 1 || !utf8.ValidString(got[0]) || !strings.Contains(got[0], "INC-2026-0042") {
			t.Fatalf("arrived: %.300q", got)
		}
		if len(d.Body) > maxWebhook*2 {
			t.Errorf("body of %d bytes", len(d.Body))
		}
	})
}

// hostile is a notice full of what must not take effect anywhere.
func hostile() gengfu.Notice {
	n := opened()
	nasty := "<!channel> <script>alert(1)</script> @all @channel <http://evil.example|click> [x](http://evil.example)\r\nBcc: everybody@example.org\r\n\r\n.\r\n\u202eevil\x00\x1b[31m\xff"
	n.Incident.Title, n.Incident.Owner, n.Incident.Runbook = nasty, nasty, "javascript:alert(1)"
	n.URL = "javascript:alert(document.cookie)"
	n.Incident.Failure = &gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonExpect, Step: 1, Name: nasty, Want: nasty, Seen: nasty, Hints: []string{gengfu.HintMessage + nasty}}
	return n
}

func TestChannels_disarmPageText(t *testing.T) {
	eachRig(t, func(t *testing.T, r rig) {
		ch, d := r.queue(t, hostile(), false)
		if _, err := ch.Send(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		got := r.arrived()
		if len(got) != 1 {
			t.Fatalf("arrived: %q", got)
		}
		for _, bad := range []string{"\u202e", "\x1b", "\x00", "href=\"javascript", "\nBcc:"} {
			if strings.Contains(got[0], bad) {
				t.Errorf("%q got through:\n%s", bad, got[0])
			}
		}
		if r.cfg.Type == "slack" {
			for _, bad := range []string{"<!channel>", "@channel", "@all", "<http://evil", "<script"} {
				if strings.Contains(got[0], bad) {
					t.Errorf("%q got through:\n%s", bad, got[0])
				}
			}
		}
		if m := r.sinks.Mails(); len(m) == 1 && (m[0].Header.Get("Bcc") != "" || strings.Contains(m[0].HTML, "<script") || len(m[0].Problems) > 0 || len(m[0].To) != 1) {
			t.Errorf("mail was broken open: %v %v %s", m[0].To, m[0].Problems, m[0].HTML)
		}
	})
}

func TestChannels_renderIsPure(t *testing.T) {
	eachRig(t, func(t *testing.T, r rig) {
		ch := open(t, r.cfg)
		for name, n := range notices() {
			first, summary := renderOf(t, ch, n)
			second, again := renderOf(t, ch, n)
			if string(first) != string(second) || summary != again || summary == "" {
				t.Errorf("%s: two renderings differ", name)
			}
		}
	})
}
