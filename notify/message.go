package notify

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gengfu"
)

// The sizes, in bytes, that texts from pages and people are cut to.
const (
	maxTitle   = 300
	maxName    = 120
	maxCause   = 1500
	maxHint    = 300
	maxHints   = 6
	maxMembers = 10
)

// message is a notice in the words of one language, ready to be laid out. Its
// texts are clean but not escaped.
type message struct {
	Lang    gengfu.Lang
	Lead    string // first line
	Colon   string // what stands between a label and its text
	Subject string // the same for every event of the incident
	Tone    string // color of the edge: #rrggbb
	Remark  string
	Facts   []fact
	Cause   fact
	Note    fact
	Hints   []string
	HintsIn string // label of the hints
	Links   []link
	Footer  string
	Picture bool // comes with the message, where the channel can carry one
}

type fact struct{ Label, Text string }

type link struct{ Label, URL string }

// style is what a channel renders with.
type style struct {
	lang gengfu.Lang
	zone *time.Location
	run  func(run string) string // address of a run's page, nil for none
}

// compose puts a notice into words.
func (s style) compose(n gengfu.Notice) message {
	if m, ok := s.plain(n); ok {
		return m
	}
	inc, ev := n.Incident, n.Event
	m := message{
		Lang:    s.lang,
		Lead:    s.lead(n),
		Colon:   wordColon.in(s.lang),
		Subject: wordSubject.in(s.lang) + " " + clean(inc.Number, maxName) + " " + clean(inc.Title, maxTitle),
		Tone:    tone(n),
		Remark:  remarks[scopeOf(inc.Key)].in(s.lang),
		HintsIn: wordHints.in(s.lang),
		Facts:   s.facts(n),
		Links:   s.links(n),
		Footer:  wordFooter.in(s.lang),
	}
	if f := failureOf(n); f != nil {
		m.Cause = fact{wordCause.in(s.lang), clean(f.Cause(s.lang), maxCause)}
		for _, h := range f.HintLines(s.lang) {
			if len(m.Hints) == maxHints {
				break
			}
			if h = clean(h, maxHint); h != "" {
				m.Hints = append(m.Hints, h)
			}
		}
	}
	if text := clean(gengfu.Say(ev.Text, s.lang), maxCause); text != "" && ev.Kind != gengfu.EventAssigned {
		m.Note = fact{wordNote.in(s.lang), text}
	}
	return m
}

// failureOf is the cause to tell: the event's own, else the incident's.
func failureOf(n gengfu.Notice) *gengfu.Failure {
	if n.Event.Failure != nil {
		return n.Event.Failure
	}
	return n.Incident.Failure
}

func (s style) lead(n gengfu.Notice) string {
	if m, ok := s.plain(n); ok {
		return m.Lead
	}
	inc := n.Incident
	pattern, ok := leads[n.Event.Kind]
	if !ok {
		pattern = leads[gengfu.EventUpdated]
	}
	what, ok := whats[scopeOf(inc.Key)]
	if !ok {
		what = whats[""]
	}
	since := ""
	if t := inc.Began(); !t.IsZero() {
		since = t.In(s.zone).Format("2006-01-02 15:04")
	}
	return strings.NewReplacer(
		"{grade}", s.grade(inc.Grade), "{what}", what.in(s.lang), "{title}", clean(inc.Title, maxTitle), "{since}", since,
		"{owner}", s.person(inc.Owner), "{acker}", s.person(inc.AckedBy), "{assignee}", s.person(cmp.Or(inc.Assignee, inc.AckedBy)), "{actor}", s.person(n.Event.Actor),
		"{took}", gengfu.Span(lasted(n)), "{times}", strconv.Itoa(inc.Reopened), "{into}", clean(inc.MergedInto, maxName),
	).Replace(pattern.in(s.lang))
}

func (s style) grade(g gengfu.Grade) string {
	if w, ok := grades[g]; ok {
		return w.in(s.lang)
	}
	return clean(string(g), maxName)
}

func (s style) person(name string) string {
	switch name = clean(name, maxName); name {
	case "":
		return wordNobody.in(s.lang)
	case gengfu.Machine:
		return wordMachine.in(s.lang)
	}
	return name
}

// lasted is how long the impact took, or has taken when it goes on.
func lasted(n gengfu.Notice) time.Duration {
	end := n.Event.At
	for _, t := range []time.Time{n.Incident.Resolved, n.Incident.ImpactEnd} {
		if !t.IsZero() && !n.Incident.Active() {
			end = t
		}
	}
	start := n.Incident.Began()
	if start.IsZero() || end.Before(start) {
		return 0
	}
	return end.Sub(start).Round(time.Second)
}

func (s style) facts(n gengfu.Notice) []fact {
	inc := n.Incident
	var facts []fact
	add := func(label words, text string) {
		if text != "" {
			facts = append(facts, fact{label.in(s.lang), text})
		}
	}
	add(wordIncident, clean(inc.Number, maxName))
	if n.Event.Kind == eventTest {
		add(wordDetected, s.clock(n.Event.At))
		return facts
	}
	if w, ok := states[inc.State]; ok {
		add(wordState, w.in(s.lang))
	}
	add(wordGrade, s.grade(inc.Grade))
	add(wordTarget, clean(inc.Target, maxName))
	add(wordMembers, s.members(inc.Members))
	add(wordParts, s.members(inc.Absorbed))
	add(wordBegan, s.clock(inc.ImpactStart))
	add(wordDetected, s.clock(inc.Opened))
	if !inc.Active() {
		add(wordResolved, s.clock(inc.Resolved))
	}
	if took := lasted(n); took > 0 {
		add(wordTook, gengfu.Span(took))
	}
	add(wordOwner, s.person(inc.Owner))
	add(wordAcker, clean(inc.AckedBy, maxName))
	add(wordAssignee, clean(inc.Assignee, maxName))
	if n.Event.Actor != gengfu.Machine {
		add(wordActor, clean(n.Event.Actor, maxName))
	}
	for _, c := range inc.Clocks {
		if due := c.DueIn(s.lang, s.zone); due != "" && c.Ended.IsZero() && inc.Active() {
			add(words{"时限·" + c.KindIn(gengfu.Chinese), "Time to " + c.KindIn(gengfu.English)}, due)
		}
	}
	if !webAddress(inc.Runbook) {
		add(wordRunbook, clean(inc.Runbook, maxHint))
	}
	return facts
}

func (s style) members(all []string) string {
	var names []string
	for _, m := range all[:min(len(all), maxMembers)] {
		names = append(names, clean(m, maxName))
	}
	if more := len(all) - len(names); more > 0 {
		names = append(names, fmt.Sprintf(wordMore.in(s.lang), more))
	}
	return strings.Join(names, ", ")
}

// clock prints a moment in the site's zone, which it names.
func (s style) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.zone).Format("2006-01-02 15:04:05 (UTC-07:00)")
}

func (s style) links(n gengfu.Notice) []link {
	var links []link
	add := func(label words, address string) {
		if webAddress(address) {
			links = append(links, link{label.in(s.lang), address})
		}
	}
	add(wordPage, n.URL)
	add(wordTake, n.Ack)
	if run := runOf(n); run != "" && s.run != nil {
		add(wordRun, s.run(run))
	}
	add(wordRunbook, n.Incident.Runbook)
	return links
}

// runOf is the run that a notice is about: the event's own, else the latest.
func runOf(n gengfu.Notice) string {
	if n.Event.Run != "" {
		return n.Event.Run
	}
	return n.Incident.LastRun
}

// maxAddress is where browsers and mail programs begin to cut addresses.
const maxAddress = 1000

// webAddress reports whether text is an address that may be made a link.
func webAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(text) <= maxAddress && !strings.ContainsAny(text, "<>|\" ")
}

// The colors that stand for something.
const (
	toneGrey  = "#6b7280"
	toneGreen = "#15803d"
	toneRed   = "#b91c1c"
	toneBlue  = "#1d4ed8"
)

// tone is the color that stands for how things are.
func tone(n gengfu.Notice) string {
	switch inc := n.Incident; {
	case n.Event.Kind == eventTest:
		return toneGrey
	case inc.State == gengfu.IncidentResolved:
		return toneGreen
	case !inc.Active():
		return toneGrey
	case inc.Grade == gengfu.GradeMajor:
		return toneRed
	case inc.Grade == gengfu.GradeNotice:
		return toneBlue
	}
	return "#b45309"
}

// bare is a notice without everything that a template may stumble over: the
// message of last resort.
func bare(n gengfu.Notice) gengfu.Notice {
	inc := n.Incident
	return gengfu.Notice{
		Event: gengfu.Event{Incident: n.Event.Incident, Seq: n.Event.Seq, At: n.Event.At, Actor: gengfu.Machine, Kind: n.Event.Kind},
		Incident: gengfu.Incident{
			Number: inc.Number, Key: inc.Key, State: inc.State, Grade: inc.Grade, Title: clean(inc.Title, maxTitle),
			ImpactStart: inc.ImpactStart, Opened: inc.Opened, Resolved: inc.Resolved, ImpactEnd: inc.ImpactEnd, Seq: inc.Seq,
		},
	}
}
