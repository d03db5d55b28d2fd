package notify

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"gengfu/demo/sinks"
)

func TestWebhook_signatureVectors(t *testing.T) {
	key, err := signingKey(testSecret)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ id, stamp, body, want string }{
		{
			"msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "1674087231",
			`{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z","data":{"id":"1f81eb52-5198-4599-803e-771906343485"}}`,
			"v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ=",
		},
		{
			"evt_01J8ZK3V7Q4W0N5R2X6Y9T1B8C", "1772789400",
			`{"type":"incident.opened","timestamp":"2026-03-06T09:30:00Z","data":{"incident":"INC-2026-0042","seq":1}}`,
			"v1,JabQglLqjDKwqDakGvNC1J2jkuYq8Ja0bpSKXzbn7Ck=",
		},
	}
	for _, tc := range tests {
		if got := sign([][]byte{key}, tc.id, tc.stamp, []byte(tc.body)); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.id, got, tc.want)
		}
	}
}

func TestWebhook_verifiesWithEitherSecret(t *testing.T) {
	s, url := httpSink(t, sinks.Config{})
	cfg := webhookConfig(url + "/webhook")
	cfg.Previous = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	ch, d := rig{cfg: cfg}.queue(t, opened(), false)
	if _, err := ch.Send(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	call := s.Webhooks()[0]
	for _, secret := range []string{testSecret, cfg.Previous.Reveal()} {
		wh, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := wh.Verify([]byte(call.Body), call.Header); err != nil {
			t.Errorf("signature does not hold: %v", err)
		}
	}
	if call.ID != d.Key || !strings.HasPrefix(d.Key, "evt_") || call.Header.Get("User-Agent") != "Gengfu" || call.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("header: %v", call.Header)
	}
}

// The key stays, the time of the signature moves with the try.
func TestWebhook_signsEachTryAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sinks.New(sinks.Config{WebhookSecret: testSecret})
		deps := testDeps()
		deps.Transport = inMemory{s.Handler()}
		ch, err := New(webhookConfig("https://hook.example/webhook"), deps)
		if err != nil {
			t.Fatal(err)
		}
		_, d := rig{cfg: webhookConfig("https://hook.example/webhook")}.queue(t, opened(), false)
		for range 2 {
			if _, err := ch.Send(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
		}
		calls := s.Webhooks()
		if len(calls) != 2 || !calls[1].Verified || !calls[1].Duplicate() || calls[0].Body != calls[1].Body ||
			calls[0].Header.Get("Webhook-Timestamp") == calls[1].Header.Get("Webhook-Timestamp") {
			t.Errorf("%+v", calls)
		}
	})
}

// inMemory answers with a handler and without a network.
type inMemory struct{ http.Handler }

func (m inMemory) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	m.ServeHTTP(w, req)
	return w.Result(), nil
}

func TestWebhook_classifiesAnswers(t *testing.T) {
	tests := []struct {
		reply sinks.Reply
		want  string
	}{
		{sinks.Reply{Status: 202}, "none"},
		{sinks.Reply{Status: 204}, "none"},
		{sinks.Reply{Status: 301, Location: "/elsewhere"}, "endpoint"},
		{sinks.Reply{Status: 307, Location: "/webhook"}, "endpoint"},
		{sinks.Reply{Status: 400}, "message"},
		{sinks.Reply{Status: 401}, "endpoint"},
		{sinks.Reply{Status: 403}, "endpoint"},
		{sinks.Reply{Status: 404}, "endpoint"},
		{sinks.Reply{Status: 408}, "retry"},
		{sinks.Reply{Status: 410}, "endpoint"},
		{sinks.Reply{Status: 413}, "message"},
		{sinks.Reply{Status: 422}, "message"},
		{sinks.Reply{Status: 425}, "retry"},
		{sinks.Reply{Status: 429}, "retry"},
		{sinks.Reply{Status: 429, RetryAfter: "120"}, "later 2m0s"},
		{sinks.Reply{Status: 503, RetryAfter: "-5"}, "retry"},
		{sinks.Reply{Status: 503, RetryAfter: "99999999999"}, "later 24h0m0s"},
		{sinks.Reply{Status: 500}, "retry"},
		{sinks.Reply{Status: 502}, "ambiguous"},
		{sinks.Reply{Status: 200, Body: strings.Repeat("x", 1<<20)}, "none"},
		{sinks.Reply{Drop: true}, "ambiguous"},
	}
	s, url := httpSink(t, sinks.Config{WebhookSecret: testSecret})
	ch, d := rig{cfg: webhookConfig(url + "/webhook")}.queue(t, opened(), false)
	for _, tc := range tests {
		s.ScriptWebhook(tc.reply)
		if _, err := ch.Send(t.Context(), d); kind(err) != tc.want {
			t.Errorf("%d: %s (%v), want %s", tc.reply.Status, kind(err), err, tc.want)
		}
	}
}

func TestWebhook_retryAfterAsDate(t *testing.T) {
	now := at("17:30:00")
	for text, want := range map[string]time.Duration{
		"Fri, 06 Mar 2026 09:31:30 GMT": 90 * time.Second, "Fri, 06 Mar 2020 09:31:30 GMT": 0, "whenever": 0, "": 0, " 5 ": 5 * time.Second,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestWebhook_untrustedCertificate(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	srv.StartTLS()
	defer srv.Close()
	ch, d := rig{cfg: webhookConfig(srv.URL + "/" + canary)}.queue(t, opened(), false)
	_, err := ch.Send(t.Context(), d)
	if kind(err) != "endpoint" || strings.Contains(err.Error(), canary) {
		t.Errorf("%s: %v", kind(err), err)
	}
}

func FuzzWebhook_bodyFitsAndIsJSON(f *testing.F) {
	f.Add("标题", "cause <b>", uint8(3))
	ch, err := New(webhookConfig("https://hook.example/in"), Deps{Zone: time.UTC})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, title, text string, members uint8) {
		n := hostile()
		n.Incident.Title, n.Event.Text, n.Incident.Failure.Seen = title, text, text
		for range members {
			n.Incident.Members = append(n.Incident.Members, title)
		}
		body, _, err := ch.Render(n)
		if err != nil || len(body) >= maxWebhook {
			t.Errorf("%d bytes: %v", len(body), err)
		}
	})
}
