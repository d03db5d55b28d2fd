package notify

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"gengfu"
	"gengfu/demo/sinks"
)

// tell sends the named notices one after the other, as the outbox would.
func tell(t *testing.T, r rig, thread string, names ...string) (string, error) {
	t.Helper()
	for i, name := range names {
		ch, d := r.queue(t, notices()[name], thread != "" || i > 0)
		d.Thread = thread
		ref, err := ch.Send(t.Context(), d)
		if err != nil {
			return thread, err
		}
		if thread == "" {
			thread = ref
		}
	}
	return thread, nil
}

func TestSlack_keepsTheFirstMessageUpToDate(t *testing.T) {
	r := slackRig(t)
	thread, err := tell(t, r, "", "opened", "acked", "noted", "resolved")
	if err != nil {
		t.Fatal(err)
	}
	msgs := r.sinks.SlackMessages()
	type line struct {
		Lead   string
		Edits  int
		Thread bool
	}
	var got []line
	for _, m := range msgs {
		got = append(got, line{m.Text, m.Edits, m.ThreadTS != ""})
	}
	want := []line{
		{"【重大·已恢复】故障：申请人登录，自 2026-03-06 17:28 起历时 21 min，负责人：平台运维组", 3, false},
		{"【重大】故障已有人处理：申请人登录，自 2026-03-06 17:28 起，处理人：张三", 0, true},
		{"【重大】故障有新备注：申请人登录，自 2026-03-06 17:28 起，Li Si 填写", 0, true},
		{"【重大·已恢复】故障：申请人登录，自 2026-03-06 17:28 起历时 21 min，负责人：平台运维组", 0, true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if thread != "C0OPS:"+msgs[0].TS {
		t.Errorf("ref %q", thread)
	}
}

func TestSlack_postsAnewWhenTheFirstIsGone(t *testing.T) {
	r := slackRig(t)
	ref, err := tell(t, r, "C0OPS:1700000000.000001", "resolved")
	if err != nil {
		t.Fatal(err)
	}
	if m := r.sinks.SlackMessages(); ref == "" || len(m) != 1 || m[0].ThreadTS != "" {
		t.Errorf("%q %+v", ref, m)
	}
}

func TestSlack_plainTextWhenBlocksAreRefused(t *testing.T) {
	r := slackRig(t)
	r.sinks.ScriptSlack(sinks.Reply{Status: 200, Body: `{"ok":false,"error":"msg_blocks_too_long"}`})
	if _, err := tell(t, r, "", "opened"); err != nil {
		t.Fatal(err)
	}
	if m := r.sinks.SlackMessages(); len(m) != 1 || len(m[0].Blocks) != 0 || !strings.Contains(m[0].Text, "申请人登录") {
		t.Errorf("%+v", m)
	}
	in := incomingRig(t)
	in.sinks.ScriptIncoming(sinks.Reply{Status: 200, Body: "invalid_payload"})
	if _, err := tell(t, in, "", "opened"); err != nil {
		t.Fatal(err)
	}
	if m := in.sinks.SlackMessages(); len(m) != 1 || len(m[0].Blocks) != 0 {
		t.Errorf("%+v", m)
	}
}

func TestSlack_incomingTellsUpdatesShort(t *testing.T) {
	r := incomingRig(t)
	if _, err := tell(t, r, "", "opened", "noted", "resolved"); err != nil {
		t.Fatal(err)
	}
	m := r.sinks.SlackMessages()
	if len(m) != 3 || strings.Contains(m[1].BlockText(), "发现时间") || !strings.Contains(m[2].BlockText(), "发现时间") || !strings.Contains(m[1].BlockText(), "已联系机房") {
		t.Errorf("%+v", m)
	}
}

func TestSlack_classifiesAnswers(t *testing.T) {
	word := func(w string) sinks.Reply {
		return sinks.Reply{Status: 200, Body: fmt.Sprintf(`{"ok":false,"error":%q}`, w)}
	}
	tests := []struct {
		reply sinks.Reply
		want  string
	}{
		{word("ratelimited"), "retry"},
		{word("internal_error"), "retry"},
		{word("token_revoked"), "endpoint"},
		{word("account_inactive"), "endpoint"},
		{word("not_in_channel"), "endpoint"},
		{word("missing_scope"), "endpoint"},
		{word("no_text"), "message"},
		{word("never_heard_of"), "retry"},
		{sinks.Reply{Status: 200, Body: "<html>maintenance</html>"}, "ambiguous"},
		{sinks.Reply{Status: 429}, "retry"},
		{sinks.Reply{Status: 429, RetryAfter: "30"}, "later 30s"},
		{sinks.Reply{Status: 429, RetryAfter: "soon"}, "retry"},
		{sinks.Reply{Status: 503, RetryAfter: "9"}, "later 9s"},
		{sinks.Reply{Status: 302, Location: "https://elsewhere.example/" + canary}, "endpoint"},
	}
	r := slackRig(t)
	ch, d := r.queue(t, opened(), false)
	for _, tc := range tests {
		r.sinks.ScriptSlack(tc.reply)
		if _, err := ch.Send(t.Context(), d); kind(err) != tc.want {
			t.Errorf("%+v: %s (%v), want %s", tc.reply, kind(err), err, tc.want)
		}
	}
}

func TestSlack_incomingClassifiesAnswers(t *testing.T) {
	tests := []struct {
		reply sinks.Reply
		want  string
	}{
		{sinks.Reply{Status: 200, Body: "no_text"}, "message"},
		{sinks.Reply{Status: 200, Body: "almost ok"}, "ambiguous"},
		{sinks.Reply{Status: 404, Body: "no_service"}, "endpoint"},
		{sinks.Reply{Status: 404, Body: "no_team"}, "endpoint"},
		{sinks.Reply{Status: 403, Body: "action_prohibited"}, "endpoint"},
		{sinks.Reply{Status: 410, Body: "channel_is_archived"}, "endpoint"},
		{sinks.Reply{Status: 500, Body: "rollup_error"}, "retry"},
		{sinks.Reply{Status: 429, RetryAfter: "30", Body: "rate_limited"}, "later 30s"},
		{sinks.Reply{Status: 429}, "retry"},
	}
	r := incomingRig(t)
	ch, d := r.queue(t, opened(), false)
	for _, tc := range tests {
		r.sinks.ScriptIncoming(tc.reply)
		if _, err := ch.Send(t.Context(), d); kind(err) != tc.want {
			t.Errorf("%+v: %s (%v), want %s", tc.reply, kind(err), err, tc.want)
		}
	}
}

// The library's habits that the channel is built around.
func TestSlack_libraryTraps(t *testing.T) {
	s, url := httpSink(t, sinks.Config{SlackToken: "xoxb-demo"})
	s.ScriptIncoming(sinks.Reply{Status: 200, Body: "invalid_payload"})
	msg := &slack.WebhookMessage{Text: "x"}
	if err := slack.PostWebhookCustomHTTPContext(t.Context(), url+"/services/T/B/K", http.DefaultClient, msg); err != nil {
		t.Errorf("the library now reads the answer of a webhook: %v", err)
	}
	s.ScriptSlack(sinks.Reply{Status: 429})
	_, _, err := slack.New("xoxb-demo", slack.OptionAPIURL(url+"/api/")).PostMessageContext(t.Context(), "C0OPS", slack.MsgOptionText("x", false))
	if _, ok := err.(slack.StatusCodeError); !ok { //nolint:errorlint // the very type is the point
		t.Errorf("429 without Retry-After is now %T", err)
	}
}

func TestSlack_lateListenersGetTheState(t *testing.T) {
	n := notices()["acked"]
	ch, d := slackRig(t).queue(t, n, false)
	if d.Kind != gengfu.EventOpened || ch == nil || !strings.Contains(string(d.Body), "已有人处理") {
		t.Errorf("late listener is told %q: %s", d.Kind, d.Body)
	}
}
