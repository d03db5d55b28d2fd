package escalation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/ops/escalation"
)

// start is a Monday, 10:00 in the zone of the tests.
var start = time.Date(2026, 3, 9, 2, 0, 0, 0, time.UTC)

func zone() *time.Location { return time.FixedZone("UTC+8", 8*60*60) }

func at(minutes float64) time.Time {
	return start.Add(time.Duration(minutes * float64(time.Minute)))
}

// office is open on weekdays from 9 to 12 and from 13 to 18.
func office(t *testing.T) *gengfu.Calendar {
	t.Helper()
	hours := []gengfu.Segment{{From: 9 * 60, To: 12 * 60}, {From: 13 * 60, To: 18 * 60}}
	cfg := gengfu.CalendarConfig{Name: "office", Zone: zone()}
	for day := time.Monday; day <= time.Friday; day++ {
		cfg.Week[day] = hours
	}
	c, err := gengfu.NewCalendar(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ward is an incident in the hands of the rules, with a log of what happened.
type ward struct {
	t     *testing.T
	rules escalation.Rules
	inc   gengfu.Incident
	log   []string
	turn  string // who is A
}

func newWard(t *testing.T, p escalation.Policy) *ward {
	t.Helper()
	w := &ward{t: t, turn: "张三"}
	cal := office(t)
	w.rules = escalation.Rules{
		Policy: func(gengfu.Incident) escalation.Policy { return p },
		Reach: func(name string, _ time.Time) (people, endpoints []string) {
			switch name {
			case "ops.A":
				return []string{w.turn}, []string{"mail/" + w.turn}
			case "nobody":
				return nil, nil
			}
			return []string{name}, []string{"mail/" + name}
		},
		Calendar: func(name string) *gengfu.Calendar {
			if name == "office" {
				return cal
			}
			return nil
		},
		Zone: zone(),
	}
	return w
}

func (w *ward) note(events []gengfu.Event, now time.Time) {
	for _, ev := range events {
		text := fmt.Sprintf("%s %s", now.In(zone()).Format("02 15:04"), ev.Kind)
		if ev.Text != "" {
			text += " " + strings.TrimSpace(gengfu.Say(ev.Text, gengfu.English))
		}
		if len(ev.To) > 0 {
			text += " → " + strings.Join(ev.To, ",")
		}
		w.log = append(w.log, text)
	}
}

// happens lets a person or the machine do something at a time.
func (w *ward) happens(now time.Time, kind gengfu.EventKind, change func(*gengfu.Incident)) {
	w.t.Helper()
	before := w.inc
	if kind == gengfu.EventOpened {
		before = gengfu.Incident{}
		w.inc = gengfu.Incident{Number: "INC-2026-0042", State: gengfu.IncidentOpen, Grade: gengfu.GradeMajor, Opened: now}
	}
	if change != nil {
		change(&w.inc)
	}
	w.inc.Seq++
	actor := "李工"
	if kind == gengfu.EventOpened {
		actor = gengfu.Machine
	}
	inc, events := escalation.Keep(w.rules, before, w.inc, []gengfu.Event{{Incident: w.inc.Number, Seq: w.inc.Seq, At: now, Kind: kind, Actor: actor}}, now)
	w.inc = inc
	w.note(events, now)
}

// until follows the timers, as the sweep does.
func (w *ward) until(end time.Time) {
	w.t.Helper()
	for range 100 {
		var next time.Time
		for _, timer := range escalation.Timers(w.inc) {
			if next.IsZero() || timer.Due.Before(next) {
				next = timer.Due
			}
		}
		if next.IsZero() || next.After(end) {
			return
		}
		w.look(next)
	}
	w.t.Fatal("a timer stays due")
}

func (w *ward) look(now time.Time) {
	inc, events := escalation.Due(w.rules, w.inc, now)
	w.inc = inc
	w.note(events, now)
}

func (w *ward) want(lines ...string) {
	w.t.Helper()
	if diff := cmp.Diff(lines, w.log); diff != "" {
		w.t.Errorf("(-want +got):\n%s", diff)
	}
}

func standard() escalation.Policy {
	return escalation.Policy{Name: "standard", Repeat: 1, Steps: []escalation.Step{
		{Tell: []string{"ops.A"}},
		{After: 5 * time.Minute, Tell: []string{"nobody"}},
		{After: 10 * time.Minute, Tell: []string{"ops.A", "B"}},
		{After: 15 * time.Minute, Tell: []string{"minor"}, Grades: []gengfu.Grade{gengfu.GradeNotice}},
		{After: 20 * time.Minute, Tell: []string{"lead"}},
	}}
}

func TestDue_tellsOneAfterAnotherAndStopsAtTheEnd(t *testing.T) {
	w := newWard(t, standard())
	w.happens(at(0), gengfu.EventOpened, nil)
	w.turn = "changed" // the copy stays as it was
	w.until(at(24 * 60))
	w.want("09 10:00 opened → mail/张三", "09 10:10 escalated 张三, B → mail/张三,mail/B", "09 10:20 escalated lead → mail/lead",
		"09 10:30 escalated 张三 → mail/张三", "09 10:40 escalated 张三, B → mail/张三,mail/B", "09 10:50 escalated lead → mail/lead", "09 11:00 escalation_exhausted")
	if !w.inc.Escalation.Exhausted {
		t.Error("not exhausted")
	}
}

func TestDue_asksAtEachStepWhenThePolicyIsDynamic(t *testing.T) {
	p := standard()
	p.Dynamic, p.Repeat = true, 0
	w := newWard(t, p)
	w.happens(at(0), gengfu.EventOpened, nil)
	w.turn = "王五"
	w.until(at(12))
	w.want("09 10:00 opened → mail/张三", "09 10:10 escalated 王五, B → mail/王五,mail/B")
}

func TestDue_isQuietOnceSomebodyTookIt(t *testing.T) {
	w := newWard(t, standard())
	w.happens(at(0), gengfu.EventOpened, nil)
	generation := w.inc.Escalation.Generation
	w.happens(at(3), gengfu.EventAcked, func(inc *gengfu.Incident) { inc.State, inc.AckedBy = gengfu.IncidentAcked, "李四" })
	w.look(at(12)) // by a timer of before
	if w.inc.Escalation.Generation == generation {
		t.Error("timers of before are not void")
	}
	w.happens(at(30), gengfu.EventNoted, nil) // and is heard of
	w.until(at(59))
	w.want("09 10:00 opened → mail/张三", "09 10:03 acked", "09 10:30 noted")
	w.until(at(75))
	w.want("09 10:00 opened → mail/张三", "09 10:03 acked", "09 10:30 noted",
		"09 11:00 reminded → mail/李四", "09 11:10 unacked 李四 → mail/张三")
	if w.inc.State != gengfu.IncidentOpen || w.inc.AckedBy != "" {
		t.Errorf("%+v", w.inc)
	}
	w.happens(at(76), gengfu.EventHeld, func(inc *gengfu.Incident) { inc.HoldUntil = at(500) })
	if list := escalation.Timers(w.inc); len(list) != 0 {
		t.Errorf("on hold: %v", list)
	}
	w.happens(at(100), gengfu.EventReleased, func(inc *gengfu.Incident) { inc.HoldUntil = time.Time{} })
	if list := escalation.Timers(w.inc); len(list) != 1 || !list[0].Due.Equal(at(100)) {
		t.Errorf("off hold: %v", list)
	}
	w.happens(at(101), gengfu.EventResolved, func(inc *gengfu.Incident) { inc.State = gengfu.IncidentResolved })
	if list := escalation.Timers(w.inc); len(list) != 0 {
		t.Errorf("over: %v", list)
	}
}

func TestDue_waitsForAnAnnouncedTime(t *testing.T) {
	w := newWard(t, standard())
	w.happens(at(0), gengfu.EventOpened, nil)
	w.happens(at(1), gengfu.EventAcked, func(inc *gengfu.Incident) { inc.State, inc.AckedBy = gengfu.IncidentAcked, "李四" })
	w.happens(at(2), gengfu.EventETA, func(inc *gengfu.Incident) { inc.ETA = at(200) })
	if due := w.inc.Escalation.AckDue; !due.Equal(at(200)) {
		t.Errorf("due %s", due)
	}
}

func TestDue_afterARestartRunsOnlyTheLatestStep(t *testing.T) {
	w := newWard(t, standard())
	w.happens(at(0), gengfu.EventOpened, nil)
	w.look(at(23))
	w.want("09 10:00 opened → mail/张三", "09 10:23 escalated lead (3 min late) → mail/lead")
	w.look(at(23))
	if len(w.log) != 2 {
		t.Errorf("again: %v", w.log)
	}
}

func TestDue_aReminderThatWasSleptThroughComesLater(t *testing.T) {
	w := newWard(t, escalation.Policy{})
	w.rules.Reminders = true
	w.happens(at(0), gengfu.EventOpened, nil)
	w.look(at(90))
	w.want("09 10:00 opened")
	if next := w.inc.Escalation.Remind; next.Before(at(94)) || next.After(at(97)) {
		t.Errorf("the reminder comes at %s", next)
	}
	w.until(at(97))
	if len(w.log) != 2 || !strings.Contains(w.log[1], "reminded") {
		t.Errorf("%q", w.log)
	}
}

func TestKeep_aSilenceStopsEverythingAndItsEndBeginsAnew(t *testing.T) {
	w := newWard(t, standard())
	w.happens(at(0), gengfu.EventOpened, nil)
	w.happens(at(3), gengfu.EventMuted, func(inc *gengfu.Incident) { inc.Silence = 7 })
	w.until(at(60))
	w.turn = "王五"
	w.happens(at(60), gengfu.EventUnmuted, func(inc *gengfu.Incident) { inc.Silence = 0 })
	w.until(at(75))
	w.want("09 10:00 opened → mail/张三", "09 10:03 muted", "09 11:00 unmuted → mail/王五", "09 11:10 escalated 王五, B → mail/王五,mail/B")
}

func TestDue_outsideTheHours(t *testing.T) {
	evening := at(10 * 60) // 20:00
	for _, tt := range []struct {
		page bool
		want []string
	}{
		{false, []string{"09 20:00 opened", "10 09:00 escalated 张三 → mail/张三", "10 09:10 escalated 张三, B → mail/张三,mail/B", "10 09:20 escalated lead → mail/lead", "10 09:30 escalation_exhausted"}},
		{true, []string{"09 20:00 opened → mail/张三", "09 20:10 escalated 张三, B → mail/张三,mail/B", "09 20:20 escalated lead → mail/lead", "09 20:30 escalation_exhausted"}},
	} {
		p := standard()
		p.Repeat, p.Calendar, p.Page = 0, "office", tt.page
		w := newWard(t, p)
		w.happens(evening, gengfu.EventOpened, nil)
		w.until(evening.Add(24 * time.Hour))
		w.want(tt.want...)
	}
}

func TestDue_remindsLessAndLessOften(t *testing.T) {
	w := newWard(t, escalation.Policy{})
	w.rules.Reminders, w.rules.Mornings = true, "office"
	w.happens(at(0), gengfu.EventOpened, nil)
	w.until(at(5 * 24 * 60))
	var planned []time.Time
	for _, m := range []float64{30, 60, 120, 240} {
		planned = append(planned, at(m))
	}
	for day := 1; day <= 4; day++ {
		planned = append(planned, at(float64(day*24*60-60))) // 09:00
	}
	if len(w.log) != 1+len(planned) {
		t.Fatalf("%d reminders: %v", len(w.log)-1, w.log)
	}
	for i, want := range planned {
		got, err := time.ParseInLocation("02 15:04", w.log[i+1][:8], zone())
		if err != nil {
			t.Fatal(err)
		}
		got = got.AddDate(2026, 2, 0)
		if off := got.Sub(want); off < -4*time.Minute || off > 4*time.Minute || got.Minute()%30 == 0 {
			t.Errorf("reminder %d at %s, want about %s and off the half hour", i+1, got, want)
		}
	}
}

func TestKeep_withoutPeopleTellsNobodyBesides(t *testing.T) {
	w := newWard(t, escalation.Policy{})
	w.happens(at(0), gengfu.EventOpened, nil)
	w.happens(at(1), gengfu.EventAcked, func(inc *gengfu.Incident) { inc.State, inc.AckedBy = gengfu.IncidentAcked, "李四" })
	w.until(at(24 * 60))
	w.want("09 10:00 opened", "09 10:01 acked")
}
