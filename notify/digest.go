package notify

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gengfu"
)

// The kinds of messages that are of no one incident; the ledger's events are
// never of them.
const (
	eventDigest      gengfu.EventKind = "digest"
	eventLate        gengfu.EventKind = "late"
	eventUpkeepBegan gengfu.EventKind = "maintenance_began"
	eventUpkeepEnded gengfu.EventKind = "maintenance_ended"
	eventHandover    gengfu.EventKind = "handover"
	eventSilenced    gengfu.EventKind = "silenced"
)

// plains are the first lines of such messages.
var plains = map[gengfu.EventKind]words{
	eventDigest:      {"【汇总】%s 起事件的最新情况", "[DIGEST] %s incidents as they stand"},
	eventLate:        {"【延迟】恢复运行后补发，%s 起事件的最新情况", "[LATE] sent after an interruption: %s incidents as they stand"},
	eventUpkeepBegan: {"【维护开始】%s", "[MAINTENANCE BEGINS] %s"},
	eventUpkeepEnded: {"【维护结束】%s", "[MAINTENANCE ENDS] %s"},
	eventHandover:    {"【交接班】%s：未结束的事件", "[HANDOVER] %s: what is open"},
	eventSilenced:    {"【静默汇总】静默期间发生并结束、未曾通知的事件 %s 起", "[SILENCED] came and went inside silences, told to nobody: %s"},
	eventAsk:         {"【请处理】%s 需要人工操作", "[ATTEND] %s needs a person"},
}

// loose reports whether a message is of no incident that goes on.
func loose(kind gengfu.EventKind) bool {
	_, plain := plains[kind]
	return plain || kind == eventTest
}

const maxDigest = 20 // lines of a digest

// plain puts a message that is of no one incident into words; false for others.
func (s style) plain(n gengfu.Notice) (message, bool) {
	lead, ok := plains[n.Event.Kind]
	if !ok {
		return message{}, false
	}
	m := message{
		Lang: s.lang, Lead: fmt.Sprintf(lead.in(s.lang), clean(n.Incident.Title, maxTitle)), Colon: wordColon.in(s.lang), Tone: toneGrey,
		HintsIn: wordIncident.in(s.lang), Footer: wordFooter.in(s.lang),
	}
	m.Subject = wordSubject.in(s.lang) + " " + m.Lead
	lines := strings.Split(strings.TrimSpace(gengfu.Say(n.Event.Text, s.lang)), "\n")
	for i, line := range lines {
		if i == maxDigest {
			m.Hints = append(m.Hints, fmt.Sprintf(wordMore.in(s.lang), len(lines)-i))
			break
		}
		if line = clean(line, maxHint); line != "" {
			m.Hints = append(m.Hints, line)
		}
	}
	if n.Event.Kind == eventAsk {
		m.HintsIn, m.Picture = wordNote.in(s.lang), len(n.Picture) > 0
		if webAddress(n.URL) {
			m.Links = []link{{wordPicture.in(s.lang), n.URL}}
		}
	}
	if n.Event.Kind == eventUpkeepBegan || n.Event.Kind == eventUpkeepEnded {
		m.HintsIn = wordNote.in(s.lang)
	}
	return m, true
}

// latest are the newest messages of each incident, in the order in which the
// incidents first appear.
func latest(list []gengfu.Delivery) (newest []gengfu.Delivery) {
	place := map[string]int{}
	for _, d := range list {
		i, seen := place[d.Incident]
		if !seen {
			i = len(newest)
			place[d.Incident] = i
			newest = append(newest, d)
		}
		if d.ID > newest[i].ID {
			newest[i] = d
		}
	}
	return newest
}

// merge makes one message of the newest ones of several incidents, which are
// all for one endpoint.
func merge(ch Channel, newest []gengfu.Delivery, kind gengfu.EventKind, now time.Time) (gengfu.Delivery, error) {
	var text strings.Builder
	priority := gengfu.PriorityUpdate
	for _, d := range newest {
		fmt.Fprintf(&text, "%s %s\n", d.Incident, strings.ReplaceAll(d.Summary, "\n", " "))
		priority = min(priority, d.Priority)
	}
	b := bulletin{kind, strconv.Itoa(len(newest)), text.String(), fmt.Sprintf("%s|%d|%d", kind, newest[0].ID, newest[len(newest)-1].ID), priority}
	return b.to(ch, newest[0].Endpoint, now)
}

// bulletin is a message that is of no one incident; the same id gives the same
// key.
type bulletin struct {
	kind            gengfu.EventKind
	title, text, id string
	priority        int
}

// to makes and addresses the message.
func (b bulletin) to(ch Channel, endpoint string, now time.Time) (gengfu.Delivery, error) {
	d := newDraft(ch, gengfu.Notice{
		Event:    gengfu.Event{At: now, Actor: gengfu.Machine, Kind: b.kind, Text: b.text},
		Incident: gengfu.Incident{State: gengfu.IncidentClosed, Title: b.title, Opened: now},
	}, b.kind)
	if d.err != nil {
		return gengfu.Delivery{}, fmt.Errorf("render message for %q: %w", endpoint, d.err)
	}
	return gengfu.Delivery{
		Key: key(b.id, 0, endpoint), Endpoint: endpoint, Stream: endpoint + "|" + b.id, Kind: b.kind, Body: d.body, Summary: d.summary,
		Priority: b.priority, State: gengfu.DeliveryPending, Next: now, Created: now, Expires: now.Add(expireUpdate),
	}, nil
}

// Upkeep are the messages that a maintenance begins or ends, for those along a
// route who read them themselves. However often they are asked for, they are
// queued once.
func (r *Router) Upkeep(route string, m gengfu.Window, ended bool, now time.Time) ([]gengfu.Delivery, error) {
	rt, ok := r.named(route)
	if !ok {
		return nil, fmt.Errorf("route %q: %w", route, gengfu.ErrNotFound)
	}
	kind := eventUpkeepBegan
	if ended {
		kind = eventUpkeepEnded
	}
	b := bulletin{
		kind, m.Title, m.From.Format("2006-01-02 15:04") + " – " + m.To.Format("2006-01-02 15:04 (UTC-07:00)"),
		fmt.Sprintf("%s|%s|%d", kind, m.Title, m.From.UnixMilli()), gengfu.PriorityUpdate,
	}
	var list []gengfu.Delivery
	for _, ep := range rt.Endpoints {
		ch, ok := r.channels.For(ep)
		if !ok || ch.Limits().Each {
			continue
		}
		d, err := b.to(ch, ep, now)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}
