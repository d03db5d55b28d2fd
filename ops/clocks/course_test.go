package clocks_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/ops/clocks"
)

// contracted is an incident whose clocks go by the usual contract, and what was
// said of them.
type contracted struct {
	t     *testing.T
	rules clocks.Rules
	inc   gengfu.Incident
	log   []string
}

func newContracted(t *testing.T) *contracted {
	t.Helper()
	week := func(name string, hours gengfu.Segment, days ...time.Weekday) *gengfu.Calendar {
		cfg := gengfu.CalendarConfig{Name: name, Zone: time.UTC}
		for _, day := range days {
			cfg.Week[day] = []gengfu.Segment{hours}
		}
		c, err := gengfu.NewCalendar(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	cals := map[string]*gengfu.Calendar{
		"support": week("support", gengfu.Segment{From: 9 * 60, To: 17 * 60}, 1, 2, 3, 4, 5),
		"always":  week("always", gengfu.Segment{From: 0, To: 24 * 60}, 0, 1, 2, 3, 4, 5, 6),
	}
	usual := clocks.Usual(cals["support"], cals["always"])
	return &contracted{t: t, rules: clocks.Rules{
		Targets:  func(inc gengfu.Incident, _ time.Time) map[clocks.Kind]clocks.Target { return usual[inc.Grade] },
		Calendar: func(name string) *gengfu.Calendar { return cals[name] },
	}}
}

// monday is a time of Monday 2026-03-09.
func monday(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", "2026-03-09 "+clock)
	if err != nil {
		return time.Time{}
	}
	return t
}

func (c *contracted) note(events []gengfu.Event, now time.Time) {
	for _, ev := range events {
		if strings.HasPrefix(string(ev.Kind), "clock_") {
			c.log = append(c.log, fmt.Sprintf("%s %s %s", now.Format("15:04"), ev.Kind, gengfu.Say(ev.Text, gengfu.English)))
		}
	}
}

func (c *contracted) happens(clock string, kind gengfu.EventKind, change func(*gengfu.Incident)) {
	now, before := monday(clock), c.inc
	actor := "李工"
	if kind == gengfu.EventOpened {
		c.inc = gengfu.Incident{Number: "INC-2026-0001", State: gengfu.IncidentOpen, Grade: gengfu.GradeOrdinary, Opened: now}
		actor = gengfu.Machine
	}
	if change != nil {
		change(&c.inc)
	}
	inc, events := clocks.Keep(c.rules, before, c.inc, []gengfu.Event{{Kind: kind, Actor: actor, At: now}}, now)
	c.inc = inc
	c.note(events, now)
}

// until follows the timer, as the sweep does.
func (c *contracted) until(clock string) {
	c.t.Helper()
	for range 50 {
		timer, ok := clocks.Timer(c.rules, c.inc)
		if !ok || timer.Due.After(monday(clock)) {
			return
		}
		inc, events := clocks.Due(c.rules, c.inc, timer.Due)
		c.inc = inc
		c.note(events, timer.Due)
	}
	c.t.Fatal("a clock stays due")
}

// stand is every clock in short.
func (c *contracted) stand() string {
	var parts []string
	for _, w := range c.inc.Clocks {
		part := w.Kind + " " + w.State
		if !w.Due.IsZero() && w.Ended.IsZero() {
			part += " " + w.Due.Format("02 15:04") + "/" + w.WallDue.Format("02 15:04")
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func (c *contracted) want(stand string, log ...string) {
	c.t.Helper()
	if got := c.stand(); got != stand {
		c.t.Errorf("clocks: %s\n   want: %s", got, stand)
	}
	if diff := cmp.Diff(log, c.log); diff != "" {
		c.t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestKeep_followsTheCourse(t *testing.T) {
	c := newContracted(t)
	c.happens("10:00", gengfu.EventOpened, nil)
	c.want("respond running 09 10:30/09 10:30, resolve running 09 14:00/09 14:00")
	c.until("10:28")
	c.happens("10:28", gengfu.EventAcked, func(inc *gengfu.Incident) { inc.State = gengfu.IncidentAcked })
	said := []string{"10:22 clock_warned respond 75%", "10:27 clock_warned respond 90%"}
	c.want("respond met, resolve running 09 14:00/09 14:00", said...)
	c.happens("11:00", gengfu.EventHeld, func(inc *gengfu.Incident) { inc.HoldReason = "等厂商" })
	c.want("respond met, resolve paused", said...)
	c.happens("16:00", gengfu.EventReleased, nil) // 3 h are left, 1 h of them today
	c.want("respond met, resolve running 10 11:00/09 19:00", said...)
	c.happens("16:30", gengfu.EventMitigated, func(inc *gengfu.Incident) { inc.State = gengfu.IncidentMitigated })
	c.happens("16:40", gengfu.EventReopened, func(inc *gengfu.Incident) { inc.State = gengfu.IncidentWorking })
	c.want("respond met, resolve running 10 11:10/09 19:10", said...)
	c.happens("16:50", gengfu.EventDeclined, nil)
	c.want("respond met, resolve cancelled", said...)
}

func TestKeep_anotherGradeCountsFromTheBeginning(t *testing.T) {
	c := newContracted(t)
	c.happens("10:00", gengfu.EventOpened, nil)
	c.happens("10:20", gengfu.EventUpdated, func(inc *gengfu.Incident) { inc.Grade = gengfu.GradeMajor })
	if !c.inc.Clocks[0].BreachAt.Equal(monday("10:20")) { // 15 min were over at 10:15
		t.Errorf("%+v", c.inc.Clocks[0])
	}
	c.want("respond breached, resolve cancelled", "10:20 clock_breached respond")
	c.happens("10:30", gengfu.EventAcked, nil)
	c.until("11:40")
	c.happens("11:45", gengfu.EventResolved, func(inc *gengfu.Incident) { inc.State = gengfu.IncidentResolved })
	c.want("respond breached, resolve cancelled, announce breached, report running 12 17:00/10 17:00",
		"10:20 clock_breached respond", "11:15 clock_warned announce the repair 75%",
		"11:24 clock_warned announce the repair 90%", "11:30 clock_breached announce the repair")
}

func TestDue_withoutItsCalendarAClockStandsStill(t *testing.T) {
	c := newContracted(t)
	c.happens("10:00", gengfu.EventOpened, nil)
	before := c.stand()
	c.rules.Calendar = func(string) *gengfu.Calendar { return nil }
	c.until("16:00")
	c.happens("16:00", gengfu.EventNoted, nil)
	c.want(before)
}
