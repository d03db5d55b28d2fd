package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/demo/sinks"
	"gengfu/egress"
	"gengfu/notify"
	"gengfu/storage"
)

// post is a room, a hook and an outbox, with a dispatcher between them.
type post struct {
	t        *testing.T
	got      *sinks.Sinks
	store    *storage.Store
	channels notify.Channels
	router   *notify.Router
}

func newPost(t *testing.T, m notify.Manners) *post {
	t.Helper()
	p := &post{t: t, got: sinks.New(sinks.Config{WebhookSecret: demoSigningKey, SlackToken: demoSlackToken, SlackChannels: []string{"C0DRILL"}})}
	srv := httptest.NewServer(p.got.Handler())
	t.Cleanup(srv.Close)
	var err error
	if p.store, err = storage.Open(t.Context(), storage.Config{Path: filepath.Join(t.TempDir(), "ledger.db")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.store.Close() })
	p.channels, err = notify.Open([]notify.Config{
		{Name: "room", Type: "slack", URL: gengfu.Secret(srv.URL + "/api/"), Token: gengfu.Secret(demoSlackToken), Channel: "C0DRILL", Lang: gengfu.Chinese},
		{Name: "hook", Type: "webhook", URL: gengfu.Secret(srv.URL + "/webhook"), Secret: gengfu.Secret(demoSigningKey)},
	}, notify.Deps{Zone: time.UTC, Egress: egress.Policy{Loopback: true}})
	if err != nil {
		t.Fatal(err)
	}
	if p.router, err = notify.NewRouter([]notify.Route{{Name: notify.DefaultRoute, Endpoints: []string{"room", "hook"}, Manners: m}}, p.channels); err != nil {
		t.Fatal(err)
	}
	return p
}

// queue writes an event of the n-th incident, made at a time.
func (p *post) queue(n, seq int, kind gengfu.EventKind, grade gengfu.Grade, at time.Time) {
	p.t.Helper()
	number := fmt.Sprintf("INC-2026-%04d", n)
	inc := gengfu.Incident{Number: number, Key: gengfu.ScenarioKey(number), State: gengfu.IncidentOpen, Grade: grade, Title: fmt.Sprintf("页面 %d", n), Opened: at, ImpactStart: at}
	var told []string
	if seq > 1 {
		told = []string{"room", "hook"}
	}
	if kind == gengfu.EventResolved {
		inc.State, inc.Resolved = gengfu.IncidentResolved, at
	}
	list, err := p.router.Deliveries(gengfu.Notice{Event: gengfu.Event{Incident: number, Seq: seq, At: at, Actor: gengfu.Machine, Kind: kind}, Incident: inc}, told, at)
	if err == nil {
		err = p.store.Amend(p.t.Context(), "", "", nil, func(gengfu.Snapshot) (gengfu.Change, error) {
			return gengfu.Change{Deliveries: list}, nil
		})
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// send works until so many messages arrived and nothing waits.
func (p *post) send(slack, hooks int) sinks.Received {
	p.t.Helper()
	ctx, stop := context.WithCancel(p.t.Context())
	done := make(chan error, 1)
	go func() {
		done <- notify.NewDispatcher(notify.DispatcherConfig{
			Outbox: p.store, Bundler: p.store, Channels: p.channels, Owner: "test", Wake: p.store.Wake(), NextDue: p.store.NextDue,
		}).Run(ctx)
	}()
	within, cancel := context.WithTimeout(p.t.Context(), 30*time.Second)
	defer cancel()
	if err := p.got.Wait(within, func(r sinks.Received) bool { return len(r.Slack) >= slack && len(r.Webhooks) >= hooks }); err != nil {
		p.t.Error(err)
	}
	stop()
	if err := <-done; err != nil {
		p.t.Error(err)
	}
	left, err := p.store.Deliveries(p.t.Context(), storage.DeliveryFilter{State: gengfu.DeliveryPending})
	if got := p.got.Received(); err != nil || len(left) > 0 || len(got.Slack) != slack || len(got.Webhooks) != hooks {
		p.t.Errorf("%v; %d wait; %d Slack messages, %d webhooks, want %d and %d", err, len(left), len(got.Slack), len(got.Webhooks), slack, hooks)
	}
	return p.got.Received()
}

func TestBundles_quietHoursEndInOneMessage(t *testing.T) {
	morning := time.Now().Add(500 * time.Millisecond)
	p := newPost(t, notify.Manners{Quiet: func(time.Time) time.Time { return morning }})
	now := time.Now()
	p.queue(1, 1, gengfu.EventOpened, gengfu.GradeOrdinary, now)
	p.queue(2, 1, gengfu.EventOpened, gengfu.GradeNotice, now)
	p.queue(1, 2, gengfu.EventResolved, gengfu.GradeOrdinary, now)
	p.queue(3, 1, gengfu.EventOpened, gengfu.GradeMajor, now)
	got := p.send(2, 4)
	if text := got.Slack[0].Text; !strings.Contains(text, "页面 3") {
		t.Errorf("what is major waits for nobody: %q", text)
	}
	raw := got.Slack[1].Text + string(got.Slack[1].Blocks)
	for _, part := range []string{"【汇总】2 起事件", "INC-2026-0001 【一般·已恢复】", "INC-2026-0002 【提示】"} {
		if !strings.Contains(raw, part) {
			t.Errorf("no %q in %s", part, raw)
		}
	}
}

func TestBundles_lateAndCrowded(t *testing.T) {
	p := newPost(t, notify.Manners{})
	before := time.Now().Add(-time.Hour)
	p.queue(1, 1, gengfu.EventOpened, gengfu.GradeMajor, before)
	p.queue(2, 1, gengfu.EventOpened, gengfu.GradeMajor, before)
	if text := p.send(1, 2).Slack[0].Text; !strings.Contains(text, "【延迟】") {
		t.Errorf("late: %q", text)
	}
	for n := range 12 {
		p.queue(10+n, 1, gengfu.EventOpened, gengfu.GradeMajor, time.Now())
	}
	if text := p.send(2, 14).Slack[1].Text; !strings.Contains(text, "12 起事件") {
		t.Errorf("crowd: %q", text)
	}
}

func TestBundles_burstAndRecovery(t *testing.T) {
	p := newPost(t, notify.Manners{Debounce: 300 * time.Millisecond})
	now := time.Now()
	p.queue(1, 1, gengfu.EventOpened, gengfu.GradeMajor, now)
	p.queue(1, 2, gengfu.EventResolved, gengfu.GradeMajor, now)
	if text := p.send(1, 2).Slack[0].Text; !strings.Contains(text, "已恢复") {
		t.Errorf("recovered by itself: %q", text)
	}
}

func TestBundles_groupWaits(t *testing.T) {
	p := newPost(t, notify.Manners{GroupBy: []string{"severity"}, GroupWait: 500 * time.Millisecond, GroupInterval: time.Hour})
	now := time.Now()
	for n := range 3 {
		p.queue(n+1, 1, gengfu.EventOpened, gengfu.GradeMajor, now)
	}
	p.queue(9, 1, gengfu.EventOpened, gengfu.GradeNotice, now)
	got := p.send(2, 4)
	if !strings.Contains(got.Slack[0].Text+got.Slack[1].Text, "3 起事件") {
		t.Errorf("%q, %q", got.Slack[0].Text, got.Slack[1].Text)
	}
}
