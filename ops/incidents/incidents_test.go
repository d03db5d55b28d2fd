package incidents_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/ops/incidents"
)

var morning = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)

func at(minutes int) time.Time { return morning.Add(time.Duration(minutes) * time.Minute) }

func failure(reason gengfu.Reason, step int) *gengfu.Failure {
	return &gengfu.Failure{Fault: gengfu.FaultTimeout, Reason: reason, Step: step}
}

// firing is a signal of a member of a key, a minute after its impact began.
func firing(key, member string, minute int) gengfu.Signal {
	return gengfu.Signal{
		Key: key, Firing: true, At: at(minute), ImpactStart: at(minute - 1), Grade: gengfu.GradeOrdinary, Title: "管理员登录", Target: "portal",
		Member: member, Failure: failure(gengfu.ReasonNotFound, 2), Run: fmt.Sprintf("%s-run-%d", member, minute), Owner: "班组 A", Notify: "night",
	}
}

func calm(key, member string, minute int) gengfu.Signal {
	return gengfu.Signal{Key: key, At: at(minute), ImpactEnd: at(minute - 2), Member: member, Run: fmt.Sprintf("%s-run-%d", member, minute)}
}

// book is a ledger in memory that checks what every change must hold.
type book struct {
	t         *testing.T
	snap      gengfu.Snapshot
	opened    int
	byNumber  map[string]gengfu.Incident
	events    []gengfu.Event
	delivered []gengfu.Delivery
}

func newBook(t *testing.T) *book {
	t.Helper()
	return &book{t: t, snap: gengfu.Snapshot{Incidents: map[string]gengfu.Incident{}, Next: "INC-2026-0001"}, byNumber: map[string]gengfu.Incident{}}
}

func (b *book) write(change gengfu.Change) {
	b.t.Helper()
	for _, inc := range change.Incidents {
		b.byNumber[inc.Number] = inc
		b.snap.Incidents[inc.Key] = inc
	}
	active := map[string]int{}
	for _, inc := range b.byNumber {
		if inc.Active() {
			active[inc.Key]++
		}
	}
	for key, n := range active {
		if n > 1 {
			b.t.Fatalf("%d incidents at work for %s", n, key)
		}
	}
	for _, ev := range change.Events {
		seq := 1
		for _, before := range b.events {
			if before.Incident == ev.Incident {
				seq++
			}
		}
		if ev.Seq != seq {
			b.t.Fatalf("event %d of %s, want %d", ev.Seq, ev.Incident, seq)
		}
		b.events = append(b.events, ev)
		if ev.Kind == gengfu.EventOpened {
			b.opened++
		}
	}
	b.snap.Next = fmt.Sprintf("INC-2026-%04d", b.opened+1)
	b.delivered = append(b.delivered, change.Deliveries...)
}

func (b *book) apply(minute int, signals ...gengfu.Signal) {
	b.t.Helper()
	change, err := incidents.Apply(b.snap, signals, at(minute))
	if err != nil {
		b.t.Fatal(err)
	}
	b.write(change)
}

func (b *book) act(minute int, key string, kind gengfu.EventKind, text string) error {
	b.t.Helper()
	change, err := incidents.Act(b.snap.Incidents[key], incidents.Action{Kind: kind, Actor: "李工", Text: text}, at(minute))
	if err == nil {
		b.write(change)
	}
	return err
}

// story is the events so far: number, sequence and kind, and the text.
func (b *book) story() string {
	var out []string
	for _, ev := range b.events {
		line := fmt.Sprintf("%s.%d %s", strings.TrimPrefix(ev.Incident, "INC-2026-000"), ev.Seq, ev.Kind)
		if ev.Text != "" {
			line += "(" + gengfu.Say(ev.Text, gengfu.Chinese) + ")"
		}
		out = append(out, line)
	}
	return strings.Join(out, " ")
}

func (b *book) want(story string) {
	b.t.Helper()
	if diff := cmp.Diff(story, b.story()); diff != "" {
		b.t.Error(diff)
	}
}

const key = "scenario:login"

func TestApply_opensAndResolves(t *testing.T) {
	b := newBook(t)
	b.apply(0, calm(key, "login", 0)) // nothing is open
	b.apply(10, firing(key, "login", 10))
	b.apply(11, firing(key, "login", 11)) // the same again is no news
	b.apply(20, calm(key, "login", 20))
	b.apply(21, calm(key, "login", 21))
	b.want("1.1 opened 1.2 resolved")
	want := gengfu.Incident{
		Number: "INC-2026-0001", Key: key, State: gengfu.IncidentResolved, Grade: gengfu.GradeOrdinary, Title: "管理员登录", Target: "portal",
		Owner: "班组 A", Notify: "night", Members: []string{}, Failure: failure(gengfu.ReasonNotFound, 2), FirstRun: "login-run-10",
		LastRun: "login-run-20", ImpactStart: at(9), Opened: at(10), Resolved: at(20), ImpactEnd: at(18), Seq: 2,
	}
	if diff := cmp.Diff(want, b.snap.Incidents[key]); diff != "" {
		t.Error(diff)
	}
	if ev := b.events[0]; ev.Actor != gengfu.Machine || !ev.At.Equal(at(10)) || ev.Run != "login-run-10" || ev.Failure == nil {
		t.Errorf("event %+v", ev)
	}
}

func TestApply_anotherCauseIsNews(t *testing.T) {
	b := newBook(t)
	b.apply(0, firing(key, "login", 0))
	s := firing(key, "login", 1)
	s.Failure = failure(gengfu.ReasonCovered, 2)
	b.apply(1, s)
	s.Failure = failure(gengfu.ReasonCovered, 5)
	b.apply(2, s)
	b.apply(3, s)
	b.want("1.1 opened 1.2 updated 1.3 updated")
	if inc := b.snap.Incidents[key]; inc.Failure.Step != 5 {
		t.Errorf("failure %+v", inc.Failure)
	}
}

func TestApply_gradeOnlyRises(t *testing.T) {
	b := newBook(t)
	b.apply(0, firing(key, "login", 0))
	for i, g := range []gengfu.Grade{gengfu.GradeNotice, gengfu.GradeMajor, gengfu.GradeOrdinary} {
		s := firing(key, "login", i+1)
		s.Grade = g
		b.apply(i+1, s)
	}
	b.want("1.1 opened 1.2 updated")
	if g := b.snap.Incidents[key].Grade; g != gengfu.GradeMajor {
		t.Errorf("grade %s", g)
	}
}

// TestApply_oneEventForAMemberThatRaisesTheGrade: people are told of the grade,
// and the time line says it once.
func TestApply_oneEventForAMemberThatRaisesTheGrade(t *testing.T) {
	prober := gengfu.ProberKey("local")
	b := newBook(t)
	b.apply(0, firing(prober, "a", 0))
	worse := firing(prober, "b", 1)
	worse.Grade = gengfu.GradeMajor
	b.apply(1, worse)
	b.want("1.1 opened 1.2 updated(+ b)")
}

func TestApply_members(t *testing.T) {
	prober := gengfu.ProberKey("local")
	b := newBook(t)
	b.apply(0, firing(prober, "a", 0))
	b.apply(1, firing(prober, "b", 1))
	other := firing(prober, "a", 2)
	other.Failure = failure(gengfu.ReasonBrowserStart, 0) // members differ in such things all the time
	b.apply(2, other)
	b.apply(3, calm(prober, "c", 3))
	b.apply(4, calm(prober, "a", 4))
	b.apply(5, calm(prober, "b", 5))
	b.want("1.1 opened 1.2 joined(+ b) 1.3 left(− a) 1.4 resolved")
}

func TestApply_reopensWithinTwoHours(t *testing.T) {
	b := newBook(t)
	b.apply(0, firing(key, "login", 0))
	if err := b.act(1, key, gengfu.EventAcked, ""); err != nil {
		t.Fatal(err)
	}
	b.apply(10, calm(key, "login", 10))
	b.apply(40, firing(key, "login", 40))
	inc := b.snap.Incidents[key]
	if inc.State != gengfu.IncidentOpen || !inc.Acked.IsZero() || inc.Reopened != 1 || !inc.Resolved.IsZero() || !inc.ImpactStart.Equal(at(-1)) {
		t.Errorf("reopened: %+v", inc)
	}
	if err := b.act(41, key, gengfu.EventAssigned, "王工"); err != nil {
		t.Fatal(err)
	}
	b.apply(50, calm(key, "login", 50))
	b.apply(60, firing(key, "login", 60))
	if inc := b.snap.Incidents[key]; inc.State != gengfu.IncidentWorking || inc.Assignee != "王工" {
		t.Errorf("reopened for whoever has it: %+v", inc)
	}
	b.apply(70, calm(key, "login", 70))
	b.apply(191, firing(key, "login", 191))
	b.want("1.1 opened 1.2 acked 1.3 resolved 1.4 reopened 1.5 assigned(王工) 1.6 resolved 1.7 reopened 1.8 resolved 2.1 opened")
}

func TestApply_closedIsFinal(t *testing.T) {
	b := newBook(t)
	b.apply(0, firing(key, "login", 0))
	b.apply(1, calm(key, "login", 1))
	if err := b.act(2, key, gengfu.EventClosed, ""); err != nil {
		t.Fatal(err)
	}
	b.apply(3, firing(key, "login", 3))
	b.want("1.1 opened 1.2 resolved 1.3 closed 2.1 opened")
}

func TestApply_twoAtOnceGetTwoNumbers(t *testing.T) {
	b := newBook(t)
	b.snap.Next = "INC-2026-9999"
	change, err := incidents.Apply(b.snap, []gengfu.Signal{firing("scenario:a", "a", 0), firing("account:a", "a", 0)}, at(0))
	if err != nil {
		t.Fatal(err)
	}
	if n := []string{change.Incidents[0].Number, change.Incidents[1].Number}; n[0] != "INC-2026-9999" || n[1] != "INC-2026-10000" {
		t.Errorf("numbers %v", n)
	}
	b.snap.Next = "none"
	if _, err := incidents.Apply(b.snap, []gengfu.Signal{firing("scenario:a", "a", 0)}, at(0)); !errors.Is(err, gengfu.ErrInvalid) {
		t.Errorf("a number that is none: %v", err)
	}
}

func TestApply_leavesTheSnapshotAlone(t *testing.T) {
	b := newBook(t)
	prober := gengfu.ProberKey("local")
	b.apply(0, firing(prober, "a", 0), firing(prober, "b", 0), firing(prober, "c", 0))
	before := strings.Join(b.snap.Incidents[prober].Members, " ")
	for range 2 {
		if _, err := incidents.Apply(b.snap, []gengfu.Signal{calm(prober, "a", 1)}, at(1)); err != nil {
			t.Fatal(err)
		}
	}
	if after := strings.Join(b.snap.Incidents[prober].Members, " "); after != before {
		t.Errorf("members %q, were %q", after, before)
	}
}

func TestAct_states(t *testing.T) {
	open, acked, working, resolved, closed := gengfu.IncidentOpen, gengfu.IncidentAcked, gengfu.IncidentWorking, gengfu.IncidentResolved, gengfu.IncidentClosed
	for kind, want := range map[gengfu.EventKind]map[gengfu.IncidentState]gengfu.IncidentState{
		gengfu.EventAcked:    {open: acked},
		gengfu.EventAssigned: {open: working, acked: working, working: working},
		gengfu.EventNoted:    {open: open, acked: acked, working: working, resolved: resolved},
		gengfu.EventResolved: {open: resolved, acked: resolved, working: resolved},
		gengfu.EventClosed:   {resolved: closed},
	} {
		for _, from := range []gengfu.IncidentState{open, acked, working, resolved, closed} {
			inc := gengfu.Incident{Number: "INC-2026-0001", State: from, Seq: 4}
			change, err := incidents.Act(inc, incidents.Action{Kind: kind, Actor: "李工", Text: "王工"}, at(5))
			to, allowed := want[from]
			switch {
			case !allowed && !errors.Is(err, gengfu.ErrConflict):
				t.Errorf("%s from %s: %v, want a conflict", kind, from, err)
			case allowed && err != nil:
				t.Errorf("%s from %s: %v", kind, from, err)
			case allowed && (change.Incidents[0].State != to || change.Events[0].Seq != 5 || change.Events[0].Actor != "李工"):
				t.Errorf("%s from %s: %+v", kind, from, change)
			}
		}
	}
}

func TestAct_stamps(t *testing.T) {
	b := newBook(t)
	b.apply(0, firing(key, "login", 0))
	for i, step := range []incidents.Action{
		{Kind: gengfu.EventAssigned, Text: "王工"},
		{Kind: gengfu.EventAssigned, Text: "赵工"},
		{Kind: gengfu.EventNoted, Text: " 已重启 "},
		{Kind: gengfu.EventResolved},
	} {
		if err := b.act(i+1, key, step.Kind, step.Text); err != nil {
			t.Fatal(err)
		}
	}
	if inc := b.snap.Incidents[key]; inc.State != gengfu.IncidentMitigated || !inc.StillDown {
		t.Errorf("resolved while it fails: %+v", inc)
	}
	b.apply(4, calm(key, "login", 4))
	if err := b.act(5, key, gengfu.EventClosed, ""); err != nil {
		t.Fatal(err)
	}
	b.want("1.1 opened 1.2 assigned(王工) 1.3 assigned(赵工) 1.4 noted(已重启) 1.5 mitigated 1.6 resolved 1.7 closed")
	inc := b.snap.Incidents[key]
	if !inc.Acked.Equal(at(1)) || inc.AckedBy != "李工" || inc.Assignee != "赵工" || !inc.Resolved.Equal(at(4)) || !inc.Closed.Equal(at(5)) {
		t.Errorf("%+v", inc)
	}
}

func TestAct_resolvedByHandComesBack(t *testing.T) {
	b := newBook(t)
	b.apply(0, firing(key, "login", 0))
	if err := b.act(1, key, gengfu.EventResolved, "看起来好了"); err != nil {
		t.Fatal(err)
	}
	b.apply(5, firing(key, "login", 5))
	b.want("1.1 opened 1.2 mitigated(看起来好了) 1.3 reopened")
}

func TestAct_refusesWhatIsNotComplete(t *testing.T) {
	inc := gengfu.Incident{Number: "INC-2026-0001", State: gengfu.IncidentOpen}
	for _, a := range []incidents.Action{
		{Kind: gengfu.EventAcked},
		{Kind: gengfu.EventAcked, Actor: gengfu.Machine},
		{Kind: gengfu.EventNoted, Actor: "李工", Text: " \n"},
		{Kind: gengfu.EventAssigned, Actor: "李工"},
		{Kind: gengfu.EventOpened, Actor: "李工"},
		{Kind: "", Actor: "李工"},
		{Kind: gengfu.EventNoted, Actor: "李工", Text: strings.Repeat("长", incidents.MaxText+1)},
	} {
		if _, err := incidents.Act(inc, a, at(0)); !errors.Is(err, gengfu.ErrInvalid) {
			t.Errorf("%+.40v: %v", a, err)
		}
	}
}

func TestKeys(t *testing.T) {
	r := gengfu.Run{Slot: gengfu.Slot{Scenario: "login", Location: "local"}}
	if diff := cmp.Diff([]string{"scenario:login", "account:login", "prober:local", "prober:local/login", "location:local"}, incidents.Keys(r)); diff != "" {
		t.Error(diff)
	}
}

// AmendIncident makes the book the desk's ledger.
func (b *book) AmendIncident(_ context.Context, number string, decide func(gengfu.Incident, gengfu.Snapshot) (gengfu.Change, error)) error {
	inc, ok := b.byNumber[number]
	if !ok {
		return gengfu.ErrNotFound
	}
	change, err := decide(inc, b.snap)
	if err == nil {
		b.write(change)
	}
	return err
}

// AmendPair is the same for two.
func (b *book) AmendPair(_ context.Context, number, other string, decide func(a, b gengfu.Incident, snap gengfu.Snapshot) (gengfu.Change, error)) error {
	one, ok := b.byNumber[number]
	two, known := b.byNumber[other]
	if !ok || !known {
		return gengfu.ErrNotFound
	}
	change, err := decide(one, two, b.snap)
	if err == nil {
		b.write(change)
	}
	return err
}

func TestDesk_tellsOfWhatPeopleDo(t *testing.T) {
	b := newBook(t)
	desk := incidents.Desk{
		Ledger: b,
		Tell: func(n gengfu.Notice, told []string) ([]gengfu.Delivery, error) {
			if n.Event.Kind == gengfu.EventNoted {
				return nil, nil
			}
			text := fmt.Sprintf("%s: now %s %s %v", n.Event.Kind, n.Incident.State, n.URL, told)
			return []gengfu.Delivery{{Key: text, Incident: n.Incident.Number, Seq: n.Event.Seq}}, nil
		},
		URL: func(number string) string { return "https://gengfu.example/incidents/" + number },
	}
	change, err := desk.Change(b.snap, []gengfu.Signal{firing(key, "login", 0)}, at(0))
	if err != nil {
		t.Fatal(err)
	}
	b.write(change)
	b.snap.Told = map[string][]string{"INC-2026-0001": {"mail"}}
	inc, err := desk.Act(t.Context(), "INC-2026-0001", incidents.Action{Kind: gengfu.EventAcked, Actor: "李工"})
	if err != nil || inc.State != gengfu.IncidentAcked {
		t.Errorf("%+v %v", inc, err)
	}
	if _, err := desk.Act(t.Context(), "INC-2026-0001", incidents.Action{Kind: gengfu.EventNoted, Actor: "李工", Text: "在查"}); err != nil {
		t.Error(err)
	}
	if _, err := desk.Act(t.Context(), "INC-2026-0001", incidents.Action{Kind: gengfu.EventAcked, Actor: "李工"}); !errors.Is(err, gengfu.ErrConflict) {
		t.Errorf("acked twice: %v", err)
	}
	if _, err := desk.Act(t.Context(), "INC-2026-0099", incidents.Action{Kind: gengfu.EventAcked, Actor: "李工"}); !errors.Is(err, gengfu.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	var got []string
	for _, d := range b.delivered {
		got = append(got, d.Key)
	}
	const url = "https://gengfu.example/incidents/INC-2026-0001"
	if diff := cmp.Diff([]string{"opened: now open " + url + " []", "acked: now acked " + url + " [mail]"}, got); diff != "" {
		t.Error(diff)
	}
	desk.Tell = func(gengfu.Notice, []string) ([]gengfu.Delivery, error) { return nil, errors.New("no such route") }
	if _, err := desk.Act(t.Context(), "INC-2026-0001", incidents.Action{Kind: gengfu.EventResolved, Actor: "李工"}); err == nil {
		t.Error("a notice that cannot be rendered is no error")
	}
}
