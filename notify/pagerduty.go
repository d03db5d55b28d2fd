package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"gengfu"
)

// pagerduty hands incidents over to PagerDuty by its Events API v2, after
// https://developer.pagerduty.com/docs/send-alert-event. The incident's number
// is the key, so that every event finds the same incident there.
type pagerduty struct {
	cfg Config
}

const (
	pagerdutyBase    = "https://events.pagerduty.com"
	pagerdutySummary = 1024 // characters; counted here in bytes
)

func checkPagerduty(c Config) []string {
	found := checkPace(c, 120)
	if c.Token == "" {
		found = append(found, "token: is missing, want the integration key of a service")
	}
	return append(found, checkBase(c)...)
}

func newPagerduty(cfg Config) service { return &pagerduty{cfg} }

// limits stay below 120 in any minute.
func (p *pagerduty) limits() Limits {
	return Limits{Each: true, PerSecond: 1.5, Burst: 10, Updates: true}
}

// pagerdutyEvent is an event; the routing key, a secret, is of the try.
type pagerdutyEvent struct {
	Routing string            `json:"routing_key"`
	Action  string            `json:"event_action"`
	Key     string            `json:"dedup_key"`
	Client  string            `json:"client"`
	Page    string            `json:"client_url,omitempty"`
	Payload *pagerdutyPayload `json:"payload,omitempty"`
	Links   []pagerdutyLink   `json:"links,omitempty"`
}

type pagerdutyPayload struct {
	Summary   string      `json:"summary"`
	Source    string      `json:"source"`
	Severity  string      `json:"severity"`
	Timestamp string      `json:"timestamp"`
	Class     string      `json:"class,omitempty"`
	Details   webhookData `json:"custom_details"`
}

type pagerdutyLink struct {
	Address string `json:"href"`
	Text    string `json:"text"`
}

func (p *pagerduty) write(m message, n gengfu.Notice) (parcel, error) {
	details := describe(n, p.cfg.Lang)
	details.Members, details.Tags = names(n.Incident.Members, 20), names(n.Incident.Tags, 20)
	source := details.Target
	if source == "" {
		source = details.Scope
	}
	if source == "" {
		source = details.Incident
	}
	ev := pagerdutyEvent{
		Action: pagerdutyAction(n.Incident), Key: cut(details.Incident, 255), Client: "Gengfu",
		Payload: &pagerdutyPayload{
			Summary: cut(m.Lead, pagerdutySummary), Source: source, Severity: pagerdutySeverity(n.Incident.Grade),
			Timestamp: *moment(n.Event.At), Class: details.Class, Details: details,
		},
	}
	if webAddress(n.URL) {
		ev.Page = n.URL
	}
	for _, l := range m.Links {
		ev.Links = append(ev.Links, pagerdutyLink{l.URL, l.Label})
	}
	return pack(ev, nil)
}

// pagerdutyAction follows the incident's state and not the event: a note about
// what is over must not open it again.
func pagerdutyAction(inc gengfu.Incident) string {
	switch inc.State {
	case gengfu.IncidentOpen:
		return "trigger"
	case gengfu.IncidentAcked, gengfu.IncidentWorking, gengfu.IncidentMitigated:
		return "acknowledge"
	}
	return "resolve"
}

func pagerdutySeverity(g gengfu.Grade) string {
	switch g {
	case gengfu.GradeMajor:
		return "critical"
	case gengfu.GradeNotice:
		return "info"
	}
	return "error"
}

func (p *pagerduty) deliver(ctx context.Context, call carrier, content json.RawMessage, _ gengfu.Delivery) (string, error) {
	var ev pagerdutyEvent
	if err := json.Unmarshal(content, &ev); err != nil {
		return "", &MessageError{Err: err}
	}
	ev.Routing = p.cfg.Token.Reveal()
	data, err := encode(ev)
	if err != nil {
		return "", &MessageError{Err: err}
	}
	answer, err := call(ctx, http.MethodPost, baseOf(p.cfg, pagerdutyBase)+"/v2/enqueue", nil, data)
	if err != nil {
		return "", err
	}
	if answer.status == http.StatusBadRequest && strings.Contains(strings.ToLower(answer.body), "routing") {
		return "", &EndpointError{Err: fmt.Errorf("the integration key is refused: %s", clean(answer.body, maxReason/2))}
	}
	if err := statusError(answer); err != nil {
		return "", err
	}
	var said struct {
		Key    string `json:"dedup_key"`
		Status string `json:"status"`
	}
	if json.Unmarshal([]byte(answer.body), &said) != nil || said.Status != "success" {
		return "", unreadable(answer)
	}
	return said.Key, nil
}
