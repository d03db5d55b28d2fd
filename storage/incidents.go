package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"gengfu"
)

const incidentColumns = `number, key, state, grade, title, target, owner, notify, first_run, last_run, impact_start, opened_at, acked_at,
	acked_by, assignee, resolved_at, impact_end, closed_at, reopened, seq, detail`

// IncidentFilter narrows [Store.Incidents].
type IncidentFilter struct {
	Active bool // only those that somebody still has to work on
	Limit  int  // at most so many, 0 for all
}

// Incidents returns incidents, the newest number first.
func (s *Store) Incidents(ctx context.Context, filter IncidentFilter) ([]gengfu.Incident, error) {
	query := "SELECT " + incidentColumns + " FROM incident ORDER BY year DESC, ordinal DESC LIMIT $1"
	if filter.Active {
		query = "SELECT " + incidentColumns + " FROM incident WHERE state IN (1, 2, 3, 6) ORDER BY year DESC, ordinal DESC LIMIT $1"
	}
	list, err := all(ctx, s.reader, scanIncident, query, limitOf(filter.Limit))
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", explain(err))
	}
	return list, nil
}

// limitOf makes "no limit" of 0.
func limitOf(n int) int {
	if n <= 0 {
		return 1 << 30
	}
	return n
}

// Incident returns one incident, or an error that is [gengfu.ErrNotFound].
func (s *Store) Incident(ctx context.Context, number string) (gengfu.Incident, error) {
	inc, err := readIncident(ctx, s.reader, number)
	if err != nil {
		return inc, fmt.Errorf("incident %s: %w", number, explain(err))
	}
	return inc, nil
}

func readIncident(ctx context.Context, q querier, number string) (gengfu.Incident, error) {
	inc, ok, err := one(ctx, q, scanIncident, "SELECT "+incidentColumns+" FROM incident WHERE number = $1", number)
	if err == nil && !ok {
		err = gengfu.ErrNotFound
	}
	return inc, err
}

// Events returns the events of an incident in their order; none when there is
// no such incident.
func (s *Store) Events(ctx context.Context, number string) ([]gengfu.Event, error) {
	list, err := all(ctx, s.reader, scanEvent, "SELECT incident, seq, at, actor, kind, text, run, failure FROM incident_event WHERE incident = $1 ORDER BY seq", number)
	if err != nil {
		return nil, fmt.Errorf("read events of %s: %w", number, explain(err))
	}
	return list, nil
}

// incidentDetail is the part of an incident that is never searched.
type incidentDetail struct {
	Tags    []string        `json:",omitempty"`
	Runbook string          `json:",omitempty"`
	Members []string        `json:",omitempty"`
	Failure *gengfu.Failure `json:",omitempty"`
	gengfu.Course
}

func scanIncident(r row) (inc gengfu.Incident, err error) {
	var state, grade int
	var impact, opened, acked, resolved, end, closed int64
	var body []byte
	if err := r.Scan(&inc.Number, &inc.Key, &state, &grade, &inc.Title, &inc.Target, &inc.Owner, &inc.Notify, &inc.FirstRun, &inc.LastRun,
		&impact, &opened, &acked, &inc.AckedBy, &inc.Assignee, &resolved, &end, &closed, &inc.Reopened, &inc.Seq, &body); err != nil {
		return inc, err
	}
	inc.State, inc.Grade = incidents.word(state), grades.word(grade)
	inc.ImpactStart, inc.Opened, inc.Acked = moment(impact), moment(opened), moment(acked)
	inc.Resolved, inc.ImpactEnd, inc.Closed = moment(resolved), moment(end), moment(closed)
	var d incidentDetail
	err = json.Unmarshal(body, &d)
	inc.Tags, inc.Runbook, inc.Members, inc.Failure, inc.Course = d.Tags, d.Runbook, d.Members, d.Failure, d.Course
	return inc, err
}

func incidentNumber(year, ordinal int) string { return fmt.Sprintf("INC-%d-%04d", year, ordinal) }

func writeIncident(ctx context.Context, t *tx, inc gengfu.Incident) error {
	var year, ordinal int
	if _, err := fmt.Sscanf(inc.Number, "INC-%d-%d", &year, &ordinal); err != nil || incidentNumber(year, ordinal) != inc.Number {
		return fmt.Errorf("number is not like INC-2026-0042: %w", gengfu.ErrInvalid)
	}
	state, err := incidents.number(inc.State)
	if err != nil || state == 0 {
		return fmt.Errorf("state %q: %w", inc.State, gengfu.ErrInvalid)
	}
	grade, err := grades.number(inc.Grade)
	if err != nil {
		return err
	}
	body, err := json.Marshal(incidentDetail{inc.Tags, inc.Runbook, inc.Members, inc.Failure, inc.Course})
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, "INSERT INTO incident ("+incidentColumns+`, year, ordinal)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
		ON CONFLICT (number) DO UPDATE SET key = excluded.key, state = excluded.state, grade = excluded.grade, title = excluded.title,
		target = excluded.target, owner = excluded.owner, notify = excluded.notify, first_run = excluded.first_run, last_run = excluded.last_run,
		impact_start = excluded.impact_start, opened_at = excluded.opened_at, acked_at = excluded.acked_at, acked_by = excluded.acked_by,
		assignee = excluded.assignee, resolved_at = excluded.resolved_at, impact_end = excluded.impact_end, closed_at = excluded.closed_at,
		reopened = excluded.reopened, seq = excluded.seq, detail = excluded.detail`,
		inc.Number, inc.Key, state, grade, inc.Title, inc.Target, inc.Owner, inc.Notify, inc.FirstRun, inc.LastRun, millis(inc.ImpactStart),
		millis(inc.Opened), millis(inc.Acked), inc.AckedBy, inc.Assignee, millis(inc.Resolved), millis(inc.ImpactEnd), millis(inc.Closed),
		inc.Reopened, inc.Seq, body, year, ordinal)
	return err
}

func scanEvent(r row) (ev gengfu.Event, err error) {
	var at int64
	var kind int
	var body []byte
	if err := r.Scan(&ev.Incident, &ev.Seq, &at, &ev.Actor, &kind, &ev.Text, &ev.Run, &body); err != nil {
		return ev, err
	}
	ev.At, ev.Kind = moment(at), events.word(kind)
	if body != nil {
		err = json.Unmarshal(body, &ev.Failure)
	}
	return ev, err
}

// writeEvent appends an event; its number must be the next of its incident.
func writeEvent(ctx context.Context, t *tx, ev gengfu.Event) error {
	kind, err := events.number(ev.Kind)
	if err != nil || kind == 0 {
		return fmt.Errorf("kind %q: %w", ev.Kind, gengfu.ErrInvalid)
	}
	var body []byte
	if ev.Failure != nil {
		if body, err = json.Marshal(ev.Failure); err != nil {
			return err
		}
	}
	n, err := t.exec(ctx, `INSERT INTO incident_event (incident, seq, at, actor, kind, text, run, failure)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE $2 = 1 + (SELECT COALESCE(MAX(seq), 0) FROM incident_event WHERE incident = $1)`,
		ev.Incident, ev.Seq, millis(ev.At), ev.Actor, kind, ev.Text, ev.Run, body)
	if err == nil && n == 0 {
		err = fmt.Errorf("not the next number: %w", gengfu.ErrConflict)
	}
	return err
}
