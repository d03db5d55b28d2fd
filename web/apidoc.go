package web

import (
	"time"

	"gengfu"
)

// The documents of the API. Their JSON names are a promise: fields are added,
// never renamed.

type overviewDoc struct {
	State     gengfu.State  `json:"state"`
	Troubled  int           `json:"troubled"`
	Scenarios []scenarioDoc `json:"scenarios"`
	Incidents []incidentDoc `json:"incidents"`
	Prober    healthDoc     `json:"prober"`
}

type scenarioDoc struct {
	ID         string          `json:"id"`
	Title      string          `json:"title"`
	Target     string          `json:"target"`
	Tags       []string        `json:"tags"`
	Owner      string          `json:"owner"`
	Severity   gengfu.Grade    `json:"severity"`
	Schedule   string          `json:"schedule"`
	IntervalMS int64           `json:"interval_ms"`
	State      gengfu.State    `json:"state"`
	Since      *time.Time      `json:"since"`
	LastRun    *lastDoc        `json:"last_run"`
	Day        availabilityDoc `json:"last_24h"`
	Week       availabilityDoc `json:"last_7d"`
}

type lastDoc struct {
	ID         string         `json:"id"`
	Started    time.Time      `json:"started"`
	DurationMS int64          `json:"duration_ms"`
	Outcome    gengfu.Outcome `json:"outcome"`
}

type availabilityDoc struct {
	Runs         int      `json:"runs"`
	Failed       int      `json:"failed"`
	Degraded     int      `json:"degraded"`
	Errored      int      `json:"errored"`
	Availability *float64 `json:"availability"` // null without data
	P50MS        int64    `json:"p50_ms"`
	P95MS        int64    `json:"p95_ms"`
}

func availabilityDocOf(a Availability) availabilityDoc {
	d := availabilityDoc{Runs: a.N, Failed: a.Failed, Degraded: a.Degraded, Errored: a.Errored, P50MS: a.P50.Milliseconds(), P95MS: a.P95.Milliseconds()}
	if a.N > 0 {
		share := a.Ratio()
		d.Availability = &share
	}
	return d
}

func scenarioDocOf(row scenarioRow) scenarioDoc {
	c := row.Card
	d := scenarioDoc{
		ID: c.ID, Title: c.Title, Target: c.Target, Tags: list(c.Tags), Owner: c.Owner, Severity: c.Severity, Schedule: c.Schedule,
		IntervalMS: c.Interval.Milliseconds(), State: row.State, Since: moment(row.Since), Day: availabilityDocOf(row.Day), Week: availabilityDocOf(row.Week),
	}
	if l := row.Last; l != nil {
		d.LastRun = &lastDoc{ID: l.Slot.ID(), Started: l.Started.UTC(), DurationMS: l.Duration.Milliseconds(), Outcome: l.Outcome}
	}
	return d
}

// list is never null in JSON.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

type healthDoc struct {
	Started         *time.Time `json:"started"`
	Browser         string     `json:"browser"`
	BrowserLaunches int        `json:"browser_launches"`
	BrowserLost     int        `json:"browser_lost"`
	Queue           int        `json:"queue"`
	Workers         int        `json:"workers"`
	Busy            int        `json:"busy"`
	OutboxPending   int        `json:"outbox_pending"`
	OutboxDead      int        `json:"outbox_dead"`
	Broken          []string   `json:"broken_endpoints"`
	DiskFreeBytes   uint64     `json:"disk_free_bytes"`
	DatabaseBytes   int64      `json:"database_bytes"`
	ReloadError     string     `json:"reload_error"`
	Self            selfDoc    `json:"self_check"`
}

func healthDocOf(h Health, lang gengfu.Lang) healthDoc {
	return healthDoc{
		Started: moment(h.Started), Browser: h.Browser, BrowserLaunches: h.BrowserLaunches, BrowserLost: h.BrowserLost, Queue: h.Queue, Workers: h.Workers,
		Busy: h.Busy, OutboxPending: h.Pending(), OutboxDead: h.Dead(), Broken: list(h.Broken()), DiskFreeBytes: h.DiskFree, DatabaseBytes: h.Database, ReloadError: h.ReloadError,
		Self: selfDocOf(h.Self, lang),
	}
}

type failureDoc struct {
	Fault  gengfu.Fault        `json:"fault"`
	Reason gengfu.Reason       `json:"reason"`
	Step   int                 `json:"step"`
	Cause  map[string]string   `json:"cause"` // by language
	Hints  map[string][]string `json:"hints"`
}

func failureDocOf(f *gengfu.Failure) *failureDoc {
	if f == nil {
		return nil
	}
	d := &failureDoc{Fault: f.Fault, Reason: f.Reason, Step: f.Step, Cause: map[string]string{}, Hints: map[string][]string{}}
	for _, lang := range []gengfu.Lang{gengfu.Chinese, gengfu.English} {
		d.Cause[string(lang)] = f.Cause(lang)
		d.Hints[string(lang)] = list(f.HintLines(lang))
	}
	return d
}

type incidentDoc struct {
	Number      string               `json:"number"`
	State       gengfu.IncidentState `json:"state"`
	Grade       gengfu.Grade         `json:"grade"`
	Title       string               `json:"title"`
	Target      string               `json:"target"`
	Members     []string             `json:"members"`
	Owner       string               `json:"owner"`
	Assignee    string               `json:"assignee"`
	AckedBy     string               `json:"acked_by"`
	Failure     *failureDoc          `json:"failure"`
	FirstRun    string               `json:"first_run"`
	LastRun     string               `json:"last_run"`
	ImpactStart *time.Time           `json:"impact_start"`
	ImpactEnd   *time.Time           `json:"impact_end"`
	Opened      *time.Time           `json:"opened"`
	Acked       *time.Time           `json:"acked"`
	Resolved    *time.Time           `json:"resolved"`
	Closed      *time.Time           `json:"closed"`
	Reopened    int                  `json:"reopened"`
	courseDoc
}

type incidentPageDoc struct {
	incidentDoc
	Events     []eventDoc    `json:"events"`
	Deliveries []deliveryDoc `json:"deliveries"`
}

func incidentDocOf(inc gengfu.Incident, lang gengfu.Lang) incidentDoc {
	return incidentDoc{
		Number: inc.Number, State: inc.State, Grade: inc.Grade, Title: inc.Title, Target: inc.Target, Members: list(inc.Members), Owner: inc.Owner,
		Assignee: inc.Assignee, AckedBy: inc.AckedBy, Failure: failureDocOf(inc.Failure), FirstRun: inc.FirstRun, LastRun: inc.LastRun,
		ImpactStart: moment(inc.ImpactStart), ImpactEnd: moment(inc.ImpactEnd), Opened: moment(inc.Opened), Acked: moment(inc.Acked),
		Resolved: moment(inc.Resolved), Closed: moment(inc.Closed), Reopened: inc.Reopened, courseDoc: courseDocOf(inc, lang),
	}
}

func incidentDocs(incs []gengfu.Incident, lang gengfu.Lang) []incidentDoc {
	docs := make([]incidentDoc, 0, len(incs))
	for _, inc := range incs {
		docs = append(docs, incidentDocOf(inc, lang))
	}
	return docs
}

type eventDoc struct {
	Seq     int              `json:"seq"`
	At      time.Time        `json:"at"`
	Actor   string           `json:"actor"`
	Kind    gengfu.EventKind `json:"kind"`
	Text    string           `json:"text"`
	Failure *failureDoc      `json:"failure"`
	Run     string           `json:"run"`
}

func eventDocs(events []gengfu.Event, lang gengfu.Lang) []eventDoc {
	docs := make([]eventDoc, 0, len(events))
	for _, e := range events {
		docs = append(docs, eventDoc{Seq: e.Seq, At: e.At.UTC(), Actor: e.Actor, Kind: e.Kind, Text: gengfu.Say(e.Text, lang), Failure: failureDocOf(e.Failure), Run: e.Run})
	}
	return docs
}

type deliveryDoc struct {
	ID       int64                `json:"id"`
	Endpoint string               `json:"endpoint"`
	Incident string               `json:"incident"`
	Kind     gengfu.EventKind     `json:"kind"`
	Summary  string               `json:"summary"`
	State    gengfu.DeliveryState `json:"state"`
	Attempts int                  `json:"attempts"`
	Created  *time.Time           `json:"created"`
	Next     *time.Time           `json:"next"`
	Sent     *time.Time           `json:"sent"`
	Ref      string               `json:"ref"`
	Error    string               `json:"error"`
}

func deliveryDocs(ds []gengfu.Delivery) []deliveryDoc {
	docs := make([]deliveryDoc, 0, len(ds))
	for _, d := range ds {
		doc := deliveryDoc{
			ID: d.ID, Endpoint: d.Endpoint, Incident: d.Incident, Kind: d.Kind, Summary: d.Summary, State: d.State, Attempts: d.Attempts,
			Created: moment(d.Created), Sent: moment(d.SentAt), Ref: d.Ref, Error: d.Error,
		}
		if d.State == gengfu.DeliveryPending {
			doc.Next = moment(d.Next)
		}
		docs = append(docs, doc)
	}
	return docs
}
