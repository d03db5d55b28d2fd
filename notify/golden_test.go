package notify

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/egress"
)

var update = flag.Bool("update", false, "write golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
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

// shanghai stands for the site's zone without a zone database.
func shanghai() *time.Location { return time.FixedZone("CST", 8*3600) }

func at(clock string) time.Time {
	t, err := time.ParseInLocation("15:04:05", clock, shanghai())
	if err != nil {
		return time.Time{}
	}
	return time.Date(2026, 3, 6, t.Hour(), t.Minute(), t.Second(), 0, shanghai())
}

func loginFailure() *gengfu.Failure {
	return &gengfu.Failure{
		Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonNotFound, Step: 3, Name: "点击“登录”", Verb: "click", Want: "按钮“登录”", Waited: 15 * time.Second,
		URL: "https://portal.example/login", Hints: []string{gengfu.HintNear + "按钮“登 录”", gengfu.HintMessage + "系统繁忙，请稍后再试", gengfu.HintRequest + "GET /api/captcha 502"},
	}
}

// opened is the notice that the others are variations of.
func opened() gengfu.Notice {
	inc := gengfu.Incident{
		Number: "INC-2026-0042", Key: gengfu.ScenarioKey("applicant-login"), State: gengfu.IncidentOpen, Grade: gengfu.GradeMajor, Title: "申请人登录",
		Target: "elderly-portal", Tags: []string{"login"}, Owner: "平台运维组", Runbook: "https://wiki.example/runbooks/login?v=2&lang=zh",
		Members: []string{"applicant-login"}, Failure: loginFailure(), FirstRun: "applicant-login@local-20260306T092800.000Z", LastRun: "applicant-login@local-20260306T092800.000Z",
		ImpactStart: at("17:28:00"), Opened: at("17:30:12"), Seq: 1,
	}
	return gengfu.Notice{
		Event:    gengfu.Event{Incident: inc.Number, Seq: 1, At: at("17:30:12"), Actor: gengfu.Machine, Kind: gengfu.EventOpened, Run: inc.FirstRun},
		Incident: inc, URL: "https://prober.example/incidents/INC-2026-0042",
	}
}

// after is opened with another event.
func after(seq int, kind gengfu.EventKind, clock, actor string, change func(*gengfu.Notice)) gengfu.Notice {
	n := opened()
	n.Event = gengfu.Event{Incident: n.Incident.Number, Seq: seq, At: at(clock), Actor: actor, Kind: kind}
	n.Incident.Seq = seq
	if change != nil {
		change(&n)
	}
	return n
}

func ofScope(key, title string, grade gengfu.Grade, f *gengfu.Failure) gengfu.Notice {
	n := opened()
	n.Incident.Key, n.Incident.Title, n.Incident.Grade, n.Incident.Failure, n.Incident.Tags = key, title, grade, f, nil
	return n
}

func notices() map[string]gengfu.Notice {
	resolve := func(n *gengfu.Notice) {
		n.Incident.State, n.Incident.Resolved, n.Incident.ImpactEnd = gengfu.IncidentResolved, at("17:51:30"), at("17:49:00")
		n.Incident.Acked, n.Incident.AckedBy = at("17:35:00"), "张三"
	}
	host := ofScope(gengfu.HostKey("local", "disk /"), "主机 local 磁盘 /", gengfu.GradeOrdinary, &gengfu.Failure{
		Fault: gengfu.FaultMachine, Reason: gengfu.ReasonThreshold, Want: "磁盘 / 使用率", Seen: "93%", Detail: "90%",
	})
	host.Incident.Members, host.Incident.LastRun, host.Event.Run, host.Incident.Runbook = []string{"disk /"}, "", "", "清理 /var/log，联系机房"
	return map[string]gengfu.Notice{
		"opened":   opened(),
		"resolved": after(4, gengfu.EventResolved, "17:51:30", gengfu.Machine, resolve),
		"reopened": after(5, gengfu.EventReopened, "18:10:00", gengfu.Machine, func(n *gengfu.Notice) { n.Incident.Reopened = 1 }),
		"unmuted":  after(6, gengfu.EventUnmuted, "20:00:00", gengfu.Machine, func(n *gengfu.Notice) { n.Event.Text = "#7" }),
		"updated": after(2, gengfu.EventUpdated, "17:33:00", gengfu.Machine, func(n *gengfu.Notice) {
			n.Incident.Members = []string{"applicant-login", "applicant-wizard"}
		}),
		"acked": after(3, gengfu.EventAcked, "17:35:00", "张三", func(n *gengfu.Notice) {
			n.Incident.State, n.Incident.Acked, n.Incident.AckedBy = gengfu.IncidentAcked, at("17:35:00"), "张三"
		}),
		"noted": after(3, gengfu.EventNoted, "17:40:00", "Li Si", func(n *gengfu.Notice) { n.Event.Text = "已联系机房，\n预计 18:00 修复" }),
		"closed": after(6, gengfu.EventClosed, "18:30:00", "张三", func(n *gengfu.Notice) {
			resolve(n)
			n.Incident.State, n.Incident.Closed = gengfu.IncidentClosed, at("18:30:00")
		}),
		"credential": ofScope(gengfu.AccountKey("admin-login"), "管理员登录账号", gengfu.GradeOrdinary, &gengfu.Failure{
			Fault: gengfu.FaultCredential, Reason: gengfu.ReasonCredential, Step: 4, Name: "提交登录", Seen: "用户名或密码错误",
		}),
		"lockout": ofScope(gengfu.AccountKey("admin-login"), "管理员登录账号", gengfu.GradeMajor, &gengfu.Failure{
			Fault: gengfu.FaultLockout, Reason: gengfu.ReasonLockout, Step: 4, Name: "提交登录", Seen: "账号已锁定，请 30 分钟后再试",
		}),
		"host": host,
		"prober": ofScope(gengfu.ProberKey("local"), "监测点 local", gengfu.GradeOrdinary, &gengfu.Failure{
			Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonBrowserStart, Detail: "exit status 127",
		}),
		"test": sample(at("17:30:12")),
	}
}

func runURL(run string) string { return "https://prober.example/runs/" + run }

func testDeps() Deps {
	return Deps{Zone: shanghai(), RunURL: runURL, Egress: egress.Policy{Loopback: true}}
}

const testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func webhookConfig(url string) Config {
	return Config{Name: "hook", Type: "webhook", URL: gengfu.Secret(url), Secret: testSecret}
}

func mailConfig(lang gengfu.Lang) Config {
	return Config{Name: "mail", Type: "mail", Lang: lang, Host: "localhost", TLS: "none", From: "更夫 <gengfu@example.org>", To: []string{"duty@example.org", "lead@example.org"}}
}

func slackConfig(lang gengfu.Lang, base string) Config {
	return Config{Name: "ops", Type: "slack", Lang: lang, URL: gengfu.Secret(base), Token: "xoxb-demo-token", Channel: "C0OPS"}
}

func open(t *testing.T, cfg Config) Channel {
	t.Helper()
	ch, err := New(cfg, testDeps())
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

func renderOf(t *testing.T, ch Channel, n gengfu.Notice) ([]byte, string) {
	t.Helper()
	body, summary, err := ch.Render(n)
	if err != nil {
		t.Fatal(err)
	}
	return body, summary
}

func indented(t *testing.T, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}

func TestGolden_messages(t *testing.T) {
	for name, n := range notices() {
		body, _ := renderOf(t, open(t, webhookConfig("https://hook.example/in")), n)
		golden(t, name+".webhook.json", indented(t, body))
		for _, lang := range []gengfu.Lang{gengfu.Chinese, gengfu.English} {
			base := name + "." + string(lang)
			body, summary := renderOf(t, open(t, mailConfig(lang)), n)
			var m mailBody
			if err := json.Unmarshal(body, &m); err != nil {
				t.Fatal(err)
			}
			golden(t, base+".txt", "Subject: "+m.Subject+"\nSummary: "+summary+"\n\n"+m.Text)
			golden(t, base+".html", m.HTML)
			body, _ = renderOf(t, open(t, slackConfig(lang, "")), n)
			golden(t, base+".slack.json", indented(t, body))
		}
	}
}
