package web

import (
	"fmt"
	"html"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gengfu"
)

// tongue is what templates say in one language.
type tongue struct {
	lang gengfu.Lang
	zone *time.Location
	now  func() time.Time
}

func (g tongue) funcs() template.FuncMap {
	return template.FuncMap{
		"t": g.text, "said": func(text string) string { return gengfu.Say(text, g.lang) }, "word": g.word, "scope": g.scope, "badge": g.badge, "taint": g.taint, "ordinal": func(i int) int { return i + 1 }, "sign": sign,
		"span": span, "when": g.when, "clock": g.clock, "day": g.day, "ago": g.ago, "since": g.since,
		"step": g.step, "pct": percent, "bytes": size, "cause": g.cause, "selfcheck": func(c gengfu.SelfCheck) string { return gengfu.SelfSentence(c.Findings, g.lang) }, "sentence": g.sentence, "check": g.check, "remark": func(m gengfu.Remark) string { return m.Sentence(g.lang) }, "session": func(u *gengfu.SessionUse) string { return u.Sentence(g.lang) }, "where": g.where, "hints": g.hints,
		"runURL": runURL, "scenarioURL": scenarioURL, "incidentURL": incidentURL, "evidenceURL": evidenceURL,
		"heartbeat": g.heartbeat, "chart": g.chart, "lane": lane, "meter": g.meter, "sparkline": g.sparkline,
		"clockkind": func(c gengfu.Clock) string { return c.KindIn(g.lang) }, "clockstate": func(c gengfu.Clock) string { return c.StateIn(g.lang) },
		"clockdue": func(c gengfu.Clock) string { return c.DueIn(g.lang, g.zone) },
		"impact":   g.impact, "schedule": g.schedule, "told": tell, "path": shortURL, "breaks": breaks, "join": func(names []string) string { return strings.Join(names, ", ") }, "cls": func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) },
	}
}

// say returns the words of a key. A key that is not in the table is given back
// in brackets; the tests leave none.
func say(lang gengfu.Lang, key string, args ...any) string {
	both, ok := vocabulary[key]
	if !ok {
		return "[" + key + "]"
	}
	text := both[0]
	if lang == gengfu.English {
		text = both[1]
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// step is the name of a step; one made from the step begins with its verb.
func (g tongue) step(name string) string {
	verb, _, _ := strings.Cut(name, " ")
	return gengfu.StepName(g.lang, verb, name)
}

func (g tongue) text(key string, args ...any) string { return say(g.lang, key, args...) }

// word is the name of a value of a family, such as outcome "failed"; a value
// that nobody named is shown as it is.
func (g tongue) word(family string, value any) string {
	v := fmt.Sprint(value)
	if _, ok := vocabulary[family+"."+v]; ok {
		return say(g.lang, family+"."+v)
	}
	return v
}

// scope says what an incident is about that is not about a page, empty otherwise.
func (g tongue) scope(key string) string {
	scope, _, _ := strings.Cut(key, ":")
	if word := g.word("scope", scope); word != scope {
		return word
	}
	return ""
}

// badge is a value with its sign, colour and word.
func (g tongue) badge(family string, value any) template.HTML {
	v := fmt.Sprint(value)
	//nolint:gosec // both parts are escaped, the sign is a constant
	return template.HTML(`<span class="badge ` + html.EscapeString(v) + `">` + string(sign(v)) + html.EscapeString(g.word(family, v)) + `</span>`)
}

// span prints a duration, a dash for none.
func span(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return gengfu.Span(d)
}

// clock is a moment in the site's zone, to the second, short within the year.
func (g tongue) clock(at time.Time) string {
	local, layout := at.In(g.zone), "2006-01-02 15:04:05"
	if local.Year() == g.now().In(g.zone).Year() {
		layout = "01-02 15:04:05"
	}
	return local.Format(layout)
}

// when is the clock as an element that programs can read too.
func (g tongue) when(at time.Time) template.HTML {
	if at.IsZero() {
		return "–"
	}
	return stamp(at.In(g.zone), g.clock(at))
}

// day is a moment to the minute, for rows that are read by day.
func (g tongue) day(at time.Time) template.HTML {
	if at.IsZero() {
		return "–"
	}
	local := at.In(g.zone)
	return stamp(local, local.Format("2006-01-02 15:04"))
}

// ago is how long ago a moment was.
func (g tongue) ago(at time.Time) template.HTML {
	if at.IsZero() {
		return template.HTML(g.text("time.never")) //nolint:gosec // a constant of the table
	}
	d := max(g.now().Sub(at), 0).Truncate(time.Second)
	if d >= time.Minute {
		d = d.Truncate(time.Minute)
	}
	return stamp(at.In(g.zone), g.text("time.ago", gengfu.Span(d)))
}

// since is how long ago a moment was, without saying "ago".
func (g tongue) since(at time.Time) string {
	if at.IsZero() {
		return "–"
	}
	d := max(g.now().Sub(at), 0).Truncate(time.Second)
	if d >= time.Minute {
		d = d.Truncate(time.Minute)
	}
	return gengfu.Span(d)
}

// schedule says when a scenario runs: an interval in the page's words, anything
// else as its author wrote it.
func (g tongue) schedule(c gengfu.ScenarioCard) string {
	if c.Schedule == "every "+c.Interval.String() {
		return g.text("schedule.every", gengfu.Span(c.Interval))
	}
	return c.Schedule
}

// impact is how long an incident hurt, until now when it still does.
func (g tongue) impact(inc gengfu.Incident) string {
	end := inc.ImpactEnd
	if end.IsZero() {
		end = inc.Resolved
	}
	if end.IsZero() {
		return g.since(inc.ImpactStart)
	}
	return span(end.Sub(inc.ImpactStart).Truncate(time.Second))
}

// deliveryTable is what the table of deliveries needs on either page.
type deliveryTable struct {
	List   []gengfu.Delivery
	Replay bool
}

func tell(list []gengfu.Delivery, replay bool) deliveryTable {
	return deliveryTable{List: list, Replay: replay}
}

func stamp(at time.Time, text string) template.HTML {
	//nolint:gosec // formatted by time, text is escaped
	return template.HTML(`<time datetime="` + at.Format(time.RFC3339) + `" title="` + at.Format("2006-01-02 15:04:05 MST") + `">` + html.EscapeString(text) + `</time>`)
}

func (g tongue) cause(f *gengfu.Failure) string {
	if f == nil {
		return ""
	}
	return f.Cause(g.lang)
}

func (g tongue) sentence(f *gengfu.Failure) string { return f.Sentence(g.lang) }

func (g tongue) where(f *gengfu.Failure) string {
	if f == nil {
		return ""
	}
	return f.Where(g.lang)
}

func (g tongue) hints(f *gengfu.Failure) []string {
	if f == nil {
		return nil
	}
	return f.HintLines(g.lang)
}

// percent shows a share with as many digits as an availability needs; what is
// not all never reads 100 %.
func percent(share float64) string {
	text := strconv.FormatFloat(share*100, 'f', 2, 64)
	if share < 1 && text == "100.00" {
		text = "99.99"
	}
	return strings.TrimSuffix(text, ".00") + " %"
}

// size prints bytes in binary units.
func size(n any) string {
	var v float64
	switch n := n.(type) {
	case int:
		v = float64(n)
	case int64:
		v = float64(n)
	case uint64:
		v = float64(n)
	}
	for _, unit := range []string{"B", "KiB", "MiB", "GiB"} {
		if v < 1024 {
			return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0") + " " + unit
		}
		v /= 1024
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " TiB"
}

func runURL(id string) string          { return "/runs/" + url.PathEscape(id) }
func scenarioURL(id string) string     { return "/scenarios/" + url.PathEscape(id) }
func incidentURL(number string) string { return "/incidents/" + url.PathEscape(number) }

func evidenceURL(ev gengfu.Evidence) string {
	return "/evidence/" + url.PathEscape(string(ev.Kind)) + "/" + url.PathEscape(ev.SHA256)
}

// shortURL leaves the scheme out of an address that is shown.
func shortURL(u string) string {
	return strings.TrimPrefix(strings.TrimPrefix(u, "https://"), "http://")
}

// breaks lets a long word break after its slashes.
func breaks(text string) template.HTML {
	return template.HTML(strings.ReplaceAll(html.EscapeString(text), "/", "/<wbr>")) //nolint:gosec // escaped
}
