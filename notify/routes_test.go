package notify

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/demo/sinks"
)

// toy is a channel whose sends the test decides.
type toy struct {
	name    string
	updates bool
	refuse  func(gengfu.Notice) error
	send    func(context.Context, gengfu.Delivery) (string, error)
	limits  Limits
}

func (c *toy) Endpoints() []string { return []string{c.name} }

func (c *toy) Limits() Limits {
	if c.limits.PerSecond > 0 {
		return c.limits
	}
	return Limits{PerSecond: 1e6, Burst: 1000, Updates: c.updates}
}

func (c *toy) Render(n gengfu.Notice) ([]byte, string, error) {
	if c.refuse != nil {
		if err := c.refuse(n); err != nil {
			return nil, "", err
		}
	}
	return []byte(string(n.Event.Kind) + " " + n.Incident.Title), "summary", nil
}

func (c *toy) Send(ctx context.Context, d gengfu.Delivery) (string, error) { return c.send(ctx, d) }

func toys(all ...*toy) Channels {
	named := map[string]Channel{}
	var names []string
	for _, c := range all {
		named[c.name] = c
		names = append(names, c.name)
	}
	return collect(names, named)
}

// town is a router with a hook and a room that hear everything and two
// mailboxes that hear of start and end.
func town(t *testing.T) *Router {
	t.Helper()
	channels := toys(&toy{name: "hook", updates: true}, &toy{name: "room", updates: true}, &toy{name: "duty"}, &toy{name: "lead"})
	r, err := NewRouter([]Route{
		{Name: "audit", Match: Match{Targets: []string{"elderly-portal"}}, Endpoints: []string{"hook"}, Continue: true},
		{Name: "major", Match: Match{Grades: []gengfu.Grade{gengfu.GradeMajor}}, Endpoints: []string{"lead", "hook"}},
		{Name: "machines", Match: Match{Keys: []string{"host:", "prober:"}}, Endpoints: []string{"room"}},
		{Name: "login", Match: Match{Tags: []string{"login", "sso"}}, Endpoints: []string{"duty", "room"}},
		{Name: DefaultRoute, Endpoints: []string{"duty"}},
	}, channels)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRouter_firstMatchWins(t *testing.T) {
	inc := func(key string, grade gengfu.Grade, target, notify string, tags ...string) gengfu.Incident {
		return gengfu.Incident{Key: key, Grade: grade, Target: target, Notify: notify, Tags: tags}
	}
	tests := []struct {
		name              string
		inc               gengfu.Incident
		routes, endpoints string
	}{
		{"continued", inc("scenario:a", gengfu.GradeMajor, "elderly-portal", ""), "audit major", "hook lead"},
		{"continued to the default", inc("scenario:a", gengfu.GradeOrdinary, "elderly-portal", ""), "audit default", "hook duty"},
		{"by key", inc("host:local:disk /", gengfu.GradeOrdinary, "", ""), "machines", "room"},
		{"by one of the tags", inc("scenario:b", gengfu.GradeNotice, "", "", "slow", "sso"), "login", "duty room"},
		{"by none", inc("scenario:c", gengfu.GradeNotice, "", ""), "default", "duty"},
		{"named", inc("scenario:c", gengfu.GradeMajor, "elderly-portal", "login"), "login", "duty room"},
		{"named wrongly", inc("scenario:c", gengfu.GradeMajor, "", "nowhere"), "major", "lead hook"},
	}
	r := town(t)
	for _, tc := range tests {
		routes, endpoints := r.Match(tc.inc)
		if diff := cmp.Diff([]string{tc.routes, tc.endpoints}, []string{strings.Join(routes, " "), strings.Join(endpoints, " ")}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
	if !r.Has("login") || !r.Has(DefaultRoute) || r.Has("nowhere") {
		t.Error("Has is wrong about the routes")
	}
}

func TestRouter_whoHearsWhat(t *testing.T) {
	all := []string{"hook", "lead"}
	tests := []struct {
		name, event string
		told        []string
		want        string // endpoint:kind
	}{
		{"opened", "opened", nil, "hook:opened lead:opened"},
		{"an update is for machines and rooms", "updated", all, "hook:updated"},
		{"and so is taking it", "acked", all, "hook:acked"},
		{"and a note", "noted", all, "hook:noted"},
		{"and closing it", "closed", all, "hook:closed"},
		{"the end is for all that were told", "resolved", all, "hook:resolved lead:resolved"},
		{"also where routes no longer lead", "resolved", []string{"room", "hook"}, "hook:resolved room:resolved"},
		{"nobody hears only the end", "resolved", nil, ""},
		{"reopened", "reopened", all, "hook:reopened lead:reopened"},
		{"reopened for somebody new", "reopened", []string{"hook"}, "hook:reopened lead:reopened"},
		{"new endpoints get the state once", "acked", []string{"hook"}, "hook:acked lead:opened"},
		{"endpoints that are gone get nothing", "resolved", []string{"pager", "lead"}, "lead:resolved"},
	}
	r := town(t)
	for _, tc := range tests {
		list, err := r.Deliveries(notices()[tc.event], tc.told, at("18:00:00"))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		var got []string
		for _, d := range list {
			got = append(got, d.Endpoint+":"+string(d.Kind))
		}
		if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestRouter_deliveryIsComplete(t *testing.T) {
	now := at("17:30:13")
	list, err := town(t).Deliveries(opened(), nil, now)
	if err != nil {
		t.Fatal(err)
	}
	want := gengfu.Delivery{
		Key: "evt_577e09aac3bb19d94d46f9c7fa3e1a1f9f1d3e20e1b9b9f7ff5c0b9b3d0f7e53", Endpoint: "hook", Stream: "hook|INC-2026-0042", Incident: "INC-2026-0042", Seq: 1, Kind: gengfu.EventOpened,
		Priority: gengfu.PriorityOpen, Body: []byte("opened 申请人登录"), Summary: "summary", State: gengfu.DeliveryPending, Next: now, Created: now, Expires: now.Add(72 * time.Hour), Fold: true,
	}
	want.Key = list[0].Key // made of a digest, checked below
	if diff := cmp.Diff(want, list[0]); diff != "" {
		t.Errorf("delivery (-want +got):\n%s", diff)
	}
	again, _ := town(t).Deliveries(opened(), nil, now.Add(time.Hour))
	if len(list[0].Key) != 68 || list[0].Key != again[0].Key || list[0].Key == list[1].Key {
		t.Errorf("keys %q, %q, %q", list[0].Key, again[0].Key, list[1].Key)
	}
	list, _ = town(t).Deliveries(notices()["resolved"], []string{"hook"}, now)
	if d := list[0]; d.Priority != gengfu.PriorityResolve || d.Expires != now.Add(72*time.Hour) {
		t.Errorf("resolved: priority %d, expires %s", d.Priority, d.Expires)
	}
	list, _ = town(t).Deliveries(notices()["noted"], []string{"hook"}, now)
	if d := list[0]; d.Priority != gengfu.PriorityUpdate || d.Expires != now.Add(24*time.Hour) {
		t.Errorf("noted: priority %d, expires %s", d.Priority, d.Expires)
	}
}

func TestRouter_leavesDetailsOutBeforeMessages(t *testing.T) {
	picky := &toy{name: "picky", refuse: func(n gengfu.Notice) error {
		if n.Incident.Failure != nil {
			return errors.New("cannot render a failure")
		}
		return nil
	}}
	mute := &toy{name: "mute", refuse: func(gengfu.Notice) error { return errors.New("cannot render at all") }}
	r, err := NewRouter([]Route{{Name: DefaultRoute, Endpoints: []string{"mute", "picky"}}}, toys(picky, mute))
	if err != nil {
		t.Fatal(err)
	}
	list, err := r.Deliveries(opened(), nil, at("17:30:13"))
	if err == nil || !strings.Contains(err.Error(), `"mute"`) {
		t.Errorf("error: %v", err)
	}
	if len(list) != 1 || list[0].Endpoint != "picky" || string(list[0].Body) != "opened 申请人登录" {
		t.Errorf("deliveries: %+v", list)
	}
}

func TestGolden_routeRejections(t *testing.T) {
	_, err := NewRouter([]Route{
		{Name: "a", Endpoints: []string{"pager"}},
		{Name: "a", Endpoints: []string{"hook"}},
		{Name: DefaultRoute, Match: Match{Tags: []string{"x"}}},
	}, toys(&toy{name: "hook"}))
	golden(t, "routes.errors.txt", err.Error()+"\n")
	_, err = NewRouter(nil, Channels{})
	if !errors.Is(err, gengfu.ErrInvalid) {
		t.Errorf("no default: %v", err)
	}
}

func TestRouter_testReachesEveryEndpoint(t *testing.T) {
	web, slackSink := webhookRig(t), slackRig(t)
	slackSink.sinks.ScriptSlack(sinks.Reply{Status: 200, Body: `{"ok":false,"error":"token_revoked"}`})
	box := mailRig(t)
	box.cfg.To = []string{"duty@example.org", "lead@example.org"}
	channels, err := Open([]Config{web.cfg, box.cfg, slackSink.cfg}, testDeps())
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewRouter([]Route{{Name: DefaultRoute, Endpoints: []string{"mail/lead@example.org"}}, {Name: "all", Endpoints: []string{"hook", "mail", "ops"}}}, channels)
	if err != nil {
		t.Fatal(err)
	}
	trials, err := r.Test(t.Context(), "all", at("17:30:00"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tr := range trials {
		got = append(got, tr.Endpoint+" "+kind(tr.Err))
	}
	want := []string{"hook none", "mail/duty@example.org none", "mail/lead@example.org none", "ops endpoint"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("trials (-want +got):\n%s", diff)
	}
	if calls := web.sinks.Webhooks(); len(calls) != 1 || !strings.Contains(calls[0].Body, `"incident.test"`) || !calls[0].Verified {
		t.Errorf("webhook: %+v", calls)
	}
	if m := box.sinks.Mails(); len(m) != 2 || !cmp.Equal(m[0].To, []string{"duty@example.org"}) || !strings.Contains(m[0].Text, "测试") {
		t.Errorf("mails: %+v", m)
	}
	if _, err := r.Test(t.Context(), "nowhere", at("17:30:00")); !errors.Is(err, gengfu.ErrNotFound) {
		t.Errorf("unknown route: %v", err)
	}
}
