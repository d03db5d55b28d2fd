package web_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"log"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gengfu"
	"gengfu/storage"
	"gengfu/web"
)

// ledger shows a store as the readers that the pages declare.
type ledger struct{ *storage.Store }

func (l ledger) Availability(ctx context.Context, scenario string, from time.Time) (web.Availability, error) {
	a, err := l.Store.Availability(ctx, scenario, from)
	return a, err
}

func (l ledger) Hours(ctx context.Context, scenario string, step int, from, to time.Time) ([]web.Rollup, error) {
	return l.rollups(ctx, scenario, step, storage.Hour, from, to)
}

func (l ledger) Days(ctx context.Context, scenario string, step int, from, to time.Time) ([]web.Rollup, error) {
	return l.rollups(ctx, scenario, step, storage.Day, from, to)
}

func (l ledger) rollups(ctx context.Context, scenario string, step int, res storage.Resolution, from, to time.Time) ([]web.Rollup, error) {
	return l.Rollups(ctx, scenario, step, res, from, to)
}

func (l ledger) Incidents(ctx context.Context, active bool, limit int) ([]gengfu.Incident, error) {
	return l.Store.Incidents(ctx, storage.IncidentFilter{Active: active, Limit: limit})
}

func (l ledger) Deliveries(ctx context.Context, state gengfu.DeliveryState, incident string, limit int) ([]gengfu.Delivery, error) {
	return l.Store.Deliveries(ctx, storage.DeliveryFilter{State: state, Incident: incident, Limit: limit})
}

// The made-up world: a city's elderly-care platform on a bad morning.
const (
	hostile     = `<script>alert("x")</script> "quoted" 'and' & more`
	hostileStep = "点击 \"提交\"\n\t<b>"
)

var now = time.Date(2026, 11, 23, 7, 20, 0, 0, time.UTC)

func cards() []gengfu.ScenarioCard {
	steps := []string{"打开首页", "填写 账号", "点击 登录", "看到 工作台"}
	return []gengfu.ScenarioCard{
		{ID: "home", Title: "首页可用", Target: "养老服务平台", Severity: gengfu.GradeMajor, Owner: "平台组", Schedule: "every 5m0s", Interval: 5 * time.Minute, File: "scenarios/home.yaml", Revision: "7a1f00c9d3b85a2e44", Source: "version: 1\nid: home\ntitle: 首页可用\nsteps:\n  - goto: /\n  - expect: 便民服务\n", Steps: []string{"打开首页", "看到 便民服务"}, Tags: []string{"公众"}},
		{ID: "applicant-login", Title: "申请人登录", Target: "养老服务平台", Severity: gengfu.GradeMajor, Owner: "平台组", Schedule: "every 5m0s", Interval: 5 * time.Minute, Revision: "1b", Steps: steps, Source: "steps: []\n"},
		{ID: "admin-login", Title: "管理员登录", Target: "养老服务平台", Severity: gengfu.GradeMajor, Owner: "平台组", Runbook: "https://wiki.example/admin-login", Schedule: "every 5m0s", Interval: 5 * time.Minute, Revision: "2c", Steps: steps, Source: "steps: []\n"},
		{ID: "admin-review", Title: "补贴申请审核列表", Target: "养老服务平台", Severity: gengfu.GradeOrdinary, Schedule: "every 10m0s", Interval: 10 * time.Minute, Revision: "3d", Steps: steps, Source: "steps: []\n"},
		{ID: "hostile", Title: hostile, Target: "Control <target>", Severity: gengfu.GradeNotice, Owner: hostile, Runbook: "javascript:alert(1)", Schedule: "cron 0 8 * * 1-5", Interval: 24 * time.Hour, Revision: "4e", Steps: []string{hostileStep, hostileStep}, Source: hostile},
		{ID: "new", Title: "从未运行", Schedule: "every 1h0m0s", Interval: time.Hour, Revision: "5f"},
	}
}

// The made-up world is built once and copied for each test.
var (
	worldDir  string
	buildOnce sync.Once
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "gengfu-web")
	if err != nil {
		log.Fatal(err)
	}
	worldDir = dir
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		log.Fatal(err)
	}
	os.Exit(code)
}

// sample opens a copy of the made-up world.
func sample(t testing.TB) *storage.Store {
	t.Helper()
	buildOnce.Do(func() { build(t, worldDir) })
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(worldDir)))
	s := open(t, dir)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func open(t testing.TB, dir string) *storage.Store {
	t.Helper()
	s, err := storage.Open(context.Background(), storage.Config{Path: filepath.Join(dir, "ledger.db"), Zone: time.FixedZone("CST", 8*3600)})
	must(t, err)
	return s
}

// build fills a store with some days of the made-up world.
func build(t testing.TB, dir string) {
	t.Helper()
	s := open(t, dir)
	ctx := context.Background()
	must(t, s.SaveScenarios(ctx, cards()))
	good, bad := put(t, s, gengfu.EvidenceScreenshot, picture(t, true)), put(t, s, gengfu.EvidenceScreenshot, picture(t, false))
	dom := put(t, s, gengfu.EvidenceDOM, []byte("<html><script>alert(1)</script></html>"))
	network := put(t, s, gengfu.EvidenceHAR, []byte(sampleHAR))
	film, change := put(t, s, gengfu.EvidenceFilm, picture(t, false)), put(t, s, gengfu.EvidenceChange, picture(t, false))
	before := put(t, s, gengfu.EvidenceGood, picture(t, true))
	before.Step, change.Step = 3, 3
	diff := put(t, s, gengfu.EvidenceDiff, []byte(gengfu.StepPlace(3)+"@@ -4,3 +4,3 @@\n   textbox \"密码\"\n-  button \"登录\"\n+  alert \"系统维护中 <b>\"\n footer\n"))
	for i, card := range cards()[:5] {
		n := 60
		if i == 4 {
			n = 3
		}
		for k := range n {
			due := now.Add(-time.Duration(n-k) * card.Interval).Truncate(time.Minute)
			if i < 4 && k < 20 {
				due = due.Add(-time.Duration(20-k) * 7 * time.Hour)
			}
			r := madeUp(card, due, i, k, n)
			if len(r.Steps) > 0 && (r.Outcome == gengfu.Failed || k == n-1 || k == n-5) {
				ev := good
				if r.Outcome == gengfu.Failed {
					ev = bad
				}
				r.Evidence = []gengfu.Evidence{ev, dom, network}
				if r.Outcome == gengfu.Failed {
					r.Evidence = append(r.Evidence, film, before, change, diff)
				}
			}
			must(t, s.Record(ctx, r, nil, after(r, i, k, n)))
		}
	}
	trouble(t, s)
	for k := range 200 {
		must(t, s.SaveHostSample(ctx, reading("local", k)))
	}
	must(t, s.SaveHostSample(ctx, reading("db-01", 150)))
	must(t, s.Close())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t testing.TB, s *storage.Store, kind gengfu.EvidenceKind, data []byte) gengfu.Evidence {
	t.Helper()
	ev := gengfu.Redactor{}.Evidence(kind, data)
	must(t, s.PutEvidence(context.Background(), &ev))
	return ev
}

// picture stands for a screenshot: a page with its form, or without.
func picture(t testing.TB, whole bool) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 1280, 720))
	fill := func(r image.Rectangle, c color.Color) {
		draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(img.Bounds(), color.RGBA{244, 246, 250, 255})
	fill(image.Rect(0, 0, 1280, 72), color.RGBA{31, 83, 140, 255})
	fill(image.Rect(440, 200, 840, 560), color.White)
	if whole {
		fill(image.Rect(480, 460, 800, 510), color.RGBA{31, 83, 140, 255})
	}
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, img, &jpeg.Options{Quality: 70}))
	return b.Bytes()
}

// outcomeOf decides how run k of n of scenario i ended.
func outcomeOf(i, k, n int) gengfu.Outcome {
	switch {
	case i == 2 && k >= n-4, i == 1 && k == 31, i == 4 && k == 1:
		return gengfu.Failed
	case i == 3 && k%9 == 4, i == 1 && k == 52:
		return gengfu.Degraded
	case i == 3 && (k == 33 || k == 34), i == 4 && k == 2:
		return gengfu.Errored
	}
	return gengfu.Passed
}

func madeUp(card gengfu.ScenarioCard, due time.Time, i, k, n int) gengfu.Run {
	took := time.Duration(900+i*700+(k*137)%600) * time.Millisecond
	r := gengfu.Run{
		Slot:     gengfu.Slot{Scenario: card.ID, Due: due, Location: gengfu.DefaultLocation, Attempt: 1, Kind: gengfu.SlotScheduled},
		Revision: card.Revision, Title: card.Title, Target: card.Target, Severity: card.Severity, Owner: card.Owner, Runbook: card.Runbook, Tags: card.Tags,
		Started: due.Add(40 * time.Millisecond), QueueWait: 40 * time.Millisecond, Duration: took, Outcome: outcomeOf(i, k, n),
		Browser: "HeadlessChrome/142.0.7444.59", FinalURL: "https://yanglao.example.gov.cn/admin/login", Load: 0.41,
		Traffic: gengfu.Traffic{Requests: 48, Bytes: 1_482_113},
		Pages:   []gengfu.PageLoad{{Step: 1, URL: "https://yanglao.example.gov.cn/admin/login", Status: 200, Redirects: []string{"https://yanglao.example.gov.cn/admin"}, Protocol: "h2", RemoteIP: "10.1.2.3", TTFB: 82 * time.Millisecond, DOMReady: 300 * time.Millisecond, Load: 520 * time.Millisecond, FCP: 410 * time.Millisecond, LCP: 640 * time.Millisecond, CLS: 0.012}},
	}
	measured(&r, k == n-1)
	if k == n-1 && i == 0 {
		r.Slot.Kind = gengfu.SlotManual
	}
	shares := []time.Duration{40, 15, 25, 20}
	var at time.Duration
	for j, name := range card.Steps {
		d := took * shares[j%4] / 100
		r.Steps = append(r.Steps, gengfu.StepResult{Index: j + 1, Name: name, Verb: []string{"goto", "fill", "click", "expect"}[j%4], Status: gengfu.StepPassed, Start: at, Duration: d, URL: r.FinalURL})
		at += d
	}
	r.Steps[0].Check = &gengfu.Check{
		Address: "https://yanglao.example.gov.cn/api/health", Remote: "203.0.113.7", Status: 200, Protocol: "HTTP/2.0", Latency: 61 * time.Millisecond,
		Phases: gengfu.Phases{Connect: 12 * time.Millisecond, Wait: 45 * time.Millisecond}, Hops: []gengfu.Hop{{URL: "https://yanglao.example.gov.cn/", Status: 302}},
		TLS: &gengfu.TLS{To: now.AddDate(0, 0, 40)}, Answers: []string{"203.0.113.7"}, Bytes: 512,
	}
	spoil(&r)
	return r
}

// measured gives a run what is measured besides its steps.
func measured(r *gengfu.Run, tainted bool) {
	p := &r.Pages[0]
	p.INP, p.Long = 72*time.Millisecond, gengfu.LongTasks{Count: 2, Total: 180 * time.Millisecond, Longest: 110 * time.Millisecond}
	p.Phases = gengfu.Phases{DNS: 3 * time.Millisecond, Connect: 12 * time.Millisecond, TLS: 18 * time.Millisecond, Wait: 45 * time.Millisecond, Download: 9 * time.Millisecond}
	p.TLS = &gengfu.TLS{Protocol: "TLS 1.3", Cipher: "AES_128_GCM", Issuer: "CFCA OV OCA", Subject: "yanglao.example.gov.cn", From: now.AddDate(-1, 0, 0), To: now.AddDate(0, 0, 40)}
	p.Hops = []gengfu.Hop{{URL: p.Redirects[0], Status: 302, Took: 21 * time.Millisecond}}
	r.Counts = gengfu.Counts{
		Warnings: 3, Errors: 1, Types: []gengfu.Share{{Word: "Script", Requests: 20, Bytes: 900_000}},
		Origins: []gengfu.Share{{Word: "https://yanglao.example.gov.cn", Requests: 48, Bytes: 1_482_113}},
	}
	if tainted {
		r.Tabs = []gengfu.Tab{{URL: "https://yanglao.example.gov.cn/admin/login"}, {Step: 3, URL: "https://yanglao.example.gov.cn/admin/report", Followed: true}, {Step: 3, URL: "https://stat.example.com/" + hostile, Closed: true}}
		r.Downloads = []gengfu.Download{
			{Step: 4, Name: "申请台账 2026-11.xlsx", URL: "https://yanglao.example.gov.cn/admin/report/export", Bytes: 48_213, SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Duration: 230 * time.Millisecond, State: gengfu.DownloadComplete},
			{Step: 4, Name: hostile, Bytes: 9 << 20, State: gengfu.DownloadRefused},
		}
		r.Tainted, r.Trace = gengfu.TaintStarved, "0af7651916cd43dd8448eb211c80319c"
		r.Session = &gengfu.SessionUse{Name: "applicant", How: gengfu.SessionRenewed, Why: gengfu.SessionRefused, Age: 12 * time.Minute, Keep: 30 * time.Minute, Ended: true}
	}
}

// spoil gives a run that did not pass its failure and what led to it.
func spoil(r *gengfu.Run) {
	last := len(r.Steps) - 1
	switch r.Outcome {
	case gengfu.Degraded:
		r.Steps[0].Status = gengfu.StepDegraded
		r.Steps[0].Why = &gengfu.Failure{Reason: gengfu.ReasonSlow, Want: "1.5 s", Seen: "1.8 s"}
		r.Failure = &gengfu.Failure{Reason: gengfu.ReasonSlow, Step: 1, Name: r.Steps[0].Name, Verb: "goto", Want: "1.5 s", Seen: "1.8 s"}
	case gengfu.Errored:
		r.Failure = &gengfu.Failure{Fault: gengfu.FaultBrowser, Reason: gengfu.ReasonBrowserGone, Detail: "signal: killed " + hostile}
		r.Steps = nil
	case gengfu.Failed:
		r.Duration += 9 * time.Second
		r.Steps[last-1].Status, r.Steps[last-1].Duration = gengfu.StepFailed, 10*time.Second
		r.Steps[last].Status, r.Steps[last].Duration = gengfu.StepSkipped, 0
		r.Steps[last].Why = &gengfu.Failure{Reason: gengfu.ReasonNotFound, Want: "element", Waited: time.Second}
		f := gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNotFound, Step: last, Name: r.Steps[last-1].Name, Verb: "click", Want: "按钮“登录”", Waited: 10 * time.Second, URL: r.FinalURL, Hints: []string{"near:按钮“登 陆”", "message:系统繁忙，请稍后再试", "request:POST /api/login 502"}}
		if r.Slot.Scenario == "hostile" {
			f.Want = hostile
		}
		r.Failure = &f
		r.Requests = []gengfu.FailedRequest{{Step: 3, Method: "POST", URL: "https://yanglao.example.gov.cn/api/login", Status: 502, Type: "XHR"}, {Step: 1, Method: "GET", URL: "https://stat.example.com/a.js", Error: "net::ERR_NAME_NOT_RESOLVED", Type: "Script", ThirdParty: true}}
		r.Console = []gengfu.ConsoleLine{{Step: 3, Level: "exception", Text: "TypeError: Cannot read properties of undefined (reading 'token')", URL: "https://yanglao.example.gov.cn/js/app.js", Line: 118}, {Step: 1, Level: "warning", Text: hostile}}
		r.Messages = []gengfu.PageMessage{{Step: 3, At: 2300 * time.Millisecond, Text: "系统繁忙，请稍后再试"}}
		r.Dialogs = []string{"确定离开？"}
		r.Traffic.Failed, r.Traffic.FailedThirdParty = 1, 1
	}
}

// after keeps the check's state as a desk would.
func after(r gengfu.Run, i, k, n int) gengfu.Decide {
	return func(snap gengfu.Snapshot) (gengfu.Change, error) {
		c := snap.Check
		c.Check, c.Location, c.LastRun, c.LastOutcome, c.LastStart = r.Slot.Scenario, r.Slot.Location, r.Slot.ID(), r.Outcome, r.Started
		c.State = gengfu.StateUp
		if i == 2 && k >= n-4 {
			c.State = gengfu.StateDown
		}
		c.Since = now.Add(-76 * time.Minute)
		return gengfu.Change{Check: &c}, nil
	}
}

// trouble opens one incident, resolves another and fills the outbox.
func trouble(t testing.TB, s *storage.Store) {
	t.Helper()
	ctx := context.Background()
	failure := &gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNotFound, Step: 3, Name: "点击 登录", Want: "按钮“登录”", Waited: 10 * time.Second, Hints: []string{"near:按钮“登 陆”", "message:系统繁忙，请稍后再试"}}
	began := now.Add(-20 * time.Minute)
	run := gengfu.Slot{Scenario: "admin-login", Due: began, Location: "local", Attempt: 1}.ID()
	open := gengfu.Incident{Number: "INC-2026-0042", Key: gengfu.ScenarioKey("admin-login"), State: gengfu.IncidentOpen, Grade: gengfu.GradeMajor, Title: "管理员登录 失败", Target: "养老服务平台", Owner: "平台组", Runbook: "https://wiki.example/admin-login", Members: []string{"admin-login"}, Failure: failure, FirstRun: run, LastRun: run, ImpactStart: began, Opened: began.Add(90 * time.Second), Seq: 3}
	odd := gengfu.Incident{Number: "INC-2026-0041", Key: "host:local:disk /", State: gengfu.IncidentWorking, Grade: gengfu.GradeNotice, Title: hostile, Members: []string{"disk /"}, Assignee: "李工", Acked: now.Add(-4 * time.Hour), AckedBy: "王工", Failure: &gengfu.Failure{Reason: gengfu.ReasonThreshold, Want: "disk /", Seen: "91 %", Detail: "90 %"}, ImpactStart: now.Add(-5 * time.Hour), Opened: now.Add(-5 * time.Hour), Seq: 3}
	past := gengfu.Incident{Number: "INC-2026-0040", Key: gengfu.ScenarioKey("home"), State: gengfu.IncidentClosed, Grade: gengfu.GradeOrdinary, Title: "首页可用 失败", Target: "养老服务平台", Members: []string{"home"}, Failure: failure, ImpactStart: now.Add(-50 * time.Hour), Opened: now.Add(-50 * time.Hour), Resolved: now.Add(-49 * time.Hour), ImpactEnd: now.Add(-49 * time.Hour), Closed: now.Add(-48 * time.Hour), Assignee: "李工", Reopened: 1, Seq: 2}
	events := []gengfu.Event{
		{Incident: open.Number, Seq: 1, At: open.Opened, Actor: gengfu.Machine, Kind: gengfu.EventOpened, Failure: failure, Run: run},
		{Incident: open.Number, Seq: 2, At: open.Opened.Add(5 * time.Minute), Actor: "王工", Kind: gengfu.EventNoted, Text: "已联系机房，网关正在重启。\n<b>10 分钟</b>后复查。"},
		{Incident: open.Number, Seq: 3, At: open.Opened.Add(9 * time.Minute), Actor: gengfu.Machine, Kind: gengfu.EventUpdated, Failure: failure},
		{Incident: odd.Number, Seq: 1, At: odd.Opened, Actor: gengfu.Machine, Kind: gengfu.EventOpened},
		{Incident: odd.Number, Seq: 2, At: odd.Acked, Actor: "王工", Kind: gengfu.EventAcked},
		{Incident: odd.Number, Seq: 3, At: odd.Acked, Actor: "王工", Kind: gengfu.EventAssigned, Text: "李工"},
		{Incident: past.Number, Seq: 1, At: past.Opened, Actor: gengfu.Machine, Kind: gengfu.EventOpened},
		{Incident: past.Number, Seq: 2, At: past.Closed, Actor: "李工", Kind: gengfu.EventClosed},
	}
	var queue []gengfu.Delivery
	for i, endpoint := range []string{"值班邮箱", "企业微信", "webhook"} {
		queue = append(queue, gengfu.Delivery{Key: fmt.Sprint("k", i), Endpoint: endpoint, Stream: endpoint, Incident: open.Number, Seq: 1, Kind: gengfu.EventOpened, Priority: 1, Body: []byte("x"), Summary: "【重大】管理员登录 失败，已影响 2 分钟", State: gengfu.DeliveryPending, Next: open.Opened, Created: open.Opened, Expires: now.Add(24 * time.Hour)})
	}
	must(t, s.Amend(ctx, "", "", nil, func(gengfu.Snapshot) (gengfu.Change, error) {
		return gengfu.Change{Incidents: []gengfu.Incident{past, odd, open}, Events: events, Deliveries: queue}, nil
	}))
	claimed, err := s.Claim(ctx, "test", time.Minute, now, 2)
	must(t, err)
	must(t, s.Sent(ctx, claimed[0].ID, "<20261123@mail.example>", now.Add(-18*time.Minute)))
	must(t, s.Dead(ctx, claimed[1].ID, "errcode 93000: invalid webhook url", now.Add(-17*time.Minute)))
}

func reading(host string, k int) gengfu.HostSample {
	return gengfu.HostSample{
		Host: host, At: now.Add(-time.Duration(200-k) * 7 * time.Minute), CPU: 0.2 + 0.15*float64(k%17)/17, Load1: 0.8, Cores: 2, MemTotal: 8 << 30, MemAvailable: uint64(5-k%3) << 30, SwapUsed: 64 << 20,
		Mounts: []gengfu.Mount{{Path: "/", Total: 80 << 30, Free: 7 << 30}, {Path: "/var/lib/<data>", Total: 500 << 30, Free: 410 << 30}}, Uptime: 31 * 24 * time.Hour,
	}
}

// sampleHAR is a small archive of the network.
const sampleHAR = `{"log":{"version":"1.2","creator":{"name":"Gengfu","version":"1"},"pages":[],"entries":[
{"startedDateTime":"2026-11-23T08:00:00.000Z","time":120.5,"request":{"method":"GET","url":"https://yanglao.example.gov.cn/admin/login"},"response":{"status":200,"_transferSize":5120},"timings":{"blocked":2.5,"dns":3,"connect":30,"ssl":18,"send":1,"wait":75,"receive":9},"_resourceType":"document"},
{"startedDateTime":"2026-11-23T08:00:00.130Z","time":40,"request":{"method":"POST","url":"https://yanglao.example.gov.cn/api/login?<script>"},"response":{"status":502,"_transferSize":120},"timings":{"blocked":-1,"dns":-1,"connect":-1,"ssl":-1,"send":0,"wait":40,"receive":0},"_resourceType":"fetch"},
{"startedDateTime":"2026-11-23T08:00:00.150Z","time":5000,"request":{"method":"GET","url":"https://stat.example.com/a.js"},"response":{"status":0,"_failureText":"net::ERR_NAME_NOT_RESOLVED"},"timings":{"blocked":-1,"dns":-1,"connect":-1,"ssl":-1,"send":0,"wait":5000,"receive":0},"_resourceType":"script"}]}}`
