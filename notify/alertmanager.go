package notify

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"gengfu"
)

// alertmanager hands incidents over as alerts to Alertmanager's API v2, after
// https://prometheus.io/docs/alerting/latest/alerts_api/.
type alertmanager struct {
	cfg Config
}

// alertLife is how long an alert stands unless it is said to be over. The
// outbox says it, so that nothing has to be repeated every minute.
const alertLife = 30 * 24 * time.Hour

func checkAlertmanager(c Config) []string {
	if wrong := checkAddress(c.URL); wrong != "" {
		return []string{wrong}
	}
	return checkPace(c, 600)
}

func newAlertmanager(cfg Config) service { return &alertmanager{cfg} }

// limits leave room for a storm.
func (a *alertmanager) limits() Limits {
	return Limits{Each: true, PerSecond: 10, Burst: 10, Updates: true}
}

type alert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	Starts      string            `json:"startsAt"`
	Ends        string            `json:"endsAt"`
	Generator   string            `json:"generatorURL,omitempty"`
}

// write makes an alert for each severity, only the present one firing: the
// severity is a label, and a label that changes makes another alert.
func (a *alertmanager) write(m message, n gengfu.Notice) (parcel, error) {
	inc := n.Incident
	var alerts []alert
	for _, g := range []gengfu.Grade{gengfu.GradeNotice, gengfu.GradeOrdinary, gengfu.GradeMajor} {
		firing := inc.Active() && g == inc.Grade
		one := alert{
			Labels: present(map[string]string{
				"alertname": "GengfuIncident", "incident": clean(inc.Number, maxName), "scope": clean(inc.Key, maxTitle),
				"target": clean(inc.Target, maxName), "severity": string(g),
			}),
			Annotations: present(map[string]string{"summary": m.Lead, "description": m.Cause.Text, "runbook_url": clean(inc.Runbook, maxAddress)}),
			Starts:      *moment(starts(n)), Ends: *moment(n.Event.At),
		}
		if firing {
			one.Ends = *moment(n.Event.At.Add(alertLife))
		}
		if webAddress(n.URL) {
			one.Generator = n.URL
		}
		alerts = append(alerts, one)
	}
	return pack(alerts, nil)
}

// starts is since when the alert stands, never after the event.
func starts(n gengfu.Notice) time.Time {
	if t := n.Incident.Opened; !t.IsZero() && t.Before(n.Event.At) {
		return t
	}
	return n.Event.At
}

// present leaves out what is empty, which Alertmanager does not take.
func present(all map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range all {
		if value != "" {
			out[name] = value
		}
	}
	return out
}

func (a *alertmanager) deliver(ctx context.Context, call carrier, content json.RawMessage, _ gengfu.Delivery) (string, error) {
	header := http.Header{}
	if a.cfg.Username != "" {
		r := http.Request{Header: header}
		r.SetBasicAuth(a.cfg.Username, a.cfg.Password.Reveal())
	}
	answer, err := call(ctx, http.MethodPost, baseOf(a.cfg, "")+"/api/v2/alerts", header, content)
	if err != nil {
		return "", err
	}
	return "", statusError(answer)
}
