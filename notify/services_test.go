package notify

import (
	"crypto/ed25519"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"gengfu"
	"gengfu/demo/sinks"
)

func TestServices_signatureVectors(t *testing.T) {
	got := signDingtalk("1700000000000", "SECthis-is-a-test-secret")
	if got != "IRZT287QybIa2F/xrEkTcyuBS3Hp0ycAceupV5IhA5s=" || url.QueryEscape(got) != "IRZT287QybIa2F%2FxrEkTcyuBS3Hp0ycAceupV5IhA5s%3D" {
		t.Errorf("dingtalk: %s", got)
	}
	if got := signFeishu("1700000000", "this-is-a-test-secret"); got != "d7BfrFte9SHf0t5aQQHVH+TOd89Jqd1rTxHBnTG5s/w=" {
		t.Errorf("feishu: %s", got)
	}
	key, err := privateKey("whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
	if err != nil {
		t.Fatal(err)
	}
	body := `{"type":"incident.opened","timestamp":"2026-03-06T09:30:00Z","data":{"incident":"INC-2026-0042","seq":1}}`
	want := "v1a,Iovx0kbNLH6SzfoFRHgSF4vf6GQbmQIQQOHvjn3VQLuCMLCS/RhJ14ENCmnWBlv311JvWoPpHlfTiBaTAwnWBQ=="
	if got := signPrivately([]ed25519.PrivateKey{key}, "evt_01J8ZK3V7Q4W0N5R2X6Y9T1B8C", "1772789400", []byte(body)); got != want {
		t.Errorf("v1a: %s", got)
	}
}

// Both active keys sign, of whatever kind, and the headers of CloudEvents come
// on top.
func TestWebhook_twoKindsOfKeys(t *testing.T) {
	s, address := httpSink(t, sinks.Config{WebhookSecret: testSecret})
	cfg := webhookConfig(address + "/webhook")
	cfg.Secret, cfg.Previous, cfg.Format = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", testSecret, "cloudevents"
	ch, d := rig{cfg: cfg}.queue(t, opened(), false)
	if _, err := ch.Send(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	header := s.Webhooks()[0].Header
	signatures := strings.Fields(header.Get("Webhook-Signature"))
	if !s.Webhooks()[0].Verified || len(signatures) != 2 || !strings.HasPrefix(signatures[1], "v1a,") {
		t.Errorf("signatures: %q", signatures)
	}
	want := map[string]string{
		"ce-specversion": "1.0", "ce-id": d.Key, "ce-type": "gengfu.incident.opened", "ce-source": "/gengfu/", "ce-subject": "INC-2026-0042", "ce-time": "2026-03-06T09:30:12.000Z",
	}
	for name, value := range want {
		if got := header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

// What pages say has no effect in any chat.
func TestServices_disarmMarkup(t *testing.T) {
	for _, name := range []string{"wecom_robot", "wecom_app", "dingtalk", "feishu", "teams", "telegram"} {
		t.Run(name, func(t *testing.T) {
			r := rigs[name](t)
			ch, d := r.queue(t, hostile(), false)
			if _, err := ch.Send(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			for _, bad := range []string{"<script", "](http://evil", "@all", "@channel", "<!channel", "<http://", "http://evil", "javascript:alert(document"} {
				if strings.Contains(r.arrived()[0], bad) {
					t.Errorf("%q got through:\n%s", bad, r.arrived()[0])
				}
			}
		})
	}
}

func TestWecomApp_renewsItsToken(t *testing.T) {
	r := wecomAppRig(t)
	ch, d := r.queue(t, opened(), false)
	for range 2 {
		if _, err := ch.Send(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(r.station.tokens()); n != 1 {
		t.Errorf("asked %d times for a token, want 1", n)
	}
	for _, code := range []int{40014, 42001} {
		r.station.play(codeReply(code))()
		if _, err := ch.Send(t.Context(), d); err != nil {
			t.Errorf("after %d: %v", code, err)
		}
	}
	if n := len(r.station.tokens()); n != 3 {
		t.Errorf("asked %d times for a token, want 3", n)
	}
	if n := len(r.arrived()); n != 4 {
		t.Errorf("%d messages arrived, want 4", n)
	}
}

func TestWecomApp_reportsAStranger(t *testing.T) {
	r := wecomAppRig(t)
	r.cfg.To = []string{"nobody"}
	ch, d := r.queue(t, opened(), false)
	if _, err := ch.Send(t.Context(), d); kind(err) != "endpoint" {
		t.Errorf("%v", err)
	}
}

func TestTelegram_followsAMovedGroup(t *testing.T) {
	r := telegramRig(t)
	r.cfg.Channel = "-100"
	ch, d := r.queue(t, opened(), false)
	d.Thread = "17"
	if ref, err := ch.Send(t.Context(), d); err != nil || ref != "17" {
		t.Fatalf("%q, %v", ref, err)
	}
	if n := len(r.station.calls); n != 2 || pick(r.station.calls[1].doc, "reply_parameters", "message_id") != 17.0 {
		t.Errorf("%d calls, %v", n, r.station.calls[1].doc)
	}
}

// A message that is refused for its form goes out in plain words.
func TestServices_fallBackToPlainText(t *testing.T) {
	refusals := map[string]sinks.Reply{
		"wecom_robot": codeReply(40058), "wecom_app": codeReply(45002), "dingtalk": codeReply(460101), "feishu": codeReply(9499),
		"teams": {Status: 413, Body: "too large"}, "telegram": {Status: 400, Body: `{"ok":false,"error_code":400,"description":"can't parse entities"}`},
	}
	for name, refusal := range refusals {
		t.Run(name, func(t *testing.T) {
			r := rigs[name](t)
			ch, d := r.queue(t, opened(), false)
			r.station.play(refusal)()
			if _, err := ch.Send(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			if got := r.arrived(); len(got) != 1 || !strings.Contains(got[0], "INC-2026-0042") || strings.Contains(got[0], "**") {
				t.Errorf("%q", got)
			}
			r.station.play(refusal)()
			r.station.play(refusal)()
			if _, err := ch.Send(t.Context(), d); kind(err) != "message" {
				t.Errorf("refused twice: %v", err)
			}
		})
	}
}

func TestServices_heedRateLimits(t *testing.T) {
	for name, want := range map[string]struct {
		code  int
		after string
	}{"wecom_robot": {45009, "later 1m0s"}, "dingtalk": {130101, "later 10m0s"}, "feishu": {11232, "later 1m0s"}} {
		r := rigs[name](t)
		ch, d := r.queue(t, opened(), false)
		r.station.play(codeReply(want.code))()
		if _, err := ch.Send(t.Context(), d); kind(err) != want.after {
			t.Errorf("%s: %s", name, kind(err))
		}
	}
}

// The dispatcher's bucket, at the channel's limits, never exceeds what the
// service documents in any window, even right after a start.
func TestServices_stayBelowDocumentedRates(t *testing.T) {
	documented := map[string][]struct {
		count  int
		window time.Duration
	}{
		"wecom_robot": {{20, time.Minute}}, "wecom_app": {{30, time.Minute}, {1000, time.Hour}}, "dingtalk": {{20, time.Minute}},
		"feishu": {{5, time.Second}, {100, time.Minute}}, "teams": {{4, time.Second}}, "telegram": {{20, time.Minute}}, "pagerduty": {{120, time.Minute}},
	}
	for name, rules := range documented {
		limits := open(t, rigs[name](t).cfg).Limits()
		synctest.Test(t, func(t *testing.T) {
			bucket := rate.NewLimiter(rate.Limit(limits.PerSecond), limits.Burst)
			var sent []time.Time
			for range 1500 {
				if err := bucket.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				sent = append(sent, time.Now())
			}
			for _, rule := range rules {
				for i := rule.count; i < len(sent); i++ {
					if sent[i].Sub(sent[i-rule.count]) < rule.window {
						t.Fatalf("%s: more than %d in %s", name, rule.count, rule.window)
					}
				}
			}
		})
	}
}

func TestPagerduty_followsTheIncident(t *testing.T) {
	r := pagerdutyRig(t)
	var actions, keys []string
	for _, name := range []string{"opened", "acked", "resolved", "closed"} {
		ch, d := r.queue(t, notices()[name], true)
		if _, err := ch.Send(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		doc := r.station.calls[len(r.station.calls)-1].doc
		actions, keys = append(actions, textAt(doc, "event_action")), append(keys, textAt(doc, "dedup_key"))
	}
	if !slices.Equal(actions, []string{"trigger", "acknowledge", "resolve", "resolve"}) || len(slices.Compact(keys)) != 1 {
		t.Errorf("%v, keys %v", actions, keys)
	}
}

func TestGateway_closedTemplates(t *testing.T) {
	_, base := newStation(t, judgeGateway)
	for body, want := range map[string]string{
		`{{printf "%s" .To}}`: "calls printf", `{{call .To}}`: "calls call", `{{range .To}}x{{end}}`: "uses", `{{.Nothing}}`: "Nothing",
		`{{template "x"}}`: "x", `{{`: "body", `{"a":{{.To}}}`: "no JSON", `{{define "x"}}{{end}}`: "", `{{html .To}}`: "calls html", `{{with .To}}{{.}}{{end}}`: "uses",
	} {
		err := Config{Name: "sms", Type: "http", URL: gengfu.Secret(base), Body: body}.Validate()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
	r := gatewayRig(t)
	r.cfg.Method, r.cfg.Body = "GET", "mobile={{.To}}&text={{.Title | cut 12 | upper}}&flag={{if eq .Event `opened`}}1{{end}}"
	r.cfg.Success = nil
	n := opened()
	n.Incident.Title = "a&b=c d%"
	ch, d := r.queue(t, n, false)
	if _, err := ch.Send(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	call := r.station.calls[0]
	if call.query.Get("text") != "A&B=C D%" || call.query.Get("mobile") != "13800000000" || call.query.Get("flag") != "1" || len(call.body) != 0 {
		t.Errorf("%s", call.URL)
	}
}

// What each service is sent of an opening and an end, and what of it is left
// in plain words.
func TestGolden_services(t *testing.T) {
	for name, build := range rigs {
		if name == "mail" || name == "slack" || name == "incoming" || name == "webhook" || name == "exec" {
			continue
		}
		r := build(t)
		for _, lang := range []gengfu.Lang{gengfu.Chinese, gengfu.English} {
			r.cfg.Lang = lang
			ch := open(t, r.cfg)
			for _, event := range []string{"opened", "resolved"} {
				body, _ := renderOf(t, ch, notices()[event])
				golden(t, event+"."+string(lang)+"."+name+".json", indented(t, body))
			}
		}
	}
}
