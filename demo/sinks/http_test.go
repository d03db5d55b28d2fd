package sinks_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"gengfu/demo/sinks"
)

var update = flag.Bool("update", false, "write golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func open(t *testing.T, cfg sinks.Config) (*sinks.Sinks, string) {
	t.Helper()
	s := sinks.New(cfg)
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(srv.Close)
	return s, srv.URL
}

func send(ctx context.Context, url, body string, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if header != nil {
		req.Header = header
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err == nil {
		defer func() { _ = resp.Body.Close() }()
	}
	return resp, err
}

func signed(t *testing.T, id, body string, at time.Time) http.Header {
	t.Helper()
	wh, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := wh.Sign(id, at, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	stamp, _ := json.Marshal(at.Unix())
	return http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {string(stamp)}, "Webhook-Signature": {sig}}
}

func TestWebhook_verifiesAndCountsRepeats(t *testing.T) {
	s, url := open(t, sinks.Config{WebhookSecret: secret})
	body := `{"type":"incident.opened"}`
	good := signed(t, "evt_1", body, time.Now())
	old := signed(t, "evt_2", body, time.Now().Add(-10*time.Minute))
	forged := signed(t, "evt_3", body+" ", time.Now())
	var statuses []int
	for _, header := range []http.Header{good, good, old, forged, nil} {
		resp, err := send(t.Context(), url+"/webhook/oa", body, header)
		if err != nil {
			t.Fatal(err)
		}
		statuses = append(statuses, resp.StatusCode)
	}
	if diff := cmp.Diff([]int{200, 200, 401, 401, 401}, statuses); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	type seen struct {
		ID       string
		Verified bool
		Times    int
		Problem  bool
	}
	var got []seen
	for _, call := range s.Webhooks() {
		got = append(got, seen{call.ID, call.Verified, call.Times, call.Problem != ""})
	}
	want := []seen{{"evt_1", true, 1, false}, {"evt_1", true, 2, false}, {"evt_2", false, 1, true}, {"evt_3", false, 1, true}, {"", false, 1, true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if first := s.Webhooks()[0]; first.Body != body || first.Path != "/webhook/oa" || first.Duplicate() {
		t.Errorf("first call: %+v", first)
	}
}

func TestWebhook_playsItsScript(t *testing.T) {
	s, url := open(t, sinks.Config{})
	s.ScriptWebhook(
		sinks.Reply{Status: 503, RetryAfter: "7"}, sinks.Reply{Status: 410}, sinks.Reply{Status: 307, Location: "/elsewhere"},
		sinks.Reply{Hang: true}, sinks.Reply{Drop: true},
	)
	check := func(status int, header, value string) {
		t.Helper()
		resp, err := send(t.Context(), url+"/webhook", "{}", nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != status || resp.Header.Get(header) != value {
			t.Errorf("got %d %q, want %d %q", resp.StatusCode, resp.Header.Get(header), status, value)
		}
	}
	check(503, "Retry-After", "7")
	check(410, "Retry-After", "")
	check(307, "Location", "/elsewhere")

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := send(ctx, url+"/webhook", "{}", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("hanging call: %v", err)
	}
	if _, err := send(t.Context(), url+"/webhook", "{}", nil); err == nil {
		t.Error("dropped call got an answer")
	}
	check(200, "Retry-After", "")
	var statuses []int
	for _, call := range s.Webhooks() {
		statuses = append(statuses, call.Status)
	}
	if diff := cmp.Diff([]int{503, 410, 307, 0, 0, 200}, statuses); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

func TestWait(t *testing.T) {
	s, url := open(t, sinks.Config{Keep: 2})
	done := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	go func() {
		done <- s.Wait(ctx, func(got sinks.Received) bool { return len(got.Webhooks) == 2 && got.Webhooks[1].Body == "3" })
	}()
	for _, body := range []string{"1", "2", "3"} {
		if _, err := send(t.Context(), url+"/webhook", body, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil {
		t.Errorf("Wait: %v", err)
	}
	over, stop := context.WithCancelCause(t.Context())
	cause := errors.New("tired of waiting")
	stop(cause)
	if err := s.Wait(over, func(sinks.Received) bool { return false }); !errors.Is(err, cause) {
		t.Errorf("Wait: %v, want the cause", err)
	}
}

func fetch(t *testing.T, method, url string, header http.Header) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		req.Header = header
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestPage(t *testing.T) {
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	s, url := open(t, sinks.Config{WebhookSecret: secret, Zone: time.FixedZone("CST", 8*60*60), Now: func() time.Time { at = at.Add(time.Second); return at }})
	if _, body := fetch(t, "GET", url+"/", nil); !strings.Contains(body, "还没有收到任何通知") {
		t.Error("an empty page does not say so")
	}
	hostile := strings.ReplaceAll(report, "<p>down</p>", `<p>down</p><script>alert("x")</script>`)
	if err := deliver(dial(t, serve(t, s)), "a@example.org", hostile); err != nil {
		t.Fatal(err)
	}
	if _, err := send(t.Context(), url+"/webhook", `{"type":"<b>incident</b>"}`, http.Header{"Webhook-Id": {"evt_1"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := send(t.Context(), url+"/services/T/B/X", `{"text":"*INC-2026-0042*","blocks":[{"type":"header","text":{"type":"plain_text","text":"页面不可用"}}]}`, nil); err != nil {
		t.Fatal(err)
	}
	_, zh := fetch(t, "GET", url+"/", nil)
	golden(t, "page.zh-CN.html", zh)
	_, en := fetch(t, "GET", url+"/", http.Header{"Accept-Language": {"en-GB,en"}})
	golden(t, "page.en.html", en)
	if strings.Contains(zh, "<script") || strings.Contains(zh, "<b>incident") {
		t.Error("what arrived is not escaped")
	}

	var got sinks.Received
	_, list := fetch(t, "GET", url+"/api/received", nil)
	if err := json.Unmarshal([]byte(list), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Mails) != 1 || len(got.Webhooks) != 1 || len(got.Slack) != 1 {
		t.Errorf("JSON has %d, %d, %d", len(got.Mails), len(got.Webhooks), len(got.Slack))
	}
	if _, list = fetch(t, "DELETE", url+"/api/received", nil); strings.Contains(list, "evt_1") {
		t.Error("arrivals remain after DELETE")
	}
	if status, _ := fetch(t, "DELETE", url+"/api/received", http.Header{"Origin": {"https://elsewhere.example"}, "Sec-Fetch-Site": {"cross-site"}}); status != http.StatusForbidden {
		t.Errorf("cross-site DELETE answered %d", status)
	}
}
