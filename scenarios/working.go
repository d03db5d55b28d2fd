package scenarios

import (
	"fmt"
	"slices"
	"time"

	"gengfu"
	"gengfu/scenarios/strict"
)

// Working is what a schedule says of working time and of heightened periods.
type Working struct {
	During     string        // name of a calendar; empty for always
	Otherwise  time.Duration // interval outside the calendar; zero for not at all
	Shift      bool          // a cron time outside the calendar moves to its next opening
	Heightened time.Duration // interval in heightened periods; zero for no other
	Thorough   bool          // what passes in heightened periods has evidence, too

	// What the instance knows of the scenario. Reading one leaves it empty.
	Calendar *gengfu.Calendar
	Windows  []gengfu.Window
	Upkeep   []Maintenance
}

func workingKeys() []key[Schedule] {
	return []key[Schedule]{
		{Field{Name: "during", Shape: shapeText, Zh: "只在这个工作日历内执行", En: "the calendar of the instance file in whose working time it is due"}, func(r *reader, n strict.Node, s *Schedule) { s.During = identifier(n) }},
		{Field{Name: "otherwise", Shape: shapeRate, Zh: "工作时间之外的间隔，不写则不执行", En: "how often it is due outside the calendar; not at all unless given"}, func(r *reader, n strict.Node, s *Schedule) { s.Otherwise = r.rate(n) }},
		{Field{Name: "shift", Words: []string{"next"}, Zh: "落在工作时间之外的 cron 顺延到下一个工作时段", En: "a cron time outside the calendar moves to when it next opens"}, func(r *reader, n strict.Node, s *Schedule) {
			_, s.Shift = n.Enum("shift", "next")
		}},
		{Field{Name: "heightened", Shape: shapeDense, Zh: "重点保障期的间隔和证据", En: "how often it is due in heightened periods of the instance file, and with what evidence"}, func(r *reader, n strict.Node, s *Schedule) {
			readRate(r, n, r.lang.dense, &s.Working)
		}},
	}
}

func rateKeys() []key[time.Duration] {
	return []key[time.Duration]{
		{everyField(), func(_ *reader, n strict.Node, d *time.Duration) { *d = distance(n) }},
	}
}

func denseKeys() []key[Working] {
	return []key[Working]{
		{everyField(), func(_ *reader, n strict.Node, w *Working) { w.Heightened = distance(n) }},
		{Field{Name: "evidence", Words: []string{"all"}, Zh: "all：通过的运行也保留截图、页面和请求记录", En: "all: runs that pass keep picture, page and requests, too"}, func(_ *reader, n strict.Node, w *Working) {
			_, w.Thorough = n.Enum("evidence", "all")
		}},
	}
}

func everyField() Field {
	return Field{Name: "every", Shape: shapeDuration, Required: true, Zh: "间隔", En: "the distance of two runs"}
}

// distance reads how far apart two runs are.
func distance(n strict.Node) time.Duration {
	v, ok := n.Duration()
	if ok && v < time.Second {
		n.Problem(fmt.Sprintf("every %s is too often", v), "at least 1s")
	}
	return v
}

func (r *reader) rate(n strict.Node) (every time.Duration) {
	readRate(r, n, r.lang.rate, &every)
	return every
}

func readRate[T any](r *reader, n strict.Node, keys []key[T], to *T) {
	if n.Kind() == strict.Scalar {
		n.Problem("want a mapping, not a text", "write {every: "+n.Text()+"}")
		return
	}
	readMap(r, n, keys, to)
}

// KeepsAll reports whether a run that begins at t keeps its evidence even when
// it passes.
func (w Working) KeepsAll(t time.Time) bool {
	return w.Thorough && slices.ContainsFunc(w.Windows, func(heightened gengfu.Window) bool { return heightened.Covers(t) })
}

// check finds words that do not go together.
func (s Schedule) check(n strict.Node) {
	w := s.Working
	switch {
	case w.During == "" && w.Otherwise > 0:
		n.Problem("otherwise goes with during", "name a calendar: during")
	case w.Shift && (w.During == "" || s.Cron == ""):
		n.Problem("shift goes with cron and during", "an interval needs no shift")
	case w.Shift && w.Otherwise > 0:
		n.Problem("shift and otherwise exclude each other", "keep one of them")
	}
}

// String follows what the schedule says of its interval or cron.
func (w Working) String() string {
	text := ""
	if w.During != "" {
		text += " during " + w.During
	}
	if w.Shift {
		text += ", shifted to the next opening"
	}
	if w.Otherwise > 0 {
		text += ", otherwise every " + w.Otherwise.String()
	}
	if w.Heightened > 0 {
		text += ", heightened every " + w.Heightened.String()
	}
	return text
}
